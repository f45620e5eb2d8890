// SPDX-License-Identifier: BSD-2-Clause
/*
 * See device.h. A node is copied as it is, but for where its registers are,
 * its interrupts (the guest's GIC's, with the same numbers), its phandle, and
 * what it refers to: that is the guest's too; or is a clock or a regulator, for
 * which a fixed one stands in, as the firmware has set it up; or is left out.
 */
#include "fdt/device.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/clock.h"
#include "fdt/diag.h"
#include "fdt/refs.h"
#include "lib/format.h"

#define MAX_STUBS 48
#define MAX_CELLS 96
/* Each takes a search in the host's tree; devices have some tens. */
#define MAX_REFERENCES 2048
#define PATH_SHOWN 96

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value) ((uint32_t)(value))

/* What stands in for a clock or a regulator */
struct stub {
	int provider;	   /* node of the host's tree */
	const void *clock; /* which of its clocks: cells, with the phandle; NULL: a regulator */
	unsigned int cells;
	uint32_t frequency;
};

struct copy {
	struct writer *w;
	const struct vm_config *vm;
	const struct host *host;
	const void *dtb; /* the host's */
	const struct device_phandles *phandles;
	struct diag *diag; /* NULL: say nothing */
	const struct vm_device *device;
	unsigned int nr_references;
	unsigned int nr_stubs;
	struct stub stubs[MAX_STUBS];
};

/* ---- What is the guest's ---- */

/* The VM's device that is in a path of nodes, and where; NULL: none of the VM's. */
static const struct vm_device *device_in_path(const struct vm_config *vm, const int *path,
					      int depth, int *at)
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
	const struct vm_device *device = device_in_path(vm, path, depth, &first);

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

/* A device is in the root, and its unit address is where the guest finds it. */
static void guest_name(const void *dtb, const struct vm_device *device, char *name, size_t size)
{
	const char *own = fdt_get_name(dtb, device->node, NULL), *at = strchr(own, '@');
	int len = at ? (int)(at - own) : (int)strlen(own);

	format(name, size, "%.*s@%llx", MIN(len, 40), own,
	       (unsigned long long)device_ipa(device, device->regs[0].base));
}

/* ---- Phandles ---- */

/* Of a node that is generated: the user's, if it is joined by one that has a phandle. */
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
	phandles->stubs = top + 3;
}

/* What the user calls a copied node: in device-tree, or by the label of a board's file. */
static uint32_t user_phandle(const struct copy *c, int node)
{
	int path[TREE_MAX_DEPTH + 1], depth = tree_ancestors(c->dtb, node, path), at;
	const struct vm_device *device = device_in_path(c->vm, path, depth, &at);
	int joined = c->vm->device_tree;
	uint32_t phandle;
	char name[64];

	if (!device || joined < 0)
		return 0;
	guest_name(c->dtb, device, name, sizeof(name));
	joined = fdt_subnode_offset(c->vm->blob, joined, name);
	while (joined >= 0 && ++at <= depth)
		joined =
		    fdt_subnode_offset(c->vm->blob, joined, fdt_get_name(c->dtb, path[at], NULL));
	phandle = joined >= 0 ? fdt_get_phandle(c->vm->blob, joined) : 0;
	if (phandle == 0 && device->node == node && device->label >= 0)
		phandle = fdt_get_phandle(c->vm->blob, device->label);
	return phandle;
}

static uint32_t guest_phandle(const struct copy *c, int node)
{
	uint32_t phandle = user_phandle(c, node), own = fdt_get_phandle(c->dtb, node);

	return phandle || own == 0 ? phandle : c->phandles->first + own;
}

/* 0: there are too many. */
static uint32_t stub_phandle(struct copy *c, const struct stub *stub)
{
	unsigned int n = 0;

	while (
	    n < c->nr_stubs &&
	    (c->stubs[n].provider != stub->provider || c->stubs[n].cells != stub->cells ||
	     c->stubs[n].frequency != stub->frequency ||
	     (stub->clock && memcmp(c->stubs[n].clock, stub->clock, (size_t)stub->cells * 4) != 0)))
		n++;
	if (n == MAX_STUBS)
		return 0;
	if (n == c->nr_stubs)
		c->stubs[c->nr_stubs++] = *stub;
	return c->phandles->stubs + n;
}

/* ---- References ---- */

/* A path, or the end of a long one. */
static void show_path(const void *dtb, int node, char path[PATH_SHOWN])
{
	if (fdt_get_path(dtb, node, path, PATH_SHOWN) != 0)
		format(path, PATH_SHOWN, ".../%s", fdt_get_name(dtb, node, NULL));
}

static void warn(const struct copy *c, int node, const char *property, int provider,
		 const char *what)
{
	char path[PATH_SHOWN], to[PATH_SHOWN] = "nothing";

	if (!c->diag)
		return;
	show_path(c->dtb, node, path);
	if (provider > 0)
		show_path(c->dtb, provider, to);
	diag_warning(c->diag, c->vm->path, "passthrough", "%s: %s -> %s: %s", path, property, to,
		     what);
}

static uint32_t clock_stub(struct copy *c, int node, int provider, const void *clock,
			   unsigned int cells)
{
	struct stub stub = {provider, clock, cells, 0};
	unsigned int before = c->nr_stubs;
	uint32_t phandle;
	char what[160];

	stub.frequency = clock_frequency(c->dtb, node, provider, clock, cells);
	if (stub.frequency == 0)
		stub.frequency = reg_get_u32(c->dtb, c->device->node, "clock-frequency", 0);
	phandle = stub_phandle(c, &stub);
	if (stub.frequency == 0 && c->nr_stubs != before) {
		format(what, sizeof(what),
		       "the machine's tree does not say its frequency: write device-tree { "
		       "clock-%u { clock-frequency = <...>; }; };",
		       before);
		warn(c, node, "clocks", provider, what);
	}
	return phandle;
}

