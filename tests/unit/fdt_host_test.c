// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/host.c: what the machine's tree says about memory, CPUs and firmware,
 * and what is said about a tree that lacks something. Its devices:
 * fdt_host_devices_test.c.
 */
#include "fdt/host.h"

#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "tests/unit/dts_host.h"

static void check_range(const struct range *range, uint64_t base, uint64_t size)
{
	ATF_CHECK_EQ_MSG(range->base, base, "0x%llx", (unsigned long long)range->base);
	ATF_CHECK_EQ_MSG(range->size, size, "0x%llx", (unsigned long long)range->size);
}

/* ---- Whole machines ---- */

ATF_TC_WITHOUT_HEAD(virt);
ATF_TC_BODY(virt, tc)
{
	host_parse_file(tc, "hosts/virt-gicv3.dts");
	ATF_CHECK_EQ(host.nr_ram, 1);
	check_range(&host.ram[0], 0x40000000, 0x40000000);
	ATF_CHECK_EQ(host.nr_reserved, 0);
	ATF_REQUIRE_EQ(host.nr_cpus, 4);
	for (unsigned int i = 0; i < 4; i++) {
		ATF_CHECK_EQ(host.cpus[i].mpidr, i);
		ATF_CHECK_EQ(host.cpus[i].method, HOST_CPU_PSCI);
		ATF_CHECK_EQ(
		    fdt_node_check_compatible(host.dtb, host.cpus[i].node, "arm,cortex-a57"), 0);
	}
	ATF_CHECK_EQ(host.psci, HOST_CONDUIT_SMC);
	ATF_CHECK(!host.psci_0_1);
	ATF_CHECK_EQ(host.initrd.size, 0);
}

ATF_TC_WITHOUT_HEAD(spin_table);
ATF_TC_BODY(spin_table, tc)
{
	host_parse_file(tc, "hosts/spin-table.dts");
	ATF_REQUIRE_EQ(host.nr_ram, 3);
	check_range(&host.ram[0], 0, 0x3b400000);
	check_range(&host.ram[1], 0x40000000, 0xbc000000);
	check_range(&host.ram[2], 0x100000000, 0x80000000);
	ATF_REQUIRE_EQ(host.nr_reserved, 3);
	check_range(&host.reserved[0], 0, 0x1000);
	check_range(&host.reserved[1], 0x100000, 0x20000);
	check_range(&host.reserved[2], 0x3e000000, 0x1000);
	/* "disabled" waits in the table; "fail" is none, nor is a CPU's map */
	ATF_REQUIRE_EQ(host.nr_cpus, 4);
	ATF_CHECK_EQ(host.cpus[0].method, HOST_CPU_SPIN_TABLE);
	ATF_CHECK_EQ(host.cpus[0].release_addr.v, 0xd8);
	ATF_CHECK_EQ(host.cpus[1].release_addr.v, 0xe0);
	ATF_CHECK_EQ(host.cpus[2].method, HOST_CPU_SPIN_TABLE);
	ATF_CHECK_EQ(host.cpus[2].mpidr, 2);
	/* in a spin table, but at no address */
	ATF_CHECK_EQ(host.cpus[3].mpidr, 4);
	ATF_CHECK_EQ(host.cpus[3].method, HOST_CPU_NO_METHOD);
	ATF_CHECK_EQ(host.psci, HOST_CONDUIT_NONE);
	check_range(&host.initrd, 0x2000000, 0x1234);
}

ATF_TC_WITHOUT_HEAD(server);
ATF_TC_BODY(server, tc)
{
	host_parse_file(tc, "hosts/gicv3-regions.dts");
	/* What touches is one; what is not a whole page is left out. */
	ATF_REQUIRE_EQ(host.nr_ram, 2);
	check_range(&host.ram[0], 0x80001000, 0x7fffe000);
	check_range(&host.ram[1], 0x2000000000, 0x200000000);
	ATF_REQUIRE_EQ(host.nr_cpus, 3);
	ATF_CHECK_EQ(host.cpus[1].mpidr, 0x100);
	ATF_CHECK_EQ(host.cpus[2].mpidr, 0x100010000);
	ATF_CHECK_EQ(host.psci, HOST_CONDUIT_SMC);
	ATF_CHECK(host.psci_0_1);
	ATF_CHECK_EQ(host.psci_cpu_on, 0xc4000003);
	check_range(&host.initrd, 0x2000000010, 0x1000);
}

