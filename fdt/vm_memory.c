// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's memory@ nodes: where the guest has its memory and, if the description
 * says it, where that is physically.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "lib/format.h"

#define MAX_MEMORY 16
#define IPA_BITS 48

#define LLU(value) ((unsigned long long)(value))

/* Returns false after saying what is wrong with a range. */
static bool check_range(struct parser *p, const struct vm_config *vm, const char *path,
			uint64_t base, uint64_t size)
{
	const uint64_t devices = PLATFORM_GICD_BASE;
	const uint64_t devices_size = PLATFORM_UART_BASE + PLATFORM_UART_SIZE - PLATFORM_GICD_BASE;
	bool ok = true;

	if (size == 0) {
		diag_error(p->diag, path, "reg", "the memory is empty: give it a size");
		return false;
	}
	if (!IS_ALIGNED(base | size, PAGE_SIZE)) {
		diag_error(p->diag, path, "reg",
			   "0x%llx, size 0x%llx: both have to be multiples of 4 KiB (0x1000)",
			   LLU(base), LLU(size));
		ok = false;
	}
	if (!range_valid(base, size) || !range_within(base, size, 0, BIT(IPA_BITS))) {
		diag_error(p->diag, path, "reg",
			   "0x%llx, size 0x%llx: a guest's addresses have 48 bits at most",
			   LLU(base), LLU(size));
		return false;
	}
	if (range_overlaps(base, size, devices, devices_size)) {
		diag_error(
		    p->diag, path, "reg",
		    "0x%llx, size 0x%llx: the emulated devices are at 0x8000000 to 0x9000fff; "
		    "let memory begin at 0x40000000",
		    LLU(base), LLU(size));
		ok = false;
	}
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (range_overlaps(base, size, vm->memory[i].ipa.v, vm->memory[i].size)) {
			diag_error(p->diag, path, "reg",
				   "0x%llx, size 0x%llx: overlaps the VM's memory at 0x%llx",
				   LLU(base), LLU(size), LLU(vm->memory[i].ipa.v));
			ok = false;
		}
	return ok;
}

static void check_unit_address(struct parser *p, const char *path, const char *name, uint64_t base)
{
	char expected[32];

	format(expected, sizeof(expected), "memory@%llx", LLU(base));
	if (strcmp(name, expected) != 0)
		diag_warning(p->diag, path, "reg", "is at 0x%llx: name the node %s", LLU(base),
			     expected);
}

/* The physical addresses of `n` ranges, or NULL; *ok becomes false after an error. */
static const fdt32_t *get_physical(struct parser *p, int node, const char *path, unsigned int n,
				   bool *ok)
{
	int len = 0;
	const fdt32_t *physical = fdt_getprop(p->blob, node, "physical", &len);

	*ok = true;
	if (!physical)
		return NULL;
	if ((unsigned int)len == n * p->address_cells * 4 &&
	    !fdt_getprop(p->blob, node, "identity", NULL))
		return physical;
	*ok = false;
	diag_error(p->diag, path, "physical",
		   "has to be one address of %u cells for each range of reg, and without identity",
		   p->address_cells);
	return NULL;
}

/* One entry of reg. */
static void add_memory(struct parser *p, struct vm_config *vm, const char *path, uint64_t base,
		       uint64_t size, uint64_t pa_base, bool fixed)
{
	if (!check_range(p, vm, path, base, size))
		return;
	if (!IS_ALIGNED(pa_base, PAGE_SIZE)) {
		diag_error(p->diag, path, "physical",
			   "0x%llx has to be a multiple of 4 KiB (0x1000)", LLU(pa_base));
		return;
	}
	if (vm->nr_memory == MAX_MEMORY) {
		diag_error(p->diag, path, "reg", "a VM has %d ranges of memory at most: join some",
			   MAX_MEMORY);
		return;
	}
	vm->memory[vm->nr_memory++] =
	    (struct vm_memory){.ipa = ipa(base), .size = size, .pa = pa(pa_base), .fixed = fixed};
}

static void parse_node(struct parser *p, int node, struct vm_config *vm, const char *path)
{
	static const char *const names[] = {"reg", "device_type", "identity", "physical", NULL};
	bool identity = get_flag(p, node, path, "identity"), ok;
	unsigned int entry = p->address_cells + p->size_cells, n;
	int len = 0;
	const fdt32_t *reg = fdt_getprop(p->blob, node, "reg", &len), *physical;

	check_property_names(p, node, path, names);
	if (fdt_first_subnode(p->blob, node) >= 0)
		diag_error(p->diag, path, NULL, "memory has no nodes in it: remove them");
	if (!reg || len == 0 || (unsigned int)len % (entry * 4) != 0) {
		diag_error(p->diag, path, "reg",
			   "has to be <address size>, of %u and %u cells, as the root's "
			   "#address-cells and #size-cells say",
			   p->address_cells, p->size_cells);
		return;
	}
	n = (unsigned int)len / (entry * 4);
	physical = get_physical(p, node, path, n, &ok);
	check_unit_address(p, path, fdt_get_name(p->blob, node, NULL),
			   reg_cells(reg, p->address_cells));
	for (unsigned int i = 0; i < n && i <= MAX_MEMORY && ok; i++, reg += entry) {
		uint64_t base = reg_cells(reg, p->address_cells), at = base;

		if (physical)
			at = reg_cells(physical + (size_t)i * p->address_cells, p->address_cells);
		add_memory(p, vm, path, base, reg_cells(reg + p->address_cells, p->size_cells), at,
			   identity || physical);
	}
}

void parse_memory(struct parser *p, int node, struct vm_config *vm)
{
	unsigned int errors = p->diag->errors;
	struct vm_memory memory[MAX_MEMORY];
	char path[SYSTEM_PATH_MAX * 2];
	int child;

	vm->memory = memory;
	fdt_for_each_subnode(child, p->blob, node) {
		const char *name = fdt_get_name(p->blob, child, NULL);

		format(path, sizeof(path), "%s/%.60s", vm->path, name);
		if (strncmp(name, "memory", 6) == 0 && (name[6] == '@' || name[6] == '\0'))
			parse_node(p, child, vm, path);
		else if (strcmp(name, "device-tree") != 0)
			diag_error(p->diag, path, NULL,
				   "unknown node: a VM has memory@... nodes and device-tree, and "
				   "nothing else");
	}
	if (vm->nr_memory == 0 && p->diag->errors == errors)
		diag_error(p->diag, vm->path, NULL,
			   "the VM has no memory: add memory@40000000 { reg = <...>; };");
	/* and one for its firmware */
	vm->memory = parser_alloc(p, vm->nr_memory + 1, sizeof(*memory));
	if (vm->memory)
		memcpy(vm->memory, memory, vm->nr_memory * sizeof(*memory));
	else
		vm->nr_memory = 0;
}
