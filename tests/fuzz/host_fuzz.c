// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any host's device tree, with a system description that is right for most
 * machines: one VM of 16 MiB on the first CPU.
 */
#include "lib/errno.h"
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

/* What boot does with a tree that it cannot read: a console and PSCI are all that comes of it. */
static void check_unreadable(const uint8_t *data, size_t size)
{
	static uint8_t memory[ARENA_SIZE] __attribute__((aligned(16)));
	struct diag diag = {.emit = check_line};
	struct arena arena;
	struct host host;

	arena_init(&arena, memory, sizeof(memory));
	EXPECT(host_open(&host, data, size, NULL, &arena, &diag) == -EINVAL);
	EXPECT(diag.errors == 1);
	EXPECT(host.uart.node == -1 && host.uart.irq == 0);
	EXPECT((host.uart.type == HOST_UART_NONE) == (host.uart.reg.size == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < sizeof(struct fdt_header))
		return 0;
	/* Boot has mapped as much as the header says, or what is left of a block. */
	if (fdt_check_header(data) != 0 || fdt_totalsize(data) > size) {
		check_unreadable(data, size);
		return 0;
	}
	boot_path(data, description(), fdt_totalsize(description()));
	return 0;
}
