// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/host_devices.c: the GIC, the timer and the clock of the machine's tree.
 */
#include "fdt/host_devices.h"

#include "lib/bits.h"
#include "tests/unit/dts_host.h"

static void check_range(const struct range *range, uint64_t base, uint64_t size)
{
	ATF_CHECK_EQ_MSG(range->base, base, "0x%llx", (unsigned long long)range->base);
	ATF_CHECK_EQ_MSG(range->size, size, "0x%llx", (unsigned long long)range->size);
}

/* ---- GIC ---- */

static void parse_gic(const char *gic)
{
	char nodes[4096];

	format(nodes, sizeof(nodes),
	       HOST_MEMORY HOST_CPUS HOST_UART HOST_TIMER
	       "gic: gic { #interrupt-cells = <3>; interrupt-parent = <&gic>; %s };",
	       gic);
	host_parse_tree("", nodes);
}

#define V2 "compatible = \"arm,gic-400\";"
#define V3 "compatible = \"arm,gic-v3\";"
#define FRAMES                                                                                     \
	"reg = <0 0x1000 0 0x1000>, <0 0x2000 0 0x2000>, <0 0x4000 0 0x2000>, <0 0x6000 0 "        \
	"0x2000>;"
#define MAINTENANCE "interrupts = <1 9 4>;"

ATF_TC_WITHOUT_HEAD(gicv2);
ATF_TC_BODY(gicv2, tc)
{
	host_parse_file(tc, "hosts/spin-table.dts");
	ATF_CHECK_EQ(host.gic.version, 2);
	check_range(&host.gic.dist, 0xff841000, 0x1000);
	check_range(&host.gic.cpuif, 0xff842000, 0x2000);
	check_range(&host.gic.hyp, 0xff844000, 0x2000);
	check_range(&host.gic.vcpuif, 0xff846000, 0x2000);
	ATF_CHECK_EQ(host.gic.maintenance, 25);
	host_parse_file(tc, "hosts/virt-gicv2.dts");
	ATF_CHECK_EQ(host.gic.version, 2);
}

ATF_TC_WITHOUT_HEAD(gicv3);
ATF_TC_BODY(gicv3, tc)
{
	host_parse_file(tc, "hosts/virt-gicv3.dts");
	ATF_CHECK_EQ(host.gic.version, 3);
	ATF_REQUIRE_EQ(host.gic.nr_redists, 1);
	check_range(&host.gic.redists[0], 0x80a0000, 0xf60000);
	ATF_CHECK_EQ(host.gic.redist_stride, 0);
	host_parse_file(tc, "hosts/gicv3-regions.dts");
	check_range(&host.gic.dist, 0x30000000, 0x10000);
	ATF_REQUIRE_EQ(host.gic.nr_redists, 3);
	check_range(&host.gic.redists[0], 0x30080000, 0x80000);
	check_range(&host.gic.redists[1], 0x38080000, 0x80000);
	check_range(&host.gic.redists[2], 0x8000080000, 0x40000);
	ATF_CHECK_EQ(host.gic.redist_stride, 0x40000);
	ATF_CHECK_EQ(host.gic.maintenance, 25);
}

ATF_TC_WITHOUT_HEAD(no_gic);
ATF_TC_BODY(no_gic, tc)
{
	static const char line[] = "error: /: compatible: the machine's tree has no GICv2 or GICv3";

	parse_gic("compatible = \"arm,gic-v5\";" FRAMES MAINTENANCE);
	host_check_error(line);
	parse_gic(V3 FRAMES MAINTENANCE "status = \"disabled\";");
	host_check_error(line);
}

/* The one that is switched on is the GIC. */
ATF_TC_WITHOUT_HEAD(two_gics);
ATF_TC_BODY(two_gics, tc)
{
	host_parse_tree("", HOST_MEMORY HOST_CPUS HOST_UART HOST_TIMER
			"a { compatible = \"arm,gic-v3\"; status = \"disabled\"; };"
			"gic: b { compatible = \"arm,gic-v3\"; #interrupt-cells = <3>;"
			"	interrupt-parent = <&gic>;" FRAMES MAINTENANCE "};");
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
	check_range(&host.gic.dist, 0x1000, 0x1000);
}

