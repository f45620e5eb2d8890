// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's images: kernel, initrd and device tree, their places in the blob, and the
 * kernel's format. vm_layout.c finds places for the others in the VM's memory.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

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
 * The images that all cells of a property name, as source has them: "&a &b". Returns how many,
 * or 0 if a cell names none.
 */
static unsigned int show_labels(struct parser *p, const fdt32_t *cells, unsigned int n, char *text,
				size_t size)
{
	size_t length = 0;

	for (unsigned int i = 0; i < n; i++) {
		int node = find_phandle(p, fdt32_ld(cells + i));

		if (node < 0)
			return 0;
		if (length < size)
			length += format(text + length, size - length, "%s&%.30s", i ? " " : "",
					 fdt_get_name(p->blob, node, NULL));
	}
	return n;
}

/* The image that a string is the path of, or the name, or a negative number. */
static int find_named(struct parser *p, const char *text)
{
	if (p->images < 0)
		return -FDT_ERR_NOTFOUND;
	if (strncmp(text, "/images/", 8) == 0)
		text += 8;
	return fdt_subnode_offset(p->blob, p->images, text);
}

static void refuse_text(struct parser *p, int node, const struct vm_config *vm,
			const char *property)
{
	char shown[VALUE_SHOWN];
	int len = 0, image;
	const char *text = fdt_getprop(p->blob, node, property, &len);

	value_show(shown, text, len, VALUE_HEX);
	image = len > 1 && strlen(text) == (size_t)len - 1 ? find_named(p, text) : -1;
	if (image >= 0)
		diag_error(p->diag, vm->path, property,
			   "%s is text: write %s = <&%.40s>; with the label of that node", shown,
			   property, fdt_get_name(p->blob, image, NULL));
	else
		diag_error(
		    p->diag, vm->path, property,
		    "%s is text, not an image: write %s = <&label>; with the label of a node "
		    "in /images, or %s = /incbin/(\"file\");",
		    shown, property, property);
}

/* A cell that names no image */
static void refuse_phandle(struct parser *p, const struct vm_config *vm, const char *property,
			   uint32_t phandle)
{
	int node = fdt_node_offset_by_phandle(p->blob, phandle);
	char number[VALUE_NUMBER];

	value_number(number, phandle);
	if (node >= 0)
		diag_error(p->diag, vm->path, property,
			   "<&%.40s> is no image: write %s = <&label>; with the label of a node in "
			   "/images",
			   fdt_get_name(p->blob, node, NULL), property);
	else
		diag_error(p->diag, vm->path, property,
			   "<%s> is the label of no node: write %s = <&label>; with the label of a "
			   "node in /images",
			   number, property);
}

/*
 * Bytes that are no image's, for sure: a label in the wrong form, or the name of a file. Returns
 * true after saying so.
 */
static bool refuse_value(struct parser *p, int node, const struct vm_config *vm,
			 const char *property)
{
	char labels[VALUE_SHOWN];
	int len = 0;
	const void *value = fdt_getprop(p->blob, node, property, &len);

	if (is_image_name(value, len)) {
		refuse_text(p, node, vm, property);
		return true;
	}
	if (len % 4 != 0 || len < 8 || len > VALUE_SHOWN ||
	    show_labels(p, value, (unsigned int)len / 4, labels, sizeof(labels)) == 0)
		return false;
	diag_error(p->diag, vm->path, property,
		   "<%s> are %d images, but a VM has one: write %s = <&%.30s>;", labels, len / 4,
		   property, fdt_get_name(p->blob, find_phandle(p, fdt32_ld(value)), NULL));
	return true;
}

/*
 * The bytes that a property names, by a phandle into /images, or has itself.
 * Returns the node that has them, or a negative number after saying why not.
 */
static int find_image(struct parser *p, int node, const struct vm_config *vm, const char *property,
		      struct blob_slice *slice)
{
	int len = 0, image = node;
	const void *data = fdt_getprop(p->blob, node, property, &len);

	if (!data || len == 0) {
		diag_error(
		    p->diag, vm->path, property,
		    "has no value: write %s = <&label>; with the label of a node in /images, "
		    "or %s = /incbin/(\"file\");",
		    property, property);
		return -FDT_ERR_NOTFOUND;
	}
	if (len == 4 && !value_is_text(data, len)) {
		uint32_t phandle = fdt32_ld(data);

		image = find_phandle(p, phandle);
		if (image < 0) {
			refuse_phandle(p, vm, property, phandle);
			return image;
		}
		data = fdt_getprop(p->blob, image, "data", &len);
		if (!is_image_data(p, data, len))
			return -FDT_ERR_NOTFOUND; /* check_images() has said so */
	} else if (refuse_value(p, node, vm, property)) {
		return -FDT_ERR_NOTFOUND;
	}
	slice->offset = (uint64_t)((const char *)data - (const char *)p->blob);
	slice->size = (uint64_t)len;
	return image;
}

/* Reads an address of the node with the image. check_images() has told of a bad one in /images. */
static bool get_image_address(struct parser *p, int node, int image, const struct vm_config *vm,
			      const char *property, uint64_t *address)
{
	if (node != image && !is_address(p, image, property))
		return false;
	return get_address(p, image, vm->path, property, address);
}

/* Of a kernel that is no header, and not to be taken as it is */
static void refuse_small(struct parser *p, int node, int image, const struct vm_config *vm)
{
	char size[VALUE_SIZE];

	if (image == node) {
		wrong_value(p, node, vm->path, "kernel", VALUE_HEX, "an image",
			    "kernel = <&label>; with the label of a node in /images");
		return;
	}
	value_size(size, vm->kernel.size);
	diag_error(p->diag, vm->path, "kernel",
		   "<&%.40s> has %s, too few for an arm64 Image or an ELF file: write data = "
		   "/incbin/(\"file\"); there, or load = <address>; if it is raw code",
		   fdt_get_name(p->blob, image, NULL), size);
}

