/*
 * Any host's device tree, with a system description that is right for most
 * machines: one VM of 16 MiB on the first CPU.
 */
#include "tests/fuzz/boot_path.h"

/* The first 64 bytes of an arm64 Image: text_offset 0, image_size 64 KiB. */
static const uint8_t kernel[64] = {[18] = 1, [56] = 'A', 'R', 'M', 0x64};

static const void *description(void)
{
	static uint8_t fdt[FIXED_SIZE] __attribute__((aligned(8)));

	if (fdt_magic(fdt) == FDT_MAGIC)
		return fdt;
	write_begin(fdt);
	WRITE(fdt_property_string(fdt, "compatible", "bulkhead,system"));
	WRITE(fdt_begin_node(fdt, "vm"));
	WRITE(fdt_property_string(fdt, "compatible", "bulkhead,vm"));
	WRITE_CELLS(fdt, "cpus", 0);
	WRITE(fdt_property(fdt, "kernel", kernel, sizeof(kernel)));
	WRITE(fdt_begin_node(fdt, "memory@40000000"));
	WRITE_CELLS(fdt, "reg", 0, 0x40000000, 0, 0x01000000);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_end_node(fdt));
	write_end(fdt);
	return fdt;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Boot has looked at the header, and has mapped as much as it says. */
	if (size < sizeof(struct fdt_header) || fdt_check_header(data) != 0 ||
	    fdt_totalsize(data) > size)
		return 0;
	boot_path(data, description(), fdt_totalsize(description()));
	return 0;
}