/* ---- Memory ---- */

ATF_TC_WITHOUT_HEAD(ram);
ATF_TC_BODY(ram, tc)
{
	/* in any order, overlapping, empty, wrapping, too small, switched off */
	host_parse_tree("", HOST_CPUS HOST_DEVICES
			"memory@3 { device_type = \"memory\"; reg = <3 0 0 0x3000>,"
			"	<0 0 0 0>, <1 0x800 0 0x17ff>; };"
			"memory@2 { device_type = \"memory\"; reg = <2 0x800 0 0x2800>; };"
			"memory@5 { device_type = \"memory\"; reg = <5 0 0 0x1000>;"
			"	status = \"disabled\"; };"
			"memory@6 { device_type = \"memory\"; reg = <3 0x2000 0 0x2000>; };"
			"memory@7 { device_type = \"memory\"; reg = <3 0x4000 0 0x1000>; };"
			"memory@8 { reg = <8 0 0 0x1000>; };");
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
	ATF_REQUIRE_EQ(host.nr_ram, 2);
	check_range(&host.ram[0], 0x200001000, 0x2000);
	check_range(&host.ram[1], 0x300000000, 0x5000);
}

ATF_TC_WITHOUT_HEAD(no_ram);
ATF_TC_BODY(no_ram, tc)
{
	host_parse_tree("", HOST_CPUS HOST_DEVICES "memory { device_type = \"memory\"; };");
	host_check_error("error: /memory: reg: the machine's tree has no memory");
}

ATF_TC_WITHOUT_HEAD(reserved);
ATF_TC_BODY(reserved, tc)
{
	host_parse_tree("/memreserve/ 0x48000800 0x900; /memreserve/ 0x40000000 0x1000;"
			"/memreserve/ 0xfffffffffffff000 0x800;"
			"/memreserve/ 0x50000000 0xffffffffffffffff;",
			HOST_MEMORY HOST_CPUS HOST_DEVICES
			"reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;"
			"	a { reg = <0x48001fff 1>, <0x48002000 0x1000>; };"
			"	b { reg = <0x40000fff 2>; };"
			"	c { reg = <0x4fffffff 1>; no-map; };"
			"	d { size = <0x1000>; }; e { reg = <0x45000000 0>; }; };");
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
	ATF_REQUIRE_EQ(host.nr_reserved, 3);
	check_range(&host.reserved[0], 0x40000000, 0x2000);
	check_range(&host.reserved[1], 0x48000000, 0x3000);
	/* what wraps goes on to the end, with what touches it */
	check_range(&host.reserved[2], 0x4ffff000, 0xfffffffffffff000 - 0x4ffff000);
}

ATF_TC_WITHOUT_HEAD(reserved_unreadable);
ATF_TC_BODY(reserved_unreadable, tc)
{
	host_parse_tree("", HOST_MEMORY HOST_CPUS HOST_DEVICES
			"reserved-memory { #address-cells = <2>; #size-cells = <2>;"
			"	secret@48000000 { reg = <0 0x48000000 0 0x1000>; }; };");
	host_check_error("error: /reserved-memory: reg: secret@48000000 has no address: is there "
			 "an empty ranges in /reserved-memory?");
}

