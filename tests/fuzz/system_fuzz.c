// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any system description, on two machines: one with a GICv3, four CPUs and a
 * reservation in the middle of its memory, and one with a GICv2.
 */
#include "tests/fuzz/boot_path.h"

static void write_cpus(void *fdt)
{
	WRITE(fdt_begin_node(fdt, "cpus"));
	WRITE_CELLS(fdt, "#address-cells", 1);
	WRITE_CELLS(fdt, "#size-cells", 0);
	for (uint32_t i = 0; i < 4; i++) {
		static const char *const names[] = {"cpu@0", "cpu@1", "cpu@2", "cpu@3"};

		WRITE(fdt_begin_node(fdt, names[i]));
		WRITE(fdt_property_string(fdt, "device_type", "cpu"));
		WRITE(fdt_property_string(fdt, "compatible", "arm,cortex-a57"));
		WRITE_CELLS(fdt, "reg", i);
		WRITE(fdt_end_node(fdt));
	}
	WRITE(fdt_end_node(fdt));
}

static void write_gic(void *fdt, bool v3)
{
	WRITE(fdt_begin_node(fdt, "intc"));
	WRITE(fdt_property_string(fdt, "compatible", v3 ? "arm,gic-v3" : "arm,gic-400"));
	if (v3)
		WRITE_CELLS(fdt, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
	else
		WRITE_CELLS(fdt, "reg", 0, 0x8000000, 0, 0x1000, 0, 0x8010000, 0, 0x2000, 0,
			    0x8030000, 0, 0x2000, 0, 0x8040000, 0, 0x2000);
	WRITE_CELLS(fdt, "#interrupt-cells", 3);
	WRITE_CELLS(fdt, "interrupts", 1, 9, 4);
	WRITE_CELLS(fdt, "phandle", 1);
	WRITE(fdt_end_node(fdt));
}

/* Of those in tests/config/hosts/devices.dts, a few */
static void write_devices(void *fdt)
{
	WRITE(fdt_begin_node(fdt, "clock"));
	WRITE(fdt_property_string(fdt, "compatible", "fixed-clock"));
	WRITE_CELLS(fdt, "#clock-cells", 0);
	WRITE_CELLS(fdt, "clock-frequency", 24000000);
	WRITE_CELLS(fdt, "phandle", 2);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_begin_node(fdt, "pl031@9010000"));
	WRITE(fdt_property_string(fdt, "compatible", "arm,pl031"));
	WRITE_CELLS(fdt, "reg", 0, 0x9010000, 0, 0x1000);
	WRITE_CELLS(fdt, "interrupts", 0, 2, 4);
	WRITE_CELLS(fdt, "clocks", 2);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_begin_node(fdt, "gpio@9090000"));
	WRITE_CELLS(fdt, "reg", 0, 0x9090000, 0, 0x200);
	WRITE_CELLS(fdt, "interrupts", 0, 40, 4);
	WRITE_CELLS(fdt, "#gpio-cells", 2);
	WRITE_CELLS(fdt, "#interrupt-cells", 2);
	WRITE(fdt_property(fdt, "interrupt-controller", NULL, 0));
	WRITE_CELLS(fdt, "phandle", 3);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_begin_node(fdt, "card@90b0000"));
	WRITE_CELLS(fdt, "reg", 0, 0x90b0000, 0, 0x1000, 0, 0x9090800, 0, 0x100);
	WRITE_CELLS(fdt, "interrupts-extended", 1, 0, 42, 4, 3, 5, 1);
	WRITE_CELLS(fdt, "cd-gpios", 3, 5, 1);
	WRITE(fdt_begin_node(fdt, "phy@2"));
	WRITE_CELLS(fdt, "phandle", 4);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_end_node(fdt));
}

static void write_host(void *fdt, bool v3)
{
	write_begin(fdt);
	WRITE_CELLS(fdt, "interrupt-parent", 1);
	WRITE(fdt_begin_node(fdt, "memory"));
	WRITE(fdt_property_string(fdt, "device_type", "memory"));
	WRITE_CELLS(fdt, "reg", 0, 0x40000000, 0, 0x40000000, 1, 0, 2, 0);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_begin_node(fdt, "reserved-memory"));
	WRITE_CELLS(fdt, "#address-cells", 2);
	WRITE_CELLS(fdt, "#size-cells", 2);
	WRITE(fdt_property(fdt, "ranges", NULL, 0));
	WRITE(fdt_begin_node(fdt, "firmware"));
	WRITE_CELLS(fdt, "reg", 0, 0x50001000, 0, 0x1000);
	WRITE(fdt_end_node(fdt));
	WRITE(fdt_end_node(fdt));
	write_cpus(fdt);
	write_gic(fdt, v3);
	write_devices(fdt);
	WRITE(fdt_begin_node(fdt, "timer"));
	WRITE(fdt_property_string(fdt, "compatible", "arm,armv8-timer"));
	WRITE_CELLS(fdt, "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1, 10, 8);
	WRITE(fdt_end_node(fdt));
	write_end(fdt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t hosts[2][FIXED_SIZE] __attribute__((aligned(8)));

	for (unsigned int i = 0; i < 2; i++) {
		if (fdt_magic(hosts[i]) != FDT_MAGIC)
			write_host(hosts[i], i == 0);
		boot_path(hosts[i], data, size);
	}
	return 0;
}
