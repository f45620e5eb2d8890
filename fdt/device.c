// SPDX-License-Identifier: BSD-2-Clause
/*
 * See device.h. A node is copied as it is, but for where its registers are, its
 * interrupts (the guest's GIC's, with the same numbers), its phandle, and its
 * references to other nodes, which are device_refs.c's.
 */
#include "fdt/device.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/device_copy.h"
#include "fdt/refs.h"
#include "lib/format.h"

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value) ((uint32_t)(value))

/* ---- What is the guest's ---- */

const struct vm_device *copy_device_in_path(const struct vm_config *vm, const int *path, int depth,
					    int *at)
{
	for (*at = 1; *at <= depth; ++*at)
		for (unsigned int d = 0; d < vm->nr_devices; d++)
			if (vm->devices[d].node == path[*at])
				return &vm->devices[d];
	return NULL;
}

const struct vm_device *device_of(const struct vm_config *vm, const void *dtb, int node)
{
	int path[TREE_MAX_DEPTH + 1], depth = tree_ancestors(dtb, node, path), first;
	const struct vm_device *device = copy_device_in_path(vm, path, depth, &first);

	for (int i = first; device && i <= depth; i++)
		if (!reg_is_available(dtb, path[i]) ||
		    (i < depth && fdt_getprop(dtb, path[i], "ranges", NULL)))
			return NULL;
	return device;
}

bool device_get_irq(const struct host *host, int node, unsigned int n, struct reg_irq *irq)
{
	return reg_get_irq(host->dtb, node, n, irq) == 0 && irq->intid >= 32 &&
	       irq->controller == host->gic.node;
}

void copy_name(const void *dtb, const struct vm_device *device, char *name, size_t size)
{
	const char *own = fdt_get_name(dtb, device->node, NULL), *at = strchr(own, '@');
	int len = at ? (int)(at - own) : (int)strlen(own);

	format(name, size, "%.*s@%llx", MIN(len, 40), own,
	       (unsigned long long)device_ipa(device, device->regs[0].base));
}

/* ---- Phandles ---- */

/* The phandle of a generated node: that of the user's node that joins it, if it has one. */
static uint32_t own_phandle(const struct vm_config *vm, const char *name, uint32_t otherwise)
{
	int joined =
	    vm->device_tree >= 0 ? fdt_subnode_offset(vm->blob, vm->device_tree, name) : -1;
	uint32_t phandle = joined >= 0 ? fdt_get_phandle(vm->blob, joined) : 0;

	return phandle ? phandle : otherwise;
}

void device_number(struct device_phandles *phandles, const struct vm_config *vm,
		   const struct host *host)
{
	uint32_t top = 0;

	phandles->first = 0;
	if (vm->device_tree >= 0)
		(void)fdt_find_max_phandle(vm->blob, &phandles->first);
	if (vm->nr_devices != 0)
		top = tree_max_phandle(host->dtb);
	top += phandles->first;
	phandles->gic = own_phandle(vm, "intc@8000000", top + 1);
	phandles->clock = own_phandle(vm, "apb-pclk", top + 2);
	phandles->stand_ins = top + 3;
}

/* ---- Interrupts ---- */

/* Counts the node's first interrupts, up to one that is neither the GIC's nor the VM's own. */
static unsigned int count_interrupts(const struct copy *c, int node, bool *plain)
{
	struct reg_specifier s;
	struct reg_irq irq;
	unsigned int n;

	*plain = true;
	for (n = 0; reg_get_specifier(c->dtb, node, n, &s) == 0 && n < MAX_CELLS / 8; n++) {
		if (device_of(c->vm, c->dtb, s.controller))
			*plain = false;
		else if (!device_get_irq(c->host, node, n, &irq))
			break;
	}
	return n;
}

/* `interrupts` is for the GIC's alone, the root's controller; `interrupts-extended` for others. */
static __attribute__((noinline)) void copy_interrupts(struct copy *c, int node)
{
	fdt32_t cells[MAX_CELLS];
	struct reg_specifier s;
	struct reg_irq irq;
	unsigned int n = 0;
	bool plain;
	unsigned int count = count_interrupts(c, node, &plain);

	for (unsigned int i = 0; i < count; i++) {
		if (reg_get_specifier(c->dtb, node, i, &s) == 0 &&
		    device_of(c->vm, c->dtb, s.controller)) {
			fdt32_st(cells + n, copy_phandle(c, s.controller));
			memcpy(cells + n + 1, s.cells, (size_t)s.nr_cells * 4);
			n += 1 + s.nr_cells;
		} else if (device_get_irq(c->host, node, i, &irq)) {
			if (!plain)
				fdt32_st(cells + n++, c->phandles->gic);
			fdt32_st(cells + n++, 0);
			fdt32_st(cells + n++, irq.intid - 32);
			fdt32_st(cells + n++, irq.edge ? IRQ_EDGE_RISING : IRQ_LEVEL_HIGH);
		}
	}
	if (n != 0)
		writer_bytes(c->w, plain ? "interrupts" : "interrupts-extended", cells,
			     (size_t)n * 4);
	if (reg_get_specifier(c->dtb, node, count, &s) == 0)
		copy_warn(c, node, "interrupts", s.controller,
			  "is not this VM's: left out, with all behind it");
}