/* Each would leave somebody's memory to a VM if it were passed over. */
ATF_TC_WITHOUT_HEAD(reserved_wrong);
ATF_TC_BODY(reserved_wrong, tc)
{
	static const struct {
		const char *reservations, *nodes, *line;
	} wrong[] = {
	    {"", "reserved-memory { ranges; fw@48000000 { reg = <0 0x48000000 0 0x1000>; }; };",
	     "#address-cells: is missing, or #size-cells is: fw@48000000 cannot be read"},
	    /* three cells would be read by the default */
	    {"",
	     "reserved-memory { ranges; #address-cells = <2>; fw { reg = <0 0x48000000 1>; }; };",
	     "#address-cells: is missing, or #size-cells is: fw cannot be read"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <1>; #size-cells = <0>;"
	     "	fw { reg = <0x48000000>; }; };",
	     "#address-cells: is missing, or #size-cells is: fw cannot be read"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <2>; #size-cells = <1>;"
	     "	fw { reg = <0 0x48000000 0 0x1000>; }; };",
	     "reg: of fw is not made of #address-cells and #size-cells"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <1>; #size-cells = <1>;"
	     "	fw { reg = [48 00 00 00 00 00 10]; }; };",
	     "reg: of fw is not made of #address-cells and #size-cells"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <3>; #size-cells = <1>;"
	     "	fw { reg = <0 0 0x48000000 0x1000>; }; };",
	     "reg: of fw is not made of #address-cells and #size-cells"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <1>; #size-cells = <1>;"
	     "	fw { reg; }; };",
	     "reg: of fw is not made of #address-cells and #size-cells"},
	    {"",
	     "reserved-memory { ranges; #address-cells = <1>; #size-cells = <1>;"
	     "	fw { no-map; }; };",
	     "fw has neither reg nor size: what does it reserve?"},
	    {"",
	     "reserved-memory { ranges = <0x48000000 0 0x48000000 0x1000>;"
	     "	#address-cells = <1>; #size-cells = <1>; fw { reg = <0x48000800 0x1000>; }; };",
	     "reg: fw has no address: is there an empty ranges in /reserved-memory?"},
	};
	char line[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		char nodes[2048];

		format(nodes, sizeof(nodes), HOST_MEMORY HOST_CPUS HOST_DEVICES "%s",
		       wrong[i].nodes);
		format(line, sizeof(line), "error: /reserved-memory: %s", wrong[i].line);
		host_parse_tree(wrong[i].reservations, nodes);
		host_check_error(line);
	}
	host_parse_tree("/memreserve/ 0x48000000 0; /memreserve/ 0x49000000 0x1000;",
			HOST_MEMORY HOST_CPUS HOST_DEVICES);
	host_check_error("error: /memreserve/: entry 1, at 0x48000000, has no size: what comes "
			 "after it cannot be told");
}

ATF_TC_WITHOUT_HEAD(ram_wrong);
ATF_TC_BODY(ram_wrong, tc)
{
	host_parse_tree("", HOST_CPUS HOST_DEVICES
			"memory@0 { device_type = \"memory\"; reg = <0 0x40000000 0x40000000>; };");
	host_check_error("error: /memory@0: reg: is not made of the root's #address-cells and "
			 "#size-cells");
	/* what can be read is used */
	host_parse_tree("", HOST_CPUS HOST_DEVICES
			"memory@0 { device_type = \"memory\"; reg = <0 0x40000000 0 0x40000000>,"
			"	<0xffffffff 0xfffff000 0 0x2000>; };");
	ATF_CHECK_EQ(host_error, 0);
	ATF_REQUIRE_EQ(host.nr_ram, 1);
	dts_check_line(&host_diag, "warning: /memory@0: reg: entry 1 is no range of addresses: it "
				   "is not used");
}

/* 33 separate ranges of RAM: one is lost. 33 reservations: nothing can be done. */
ATF_TC_WITHOUT_HEAD(too_many_ranges);
ATF_TC_BODY(too_many_ranges, tc)
{
	char regs[2048], nodes[4096];
	size_t n = 0;

	for (unsigned int i = 0; i < 33; i++)
		n += format(regs + n, sizeof(regs) - n, "%s<0 0x%x 0 0x1000>", i ? "," : "",
			    0x40000000 + i * 0x2000);
	format(nodes, sizeof(nodes),
	       HOST_CPUS HOST_DEVICES "memory { device_type = \"memory\"; reg = %s; };", regs);
	host_parse_tree("", nodes);
	ATF_CHECK_EQ(host_error, 0);
	ATF_CHECK_EQ(host.nr_ram, 32);
	dts_check_line(&host_diag, "warning: /memory: reg: has more than 32 separate ranges: not "
				   "all are used");

	format(nodes, sizeof(nodes),
	       HOST_MEMORY HOST_CPUS HOST_DEVICES
	       "reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;"
	       "	a { reg = %s; }; };",
	       regs);
	host_parse_tree("", nodes);
	host_check_error("error: /reserved-memory: there are more than 32 separate reservations");
}

/* ---- CPUs ---- */

