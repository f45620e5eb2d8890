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
		diag_error(p->diag, path, "reg", "0x%llx has size 0: give it a size", LLU(base));
		return false;
	}
	if (!IS_ALIGNED(base | size, PAGE_SIZE)) {
		diag_error(p->diag, path, "reg",
			   "0x%llx, size 0x%llx: both have to be multiples of 4 KiB (0x1000): "
			   "change them",
			   LLU(base), LLU(size));
		ok = false;
	}
	if (!range_valid(base, size) || !range_within(base, size, 0, BIT(IPA_BITS))) {
		diag_error(p->diag, path, "reg",
			   "0x%llx, size 0x%llx: a guest's addresses have 48 bits at most: let it "
			   "end at 0xffffffffffff or below",
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
				   "0x%llx, size 0x%llx: overlaps the VM's memory at 0x%llx, size "
				   "0x%llx: move one of them",
				   LLU(base), LLU(size), LLU(vm->memory[i].ipa.v),
				   LLU(vm->memory[i].size));
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

static size_t show_cells(char *text, size_t size, uint64_t value, unsigned int cells)
{
	if (cells == 1)
		return format(text, size, "0x%llx", LLU(value));
	return format(text, size, "0x%x 0x%x", (uint32_t)(value >> 32), (uint32_t)value);
}

/* Formats a range to write in `reg`: the one that was probably meant, or an example. */
static void show_reg(const struct parser *p, const fdt32_t *reg, int len, char *text, size_t size)
{
	bool known = reg && (len == 8 || len == 16) && !value_is_text(reg, len);
	unsigned int half = known ? (unsigned int)len / 8 : 0;
	size_t n = format(text, size, "reg = <");

	n += show_cells(text + n, size - n, known ? reg_cells(reg, half) : 0x40000000,
			p->address_cells);
	n += format(text + n, size - n, " ");
	n += show_cells(text + n, size - n, known ? reg_cells(reg + half, half) : 0x4000000,
			p->size_cells);
	format(text + n, size - n, ">;");
}

/* The same for `physical`, which has an address for each of n ranges. */
static void show_physical(const struct parser *p, const fdt32_t *physical, int len, unsigned int n,
			  char *text, size_t size)
{
	bool known = (len == 4 || len == 8) && n == 1 && !value_is_text(physical, len);
	size_t length = format(text, size, "physical = <");

	length += show_cells(text + length, size - length,
			     known ? reg_cells(physical, (unsigned int)len / 4) : 0x40000000,
			     p->address_cells);
	format(text + length, size - length, "%s>;", n > 1 ? " ..." : "");
}

/* The physical addresses of `n` ranges, or NULL; *ok becomes false after an error. */
static const fdt32_t *get_physical(struct parser *p, int node, const char *path, unsigned int n,
				   bool *ok)
{
	char wanted[96], mend[96];
	int len = 0;
	const fdt32_t *physical = fdt_getprop(p->blob, node, "physical", &len);

	*ok = true;
	if (!physical)
		return NULL;
	*ok = false;
	if (fdt_getprop(p->blob, node, "identity", NULL)) {
		diag_error(p->diag, path, "physical",
			   "says where the memory is, and so does identity: remove one of them");
		return NULL;
	}
	*ok = (unsigned int)len == n * p->address_cells * 4 && !value_is_text(physical, len);
	if (*ok)
		return physical;
	format(wanted, sizeof(wanted), "%u address%s of %u cell%s (#address-cells of the root)", n,
	       n == 1 ? "" : "es, one for each range of reg,", p->address_cells,
	       p->address_cells == 1 ? "" : "s");
	show_physical(p, physical, len, n, mend, sizeof(mend));
	wrong_value(p, node, path, "physical", VALUE_HEX, wanted, mend);
	return NULL;
}

/* The ranges of `reg`, or NULL after an error. */
static const fdt32_t *get_ranges(struct parser *p, int node, const char *path, unsigned int *n)
{
	unsigned int entry = (p->address_cells + p->size_cells) * 4;
	char wanted[96], mend[96];
	int len = 0;
	const fdt32_t *reg = fdt_getprop(p->blob, node, "reg", &len);

	*n = (unsigned int)len / entry;
	if (reg && len != 0 && (unsigned int)len % entry == 0 && !value_is_text(reg, len))
		return reg;
	format(wanted, sizeof(wanted),
	       "an address of %u and a size of %u cells (#address-cells, #size-cells of the root)",
	       p->address_cells, p->size_cells);
	show_reg(p, reg, len, mend, sizeof(mend));
	wrong_value(p, node, path, "reg", VALUE_HEX, wanted, mend);
	return NULL;
}

/* One entry of reg. */
static void add_memory(struct parser *p, struct vm_config *vm, const char *path, int node,
		       uint64_t base, uint64_t size, uint64_t pa_base, bool fixed)
{
	if (!check_range(p, vm, path, base, size))
		return;
	if (!IS_ALIGNED(pa_base, PAGE_SIZE)) {
		diag_error(p->diag, path, "physical",
			   "0x%llx is no multiple of 4 KiB (0x1000): change it", LLU(pa_base));
		return;
	}
	if (vm->nr_memory == MAX_MEMORY) {
		diag_error(p->diag, path, "reg", "a VM has %d ranges of memory at most: join some",
			   MAX_MEMORY);
		return;
	}
	vm->memory[vm->nr_memory++] = (struct vm_memory){
	    .ipa = ipa(base), .size = size, .pa = pa(pa_base), .fixed = fixed, .node = node};
}

static void parse_node(struct parser *p, int node, struct vm_config *vm, const char *path)
{
	static const char *const names[] = {"reg", "device_type", "identity", "physical", NULL};
	static const char *const types[] = {"memory", NULL};
	bool identity = get_flag(p, node, path, "identity"), ok;
	unsigned int entry = p->address_cells + p->size_cells, n;
	const fdt32_t *reg = get_ranges(p, node, path, &n), *physical;

	check_property_names(p, node, path, names);
	if (fdt_first_subnode(p->blob, node) >= 0)
		diag_error(p->diag, path, NULL, "memory has no nodes in it: remove them");
	(void)get_choice(p, node, path, "device_type", types);
	if (!reg)
		return;
	physical = get_physical(p, node, path, n, &ok);
	check_unit_address(p, path, fdt_get_name(p->blob, node, NULL),
			   reg_cells(reg, p->address_cells));
	for (unsigned int i = 0; i < n && i <= MAX_MEMORY && ok; i++, reg += entry) {
		uint64_t base = reg_cells(reg, p->address_cells), at = base;

		if (physical)
			at = reg_cells(physical + (size_t)i * p->address_cells, p->address_cells);
		add_memory(p, vm, path, node, base,
			   reg_cells(reg + p->address_cells, p->size_cells), at,
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