/* ---- Nodes ---- */

static __attribute__((noinline)) void write_regs(struct copy *c)
{
	const struct vm_device *device = c->device;
	fdt32_t cells[MAX_CELLS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < device->nr_regs && n + 4 <= MAX_CELLS; i++) {
		uint64_t base = device_ipa(device, device->regs[i].base);

		fdt32_st(cells + n++, HIGH(base));
		fdt32_st(cells + n++, LOW(base));
		fdt32_st(cells + n++, HIGH(device->regs[i].size));
		fdt32_st(cells + n++, LOW(device->regs[i].size));
	}
	writer_bytes(c->w, "reg", cells, (size_t)n * 4);
}

/* True if nodes are part of this one; on a bus, they are devices of their own. */
static bool has_nodes(const void *dtb, int node)
{
	int child;

	if (!fdt_getprop(dtb, node, "ranges", NULL))
		fdt_for_each_subnode(child, dtb, node)
			if (reg_is_available(dtb, child))
				return true;
	return false;
}

/* True if nodes in it have unit addresses, and so need #address-cells and #size-cells. */
static bool has_units(const void *dtb, int node)
{
	int child;

	if (has_nodes(dtb, node))
		fdt_for_each_subnode(child, dtb, node)
			if (reg_is_available(dtb, child) && fdt_getprop(dtb, child, "reg", NULL))
				return true;
	return false;
}

static bool is_in(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* True for properties that are written anew, or that mean nothing to the guest. */
static bool is_replaced(const struct copy *c, int node, const char *name)
{
	static const char *const always[] = {"phandle",
					     "linux,phandle",
					     "status",
					     "interrupts",
					     "interrupts-extended",
					     "interrupt-parent",
					     "interrupt-map",
					     "interrupt-map-mask",
					     "ranges",
					     "dma-ranges",
					     NULL};
	static const char *const of_units[] = {"#address-cells", "#size-cells", NULL};

	return is_in(always, name) || (node == c->device->node && strcmp(name, "reg") == 0) ||
	       (!has_units(c->dtb, node) && is_in(of_units, name));
}

/* The length of the first n strings of a list. */
static int length_of(const char *list, int len, unsigned int n)
{
	int end = 0;

	while (n-- != 0 && end < len)
		end += (int)strnlen(list + end, (size_t)(len - end)) + 1;
	return MIN(end, len);
}

/* Apart from copy_node(), so that its recursion does not have these functions' arrays. */
static __attribute__((noinline)) void copy_properties(struct copy *c, int node)
{
	int property;
	bool plain;

	fdt_for_each_property_offset(property, c->dtb, node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(c->dtb, property, &name, &len);
		struct ref ref;

		if (!value || is_replaced(c, node, name))
			continue;
		ref_of(name, &ref);
		if (ref.kind == REF_UNUSED || copy_leaves_out_names(c, node, name))
			continue;
		if (strcmp(name, "interrupt-names") == 0)
			len = length_of(value, len, count_interrupts(c, node, &plain));
		if (ref.kind == REF_NONE)
			writer_bytes(c->w, name, value, (size_t)len);
		else
			copy_reference(c, node, name, &ref, value, (unsigned int)len);
	}
}

/* The node, already begun, and all below it. */
static void copy_node(struct copy *c, int node)
{
	uint32_t phandle = copy_phandle(c, node);
	int child;

	copy_properties(c, node);
	if (node == c->device->node)
		write_regs(c);
	copy_interrupts(c, node);
	/* Other trees may lack it, and then dtc warns (Devicetree Specification 2.4.3.1). */
	if (fdt_getprop(c->dtb, node, "interrupt-controller", NULL) && !has_units(c->dtb, node))
		WRITER_CELLS(c->w, "#address-cells", 0);
	if (phandle)
		WRITER_CELLS(c->w, "phandle", phandle);
	if (has_nodes(c->dtb, node))
		fdt_for_each_subnode(child, c->dtb, node) {
			if (c->w->err || !reg_is_available(c->dtb, child))
				continue;
			writer_begin(c->w, fdt_get_name(c->dtb, child, NULL));
			if (!c->w->err)
				copy_node(c, child);
			writer_end(c->w);
		}
}

void device_write_all(struct writer *w, const struct vm_config *vm, const struct host *host,
		      const struct device_phandles *phandles, struct diag *diag)
{
	struct copy c = {
	    .w = w, .vm = vm, .host = host, .dtb = host->dtb, .phandles = phandles, .diag = diag};
	char name[64];

	for (unsigned int d = 0; d < vm->nr_devices && !w->err; d++) {
		c.device = &vm->devices[d];
		copy_name(c.dtb, c.device, name, sizeof(name));
		writer_begin(w, name);
		if (!w->err)
			copy_node(&c, c.device->node);
		writer_end(w);
	}
	copy_write_stand_ins(&c);
}
