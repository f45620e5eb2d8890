/*
 * See reg.h.
 */
#include "fdt/reg.h"

#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"

/* Deeper trees are not those of machines. */
#define MAX_DEPTH 16

#define GIC_CELLS 3

uint64_t reg_cells(const void *cells, unsigned int n)
{
	const fdt32_t *cell = cells;
	uint64_t value = 0;

	while (n-- != 0)
		value = value << 32 | fdt32_ld(cell++);
	return value;
}

/* #address-cells and #size-cells of a bus; false if we cannot represent them. */
static bool bus_cells(const void *dtb, int bus, unsigned int *address, unsigned int *size)
{
	int a = fdt_address_cells(dtb, bus), s = fdt_size_cells(dtb, bus);

	if (a < 1 || a > 2 || s < 0 || s > 2)
		return false;
	*address = (unsigned int)a;
	*size = (unsigned int)s;
	return true;
}

/* From the bus's address space to its parent's. */
static int translate(const void *dtb, int bus, int parent, struct range *range)
{
	unsigned int address, size, parent_address, parent_size, entry;
	int len = 0;
	const fdt32_t *ranges = fdt_getprop(dtb, bus, "ranges", &len);

	if (!ranges)
		return -EINVAL;
	if (len == 0)
		return 0; /* the same addresses */
	if (!bus_cells(dtb, bus, &address, &size) ||
	    !bus_cells(dtb, parent, &parent_address, &parent_size))
		return -EINVAL;
	entry = address + parent_address + size;
	for (unsigned int i = (unsigned int)len / 4 / entry; i != 0; i--, ranges += entry) {
		uint64_t child = reg_cells(ranges, address);
		uint64_t base = reg_cells(ranges + address, parent_address);
		uint64_t length = reg_cells(ranges + address + parent_address, size);

		if (!range_within(range->base, range->size, child, length))
			continue;
		range->base = range->base - child + base;
		return range_valid(range->base, MAX(range->size, 1)) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int reg_get(const void *dtb, int node, unsigned int n, struct range *range)
{
	int bus = fdt_parent_offset(dtb, node), len = 0;
	const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &len);
	unsigned int address, size, depth = 0;

	if (bus < 0 || !bus_cells(dtb, bus, &address, &size))
		return -EINVAL;
	if (!reg || (unsigned int)len / 4 / (address + size) <= n)
		return -ENOENT;
	reg += (size_t)n * (address + size);
	range->base = reg_cells(reg, address);
	range->size = reg_cells(reg + address, size);
	while (bus != 0) {
		int parent = fdt_parent_offset(dtb, bus);
		int err = parent < 0 || ++depth > MAX_DEPTH ? -EINVAL
							    : translate(dtb, bus, parent, range);

		if (err)
			return err;
		bus = parent;
	}
	return 0;
}

/* The node's interrupt controller: its own interrupt-parent, or the nearest ancestor's. */
static int interrupt_parent(const void *dtb, int node)
{
	for (unsigned int depth = 0; node >= 0 && depth <= MAX_DEPTH; depth++) {
		int len = 0;
		const fdt32_t *parent = fdt_getprop(dtb, node, "interrupt-parent", &len);

		if (parent && len == 4)
			return fdt_node_offset_by_phandle(dtb, fdt32_ld(parent));
		node = fdt_parent_offset(dtb, node);
	}
	return -FDT_ERR_NOTFOUND;
}

static unsigned int interrupt_cells(const void *dtb, int controller)
{
	int len = 0;
	const fdt32_t *cells = fdt_getprop(dtb, controller, "#interrupt-cells", &len);

	return cells && len == 4 && fdt32_ld(cells) <= 4 ? fdt32_ld(cells) : 0;
}

static int decode(const fdt32_t *specifier, unsigned int cells, struct reg_irq *irq)
{
	uint32_t type, number;

	if (cells < GIC_CELLS)
		return -EINVAL;
	type = fdt32_ld(specifier);
	number = fdt32_ld(specifier + 1);
	/* 0: SPI, from INTID 32 on; 1: PPI, from 16 on (arm,gic.yaml) */
	if (type > 1 || number >= (type == 0 ? 988u : 16u))
		return -EINVAL;
	irq->intid = number + (type == 0 ? 32 : 16);
	irq->edge = fdt32_ld(specifier + 2) & 3; /* rising or falling */
	return 0;
}

static int get_extended(const void *dtb, const fdt32_t *value, unsigned int left, unsigned int n,
			struct reg_irq *irq)
{
	while (left != 0) {
		int controller = fdt_node_offset_by_phandle(dtb, fdt32_ld(value));
		unsigned int cells = controller >= 0 ? interrupt_cells(dtb, controller) : 0;

		if (cells == 0 || cells >= left)
			return -EINVAL;
		if (n-- == 0)
			return decode(value + 1, cells, irq);
		value += 1 + cells;
		left -= 1 + cells;
	}
	return -ENOENT;
}

int reg_get_irq(const void *dtb, int node, unsigned int n, struct reg_irq *irq)
{
	int len = 0, controller;
	const fdt32_t *value = fdt_getprop(dtb, node, "interrupts-extended", &len);
	unsigned int cells;

	if (value)
		return get_extended(dtb, value, (unsigned int)len / 4, n, irq);
	value = fdt_getprop(dtb, node, "interrupts", &len);
	if (!value)
		return -ENOENT;
	controller = interrupt_parent(dtb, node);
	cells = controller >= 0 ? interrupt_cells(dtb, controller) : 0;
	if (cells == 0)
		return -EINVAL;
	if ((unsigned int)len / 4 / cells <= n)
		return -ENOENT;
	return decode(value + (size_t)n * cells, cells, irq);
}

bool reg_is_available(const void *dtb, int node)
{
	int len = 0;
	const char *status = fdt_getprop(dtb, node, "status", &len);

	return !status || fdt_stringlist_search(dtb, node, "status", "okay") == 0 ||
	       fdt_stringlist_search(dtb, node, "status", "ok") == 0;
}

bool reg_is_compatible(const void *dtb, int node, const char *const *compatibles)
{
	for (; *compatibles; compatibles++)
		if (fdt_node_check_compatible(dtb, node, *compatibles) == 0)
			return true;
	return false;
}