ATF_TC_WITHOUT_HEAD(gic_frames);
ATF_TC_BODY(gic_frames, tc)
{
	static const char no_hyp[] = "error: /gic: reg: a GICv2 for guests has GICH and GICV: this "
				     "tree has not (QEMU: -M virt,virtualization=on)";

	parse_gic(V2 FRAMES MAINTENANCE);
	ATF_CHECK_EQ(host_error, 0);
	parse_gic(V2 "reg = <0 0x1000 0 0x1000>, <0 0x2000 0 0x2000>;" MAINTENANCE);
	host_check_error(no_hyp);
	parse_gic(
	    V2 "reg = <0 0x1000 0 0x1000>, <0 0x2000 0 0x2000>, <0 0x4000 0 0x2000>;" MAINTENANCE);
	host_check_error(no_hyp);
	parse_gic(V2 "reg = <0 1 0 1>, <0 2 0 1>, <0 4 0 0>, <0 6 0 1>;" MAINTENANCE);
	host_check_error(no_hyp);
	parse_gic(V3 "reg = <0 1 0 0>, <0 2 0 1>;" MAINTENANCE);
	host_check_error("error: /gic: reg: the distributor is missing");
	parse_gic(V3 "reg = <0 1 0 1>;" MAINTENANCE);
	host_check_error("error: /gic: reg: redistributor region 0 is missing");
	parse_gic(
	    V3 "reg = <0 1 0 1>, <0 2 0 1>, <0 3 0 0>; #redistributor-regions = <2>;" MAINTENANCE);
	host_check_error("error: /gic: reg: redistributor region 1 is missing");
	parse_gic(V3 FRAMES MAINTENANCE "#redistributor-regions = <0>;");
	host_check_error("error: /gic: #redistributor-regions: 0 is not 1 to 64");
	parse_gic(V3 FRAMES MAINTENANCE "#redistributor-regions = <0xffffffff>;");
	host_check_error("error: /gic: #redistributor-regions: 4294967295 is not 1 to 64");
}

ATF_TC_WITHOUT_HEAD(gic_maintenance);
ATF_TC_BODY(gic_maintenance, tc)
{
	static const char line[] =
	    "error: /gic: interrupts: the maintenance interrupt is missing: guests need it";

	parse_gic(V3 FRAMES);
	host_check_error(line);
	parse_gic(V3 FRAMES "interrupts = <1 16 4>;");
	host_check_error(line);
	parse_gic(V3 FRAMES "interrupts = <0 7 4>;");
	ATF_CHECK_EQ(host_error, 0);
	ATF_CHECK_EQ(host.gic.maintenance, 39);
}

/* ---- Timer ---- */

static void parse_timer(const char *timer)
{
	char nodes[4096];

	format(nodes, sizeof(nodes),
	       HOST_MEMORY HOST_CPUS HOST_GIC HOST_UART
	       "timer { interrupt-parent = <&gic>; compatible = %s };",
	       timer);
	host_parse_tree("", nodes);
}

static void check_timer(uint32_t sec_phys, uint32_t phys, uint32_t virt, uint32_t hyp_phys)
{
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
	ATF_CHECK_EQ(host.timer_irq[0], sec_phys);
	ATF_CHECK_EQ(host.timer_irq[1], phys);
	ATF_CHECK_EQ(host.timer_irq[2], virt);
	ATF_CHECK_EQ(host.timer_irq[3], hyp_phys);
}

ATF_TC_WITHOUT_HEAD(timer);
ATF_TC_BODY(timer, tc)
{
	host_parse_file(tc, "hosts/virt-gicv3.dts");
	check_timer(29, 30, 27, 26);
	host_parse_file(tc, "hosts/gicv3-regions.dts");
	check_timer(29, 30, 27, 26);
	ATF_CHECK(!host.timer_irq_edge[3]);
	/* the flags say edge, beside the mask of CPUs that a GICv2 has there */
	host_parse_file(tc, "hosts/spin-table.dts");
	check_timer(29, 30, 27, 26);
	ATF_CHECK(!host.timer_irq_edge[2]);
	ATF_CHECK(host.timer_irq_edge[3]);
	/* only the two that the hypervisor uses, by name, and an older timer */
	parse_timer("\"arm,armv7-timer\"; interrupts = <1 1 1>, <1 2 8>;"
		    "interrupt-names = \"hyp-phys\", \"virt\";");
	check_timer(0, 0, 18, 17);
	ATF_CHECK(host.timer_irq_edge[3]);
}

