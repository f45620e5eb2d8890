// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a VM's initrd and device tree go in its memory, beside its kernel.
 */
#include <libfdt.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "lib/bits.h"

/* Linux maps the initrd only if it is near: within 1 GiB, rounded, of the kernel. */
#define INITRD_REACH GIB(1)
/* Old kernels want the tree within 512 MiB of their start (booting.rst). */
#define DTB_REACH MIB(512)

#define LLU(value) ((unsigned long long)(value))

/* True if nothing of the kernel, or of what it needs at its start, is in the range. */
static bool is_beside_kernel(const struct vm_config *vm, uint64_t base, uint64_t size)
{
	const struct image *image = &vm->image;

	if (image->format == IMAGE_ARM64)
		return !range_overlaps(base, size, image->entry.v, image->end.v - image->entry.v);
	for (unsigned int i = 0; i < image->nr_segments; i++)
		if (range_overlaps(base, size, image->segments[i].ipa.v,
				   image->segments[i].mem_size))
			return false;
	return true;
}

/*
 * Where QEMU's virt has the tree, at the start of memory, software for that machine looks for it:
 * all but Linux kernels, which begin there themselves.
 */
static bool is_tree_first(const struct vm_config *vm)
{
	return vm->image.format != IMAGE_ARM64 && vm->dtb_max <= vm->memory[0].size &&
	       is_beside_kernel(vm, vm->memory[0].ipa.v, vm->dtb_max);
}

static bool is_within_memory(const struct vm_config *vm, uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (range_within(base, size, vm->memory[i].ipa.v, vm->memory[i].size))
			return true;
	return false;
}

/* Puts the tree where the user wants it. The initrd has its place already. */
static void place_tree_at(struct parser *p, int node, struct vm_config *vm)
{
	const char *wrong = NULL;
	uint64_t base;

	if (!get_address(p, node, vm->path, "dtb-address", &base))
		return;
	if (!IS_ALIGNED(base, 8))
		diag_error(p->diag, vm->path, "dtb-address",
			   "0x%llx is no multiple of 8: change it", LLU(base));
	else if (!is_within_memory(vm, base, vm->dtb_max))
		wrong = "not within one of the VM's memory@ nodes";
	else if (!is_beside_kernel(vm, base, vm->dtb_max))
		wrong = "in the place of the kernel";
	else if (vm->initrd.size != 0 &&
		 range_overlaps(base, vm->dtb_max, vm->initrd_ipa.v, vm->initrd.size))
		wrong = "in the place of the initrd";
	if (wrong)
		diag_error(p->diag, vm->path, "dtb-address",
			   "0x%llx, with %u KiB for the device tree, is %s: move it", LLU(base),
			   (unsigned int)(vm->dtb_max >> 10), wrong);
	vm->dtb_ipa = ipa(base);
}

/* Before the initrd, as far from the kernel as can be: it may use memory that no header tells. */
static void place_tree_last(struct parser *p, struct vm_config *vm, uint64_t top)
{
	uint64_t floor = ALIGN_UP(vm->image.end.v, PAGE_SIZE);
	char room[VALUE_SIZE];

	if (top < floor + vm->dtb_max) {
		value_size(room, top - MIN(top, vm->image.end.v));
		diag_error(p->diag, vm->path, "kernel",
			   "leaves %s of the VM's memory, but the device tree needs %u KiB: make "
			   "memory@ larger",
			   room, (unsigned int)(vm->dtb_max >> 10));
		return;
	}
	top = MIN(top, vm->memory[0].ipa.v + DTB_REACH) - vm->dtb_max;
	vm->dtb_ipa =
	    ipa(MAX(ALIGN_DOWN(top, ALIGN_DOWN(top, MIB(2)) < floor ? PAGE_SIZE : MIB(2)), floor));
}

static void refuse_initrd(struct parser *p, const struct vm_config *vm, uint64_t room)
{
	char size[VALUE_SIZE], left[VALUE_SIZE];

	value_size(size, vm->initrd.size);
	value_size(left, room);
	if (vm->memory[0].size > INITRD_REACH)
		diag_error(p->diag, vm->path, "initrd",
			   "has %s, but the kernel and the device tree leave %s of the memory's "
			   "first 1 GiB, beyond which Linux does not look: make the initrd smaller",
			   size, left);
	else
		diag_error(p->diag, vm->path, "initrd",
			   "has %s, but the kernel and the device tree leave %s of the VM's first "
			   "memory@: make memory@ larger",
			   size, left);
}

/* The initrd ends at `end`, and begins at `floor` or above. Returns false after an error. */
static bool place_initrd(struct parser *p, struct vm_config *vm, uint64_t floor, uint64_t end)
{
	if (vm->initrd.size > end - vm->memory[0].ipa.v ||
	    ALIGN_DOWN(end - vm->initrd.size, PAGE_SIZE) < floor) {
		refuse_initrd(p, vm, end - MIN(end, floor));
		return false;
	}
	vm->initrd_ipa = ipa(ALIGN_DOWN(end - vm->initrd.size, PAGE_SIZE));
	if (vm->dtb.size != 0)
		diag_warning(p->diag, vm->path, "initrd",
			     "is at 0x%llx, size 0x%llx: the tree of dtb has to say so, in "
			     "/chosen",
			     LLU(vm->initrd_ipa.v), LLU(vm->initrd.size));
	return true;
}

void place_images(struct parser *p, int node, struct vm_config *vm)
{
	uint64_t base = vm->memory[0].ipa.v, end = base + MIN(vm->memory[0].size, INITRD_REACH);
	uint64_t floor = ALIGN_UP(vm->image.end.v, PAGE_SIZE);
	bool fixed = fdt_getprop(p->blob, node, "dtb-address", NULL) != NULL;
	bool first = !fixed && is_tree_first(vm);

	if (first)
		floor = MAX(floor, base + vm->dtb_max);
	else if (!fixed)
		floor += vm->dtb_max;
	if (vm->initrd.size != 0) {
		if (!place_initrd(p, vm, floor, end))
			return;
		end = vm->initrd_ipa.v;
	}
	if (fixed)
		place_tree_at(p, node, vm);
	else if (first)
		vm->dtb_ipa = ipa(base);
	else
		place_tree_last(p, vm, end);
}
