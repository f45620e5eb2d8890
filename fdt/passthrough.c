// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the machine that are given to VMs: found in the host's tree by
 * their paths, with their registers and interrupts. That each has one owner is
 * passthrough_check.c's.
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

/* Masters of memory: by what the tree says of them, or by the generic name of their kind. */
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

/* What a device has */
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
		if (err || reg.size == 0 || n == MAX_PARTS) {
			diag_error(p->diag, vm->path, PROPERTY,
				   "%s: register range %u has no address that CPUs can reach",
				   device->path, n);
			return;
		}
		parts->regs[parts->nr_regs++] = reg;
	}
	if (parts->nr_regs == 0)
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s has no registers (reg): only a device that has can be given away",
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

/* What is below a device is part of it. */
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
			   "%s: interrupt 0 is not a shared one of the GIC's: it cannot be passed "
			   "on",
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
			   "are not the guest's: it would damage others. Give every memory@ of the "
			   "VM identity; or, if it is never used so, the VM unsafe-dma;",
			   device->path);
	if (bus_translates_dma(vm, p->host->dtb, device->node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s: its bus translates the addresses that it uses (dma-ranges), which "
			   "its node does not say without the bus: it cannot be passed on",
			   device->path);
}

/* The path that a board's label stands for: dtc makes a path below /host of it. */
static const char *find_label(struct parser *p, const char *path, int *label)
{
	int len = 0;
	const char *real;

	*label = -1;
	if (p->labels < 0 || strncmp(path, "/host/", 6) != 0)
		return path;
	*label = fdt_subnode_offset(p->blob, p->labels, path + 6);
	real = fdt_getprop(p->blob, *label, "path", &len);
	return real && strnlen(real, (size_t)len) == (size_t)len - 1 ? real : path;
}

static void find_device(struct parser *p, struct vm_config *vm, const char *name)
{
	const void *dtb = p->host->dtb;
	int label, node = -FDT_ERR_BADPATH;
	const char *path = find_label(p, name, &label);

	/* the build machine's tools may not know the machine */
	if (!dtb)
		return;
	if (*path == '/')
		node = tree_find_path(dtb, path, (unsigned int)strlen(path));
	if (node <= 0) {
		diag_error(p->diag, vm->path, PROPERTY,
			   "this machine has no %s: write the path of a node of its device tree",
			   path);
		return;
	}
	if (!reg_is_available(dtb, node))
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s is disabled in the machine's tree (status)", path);
	if (fdt_stringlist_search(dtb, node, "device_type", "pci") == 0)
		diag_error(p->diag, vm->path, PROPERTY,
			   "%s is a PCI host bridge: PCI cannot be passed through", path);
	vm->devices[vm->nr_devices++] = (struct vm_device){
	    .path = path, .node = node, .label = label, .dma = masters_memory(dtb, node)};
}

/* Where the guest has the devices, if not at their physical addresses: 0 leaves one there. */
static void parse_places(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, PLACES, &len);
	unsigned int cells = p->address_cells;

	if (!value || !p->host->dtb)
		return;
	if ((unsigned int)len != vm->nr_devices * cells * 4) {
		diag_error(p->diag, vm->path, PLACES,
			   "has to be an address of %u cells for each of the %u devices in "
			   "passthrough, or 0 for one that stays where it is",
			   cells, vm->nr_devices);
		return;
	}
	for (unsigned int d = 0; vm->devices && d < vm->nr_devices; d++, value += cells) {
		struct vm_device *device = &vm->devices[d];
		uint64_t address = reg_cells(value, cells);

		if (address == 0 || device->nr_regs == 0)
			continue;
		device->offset = address - device->regs[0].base;
		if (!IS_ALIGNED(device->offset, PAGE_SIZE))
			diag_error(p->diag, vm->path, PLACES,
				   "%s: 0x%llx and its physical address 0x%llx have to be at the "
				   "same place in their 4 KiB pages",
				   device->path, LLU(address), LLU(device->regs[0].base));
	}
}

void parse_passthrough(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const char *list = fdt_getprop(p->blob, node, PROPERTY, &len), *end;
	unsigned int n = 0;

	if (!list)
		return;
	if (len == 0 || list[len - 1] != '\0' || *list == '\0') {
		diag_error(
		    p->diag, vm->path, PROPERTY,
		    "has to be paths of devices: write passthrough = \"/pl031@9010000\"; or, "
		    "with a label, passthrough = &rtc;");
		return;
	}
	end = list + len;
	for (const char *path = list; path < end; path += strlen(path) + 1)
		n++;
	if (n > MAX_DEVICES) {
		diag_error(p->diag, vm->path, PROPERTY, "%u devices are too many: %d are the most",
			   n, MAX_DEVICES);
		return;
	}
	vm->devices = parser_alloc(p, n, sizeof(*vm->devices));
	for (const char *path = list; vm->devices && path < end; path += strlen(path) + 1)
		find_device(p, vm, path);
	/* Now that it is known what the VM has. */
	for (unsigned int d = 0; vm->devices && d < vm->nr_devices; d++) {
		parse_parts(p, vm, &vm->devices[d]);
		check_dma(p, vm, &vm->devices[d]);
	}
	parse_places(p, node, vm);
}
