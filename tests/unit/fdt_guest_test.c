// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/guest.c: the tree that a guest gets, read again with libfdt, and by what
 * reads the machine's tree.
 */
#include "fdt/guest.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/platform.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "tests/unit/dts_system.h"

static uint8_t tree[65536] __attribute__((aligned(8)));

static int at(const char *path)
{
	int node = fdt_path_offset(tree, path);

	ATF_REQUIRE_MSG(node >= 0, "no %s", path);
	return node;
}

static void check_string(const char *path, const char *property, const char *value)
{
	int len = 0;
	const char *found = fdt_getprop(tree, at(path), property, &len);

	ATF_REQUIRE_MSG(found != NULL, "%s has no %s", path, property);
	ATF_CHECK_EQ_MSG(len, (int)strlen(value) + 1, "%s: %s", path, property);
	ATF_CHECK_STREQ(found, value);
}

static void check_cells(const char *path, const char *property, size_t n, const uint32_t *values)
{
	int len = 0;
	const fdt32_t *found = fdt_getprop(tree, at(path), property, &len);

	ATF_REQUIRE_MSG(found != NULL, "%s has no %s", path, property);
	ATF_REQUIRE_EQ_MSG(len, (int)n * 4, "%s: %s: %d bytes", path, property, len);
	for (size_t i = 0; i < n; i++)
		ATF_CHECK_EQ_MSG(fdt32_ld(found + i), values[i], "%s: %s: %zu: 0x%x", path,
				 property, i, fdt32_ld(found + i));
}

#define CHECK_CELLS(path, property, ...)                                                           \
	check_cells(path, property, ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})),                 \
		    (const uint32_t[]){__VA_ARGS__})

static void check_range(const char *path, unsigned int n, uint64_t base, uint64_t size)
{
	struct range range = {0};

	ATF_REQUIRE_EQ_MSG(reg_get(tree, at(path), n, &range), 0, "%s", path);
	ATF_CHECK_EQ_MSG(range.base, base, "%s: 0x%llx", path, (unsigned long long)range.base);
	ATF_CHECK_EQ_MSG(range.size, size, "%s: 0x%llx", path, (unsigned long long)range.size);
}

static void check_irq(const char *path, unsigned int n, uint32_t intid)
{
	struct reg_irq irq = {0};

	ATF_REQUIRE_EQ_MSG(reg_get_irq(tree, at(path), n, &irq), 0, "%s", path);
	ATF_CHECK_EQ_MSG(irq.intid, intid, "%s: %u", path, irq.intid);
	ATF_CHECK(!irq.edge);
}

static void write_tree(const struct vm_config *vm)
{
	int size;

	memset(tree, 0xa5, sizeof(tree));
	size = guest_dtb_write(vm, &system_host, tree, sizeof(tree), NULL);
	ATF_REQUIRE(size > 0);
	ATF_CHECK_EQ(reg_check_tree(tree, (uint64_t)size), 0);
}

/* The first VM of a system, on this machine. */
static const struct vm_config *parse(const atf_tc_t *tc, const char *machine, const char *vm)
{
	system_set_host(tc, machine);
	system_parse_nodes(vm);
	system_check_good();
	write_tree(&system_config.vms[0]);
	return &system_config.vms[0];
}

#define GICV3 "hosts/virt-gicv3.dts"
#define GICV2 "hosts/virt-gicv2.dts"

ATF_TC_WITHOUT_HEAD(chosen);
ATF_TC_BODY(chosen, tc)
{
	parse(tc, GICV3,
	      "vm { compatible = \"bulkhead,vm\"; cpus = <0>; kernel = " KERNEL ";"
	      "bootargs = \"root=/dev/ram0 quiet\"; initrd = [010203];" VM_MEMORY "};");
	check_string("/", "compatible", "linux,dummy-virt");
	CHECK_CELLS("/", "#address-cells", 2);
	CHECK_CELLS("/", "#size-cells", 2);
	check_string("/chosen", "bootargs", "root=/dev/ram0 quiet");
	check_string("/chosen", "stdout-path", "/pl011@9000000");
	CHECK_CELLS("/chosen", "linux,initrd-start", 0, 0x40fff000);
	CHECK_CELLS("/chosen", "linux,initrd-end", 0, 0x40fff003);
	/* nothing of it that was not asked for */
	parse(tc, GICV3, "vm " VM);
	ATF_CHECK_EQ(fdt_getprop(tree, at("/chosen"), "bootargs", NULL), NULL);
	ATF_CHECK_EQ(fdt_getprop(tree, at("/chosen"), "linux,initrd-start", NULL), NULL);
}

