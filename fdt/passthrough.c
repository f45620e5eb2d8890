// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the machine that are given to VMs: found in the host's tree by
 * their paths, with their registers and interrupts. passthrough_check.c sees to it
 * that each has one owner.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/device.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define MAX_DEVICES 64
#define MAX_PARTS 32 /* registers, interrupts of a device: each */
#define PROPERTY "passthrough"
#define PLACES "passthrough-at"
#define LLU(value) ((unsigned long long)(value))

/* True if a device may access memory by itself: by its properties, or by its generic name. */
static bool masters_memory(const void *dtb, int node)
{
	static const char *const properties[] = {"iommus", "dmas", "dma-coherent", "dma-ranges",
						 NULL};
	static const char *const compatibles[] = {"virtio,mmio", NULL};
	static const char *const kinds[] = {
	    "ethernet",	      "usb",	     "mmc",    "sdhci", "pcie", "sata",	   "gpu",
	    "dma-controller", "video-codec", "crypto", "can",	"dma",	"display", NULL};
	const char *name = fdt_get_name(dtb, node, NULL);

	for (unsigned int i = 0; properties[i]; i++)
		if (fdt_getprop(dtb, node, properties[i], NULL))
			return true;
	for (unsigned int i = 0; kinds[i]; i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(name, kinds[i], len) == 0 && (name[len] == '@' || name[len] == '\0'))
			return true;
	}
	return reg_is_compatible(dtb, node, compatibles);
}

/* The registers and interrupts of a device, while they are collected */
struct parts {
	struct range regs[MAX_PARTS];
	unsigned int nr_regs;
	struct reg_irq irqs[MAX_PARTS];
	unsigned int nr_irqs;
};

static void add_regs(struct parser *p, const struct vm_config *vm, const struct vm_device *device,
		     struct parts *parts)
{
	struct range reg;
	int err;

	for (unsigned int n = 0; (err = reg_get(p->host->dtb, device->node, n, &reg)) != -ENOENT;
	     n++) {
		if (err || reg.size == 0) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: entry %u of its reg (from 1) has no address that CPUs can "
				   "reach: it cannot be passed on",
				   device->path, n + 1);
			return;
		}
		if (n == MAX_PARTS) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s has more than %d ranges in its reg: it cannot be passed on",
				   device->path, MAX_PARTS);
			return;
		}
		parts->regs[parts->nr_regs++] = reg;
	}
	if (parts->nr_regs == 0)
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s has no registers (reg), so there is nothing to pass on: name a node "
			   "that has",
			   device->path);
}

/*
 * A node's interrupts, up to the first one that is neither the GIC's nor the
 * VM's own. False if that is the first of all.
 */
static bool add_irqs(struct parser *p, const struct vm_config *vm, int node, struct parts *parts)
{
	struct reg_specifier s;
	struct reg_irq irq;
	int err;

	for (unsigned int n = 0; (err = reg_get_specifier(p->host->dtb, node, n, &s)) != -ENOENT;
	     n++) {
		if (!err && device_of(vm, p->host->dtb, s.controller))
			continue;
		if (!device_get_irq(p->host, node, n, &irq) || parts->nr_irqs == MAX_PARTS)
			return n != 0;
		parts->irqs[parts->nr_irqs++] = irq;
	}
	return true;
}

/* Nodes below a device are parts of it, and so are their interrupts. */
static void add_below(struct parser *p, const struct vm_config *vm, int node, struct parts *parts,
		      unsigned int depth)
{
	int child;

	if (depth == TREE_MAX_DEPTH || fdt_getprop(p->host->dtb, node, "ranges", NULL))
		return;
	fdt_for_each_subnode(child, p->host->dtb, node)
		if (reg_is_available(p->host->dtb, child)) {
			add_irqs(p, vm, child, parts);
			add_below(p, vm, child, parts, depth + 1);
		}
}

static void *save(struct parser *p, const void *from, unsigned int n, size_t size)
{
	void *to = parser_alloc(p, n, size);

	if (to)
		memcpy(to, from, n * size);
	return to;
}

static __attribute__((noinline)) void parse_parts(struct parser *p, const struct vm_config *vm,
						  struct vm_device *device)
{
	struct parts parts = {.nr_regs = 0};

	add_regs(p, vm, device, &parts);
	if (!add_irqs(p, vm, device->node, &parts))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s: its first interrupt is none of the GIC's SPIs (0 to 987): it "
			   "cannot be passed on",
			   device->path);
	add_below(p, vm, device->node, &parts, 0);
	device->regs = save(p, parts.regs, parts.nr_regs, sizeof(*parts.regs));
	device->nr_regs = device->regs ? parts.nr_regs : 0;
	device->irqs = save(p, parts.irqs, parts.nr_irqs, sizeof(*parts.irqs));
	device->nr_irqs = device->irqs ? parts.nr_irqs : 0;
}