/*
 * The value of a property of references as the guest gets it. Returns how many
 * cells it has; 0 if it has to be left out, because of *provider.
 */
static unsigned int rewrite(struct copy *c, int node, const struct ref *ref, const fdt32_t *from,
			    unsigned int left, fdt32_t *to, int *provider)
{
	unsigned int n = 0, used;

	*provider = 0;
	while (c->nr_references++ < MAX_REFERENCES &&
	       ref_next(c->dtb, ref, from, left, provider, &used)) {
		bool own = *provider == 0 || device_of(c->vm, c->dtb, *provider);
		uint32_t phandle = 0;

		if (own && *provider)
			phandle = guest_phandle(c, *provider);
		else if (!own && ref->kind == REF_CLOCK)
			phandle = clock_stub(c, node, *provider, from, used);
		else if (!own && ref->kind == REF_SUPPLY)
			phandle = stub_phandle(c, &(struct stub){.provider = *provider});
		if ((*provider && phandle == 0) || n + used > MAX_CELLS)
			return 0;
		memcpy(to + n, from, (size_t)used * 4);
		fdt32_st(to + n, phandle);
		/* a stand-in has no cells */
		n += own ? used : 1;
		from += used;
		left -= used;
	}
	return left == 0 ? n : 0;
}

/* A ...-names property goes with what it names. */
static bool goes_with_left_out(struct copy *c, int node, const char *names)
{
	fdt32_t cells[MAX_CELLS];
	char property[40];
	struct ref ref;
	int len = 0, provider;
	const void *value;

	ref_named(names, property, sizeof(property));
	value = *property ? fdt_getprop(c->dtb, node, property, &len) : NULL;
	ref_of(property, &ref);
	return value && ref.kind != REF_NONE &&
	       rewrite(c, node, &ref, value, (unsigned int)len / 4, cells, &provider) == 0;
}

static void copy_reference(struct copy *c, int node, const char *name, const struct ref *ref,
			   const void *value, unsigned int len)
{
	fdt32_t cells[MAX_CELLS];
	int provider;
	unsigned int n = rewrite(c, node, ref, value, len / 4, cells, &provider);

	if (n != 0)
		writer_bytes(c->w, name, cells, (size_t)n * 4);
	else if (len != 0)
		warn(c, node, name, provider,
		     "is not this VM's: the property is left out; pass that too if a driver needs "
		     "it");
}

/* ---- Interrupts ---- */

/* Of the node's interrupts, the first n that the guest can have: the GIC's, or the VM's own. */
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

/* `interrupts` are the GIC's, by the root; if there are others, it is `interrupts-extended`. */
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
			fdt32_st(cells + n, guest_phandle(c, s.controller));
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
		warn(c, node, "interrupts", s.controller,
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

/* What is on a bus are devices of their own. */
static bool has_nodes(const void *dtb, int node)
{
	int child;

	if (!fdt_getprop(dtb, node, "ranges", NULL))
		fdt_for_each_subnode(child, dtb, node)
			if (reg_is_available(dtb, child))
				return true;
	return false;
}

/* Nodes with unit addresses, which need #address-cells and #size-cells */
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

/* What is written anew, or does not go for the guest. */
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
		if (ref.kind == REF_UNUSED || goes_with_left_out(c, node, name))
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
	uint32_t phandle = guest_phandle(c, node);
	int child;

	copy_properties(c, node);
	if (node == c->device->node)
		write_regs(c);
	copy_interrupts(c, node);
	/* dtc misses it in others' (Devicetree Specification 2.4.3.1) */
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

static void write_clock(struct writer *w, unsigned int n, uint32_t frequency)
{
	char name[24];

	format(name, sizeof(name), "clock-%u", n);
	writer_begin(w, name);
	writer_string(w, "compatible", "fixed-clock");
	WRITER_CELLS(w, "#clock-cells", 0);
	WRITER_CELLS(w, "clock-frequency", frequency);
}

static void write_regulator(struct writer *w, unsigned int n, const void *dtb, int provider)
{
	static const char *const same[] = {"regulator-name", "regulator-min-microvolt",
					   "regulator-max-microvolt", NULL};
	char name[24];

	format(name, sizeof(name), "regulator-%u", n);
	writer_begin(w, name);
	writer_string(w, "compatible", "regulator-fixed");
	if (!fdt_getprop(dtb, provider, same[0], NULL))
		writer_string(w, same[0], name);
	for (unsigned int i = 0; same[i]; i++) {
		int len;
		const void *value = fdt_getprop(dtb, provider, same[i], &len);

		if (value)
			writer_bytes(w, same[i], value, (size_t)len);
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
		guest_name(c.dtb, c.device, name, sizeof(name));
		writer_begin(w, name);
		if (!w->err)
			copy_node(&c, c.device->node);
		writer_end(w);
	}
	for (unsigned int n = 0; n < c.nr_stubs; n++) {
		if (c.stubs[n].clock)
			write_clock(w, n, c.stubs[n].frequency);
		else
			write_regulator(w, n, c.dtb, c.stubs[n].provider);
		WRITER_CELLS(w, "phandle", phandles->stubs + n);
		writer_end(w);
	}
}