/* EL2 has to tell its own interrupts apart. */
ATF_TC_WITHOUT_HEAD(same_interrupt);
ATF_TC_BODY(same_interrupt, tc)
{
	(void)tc;
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>, <1 10 8>, <1 10 8>;");
	host_check_error("error: /timer: interrupts: INTID 26 is the virtual timer's and the "
			 "hypervisor timer's: each has to have its own");
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 9 8>;");
	host_check_error("error: /timer: interrupts: INTID 25 is the GIC's maintenance interrupt "
			 "and the hypervisor timer's: each has to have its own");
	/* one that EL2 does not take */
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 10 8>, <1 14 8>, <1 11 8>, <1 10 8>;");
	ATF_CHECK_EQ(host_error, 0);
}

ATF_TC_WITHOUT_HEAD(timer_missing);
ATF_TC_BODY(timer_missing, tc)
{
	static const char no_virt[] =
	    "error: /timer: interrupts: the generic timer's virt interrupt is missing";
	static const char no_hyp[] =
	    "error: /timer: interrupts: the generic timer's hyp-phys interrupt is missing";

	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>, <1 11 8>;");
	host_check_error(no_hyp);
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>, <3 11 8>, <1 10 8>;");
	host_check_error(no_virt);
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 10 8>;"
		    "interrupt-names = \"sec-phys\", \"phys\", \"virt\", \"hyp\";");
	host_check_error(no_hyp);
	/* a name for which there is no interrupt */
	parse_timer("\"arm,armv8-timer\"; interrupts = <1 13 8>, <1 14 8>;"
		    "interrupt-names = \"hyp-phys\", \"phys\", \"virt\";");
	host_check_error(no_virt);
	parse_timer("\"arm,other-timer\"; interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 10 8>;");
	ATF_CHECK_EQ(host_error, -EINVAL);
	ATF_CHECK_EQ(host_diag.nr_lines, 2);
	ATF_CHECK_STREQ(host_diag.lines[0], no_virt);
	ATF_CHECK_STREQ(host_diag.lines[1], no_hyp);
}

/* ---- Clock ---- */

static void parse_clock(const char *clock)
{
	char nodes[4096];

	format(nodes, sizeof(nodes), HOST_MEMORY HOST_CPUS HOST_GIC HOST_UART HOST_TIMER "%s",
	       clock);
	host_parse_tree("", nodes);
	ATF_REQUIRE_EQ(host_error, 0);
}

#define CLOCK "compatible = \"arm,pl031\";"

ATF_TC_WITHOUT_HEAD(clock);
ATF_TC_BODY(clock, tc)
{
	static const char *const not_usable[] = {
	    "", "rtc { " CLOCK " };", "rtc { " CLOCK " reg = <0 0x9010000 0 0x800>; };",
	    "rtc { " CLOCK " reg = <0 0x9010000 0 0x1000>; status = \"disabled\"; };",
	    "rtc { " CLOCK " reg = <0 0x40000000 0 0x1000>; };"};

	parse_clock("rtc { " CLOCK " reg = <0 0x9010000 0 0x1000>; };");
	check_range(&host.rtc, 0x9010000, 0x1000);
	for (unsigned int i = 0; i < ARRAY_SIZE(not_usable); i++) {
		parse_clock(not_usable[i]);
		check_range(&host.rtc, 0, 0);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, gicv2);
	ATF_TP_ADD_TC(tp, gicv3);
	ATF_TP_ADD_TC(tp, no_gic);
	ATF_TP_ADD_TC(tp, two_gics);
	ATF_TP_ADD_TC(tp, gic_frames);
	ATF_TP_ADD_TC(tp, gic_maintenance);
	ATF_TP_ADD_TC(tp, timer);
	ATF_TP_ADD_TC(tp, same_interrupt);
	ATF_TP_ADD_TC(tp, timer_missing);
	ATF_TP_ADD_TC(tp, clock);
	return atf_no_error();
}