/* True if an entry of dma-ranges leaves all the VM's memory where it is. */
static bool keeps_addresses(const struct vm_config *vm, const fdt32_t *entry, unsigned int child,
			    unsigned int parent, unsigned int size)
{
	/* of PCI's three cells, the first says what kind of address it is */
	uint64_t from = reg_cells(entry + (child > 2), MIN(child, 2u));
	uint64_t to = reg_cells(entry + child, parent);
	uint64_t length = reg_cells(entry + child + parent, size);

	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (!vm->memory[i].rom &&
		    (from != to ||
		     !range_within(vm->memory[i].ipa.v, vm->memory[i].size, from, length)))
			return false;
	return true;
}

/* True if a bus above the device maps the addresses that it uses to others. */
static bool bus_translates_dma(const struct vm_config *vm, const void *dtb, int node)
{
	int path[TREE_MAX_DEPTH + 1], len;

	for (int depth = tree_ancestors(dtb, node, path) - 1; depth > 0; depth--) {
		const fdt32_t *ranges = fdt_getprop(dtb, path[depth], "dma-ranges", &len);
		unsigned int child = reg_get_u32(dtb, path[depth], "#address-cells", 2);
		unsigned int size = reg_get_u32(dtb, path[depth], "#size-cells", 1);
		unsigned int parent = reg_get_u32(dtb, path[depth - 1], "#address-cells", 2);
		bool kept = false;

		if (!ranges || len == 0)
			continue;
		if (child > 3 || size > 2 || parent > 2)
			return true;
		for (; len >= (int)(child + parent + size) * 4 && !kept;
		     ranges += child + parent + size, len -= (int)(child + parent + size) * 4)
			kept = keeps_addresses(vm, ranges, child, parent, size);
		if (!kept)
			return true;
	}
	return false;
}

static bool all_identity(const struct vm_config *vm)
{
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (!vm->memory[i].rom &&
		    (!vm->memory[i].fixed || vm->memory[i].pa.v != vm->memory[i].ipa.v))
			return false;
	return true;
}

static void check_dma(struct parser *p, const struct vm_config *vm, const struct vm_device *device)
{
	if (!device->dma || vm->unsafe_dma)
		return;
	if (!all_identity(vm))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s reads and writes memory by itself, at physical addresses, which "
			   "are not the guest's: it would damage others: write identity; in every "
			   "memory@ of the VM, or, if it is never used so, unsafe-dma; in the VM",
			   device->path);
	if (bus_translates_dma(vm, p->host->dtb, device->node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s: its bus translates the addresses that it uses (dma-ranges), which "
			   "its node does not say without the bus: it cannot be passed on",
			   device->path);
}

/*
 * The path that a board's label stands for: dtc makes a path below /host of it. Returns NULL after
 * an error.
 */
static const char *find_label(struct parser *p, const char *path, int *label)
{
	const char *real;

	*label = -1;
	if (p->labels < 0 || strncmp(path, "/host/", 6) != 0)
		return path;
	*label = fdt_subnode_offset(p->blob, p->labels, path + 6);
	if (*label < 0)
		return path;
	real = get_string(p, *label, path, "path");
	if (!real && !fdt_getprop(p->blob, *label, "path", NULL))
		diag_error(p->diag, path, "path",
			   "is missing: write path = \"/...\"; in the machine's device tree");
	return real;
}

/* Adds a device of the machine, or says why there is none of this name. */
static void find_device(struct parser *p, struct vm_config *vm, const char *name)
{
	const void *dtb = p->host->dtb;
	int label, node = -FDT_ERR_BADPATH;
	const char *path = find_label(p, name, &label);

	if (!path)
		return;
	if (*path == '/')
		node = tree_find_path(dtb, path, (unsigned int)strlen(path));
	if (node <= 0) {
		diag_error(p->diag, vm->path, PROPERTY,
			   "\"%.80s\" is no node of this machine's device tree: write the path of "
			   "one, such as \"/pl031@9010000\"",
			   path);
		return;
	}
	if (!reg_is_available(dtb, node)) {
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s is disabled in the machine's tree (status): name another device",
			   path);
		return;
	}
	if (fdt_stringlist_search(dtb, node, "device_type", "pci") == 0) {
		diag_error(
		    p->diag, vm->path, PROPERTY,
		    "%s is a PCI host bridge, which cannot be passed on: name devices that are "
		    "not on PCI",
		    path);
		return;
	}
	vm->devices[vm->nr_devices++] = (struct vm_device){
	    .path = path, .node = node, .label = label, .dma = masters_memory(dtb, node)};
}