ATF_TC_WITHOUT_HEAD(cpus);
ATF_TC_BODY(cpus, tc)
{
	parse(tc, GICV3,
	      "vm { compatible = \"bulkhead,vm\"; cpus = <2 0 3>; kernel = " KERNEL ";" VM_MEMORY
	      "};");
	CHECK_CELLS("/cpus", "#address-cells", 1);
	CHECK_CELLS("/cpus", "#size-cells", 0);
	for (uint32_t i = 0; i < 3; i++) {
		char path[16];

		format(path, sizeof(path), "/cpus/cpu@%x", i);
		check_string(path, "device_type", "cpu");
		check_string(path, "compatible", "arm,cortex-a57");
		check_string(path, "enable-method", "psci");
		CHECK_CELLS(path, "reg", i);
	}
	ATF_CHECK(fdt_path_offset(tree, "/cpus/cpu@3") < 0);
}

/* A CPU that the machine's tree says nothing of; the second cluster of 16. */
ATF_TC_WITHOUT_HEAD(many_cpus);
ATF_TC_BODY(many_cpus, tc)
{
	unsigned int list[123] = {0};
	struct vm_config vm;
	const void *dtb;

	vm = *parse(tc, GICV3, "vm " VM);
	dtb = system_host.dtb;
	system_host.dtb = NULL;
	vm.cpus = list;
	vm.nr_cpus = 123;
	write_tree(&vm);
	check_string("/cpus/cpu@0", "compatible", "arm,armv8");
	CHECK_CELLS("/cpus/cpu@f", "reg", 0xf);
	CHECK_CELLS("/cpus/cpu@100", "reg", 0x100);
	CHECK_CELLS("/cpus/cpu@70a", "reg", 0x70a);
	ATF_CHECK(fdt_path_offset(tree, "/cpus/cpu@10") < 0);
	/* the redistributors of all of them end before the UART */
	check_range("/intc@8000000", 1, PLATFORM_GICR_BASE, UINT64_C(123) * 0x20000);
	ATF_CHECK(PLATFORM_GICR_BASE + UINT64_C(123) * 0x20000 <= PLATFORM_UART_BASE);
	system_host.dtb = dtb;
}

ATF_TC_WITHOUT_HEAD(memory);
ATF_TC_BODY(memory, tc)
{
	parse(tc, GICV3,
	      "vm { " VM_HEAD VM_MEMORY
	      "memory@100000000 { reg = <1 0 0 0x200000>, <2 0x1000 0 0x1000>; }; };");
	check_string("/memory@40000000", "device_type", "memory");
	check_range("/memory@40000000", 0, 0x40000000, 0x1000000);
	check_range("/memory@100000000", 0, 0x100000000, 0x200000);
	check_range("/memory@200001000", 0, 0x200001000, 0x1000);
	ATF_CHECK_EQ(fdt_num_mem_rsv(tree), 0);
}

