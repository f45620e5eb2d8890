// SPDX-License-Identifier: BSD-2-Clause
/*
 * See host_memory.h.
 */
#include "fdt/host_memory.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/reg.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/format.h"

/* Entries that touch become one range, but each of them takes a walk through the tree. */
#define MAX_ENTRIES 256

#define LLU(value) ((unsigned long long)(value))

/* Adds a range to a sorted list, in which ranges that touch become one. False: it is full. */
static bool add_range(struct range *ranges, unsigned int *n, uint64_t base, uint64_t end)
{
	unsigned int i = 0, last;

	while (i < *n && ranges[i].base + ranges[i].size < base)
		i++;
	/* [i, last) are the ranges that it touches */
	for (last = i; last < *n && ranges[last].base <= end; last++) {
		base = MIN(base, ranges[last].base);
		end = MAX(end, ranges[last].base + ranges[last].size);
	}
	if (last == i && *n == HOST_MAX_RANGES)
		return false;
	memmove(&ranges[i + 1], &ranges[last], (*n - last) * sizeof(*ranges));
	ranges[i] = (struct range){base, end - base};
	*n = *n - (last - i) + 1;
	return true;
}

/* ---- RAM ---- */

/* Parts of pages at the ends are lost. Returns false if there is no room for the range. */
static bool add_ram(struct host *host, uint64_t base, uint64_t size)
{
	uint64_t start = ALIGN_UP(base, PAGE_SIZE), end = ALIGN_DOWN(base + size, PAGE_SIZE);

	if (!range_valid(base, size) || start < base || end <= start)
		return true;
	return add_range(host->ram, &host->nr_ram, start, end);
}

/* Returns false if there is no room for all of the node's memory. */
static bool parse_ram_node(struct host *host, const void *dtb, int node, unsigned int *entries,
			   struct diag *diag)
{
	const char *name = fdt_get_name(dtb, node, NULL);
	int n = reg_count(dtb, node);
	bool fits = true;
	char path[64];

	format(path, sizeof(path), "/%.40s", name);
	if (n < 0)
		diag_error(diag, path, "reg",
			   "is not made of the root's #address-cells and #size-cells");
	for (int i = 0; fits && i < n; i++) {
		struct range range;

		if (reg_get(dtb, node, (unsigned int)i, &range) == 0 &&
		    (range.size == 0 || range_valid(range.base, range.size)))
			fits = add_ram(host, range.base, range.size);
		else
			diag_warning(diag, path, "reg",
				     "entry %d is no range of addresses: it is not used", i);
		fits = fits && ++*entries < MAX_ENTRIES;
	}
	return fits;
}

void host_parse_ram(struct host *host, const void *dtb, struct diag *diag)
{
	unsigned int entries = 0, errors = diag->errors;
	bool fits = true;
	int node = -1;

	while (fits && (node = tree_find_memory(dtb, node)) >= 0)
		if (reg_is_available(dtb, node))
			fits = parse_ram_node(host, dtb, node, &entries, diag);
	if (host->nr_ram == 0 && diag->errors == errors)
		diag_error(diag, "/memory", "reg", "the machine's tree has no memory");
	if (!fits)
		diag_warning(diag, "/memory", "reg",
			     "has more than %d separate ranges: not all "
			     "are used",
			     HOST_MAX_RANGES);
}

/* ---- Reservations ---- */

/* More is reserved rather than less: a range that wraps goes on to the end of all addresses. */
static bool add_reserved(struct host *host, uint64_t base, uint64_t size)
{
	const uint64_t last = ALIGN_DOWN(UINT64_MAX, PAGE_SIZE);

	if (size == 0 || base >= last)
		return true;
	return add_range(host->reserved, &host->nr_reserved, ALIGN_DOWN(base, PAGE_SIZE),
			 ALIGN_UP(base + MIN(size, last - base), PAGE_SIZE));
}

/* The list ends with an entry of two zeros; readers take an entry without size for the end. */
static bool parse_memreserve(struct host *host, const void *dtb, struct diag *diag)
{
	int n = fdt_num_mem_rsv(dtb);
	uint64_t base = 0, size = 0;
	bool fits = true;

	for (int i = 0; i < n && fdt_get_mem_rsv(dtb, i, &base, &size) == 0; i++)
		fits = add_reserved(host, base, size) && fits;
	if (n < 0 || fdt_get_mem_rsv(dtb, n, &base, &size) || base != 0)
		diag_error(diag, "/memreserve/", NULL,
			   "entry %d, at 0x%llx, has no size: what comes after it cannot be told",
			   n + 1, LLU(base));
	return fits;
}