ATF_TC_WITHOUT_HEAD(cpu_methods);
ATF_TC_BODY(cpu_methods, tc)
{
	host_parse_tree(
	    "", HOST_MEMORY HOST_DEVICES
	    "cpus { #address-cells = <1>; #size-cells = <0>; enable-method = \"psci\";"
	    "	inherits { device_type = \"cpu\"; reg = <7>; };"
	    "	own { device_type = \"cpu\"; reg = <8>; enable-method = \"spin-table\";"
	    "		cpu-release-addr = <0x80 0x1000>; };"
	    "	other { device_type = \"cpu\"; reg = <9>; enable-method = \"vendor,smp\"; };"
	    "	waits { device_type = \"cpu\"; reg = <10>; status = \"disabled\"; };"
	    "	dead { device_type = \"cpu\"; reg = <11>; enable-method = \"vendor,smp\";"
	    "		status = \"disabled\"; };"
	    "	broken { device_type = \"cpu\"; reg = <12>; status = \"fail-1\"; };"
	    "	cache { device_type = \"cache\"; }; idle-states { }; };");
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
	ATF_REQUIRE_EQ(host.nr_cpus, 4);
	ATF_CHECK_EQ(host.cpus[0].mpidr, 7);
	ATF_CHECK_EQ(host.cpus[0].method, HOST_CPU_PSCI);
	ATF_CHECK_EQ(host.cpus[1].method, HOST_CPU_SPIN_TABLE);
	ATF_CHECK_EQ(host.cpus[1].release_addr.v, 0x8000001000);
	ATF_CHECK_EQ(host.cpus[2].method, HOST_CPU_NO_METHOD);
	ATF_CHECK_EQ(host.cpus[3].mpidr, 10);
}

ATF_TC_WITHOUT_HEAD(no_cpus);
ATF_TC_BODY(no_cpus, tc)
{
	host_parse_tree("", HOST_MEMORY HOST_DEVICES);
	host_check_error("error: /cpus: the machine's tree has 0 CPUs: 1 to 256 are fine");
	host_parse_tree("", HOST_MEMORY HOST_DEVICES "cpus { cpu { reg = <0>; }; };");
	host_check_error("error: /cpus: the machine's tree has 0 CPUs: 1 to 256 are fine");
	host_parse_tree("", HOST_MEMORY HOST_DEVICES
			"cpus { cpu { device_type = \"cpu\"; reg = [00 00]; }; };");
	host_check_error("error: /cpus: reg: a CPU has no valid MPIDR");
}

ATF_TC_WITHOUT_HEAD(many_cpus);
ATF_TC_BODY(many_cpus, tc)
{
	char nodes[32768];

	for (unsigned int count = 256; count <= 257; count++) {
		size_t n = format(nodes, sizeof(nodes), "%s", HOST_MEMORY HOST_DEVICES "cpus {");

		for (unsigned int i = 0; i < count; i++)
			n += format(nodes + n, sizeof(nodes) - n,
				    "cpu@%x { device_type = \"cpu\"; reg = <0x%x>; };", i, i);
		n += format(nodes + n, sizeof(nodes) - n, "};");
		ATF_REQUIRE(n < sizeof(nodes));
		host_parse_tree("", nodes);
		if (count == 256) {
			ATF_CHECK_EQ(host_error, 0);
			ATF_REQUIRE_EQ(host.nr_cpus, 256);
			ATF_CHECK_EQ(host.cpus[255].mpidr, 255);
		} else {
			host_check_error(
			    "error: /cpus: the machine's tree has 257 CPUs: 1 to 256 are fine");
		}
	}
}

/* ---- Firmware ---- */

static void check_psci(const char *node, enum host_conduit conduit, bool old)
{
	char nodes[4096];

	format(nodes, sizeof(nodes), HOST_MEMORY HOST_CPUS HOST_DEVICES "%s", node);
	host_parse_tree("", nodes);
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", node);
	ATF_CHECK_EQ_MSG(host.psci, conduit, "%s", node);
	ATF_CHECK_EQ_MSG(host.psci_0_1, old, "%s", node);
}

