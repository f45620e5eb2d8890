// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any machine's tree, of which a guest gets some device: what devices refer to,
 * and how their nodes get into the guest's tree. The devices' paths are those
 * of tests/config/hosts/devices.dts, from which the inputs come.
 */
#include "tests/fuzz/boot_path.h"

static const char *const devices[] = {
    "/card@90b0000",
    "/pl031@9010000",
    "/ethernet@9050000",
    "/expansion@90c0000/slot@1,0",
    "/expansion@90c0000/slot@0,0",
    "/soc/mmc@1000",
    "/muxed@9070000",
    "/bus@a000000/uart@2000",
    "/card@90b0000\0/gpio@9090000\0/pinctrl@9080000\0/dma-controller@90a0000",
};

/* A description with one VM, which has the device, in memory where it is identical. */
static void write_description(void *fdt, const char *device, size_t size)
{
	static const uint8_t kernel[] = {0x14, 0, 0, 0, 0x14, 0, 0, 0};

	write_begin(fdt);
	WRITE(fdt_property_string(fdt, "compatible", "bulkhead,system"));
	WRITE(fdt_begin_node(fdt, "vm"));
	WRITE(fdt_property_string(fdt, "compatible", "bulkhead,vm"));
	WRITE_CELLS(fdt, "cpus", 0);
	WRITE(fdt_property(fdt, "kernel", kernel, sizeof(kernel)));
	WRITE_CELLS(fdt, "load", 0, 0x50000000);
	WRITE(fdt_property(fdt, "passthrough", device, (int)size));
	WRITE(fdt_property(fdt, "unsafe-dma", NULL, 0));
	WRITE(fdt_begin_node(fdt, "memory@50000000"));
	WRITE_CELLS(fdt, "reg", 0, 0x50000000, 0, 0x200000);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_begin_node(fdt, "device-tree"));
	WRITE(fdt_begin_node(fdt, "card@90b0000"));
	WRITE_CELLS(fdt, "phandle", 7);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_end_node(fdt));
	write_end(fdt);
}

/* The last one of the devices is a list. */
static size_t size_of(unsigned int n)
{
	static const char all[] =
	    "/card@90b0000\0/gpio@9090000\0/pinctrl@9080000\0/dma-controller@90a0000";

	return n == ARRAY_SIZE(devices) - 1 ? sizeof(all) : strlen(devices[n]) + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t blobs[ARRAY_SIZE(devices)][FIXED_SIZE] __attribute__((aligned(8)));
	uint8_t *tree;

	if (size < sizeof(struct fdt_header) || fdt_totalsize(data) > size)
		return 0;
	/* of just its size, and aligned as boot has it */
	tree = malloc(size);
	EXPECT(tree != NULL);
	memcpy(tree, data, size);
	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++) {
		if (fdt_magic(blobs[i]) != FDT_MAGIC)
			write_description(blobs[i], devices[i], size_of(i));
		boot_path(tree, blobs[i], fdt_totalsize(blobs[i]));
	}
	free(tree);
	return 0;
}
