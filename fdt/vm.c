/*
 * One VM of the system description: its CPUs, memory, images and the rest,
 * parsed and checked.
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
#define MAX_BOOTARGS 2048 /* Linux: COMMAND_LINE_SIZE on arm64 */
#define MAX_V2_CPUS 8
#define IPA_BITS 48
#define DTB_ROOM KIB(64)
/* Linux maps the initrd only if it is near: within 1 GiB, rounded, of the kernel. */
#define INITRD_REACH GIB(1)

#define LLU(value) ((unsigned long long)(value))

/* ---- CPUs ---- */

static unsigned int max_cpus(const struct host *host)
{
	return host->gic.version == 2 ? MAX_V2_CPUS : PLATFORM_GICR_MAX / PLATFORM_GICR_STRIDE;
}

static void check_cpu(struct parser *p, struct vm_config *vm, unsigned int n)
{
	unsigned int cpu = vm->cpus[n];

	if (cpu >= p->host->nr_cpus)
		diag_error(p->diag, vm->path, "cpus",
			   "CPU %u does not exist: this machine has CPUs 0 to %u", cpu,
			   p->host->nr_cpus - 1);
	for (unsigned int i = 0; i < n; i++)
		if (vm->cpus[i] == cpu) {
			diag_error(p->diag, vm->path, "cpus",
				   "CPU %u is there twice: the vCPUs of a VM have a CPU each", cpu);
			break;
		}
}

static void parse_cpus(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "cpus", &len);
	unsigned int n;

	if (!value || len == 0 || len % 4 != 0) {
		diag_error(p->diag, vm->path, "cpus",
			   "has to be a list of CPUs: write cpus = <0 1>; for two vCPUs, on CPUs 0 "
			   "and 1");
		return;
	}
	n = (unsigned int)len / 4;
	if (n > max_cpus(p->host)) {
		diag_error(p->diag, vm->path, "cpus",
			   "%u vCPUs are too many: a GICv%u has room for %u", n,
			   p->host->gic.version, max_cpus(p->host));
		return;
	}
	vm->cpus = parser_alloc(p, n, sizeof(*vm->cpus));
	if (!vm->cpus)
		return;
	for (unsigned int i = 0; i < n; i++) {
		vm->cpus[i] = fdt32_ld(value + i);
		check_cpu(p, vm, i);
	}
	vm->nr_cpus = n;
}

/* ---- Memory ---- */

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

static void parse_memory(struct parser *p, int node, struct vm_config *vm, const char *path)
{
	static const char *const names[] = {"reg", "device_type", "identity", NULL};
	bool identity = fdt_getprop(p->blob, node, "identity", NULL) != NULL;
	unsigned int entry = p->address_cells + p->size_cells;
	int len = 0;
	const fdt32_t *reg = fdt_getprop(p->blob, node, "reg", &len);

	check_property_names(p, node, path, names);
	if (fdt_first_subnode(p->blob, node) >= 0)
		diag_error(p->diag, path, NULL, "memory has no nodes in it: remove them");
	if (!reg || len == 0 || entry == 0 || (unsigned int)len % (entry * 4) != 0) {
		diag_error(p->diag, path, "reg",
			   "has to be <address size>, of %u and %u cells, as the root's "
			   "#address-cells and #size-cells say",
			   p->address_cells, p->size_cells);
		return;
	}
	check_unit_address(p, path, fdt_get_name(p->blob, node, NULL),
			   reg_cells(reg, p->address_cells));
	for (; len > 0; len -= (int)entry * 4, reg += entry) {
		uint64_t base = reg_cells(reg, p->address_cells);
		uint64_t size = reg_cells(reg + p->address_cells, p->size_cells);

		if (!check_range(p, vm, path, base, size))
			continue;
		if (vm->nr_memory == MAX_MEMORY) {
			diag_error(p->diag, path, "reg",
				   "a VM has %d ranges of memory at most: join some", MAX_MEMORY);
			return;
		}
		vm->memory[vm->nr_memory++] = (struct vm_memory){
		    .ipa = ipa(base), .size = size, .pa = pa(base), .fixed = identity};
	}
}

static void parse_subnodes(struct parser *p, int node, struct vm_config *vm)
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
			parse_memory(p, child, vm, path);
		else
			diag_error(p->diag, path, NULL,
				   "unknown node: a VM has memory@... nodes and nothing else");
	}
	if (vm->nr_memory == 0 && p->diag->errors == errors)
		diag_error(p->diag, vm->path, NULL,
			   "the VM has no memory: add memory@40000000 { reg = <...>; };");
	vm->memory = parser_alloc(p, vm->nr_memory, sizeof(*memory));
	if (vm->memory)
		memcpy(vm->memory, memory, vm->nr_memory * sizeof(*memory));
	else
		vm->nr_memory = 0;
}

/* ---- Images ---- */

/* The image that has this phandle, or a negative number. */
static int find_phandle(struct parser *p, uint32_t phandle)
{
	int node;

	if (phandle == 0 || p->images < 0)
		return -FDT_ERR_BADPHANDLE;
	fdt_for_each_subnode(node, p->blob, p->images)
		if (fdt_get_phandle(p->blob, node) == phandle)
			break;
	return node;
}

