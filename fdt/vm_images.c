// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's images: kernel, initrd and device tree, where they are in the blob,
 * and what the kernel is. Where the others go is vm_layout.c's.
 */
#include <libfdt.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/reg.h"
#include "lib/bits.h"

#define DTB_ROOM KIB(64)

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

/*
 * The bytes that a property names, by a phandle into /images, or has itself.
 * Returns the node that has them, or a negative number after saying why not.
 */
static int find_image(struct parser *p, int node, const struct vm_config *vm, const char *property,
		      struct blob_slice *slice)
{
	int len = 0;
	const void *data = fdt_getprop(p->blob, node, property, &len);

	if (data && len == 4) {
		node = find_phandle(p, fdt32_ld(data));
		if (node < 0) {
			diag_error(p->diag, vm->path, property,
				   "does not name an image: write %s = <&label>; with a label of a "
				   "node in /images",
				   property);
			return node;
		}
		data = fdt_getprop(p->blob, node, "data", &len);
		if (!data || len == 0)
			return -FDT_ERR_NOTFOUND; /* check_images() has said so */
	} else if (!data || len == 0) {
		diag_error(p->diag, vm->path, property,
			   "is empty: write %s = <&label>; or %s = /incbin/(\"file\");", property,
			   property);
		return -FDT_ERR_NOTFOUND;
	}
	slice->offset = (uint64_t)((const char *)data - (const char *)p->blob);
	slice->size = (uint64_t)len;
	return node;
}

/* An address of the image's node; false, after saying so, if the property is not one. */
static bool get_address(struct parser *p, int node, const struct vm_config *vm,
			const char *property, uint64_t *address)
{
	int len = 0;
	const void *value = fdt_getprop(p->blob, node, property, &len);

	if (value && (unsigned int)len == p->address_cells * 4) {
		*address = reg_cells(value, p->address_cells);
		return true;
	}
	diag_error(p->diag, vm->path, property,
		   "of the kernel has to be one address, of %u cells, as the root's #address-cells "
		   "says",
		   p->address_cells);
	return false;
}

/*
 * With `load` at the node that has the bytes, these are taken as they are. Returns false after an
 * error.
 */
static bool parse_kernel(struct parser *p, int node, struct vm_config *vm)
{
	const char *data = (const char *)p->blob + vm->kernel.offset, *why = NULL;
	bool raw = fdt_getprop(p->blob, node, "load", NULL) != NULL;
	ipa_t ram = vm->memory[0].ipa;
	uint64_t load = 0, entry;
	int err;

	if (raw && !get_address(p, node, vm, "load", &load))
		return false;
	entry = load;
	if (fdt_getprop(p->blob, node, "entry", NULL) && !get_address(p, node, vm, "entry", &entry))
		return false;
	if (raw)
		err = image_raw(&vm->image, vm->kernel.size, ipa(load), ipa(entry), ram,
				vm->memory[0].size, &why);
	else
		err = image_probe(&vm->image, data, vm->kernel.size, ram, vm->memory[0].size, &why);
	if (err)
		diag_error(p->diag, vm->path, "kernel", "%s", why);
	return !err;
}

/* The user's own tree, in the place of a generated one. */
static bool parse_dtb(struct parser *p, int node, struct vm_config *vm)
{
	const char *tree;

	if (!fdt_getprop(p->blob, node, "dtb", NULL))
		return true;
	if (find_image(p, node, vm, "dtb", &vm->dtb) < 0)
		return false;
	/* Not more: it is the guest's alone, and libfdt does not read what is not aligned. */
	tree = (const char *)p->blob + vm->dtb.offset;
	if (vm->dtb.size < sizeof(struct fdt_header) || fdt_magic(tree) != FDT_MAGIC ||
	    fdt_totalsize(tree) > vm->dtb.size) {
		diag_error(p->diag, vm->path, "dtb",
			   "is no device tree, or is cut off: include what dtc has made");
		return false;
	}
	vm->dtb_max = MAX(vm->dtb_max, ALIGN_UP(vm->dtb.size, PAGE_SIZE));
	if (fdt_getprop(p->blob, node, "bootargs", NULL))
		diag_error(p->diag, vm->path, "bootargs",
			   "does not get into the tree of dtb: write it there, in /chosen");
	if (vm->device_tree >= 0)
		diag_error(p->diag, vm->path, "dtb",
			   "is the whole tree: remove this property, or the device-tree node");
	return true;
}