/* Without their own, children would be read by a default that nobody meant. */
static bool has_cells(const void *dtb, int parent)
{
	return fdt_getprop(dtb, parent, "#address-cells", NULL) &&
	       fdt_getprop(dtb, parent, "#size-cells", NULL) &&
	       reg_get_u32(dtb, parent, "#size-cells", 0) != 0;
}

/*
 * A node with size and without reg is for the operating system to place: there is
 * nothing in it yet. Returns false if there are too many reservations.
 */
static bool parse_reserved_node(struct host *host, const void *dtb, int parent, int node,
				unsigned int *entries, struct diag *diag)
{
	const char *name = fdt_get_name(dtb, node, NULL);
	int n = reg_count(dtb, node);
	struct range range;
	bool fits = true;

	if (!fdt_getprop(dtb, node, "reg", NULL)) {
		if (!fdt_getprop(dtb, node, "size", NULL))
			diag_error(diag, "/reserved-memory", NULL,
				   "%.40s has neither reg nor size: what does it reserve?", name);
		return true;
	}
	if (!has_cells(dtb, parent)) {
		diag_error(diag, "/reserved-memory", "#address-cells",
			   "is missing, or #size-cells is: %.40s cannot be read", name);
		return true;
	}
	if (n <= 0)
		diag_error(diag, "/reserved-memory", "reg",
			   "of %.40s is not made of #address-cells and #size-cells", name);
	for (int i = 0; fits && i < n; i++) {
		if (reg_get(dtb, node, (unsigned int)i, &range)) {
			diag_error(diag, "/reserved-memory", "reg",
				   "%.40s has no address: is there an empty ranges in "
				   "/reserved-memory?",
				   name);
			break;
		}
		fits = add_reserved(host, range.base, range.size) && ++*entries < MAX_ENTRIES;
	}
	return fits;
}

void host_parse_reserved(struct host *host, const void *dtb, struct diag *diag)
{
	int node, parent = tree_find_path(dtb, "/reserved-memory", 16);
	bool fits = parse_memreserve(host, dtb, diag);
	unsigned int entries = 0;

	if (parent >= 0)
		fdt_for_each_subnode(node, dtb, parent)
			if (fits && reg_is_available(dtb, node))
				fits = parse_reserved_node(host, dtb, parent, node, &entries, diag);
	if (!fits)
		diag_error(diag, "/reserved-memory", NULL,
			   "there are more than %d separate reservations", HOST_MAX_RANGES);
}

/* ---- The initrd ---- */

static bool in_ram(const struct host *host, const struct range *range)
{
	for (unsigned int i = 0; i < host->nr_ram; i++)
		if (range_within(range->base, range->size, host->ram[i].base, host->ram[i].size))
			return true;
	return false;
}

void host_parse_initrd(struct host *host, const void *dtb, struct diag *diag)
{
	int chosen = tree_find_path(dtb, "/chosen", 7);
	bool has_start = chosen >= 0 && fdt_getprop(dtb, chosen, "linux,initrd-start", NULL);
	bool has_end = chosen >= 0 && fdt_getprop(dtb, chosen, "linux,initrd-end", NULL);
	uint64_t start, end;

	if (!has_start && !has_end)
		return;
	if (!reg_get_u64(dtb, chosen, "linux,initrd-start", &start) ||
	    !reg_get_u64(dtb, chosen, "linux,initrd-end", &end)) {
		diag_error(diag, "/chosen", has_start ? "linux,initrd-end" : "linux,initrd-start",
			   "start and end have to be there, of one or two cells each");
		return;
	}
	if (start == end)
		return;
	host->initrd = (struct range){start, end - start};
	if (start > end || (host->nr_ram != 0 && !in_ram(host, &host->initrd))) {
		diag_error(diag, "/chosen", "linux,initrd-start",
			   "0x%llx to linux,initrd-end 0x%llx is not in this machine's memory",
			   LLU(start), LLU(end));
		host->initrd.size = 0;
	}
}