/* The bytes that a property names, by a phandle into /images, or has itself. NULL: said why not. */
static const void *find_image(struct parser *p, int node, const struct vm_config *vm,
			      const char *property, struct blob_slice *slice)
{
	int len = 0, image;
	const void *data = fdt_getprop(p->blob, node, property, &len);

	if (data && len == 4) {
		image = find_phandle(p, fdt32_ld(data));
		if (image < 0) {
			diag_error(p->diag, vm->path, property,
				   "does not name an image: write %s = <&label>; with a label of a "
				   "node in /images",
				   property);
			return NULL;
		}
		data = fdt_getprop(p->blob, image, "data", &len);
		if (!data || len == 0)
			return NULL; /* check_images() has said so */
	} else if (!data || len == 0) {
		diag_error(p->diag, vm->path, property,
			   "is empty: write %s = <&label>; or %s = /incbin/(\"file\");", property,
			   property);
		return NULL;
	}
	slice->offset = (uint64_t)((const char *)data - (const char *)p->blob);
	slice->size = (uint64_t)len;
	return data;
}

/* The initrd at the end of what the kernel can reach, the device tree before it, 2 MiB apart. */
static void place_initrd(struct parser *p, struct vm_config *vm)
{
	uint64_t base = vm->memory[0].ipa.v;
	uint64_t end = base + MIN(vm->memory[0].size, INITRD_REACH);
	uint64_t floor = ALIGN_UP(vm->image.end.v, PAGE_SIZE) + DTB_ROOM;
	uint64_t top = end;

	if (vm->initrd.size != 0) {
		if (vm->initrd.size > end - base ||
		    ALIGN_DOWN(end - vm->initrd.size, PAGE_SIZE) < floor) {
			diag_error(p->diag, vm->path, "initrd",
				   "does not fit beside the kernel: give the VM more memory");
			return;
		}
		top = ALIGN_DOWN(end - vm->initrd.size, PAGE_SIZE);
		vm->initrd_ipa = ipa(top);
	}
	if (top < floor) {
		diag_error(p->diag, vm->path, "kernel",
			   "fills the VM's memory: the device tree needs 64 KiB more");
		return;
	}
	/* Old kernels want the tree within 512 MiB of their start (booting.rst). */
	top = MIN(top, base + MIB(512));
	vm->dtb_ipa = ipa(MAX(ALIGN_DOWN(top - DTB_ROOM, MIB(2)), floor - DTB_ROOM));
	vm->dtb_max = DTB_ROOM;
}

static void parse_images(struct parser *p, int node, struct vm_config *vm)
{
	const char *why = NULL;
	const void *kernel;

	if (!fdt_getprop(p->blob, node, "kernel", NULL)) {
		diag_error(
		    p->diag, vm->path, "kernel",
		    "is missing: write kernel = <&label>; with a label of a node in /images");
		return;
	}
	kernel = find_image(p, node, vm, "kernel", &vm->kernel);
	if (fdt_getprop(p->blob, node, "initrd", NULL) &&
	    !find_image(p, node, vm, "initrd", &vm->initrd))
		kernel = NULL;
	if (!kernel || vm->nr_memory == 0)
		return;
	if (image_probe(&vm->image, kernel, vm->kernel.size, vm->memory[0].ipa, vm->memory[0].size,
			&why))
		diag_error(p->diag, vm->path, "kernel", "%s", why);
	else
		place_initrd(p, vm);
}

/* ---- The rest ---- */

/* A property that is one terminated string; NULL if it is not there, or not that. */
static const char *get_string(struct parser *p, int node, const struct vm_config *vm,
			      const char *property, size_t max)
{
	int len = 0;
	const char *value = fdt_getprop(p->blob, node, property, &len);

	if (!value)
		return NULL;
	if (len == 0 || strnlen(value, (size_t)len) != (size_t)len - 1) {
		diag_error(p->diag, vm->path, property, "has to be one string: write %s = \"...\";",
			   property);
		return NULL;
	}
	if ((size_t)len > max) {
		diag_error(p->diag, vm->path, property, "has %d characters: %u is the most",
			   len - 1, (unsigned int)max - 1);
		return NULL;
	}
	return value;
}

static void parse_console(struct parser *p, int node, struct vm_config *vm)
{
	const char *console = get_string(p, node, vm, "console", MAX_BOOTARGS);

	if (!console || strcmp(console, "pl011") == 0)
		vm->console = VM_CONSOLE_PL011;
	else if (strcmp(console, "none") == 0)
		vm->console = VM_CONSOLE_NONE;
	else
		diag_error(p->diag, vm->path, "console",
			   "\"%.20s\" is no kind of console: write \"pl011\" or \"none\"", console);
}

void parse_vm(struct parser *p, int node, struct vm_config *vm)
{
	static const char *const names[] = {"compatible", "cpus",    "kernel",	    "initrd",
					    "bootargs",	  "console", "passthrough", "unsafe-dma",
					    "phandle",	  NULL};

	check_property_names(p, node, vm->path, names);
	parse_cpus(p, node, vm);
	parse_subnodes(p, node, vm);
	parse_images(p, node, vm);
	vm->bootargs = get_string(p, node, vm, "bootargs", MAX_BOOTARGS);
	parse_console(p, node, vm);
	vm->unsafe_dma = fdt_getprop(p->blob, node, "unsafe-dma", NULL) != NULL;
	parse_passthrough(p, node, vm);
}