/*
 * `image` is the VM's node or one in /images: if it has `load`, its bytes are taken as they are.
 * Returns false after an error.
 */
static bool parse_kernel(struct parser *p, int node, int image, struct vm_config *vm)
{
	const char *data = (const char *)p->blob + vm->kernel.offset;
	bool raw = fdt_getprop(p->blob, image, "load", NULL) != NULL;
	const struct vm_memory *ram = &vm->memory[0];
	const char *property = "kernel";
	char why[IMAGE_WHY] = "";
	uint64_t load = 0, entry;
	int err;

	if (raw && !get_image_address(p, node, image, vm, "load", &load))
		return false;
	entry = load;
	if (fdt_getprop(p->blob, image, "entry", NULL) &&
	    !get_image_address(p, node, image, vm, "entry", &entry))
		return false;
	if (raw) {
		err = image_raw(&vm->image, vm->kernel.size, ipa(load), ipa(entry), ram->ipa,
				ram->size, why);
		if (node == image)
			property = err == -ERANGE ? "entry" : "load";
	} else if (vm->kernel.size < IMAGE_HEADER_SIZE) {
		refuse_small(p, node, image, vm);
		return false;
	} else {
		err = image_probe(&vm->image, data, vm->kernel.size, ram->ipa, ram->size, why);
	}
	if (err)
		diag_error(p->diag, vm->path, property, "%s", why);
	return !err;
}

/* The user's own tree, in the place of a generated one. */
static bool parse_dtb(struct parser *p, int node, struct vm_config *vm)
{
	char size[VALUE_SIZE];
	const char *tree;

	if (!fdt_getprop(p->blob, node, "dtb", NULL))
		return true;
	if (find_image(p, node, vm, "dtb", &vm->dtb) < 0)
		return false;
	/* Only the header is checked: the tree is the guest's alone, and may not be aligned. */
	tree = (const char *)p->blob + vm->dtb.offset;
	value_size(size, vm->dtb.size);
	if (vm->dtb.size < sizeof(struct fdt_header) || fdt_magic(tree) != FDT_MAGIC ||
	    fdt_totalsize(tree) > vm->dtb.size) {
		diag_error(p->diag, vm->path, "dtb",
			   "is no device tree, or a part of one (%s): include what dtc has made",
			   size);
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
	char shown[VALUE_SIZE];

	if (vm->kernel.size > PLATFORM_FLASH_BANK) {
		value_size(shown, vm->kernel.size);
		diag_error(p->diag, vm->path, "firmware",
			   "has %s, but a bank of flash only %u MiB: make it smaller", shown,
			   PLATFORM_FLASH_BANK >> 20);
		return;
	}
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		if (range_overlaps(vm->memory[i].ipa.v, vm->memory[i].size, PLATFORM_FLASH_BASE,
				   PLATFORM_FLASH_SIZE)) {
			diag_error(p->diag, vm->path, "memory",
				   "0x%llx, size 0x%llx: up to 0x7ffffff is the flash of its "
				   "firmware: let memory begin at 0x40000000",
				   (unsigned long long)vm->memory[i].ipa.v,
				   (unsigned long long)vm->memory[i].size);
			return;
		}
	if (vm->dtb_max > vm->memory[0].size) {
		value_size(shown, vm->memory[0].size);
		diag_error(p->diag, vm->path, "firmware",
			   "needs %u KiB for its device tree, but the VM's first memory@ has %s: "
			   "make it larger",
			   (unsigned int)(vm->dtb_max >> 10), shown);
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
	char path[SYSTEM_PATH_MAX];
	int image;

	vm->firmware = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(not_beside); i++)
		if (fdt_getprop(p->blob, node, not_beside[i], NULL))
			diag_error(p->diag, vm->path, not_beside[i],
				   "has no place beside firmware, which finds by itself what it "
				   "boots: remove one of them");
	image = find_image(p, node, vm, "firmware", &vm->kernel);
	format(path, sizeof(path), "%s", vm->path);
	if (image >= 0 && image != node)
		format(path, sizeof(path), "/images/%.60s", fdt_get_name(p->blob, image, NULL));
	for (unsigned int i = 0; image >= 0 && i < ARRAY_SIZE(fixed); i++)
		if (fdt_getprop(p->blob, image, fixed[i], NULL))
			diag_error(p->diag, path, fixed[i],
				   "is of no use to firmware, which lies at 0 and begins there: "
				   "remove it");
	if (image >= 0 && parse_dtb(p, node, vm) && vm->nr_memory != 0)
		place_firmware(p, node, vm);
}

/* The VM's node has addresses for an image that has its own. */
static void check_own_addresses(struct parser *p, int node, const struct vm_config *vm)
{
	static const char *const names[] = {"load", "entry"};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (fdt_getprop(p->blob, node, names[i], NULL))
			diag_error(p->diag, vm->path, names[i],
				   "is for a kernel whose bytes are here: write it in the node of "
				   "the image, or remove it");
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
	if (kernel >= 0 && kernel != node)
		check_own_addresses(p, node, vm);
	dtb = parse_dtb(p, node, vm);
	if (kernel >= 0 && initrd >= 0 && dtb && vm->nr_memory != 0 &&
	    parse_kernel(p, node, kernel, vm))
		place_images(p, node, vm);
}