ATF_TC_WITHOUT_HEAD(gicv3);
ATF_TC_BODY(gicv3, tc)
{
	parse(tc, GICV3,
	      "vm { compatible = \"bulkhead,vm\"; cpus = <0 1>; kernel = " KERNEL ";" VM_MEMORY
	      "};");
	check_string("/intc@8000000", "compatible", "arm,gic-v3");
	ATF_CHECK(fdt_getprop(tree, at("/intc@8000000"), "interrupt-controller", NULL) != NULL);
	CHECK_CELLS("/intc@8000000", "#interrupt-cells", 3);
	check_range("/intc@8000000", 0, 0x8000000, 0x10000);
	check_range("/intc@8000000", 1, 0x80a0000, 0x40000);
	CHECK_CELLS("/timer", "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1, 10, 8);
}

ATF_TC_WITHOUT_HEAD(gicv2);
ATF_TC_BODY(gicv2, tc)
{
	parse(tc, GICV2,
	      "vm { compatible = \"bulkhead,vm\"; cpus = <0 1>; kernel = " KERNEL ";" VM_MEMORY
	      "};");
	check_string("/intc@8000000", "compatible", "arm,cortex-a15-gic");
	check_range("/intc@8000000", 0, 0x8000000, 0x10000);
	check_range("/intc@8000000", 1, 0x8010000, 0x2000);
	/* which CPUs have the timers: all */
	CHECK_CELLS("/timer", "interrupts", 1, 13, 0x308, 1, 14, 0x308, 1, 11, 0x308, 1, 10, 0x308);
}

ATF_TC_WITHOUT_HEAD(devices);
ATF_TC_BODY(devices, tc)
{
	static const char *const uart[] = {"arm,pl011", NULL}, *const cell[] = {"arm,primecell",
										NULL};
	int clock;

	parse(tc, GICV3, "vm " VM);
	check_irq("/timer", 0, 29);
	check_irq("/timer", 1, 30);
	check_irq("/timer", 2, 27);
	check_irq("/timer", 3, 26);
	check_string("/timer", "compatible", "arm,armv8-timer");
	check_string("/psci", "method", "hvc");
	ATF_CHECK_EQ(fdt_node_check_compatible(tree, at("/psci"), "arm,psci-1.0"), 0);
	ATF_CHECK_EQ(fdt_node_check_compatible(tree, at("/psci"), "arm,psci-0.2"), 0);
	ATF_CHECK(reg_is_compatible(tree, at("/pl011@9000000"), uart));
	ATF_CHECK(reg_is_compatible(tree, at("/pl011@9000000"), cell));
	check_range("/pl011@9000000", 0, 0x9000000, 0x1000);
	check_irq("/pl011@9000000", 0, 33);
	clock = fdt_node_offset_by_phandle(tree, reg_get_u32(tree, at("/apb-pclk"), "phandle", 0));
	ATF_CHECK_EQ(clock, at("/apb-pclk"));
	CHECK_CELLS("/pl011@9000000", "clocks", reg_get_u32(tree, clock, "phandle", 0),
		    reg_get_u32(tree, clock, "phandle", 0));
	ATF_CHECK_EQ(fdt_stringlist_search(tree, at("/pl011@9000000"), "clock-names", "uartclk"),
		     0);
	ATF_CHECK_EQ(fdt_stringlist_search(tree, at("/pl011@9000000"), "clock-names", "apb_pclk"),
		     1);
}

ATF_TC_WITHOUT_HEAD(no_console);
ATF_TC_BODY(no_console, tc)
{
	parse(tc, GICV3, "vm { console = \"none\"; " VM_HEAD VM_MEMORY "};");
	ATF_CHECK(fdt_path_offset(tree, "/pl011@9000000") < 0);
	ATF_CHECK(fdt_path_offset(tree, "/apb-pclk") < 0);
	ATF_CHECK_EQ(fdt_getprop(tree, at("/chosen"), "stdout-path", NULL), NULL);
}

/* No two of the registers and memories that the tree names share an address. */
static void check_nothing_overlaps(void)
{
	static struct range ranges[32];
	unsigned int n = 0;

	for (int node = fdt_first_subnode(tree, 0); node >= 0; node = fdt_next_subnode(tree, node))
		for (unsigned int i = 0; reg_get(tree, node, i, &ranges[n]) == 0; i++) {
			for (unsigned int j = 0; j < n; j++)
				ATF_CHECK_MSG(!range_overlaps(ranges[n].base, ranges[n].size,
							      ranges[j].base, ranges[j].size),
					      "%s", fdt_get_name(tree, node, NULL));
			ATF_REQUIRE(++n < ARRAY_SIZE(ranges));
		}
	ATF_CHECK(n >= 6);
}

/* Our own parser takes it for a machine, as far as a guest is one. */
ATF_TC_WITHOUT_HEAD(as_a_host);
ATF_TC_BODY(as_a_host, tc)
{
	static const char *const machines[] = {GICV2, GICV3};
	static uint8_t memory[65536] __attribute__((aligned(16)));

	for (unsigned int i = 0; i < 2; i++) {
		struct arena arena;
		struct host guest;

		parse(tc, machines[i],
		      "vm { compatible = \"bulkhead,vm\"; cpus = <0 1 2>; kernel = " KERNEL
		      "; initrd = [01];" VM_MEMORY "memory@0 { reg = <0 0 0 0x8000000>; };"
		      "memory@9001000 { reg = <0 0x9001000 0 0x1000>; }; };");
		check_nothing_overlaps();
		arena_init(&arena, memory, sizeof(memory));
		dts_diag_init(&system_diag);
		host_parse(&guest, tree, &arena, &system_diag.diag);
		/*
		 * it has PSCI by HVC and no maintenance interrupt, and a GICv2 not what only a
		 * hypervisor needs
		 */
		ATF_CHECK_EQ(system_diag.nr_lines, i == 0 ? 3 : 2);
		ATF_CHECK_EQ(guest.nr_ram, 3);
		ATF_CHECK_EQ(guest.nr_cpus, 3);
		ATF_CHECK_EQ(guest.psci, HOST_CONDUIT_HVC);
		ATF_CHECK(!guest.psci_0_1);
		ATF_CHECK_EQ(guest.uart.type, HOST_UART_PL011);
		ATF_CHECK_EQ(guest.uart.irq, 33);
		ATF_CHECK_EQ(guest.gic.version, i == 0 ? 2 : 3);
		ATF_CHECK_EQ(guest.timer_irq[2], 27);
		ATF_CHECK_EQ(guest.initrd.size, 1);
	}
}

/* In each room that is smaller, by as little as it may be, it fails as a whole. */
ATF_TC_WITHOUT_HEAD(too_small);
ATF_TC_BODY(too_small, tc)
{
	const struct vm_config *vm =
	    parse(tc, "hosts/devices.dts",
		  "vm { passthrough = \"/pl031@9010000\", \"/gpio@9090000\"; " VM_HEAD VM_MEMORY
		  "device-tree { more { x = \"y\"; in { }; }; }; };");
	size_t size = fdt_totalsize(tree), least = 0;

	for (size_t room = 0; room <= size + 64; room++) {
		uint8_t *buffer = malloc(room ? room : 1);
		int written = guest_dtb_write(vm, &system_host, buffer, room, NULL);

		ATF_CHECK_MSG(written == -ENOSPC || written == (int)size, "%zu: %d", room, written);
		if (written > 0 && least == 0)
			least = room;
		/* once there is enough room, there is */
		ATF_CHECK_EQ(written > 0, least != 0);
		free(buffer);
	}
	ATF_CHECK(least >= size);
}

ATF_TC_WITHOUT_HEAD(mpidr);
ATF_TC_BODY(mpidr, tc)
{
	ATF_CHECK_EQ(guest_mpidr(0), 0);
	ATF_CHECK_EQ(guest_mpidr(15), 15);
	ATF_CHECK_EQ(guest_mpidr(16), 0x100);
	ATF_CHECK_EQ(guest_mpidr(122), 0x70a);
	for (unsigned int n = 0; n < 200; n++) {
		ATF_CHECK_EQ(guest_cpu(guest_mpidr(n), 200), n);
		ATF_CHECK_EQ(guest_cpu(guest_mpidr(n), n), GUEST_NO_CPU);
	}
	/* bits of affinities that no vCPU has: Aff0 above 15, Aff2, Aff3, and none's at all */
	ATF_CHECK_EQ(guest_cpu(0x10, 200), GUEST_NO_CPU);
	ATF_CHECK_EQ(guest_cpu(0x10001, 200), GUEST_NO_CPU);
	ATF_CHECK_EQ(guest_cpu(UINT64_C(1) << 32, 200), GUEST_NO_CPU);
	ATF_CHECK_EQ(guest_cpu(UINT64_C(1) << 31, 200), GUEST_NO_CPU);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, chosen);
	ATF_TP_ADD_TC(tp, cpus);
	ATF_TP_ADD_TC(tp, many_cpus);
	ATF_TP_ADD_TC(tp, memory);
	ATF_TP_ADD_TC(tp, gicv3);
	ATF_TP_ADD_TC(tp, gicv2);
	ATF_TP_ADD_TC(tp, devices);
	ATF_TP_ADD_TC(tp, no_console);
	ATF_TP_ADD_TC(tp, as_a_host);
	ATF_TP_ADD_TC(tp, too_small);
	ATF_TP_ADD_TC(tp, mpidr);
	return atf_no_error();
}
