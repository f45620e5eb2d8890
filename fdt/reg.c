// SPDX-License-Identifier: BSD-2-Clause
/*
 * See reg.h.
 */
#include "fdt/reg.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define GIC_CELLS 3
#define MAX_INTERRUPT_CELLS 4
/* The most entries of one node's interrupts-extended: each is a search for its controller. */
#define MAX_INTERRUPTS 64
/* The most entries of a nexus's map, and the most nexuses one behind the other */
#define MAX_MAPPED 512
#define MAX_NEXUSES 4
/* The most characters of a property's name: the specification has 31 (2.2.4.1), real trees 40. */
#define MAX_NAME 127

int reg_check_tree(const void *dtb, uint64_t size)
{
	int err = size < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_header(dtb);
	unsigned int length = 0;
	const char *names;

	if (err)
		return err;
	/* Before version 16, names were paths: libfdt takes it for granted that they are. */
	if (fdt_version(dtb) < 16)
		return -FDT_ERR_BADVERSION;
	if (fdt_totalsize(dtb) > size)
		return -FDT_ERR_TRUNCATED;
	/* libfdt measures the name of each property that it passes. */
	names = (const char *)dtb + fdt_off_dt_strings(dtb);
	for (uint32_t i = 0; i < fdt_size_dt_strings(dtb) && length <= MAX_NAME; i++)
		length = names[i] ? length + 1 : 0;
	if (length > MAX_NAME)
		return -FDT_ERR_BADSTRUCTURE;
	/* Not fdt_check_full(), which before libfdt 1.7 trips over lengths that wrap. */
	return tree_check(dtb);
}

uint64_t reg_cells(const void *cells, unsigned int n)
{
	const fdt32_t *cell = cells;
	uint64_t value = 0;

	while (n-- != 0)
		value = value << 32 | fdt32_ld(cell++);
	return value;
}

bool reg_get_u64(const void *dtb, int node, const char *property, uint64_t *value)
{
	int len = 0;
	const void *cells = fdt_getprop(dtb, node, property, &len);

	if (!cells || (len != 4 && len != 8))
		return false;
	*value = reg_cells(cells, (unsigned int)len / 4);
	return true;
}

uint32_t reg_get_u32(const void *dtb, int node, const char *property, uint32_t otherwise)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(dtb, node, property, &len);

	return value && len == 4 ? fdt32_ld(value) : otherwise;
}

/*
 * #address-cells and #size-cells of a bus; false if we cannot represent them.
 * (fdt_address_cells() would bring all of libfdt's functions for changing trees.)
 */
static bool bus_cells(const void *dtb, int bus, unsigned int *address, unsigned int *size)
{
	*address = reg_get_u32(dtb, bus, "#address-cells", 2);
	*size = reg_get_u32(dtb, bus, "#size-cells", 1);
	return *address >= 1 && *address <= 2 && *size <= 2;
}

/* Translates from the bus's address space to its parent's. */
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

int reg_count(const void *dtb, int node)
{
	int path[TREE_MAX_DEPTH + 1], depth, len = 0;
	unsigned int address, size;

	if (!fdt_getprop(dtb, node, "reg", &len))
		return 0;
	depth = tree_ancestors(dtb, node, path);
	if (depth < 1 || !bus_cells(dtb, path[depth - 1], &address, &size) ||
	    (unsigned int)len % (4 * (address + size)) != 0)
		return -EINVAL;
	return (int)((unsigned int)len / (4 * (address + size)));
}

int reg_get(const void *dtb, int node, unsigned int n, struct range *range)
{
	int path[TREE_MAX_DEPTH + 1], depth, len = 0, err = 0;
	const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &len);
	unsigned int address, size;

	if (!reg)
		return -ENOENT;
	depth = tree_ancestors(dtb, node, path);
	if (depth < 1 || !bus_cells(dtb, path[depth - 1], &address, &size))
		return -EINVAL;
	if ((unsigned int)len / 4 / (address + size) <= n)
		return -ENOENT;
	reg += (size_t)n * (address + size);
	range->base = reg_cells(reg, address);
	range->size = reg_cells(reg + address, size);
	while (--depth > 0 && !err)
		err = translate(dtb, path[depth], path[depth - 1], range);
	return err;
}

/* ---- Interrupts ---- */

/* The node's interrupt controller: interrupt-parent, its own or inherited, or one above it. */
static int interrupt_parent(const void *dtb, int node)
{
	int path[TREE_MAX_DEPTH + 1];

	for (int depth = tree_ancestors(dtb, node, path); depth >= 0; depth--) {
		uint32_t parent = reg_get_u32(dtb, path[depth], "interrupt-parent", 0);

		if (parent)
			return tree_find_phandle(dtb, parent);
		if (path[depth] != node && fdt_getprop(dtb, path[depth], "#interrupt-cells", NULL))
			return path[depth];
	}
	return -FDT_ERR_NOTFOUND;
}

static unsigned int interrupt_cells(const void *dtb, int controller)
{
	uint32_t cells = reg_get_u32(dtb, controller, "#interrupt-cells", 0);

	return cells <= MAX_INTERRUPT_CELLS ? cells : 0;
}