/* The image lies at 0, and is more memory of the VM's, which is not in its tree. */
static void place_firmware(struct parser *p, int node, struct vm_config *vm)
{
	uint64_t size = ALIGN_UP(vm->kernel.size, PAGE_SIZE);

	if (vm->kernel.size > PLATFORM_FLASH_BANK) {
		diag_error(p->diag, vm->path, "firmware",
			   "is larger than a bank of flash, which has %u MiB",
			   PLATFORM_FLASH_BANK >> 20);
		return;
	}
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (range_overlaps(vm->memory[i].ipa.v, vm->memory[i].size, PLATFORM_FLASH_BASE,
				   PLATFORM_FLASH_SIZE)) {
			diag_error(p->diag, vm->path, "memory",
				   "0x%llx is where firmware has its flash: let memory begin at "
				   "0x40000000",
				   (unsigned long long)vm->memory[i].ipa.v);
			return;
		}
	if (vm->dtb_max > vm->memory[0].size) {
		diag_error(p->diag, vm->path, "firmware",
			   "has no room for its device tree, of %u KiB: give the VM more memory",
			   (unsigned int)(vm->dtb_max >> 10));
		return;
	}
	vm->image = (struct image){
	    .format = IMAGE_RAW,
	    .entry = ipa(PLATFORM_FLASH_BASE),
	    .end = vm->memory[0].ipa,
	    .segments = {{0, vm->kernel.size, ipa(PLATFORM_FLASH_BASE), size}},
	    .nr_segments = 1,
	};
	place_images(p, node, vm);
	vm->memory[vm->nr_memory++] =
	    (struct vm_memory){.ipa = ipa(PLATFORM_FLASH_BASE), .size = size, .rom = true};
}

static void parse_firmware(struct parser *p, int node, struct vm_config *vm)
{
	static const char *const not_beside[] = {"kernel", "initrd"}, *const fixed[] = {"load",
											"entry"};
	int image;

	vm->firmware = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(not_beside); i++)
		if (fdt_getprop(p->blob, node, not_beside[i], NULL))
			diag_error(p->diag, vm->path, not_beside[i],
				   "has no place beside firmware, which finds by itself what it "
				   "boots: remove one of them");
	image = find_image(p, node, vm, "firmware", &vm->kernel);
	for (unsigned int i = 0; image >= 0 && i < ARRAY_SIZE(fixed); i++)
		if (fdt_getprop(p->blob, image, fixed[i], NULL))
			diag_error(p->diag, vm->path, fixed[i],
				   "is of no use to firmware, which lies at 0 and begins there: "
				   "remove it");
	if (image >= 0 && parse_dtb(p, node, vm) && vm->nr_memory != 0)
		place_firmware(p, node, vm);
}

void parse_images(struct parser *p, int node, struct vm_config *vm)
{
	int kernel, initrd = 0;
	bool dtb;

	vm->dtb_max = DTB_ROOM;
	if (fdt_getprop(p->blob, node, "firmware", NULL)) {
		parse_firmware(p, node, vm);
		return;
	}
	if (!fdt_getprop(p->blob, node, "kernel", NULL)) {
		diag_error(
		    p->diag, vm->path, "kernel",
		    "is missing: write kernel = <&label>; with a label of a node in /images");
		return;
	}
	kernel = find_image(p, node, vm, "kernel", &vm->kernel);
	if (fdt_getprop(p->blob, node, "initrd", NULL))
		initrd = find_image(p, node, vm, "initrd", &vm->initrd);
	dtb = parse_dtb(p, node, vm);
	if (kernel >= 0 && initrd >= 0 && dtb && vm->nr_memory != 0 && parse_kernel(p, kernel, vm))
		place_images(p, node, vm);
}