/* The addresses of passthrough-at for n devices, or NULL after an error. */
static const fdt32_t *get_places(struct parser *p, int node, const struct vm_config *vm,
				 unsigned int n)
{
	char wanted[80], mend[96];
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, PLACES, &len);

	if ((unsigned int)len == n * p->address_cells * 4 && !value_is_text(value, len))
		return value;
	format(wanted, sizeof(wanted), "%u address%s of %u cell%s", n,
	       n == 1 ? "" : "es, one for each device,", p->address_cells,
	       p->address_cells == 1 ? "" : "s");
	format(mend, sizeof(mend), PLACES " = <%s%s%s>; 0 leaves a device where it is",
	       p->address_cells == 1 ? "0xa000000" : "0x0 0xa000000",
	       n == 1		       ? ""
	       : p->address_cells == 1 ? "  0"
				       : "  0 0",
	       n > 2 ? " ..." : "");
	wrong_value(p, node, vm->path, PLACES, VALUE_HEX, wanted, mend);
	return NULL;
}

/* Where the guest has the n devices, if not at their physical addresses: 0 leaves one there. */
static void parse_places(struct parser *p, int node, struct vm_config *vm, unsigned int n)
{
	const fdt32_t *value = get_places(p, node, vm, n);
	unsigned int cells = p->address_cells;

	/* a device that was not found has no place among the others */
	if (!value || vm->nr_devices != n)
		return;
	for (unsigned int d = 0; d < n; d++, value += cells) {
		struct vm_device *device = &vm->devices[d];
		uint64_t address = reg_cells(value, cells), meant;

		if (address == 0 || device->nr_regs == 0)
			continue;
		device->offset = address - device->regs[0].base;
		/* check_devices() tells of what is not in 48 bits */
		if (IS_ALIGNED(device->offset, PAGE_SIZE) || address >= BIT(48))
			continue;
		device->offset = 0;
		/* 0 would leave it where it is */
		meant = MAX(ALIGN_DOWN(address, PAGE_SIZE), PAGE_SIZE) +
			device->regs[0].base % PAGE_SIZE;
		diag_error(p->diag, vm->path, PLACES,
			   "%s: 0x%llx and its physical address 0x%llx are at different places in "
			   "their 4 KiB pages: write 0x%llx",
			   device->path, LLU(address), LLU(device->regs[0].base), LLU(meant));
	}
}

/* True if all cells are phandles of nodes that a board's file has made labels for. */
static bool are_labels(const struct parser *p, const fdt32_t *cells, int len)
{
	for (int i = 0; i < len / 4; i++) {
		int node =
		    p->labels < 0 ? -1 : fdt_node_offset_by_phandle(p->blob, fdt32_ld(cells + i));

		if (node < 0 || fdt_parent_offset(p->blob, node) != p->labels)
			return false;
	}
	return len != 0 && len % 4 == 0;
}

/* How many paths the property has, or 0 after an error. */
static unsigned int count_paths(struct parser *p, int node, const struct vm_config *vm)
{
	int len = 0;
	const char *list = fdt_getprop(p->blob, node, PROPERTY, &len);
	unsigned int n = 0;

	if (are_labels(p, (const void *)list, len)) {
		diag_error(p->diag, vm->path, PROPERTY,
			   "has labels in < >, which makes numbers of them: write " PROPERTY
			   " = &label; without < >");
		return 0;
	}
	if (len == 0 || !value_is_text(list, len)) {
		wrong_value(p, node, vm->path, PROPERTY, VALUE_HEX, "a list of paths",
			    PROPERTY " = \"/pl031@9010000\"; or, with a board's label, " PROPERTY
				     " = &rtc;");
		return 0;
	}
	for (int i = 0; i < len; i++)
		n += list[i] == '\0';
	if (n <= MAX_DEVICES)
		return n;
	diag_error(p->diag, vm->path, PROPERTY, "has %u devices, but a VM can have %d: remove some",
		   n, MAX_DEVICES);
	return 0;
}

void parse_passthrough(struct parser *p, int node, struct vm_config *vm)
{
	const char *path = fdt_getprop(p->blob, node, PROPERTY, NULL);
	bool places = fdt_getprop(p->blob, node, PLACES, NULL) != NULL;
	unsigned int n;

	if (!path && places)
		diag_error(p->diag, vm->path, PLACES,
			   "says where passed devices are, but there is no " PROPERTY
			   ": remove it");
	n = path ? count_paths(p, node, vm) : 0;
	/* without a machine, nothing is known of its devices */
	if (n == 0 || !p->host->dtb)
		return;
	vm->devices = parser_alloc(p, n, sizeof(*vm->devices));
	for (unsigned int d = 0; vm->devices && d < n; d++, path += strlen(path) + 1)
		find_device(p, vm, path);
	/* Interrupts may be those of the VM's other devices, which are all known now. */
	for (unsigned int d = 0; vm->devices && d < vm->nr_devices; d++) {
		parse_parts(p, vm, &vm->devices[d]);
		check_dma(p, vm, &vm->devices[d]);
	}
	if (places && vm->devices)
		parse_places(p, node, vm, n);
}