ATF_TC_WITHOUT_HEAD(psci);
ATF_TC_BODY(psci, tc)
{
	check_psci("", HOST_CONDUIT_NONE, false);
	check_psci("psci { compatible = \"arm,psci-1.0\"; method = \"hvc\"; };", HOST_CONDUIT_HVC,
		   false);
	dts_check_line(&host_diag, "warning: /psci: method: hvc is for EL1: in EL2, there is no "
				   "PSCI on this machine");
	check_psci("psci { compatible = \"arm,psci-0.2\", \"arm,psci\"; method = \"smc\"; };",
		   HOST_CONDUIT_SMC, false);
	check_psci("firmware { p { compatible = \"arm,psci-1.0\"; method = \"smc\"; }; };",
		   HOST_CONDUIT_SMC, false);
	check_psci("psci { compatible = \"arm,psci-1.0\"; method = \"magic\"; };",
		   HOST_CONDUIT_NONE, false);
	check_psci("psci { compatible = \"arm,psci-1.0\"; };", HOST_CONDUIT_NONE, false);
	check_psci("psci { compatible = \"arm,psci\"; method = \"smc\"; cpu_on = <9>; };",
		   HOST_CONDUIT_SMC, true);
	ATF_CHECK_EQ(host.psci_cpu_on, 9);
	check_psci("psci { compatible = \"arm,psci\"; method = \"smc\"; };", HOST_CONDUIT_NONE,
		   true);
}

static void parse_initrd(const char *chosen)
{
	char nodes[4096];

	format(nodes, sizeof(nodes), HOST_MEMORY HOST_CPUS HOST_DEVICES "}; / { chosen { %s };",
	       chosen);
	host_parse_tree("", nodes);
}

static void check_initrd(const char *chosen, uint64_t base, uint64_t size)
{
	parse_initrd(chosen);
	ATF_CHECK_EQ_MSG(host_error, 0, "%s: %s", chosen, host_diag.lines[0]);
	check_range(&host.initrd, base, size);
}

ATF_TC_WITHOUT_HEAD(initrd);
ATF_TC_BODY(initrd, tc)
{
	check_initrd("linux,initrd-start = <0 0x40000000>; linux,initrd-end = <0 0x40000005>;",
		     0x40000000, 5);
	check_initrd("linux,initrd-start = <0x7fffffff>; linux,initrd-end = <0 0x80000000>;",
		     0x7fffffff, 1);
	check_initrd("linux,initrd-start = <0x40000010>; linux,initrd-end = <0x40000010>;", 0, 0);
	check_initrd("", 0, 0);
}