/* Its own, which for a controller may be 0 (Devicetree Specification 2.4.3.1). */
static unsigned int unit_cells(const void *dtb, int node)
{
	return reg_get_u32(dtb, node, "#address-cells", 0) & 3;
}

/* True if this entry of a nexus's map is for the unit address and the specifier. */
static bool is_entry(const struct reg_specifier *s, const fdt32_t *entry, const fdt32_t *unit,
		     unsigned int units, const fdt32_t *mask, unsigned int mask_cells)
{
	const fdt32_t *cells = s->cells;

	for (unsigned int i = 0; i < units + s->nr_cells; i++) {
		uint32_t own = i >= units ? fdt32_ld(cells + i - units) : 0;
		uint32_t bits = i < mask_cells ? fdt32_ld(mask + i) : UINT32_MAX;

		if (i < units && unit)
			own = fdt32_ld(unit + i);
		if ((own ^ fdt32_ld(entry + i)) & bits)
			return false;
	}
	return true;
}

/* Devicetree Specification 2.4.3: through the map of a nexus. */
static int map_interrupt(const void *dtb, int node, struct reg_specifier *s)
{
	int len = 0, mask_len = 0, unit_len = 0;
	const fdt32_t *map = fdt_getprop(dtb, s->controller, "interrupt-map", &len);
	const fdt32_t *mask = fdt_getprop(dtb, s->controller, "interrupt-map-mask", &mask_len);
	const fdt32_t *unit = fdt_getprop(dtb, node, "reg", &unit_len);
	unsigned int units = unit_cells(dtb, s->controller), key = units + s->nr_cells;
	unsigned int left = (unsigned int)len / 4;

	if (unit_len < (int)units * 4)
		unit = NULL;
	for (unsigned int i = 0; i < MAX_MAPPED && left > key; i++) {
		int parent = tree_find_phandle(dtb, fdt32_ld(map + key));
		unsigned int cells = interrupt_cells(dtb, parent);
		unsigned int skip = key + 1 + unit_cells(dtb, parent);

		if (cells == 0 || skip + cells > left)
			break;
		if (is_entry(s, map, unit, units, mask, (unsigned int)MAX(mask_len, 0) / 4)) {
			*s = (struct reg_specifier){parent, map + skip, cells};
			return 0;
		}
		map += skip + cells;
		left -= skip + cells;
	}
	return -EINVAL;
}

static int get_extended(const void *dtb, const fdt32_t *value, unsigned int left, unsigned int n,
			struct reg_specifier *s)
{
	while (left != 0 && n < MAX_INTERRUPTS) {
		int controller = tree_find_phandle(dtb, fdt32_ld(value));
		unsigned int cells = interrupt_cells(dtb, controller);

		if (cells == 0 || cells >= left)
			return -EINVAL;
		*s = (struct reg_specifier){controller, value + 1, cells};
		if (n-- == 0)
			return 0;
		value += 1 + cells;
		left -= 1 + cells;
	}
	return -ENOENT;
}

static int get_plain(const void *dtb, int node, unsigned int n, struct reg_specifier *s)
{
	int len = 0, controller;
	const fdt32_t *value = fdt_getprop(dtb, node, "interrupts", &len);
	unsigned int cells;

	if (!value)
		return -ENOENT;
	controller = interrupt_parent(dtb, node);
	cells = interrupt_cells(dtb, controller);
	if (cells == 0)
		return -EINVAL;
	if ((unsigned int)len / 4 / cells <= n)
		return -ENOENT;
	*s = (struct reg_specifier){controller, value + (size_t)n * cells, cells};
	return 0;
}

int reg_get_specifier(const void *dtb, int node, unsigned int n, struct reg_specifier *specifier)
{
	int len = 0, err;
	const void *value = fdt_getprop(dtb, node, "interrupts-extended", &len);

	err = value ? get_extended(dtb, value, (unsigned int)len / 4, n, specifier)
		    : get_plain(dtb, node, n, specifier);
	for (int i = 0; !err && fdt_getprop(dtb, specifier->controller, "interrupt-map", NULL); i++)
		err = i < MAX_NEXUSES ? map_interrupt(dtb, node, specifier) : -EINVAL;
	return err;
}

int reg_get_irq(const void *dtb, int node, unsigned int n, struct reg_irq *irq)
{
	struct reg_specifier s;
	int err = reg_get_specifier(dtb, node, n, &s);
	const fdt32_t *cells;
	uint32_t type, number;

	if (err)
		return err;
	if (s.nr_cells < GIC_CELLS)
		return -EINVAL;
	cells = s.cells;
	type = fdt32_ld(cells);
	number = fdt32_ld(cells + 1);
	/* 0: SPI, from INTID 32 on; 1: PPI, from 16 on (arm,gic.yaml) */
	if (type > 1 || number >= (type == 0 ? 988u : 16u))
		return -EINVAL;
	irq->intid = number + (type == 0 ? 32 : 16);
	irq->edge = fdt32_ld(cells + 2) & 3; /* rising or falling */
	irq->controller = s.controller;
	return 0;
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