ATF_TC_WITHOUT_HEAD(initrd_wrong);
ATF_TC_BODY(initrd_wrong, tc)
{
	static const char *const outside[][2] = {
	    {"linux,initrd-start = <0x7fffffff>; linux,initrd-end = <0x80000001>;",
	     "0x7fffffff to linux,initrd-end 0x80000001"},
	    {"linux,initrd-start = <1 0>; linux,initrd-end = <1 5>;",
	     "0x100000000 to linux,initrd-end 0x100000005"},
	    {"linux,initrd-start = <0x40000010>; linux,initrd-end = <0x4000000f>;",
	     "0x40000010 to linux,initrd-end 0x4000000f"},
	};
	static const char *const half[][2] = {
	    {"linux,initrd-start = <0x40000000>;", "end"},
	    {"linux,initrd-end = <0x40000000>;", "start"},
	    {"linux,initrd-start = [00]; linux,initrd-end = <0x40000000>;", "end"},
	};
	char line[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(outside); i++) {
		parse_initrd(outside[i][0]);
		format(line, sizeof(line),
		       "error: /chosen: linux,initrd-start: %s is not in this machine's memory",
		       outside[i][1]);
		host_check_error(line);
		ATF_CHECK_EQ(host.initrd.size, 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(half); i++) {
		parse_initrd(half[i][0]);
		format(line, sizeof(line),
		       "error: /chosen: linux,initrd-%s: start and end have to be there, of one or "
		       "two cells each",
		       half[i][1]);
		host_check_error(line);
		ATF_CHECK_EQ(host.initrd.size, 0);
	}
}

/* ---- What is not there, or wrong ---- */

/* All at once. */
ATF_TC_WITHOUT_HEAD(nothing);
ATF_TC_BODY(nothing, tc)
{
	static const char *const lines[] = {
	    "error: /memory: reg: the machine's tree has no memory",
	    "warning: /chosen: stdout-path: names no UART: there is no console",
	    "error: /cpus: the machine's tree has 0 CPUs: 1 to 256 are fine",
	    "error: /: compatible: the machine's tree has no GICv2 or GICv3",
	    "error: /timer: interrupts: the generic timer's virt interrupt is missing",
	    "error: /timer: interrupts: the generic timer's hyp-phys interrupt is missing",
	};

	host_parse_tree("", "");
	ATF_CHECK_EQ(host_error, -EINVAL);
	ATF_REQUIRE_EQ(host_diag.nr_lines, ARRAY_SIZE(lines));
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		ATF_CHECK_STREQ(host_diag.lines[i], lines[i]);
}

ATF_TC_WITHOUT_HEAD(arena_too_small);
ATF_TC_BODY(arena_too_small, tc)
{
	void *tree = dts_compile_file(tc, "hosts/gicv3-regions.dts", NULL);
	size_t size = 0;

	do {
		dts_diag_init(&host_diag);
		arena_init(&host_arena, host_memory, size);
		host_error = host_parse(&host, tree, &host_arena, &host_diag.diag);
		ATF_CHECK(host_error == 0 || host_error == -ENOMEM);
		size += 16;
	} while (host_error && size < sizeof(host_memory));
	ATF_CHECK_EQ(host_error, 0);
	ATF_CHECK(size > 16 * 16 * 2);
}

/*
 * A tree that was cut off has a header that promises more, which boot maps:
 * that there is something else behind the cut is what is left to be seen.
 */
ATF_TC_WITHOUT_HEAD(cut_off);
ATF_TC_BODY(cut_off, tc)
{
	size_t size;
	uint8_t *whole = dts_compile_file(tc, "hosts/spin-table.dts", &size);
	uint8_t *tree = malloc(size);

	for (size_t cut = sizeof(struct fdt_header); cut < size; cut++) {
		memset(tree, 0, size);
		memcpy(tree, whole, cut);
		host_parse_blob(tree);
		/* names, at the end, can be empty for all that libfdt knows */
		ATF_CHECK(host_error != 0 || cut >= fdt_off_dt_strings(whole));
		memset(tree + cut, 0xff, size - cut);
		host_parse_blob(tree);
		/* the last of the names is not terminated */
		ATF_CHECK(host_error != 0);
	}
	free(tree);
}

/* Every byte, changed in several ways: errors are fine, what is read has to make sense. */
ATF_TC_WITHOUT_HEAD(changed_bytes);
ATF_TC_BODY(changed_bytes, tc)
{
	static const uint8_t changes[] = {0xff, 0x01, 0x80};
	unsigned int good = 0, bad = 0;
	size_t size;
	uint8_t *whole = dts_compile_file(tc, "hosts/gicv3-regions.dts", &size);
	uint8_t *tree = malloc(size);

	for (size_t i = 0; i < size * ARRAY_SIZE(changes); i++) {
		memcpy(tree, whole, size);
		tree[i % size] ^= changes[i / size];
		if (fdt_check_header(tree) != 0 || fdt_totalsize(tree) > size)
			continue; /* boot does not get here with it */
		host_parse_blob(tree);
		if (host_error) {
			ATF_CHECK(host_diag.diag.errors != 0);
			bad++;
			continue;
		}
		good++;
		ATF_CHECK(host.nr_cpus != 0 && host.nr_cpus <= 3);
		ATF_CHECK(host.nr_ram != 0);
		for (unsigned int r = 0; r < host.nr_ram; r++)
			ATF_CHECK(range_valid(host.ram[r].base, host.ram[r].size));
	}
	ATF_CHECK(good > 100);
	ATF_CHECK(bad > 100);
	free(tree);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, virt);
	ATF_TP_ADD_TC(tp, spin_table);
	ATF_TP_ADD_TC(tp, server);
	ATF_TP_ADD_TC(tp, ram);
	ATF_TP_ADD_TC(tp, no_ram);
	ATF_TP_ADD_TC(tp, reserved);
	ATF_TP_ADD_TC(tp, reserved_unreadable);
	ATF_TP_ADD_TC(tp, reserved_wrong);
	ATF_TP_ADD_TC(tp, ram_wrong);
	ATF_TP_ADD_TC(tp, too_many_ranges);
	ATF_TP_ADD_TC(tp, cpu_methods);
	ATF_TP_ADD_TC(tp, no_cpus);
	ATF_TP_ADD_TC(tp, many_cpus);
	ATF_TP_ADD_TC(tp, psci);
	ATF_TP_ADD_TC(tp, initrd);
	ATF_TP_ADD_TC(tp, initrd_wrong);
	ATF_TP_ADD_TC(tp, nothing);
	ATF_TP_ADD_TC(tp, arena_too_small);
	ATF_TP_ADD_TC(tp, cut_off);
	ATF_TP_ADD_TC(tp, changed_bytes);
	return atf_no_error();
}
