// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/debug.c: which of the CPU's breakpoints are the guest's, whatever the CPU has.
 */
#include <atf-c.h>
#include <stdio.h>

#include "arm64/sysreg.h"
#include "lib/bits.h"
#include "vcpu/context.h"
#include "vcpu/debug.h"

/* A linked address breakpoint (BT 1), a context breakpoint for linking (BT 3), on, at EL1 and EL0
 */
#define LINKED(n) (0x1001e7 | (uint64_t)(n) << 16)
#define CONTEXT 0x3001e7
#define WATCH_LINKED(n) (0x101fff | (uint64_t)(n) << 16)

/* A CPU with so many breakpoints, the last so many of which compare contexts, and watchpoints. */
static void set_up(unsigned int breakpoints, unsigned int contexts, unsigned int watchpoints)
{
	fake_sysreg_reset();
	write_sysreg(id_aa64dfr0_el1, 6 | (uint64_t)(breakpoints - 1) << 12 |
					  (uint64_t)(watchpoints - 1) << 20 |
					  (uint64_t)(contexts - 1) << 28);
}

static uint64_t hardware(const char *kind, unsigned int n)
{
	static char names[64][16];
	static unsigned int next;
	char *name = names[next++ % 64];

	snprintf(name, 16, "dbg%s%u_el1", kind, n);
	return fake_sysreg_get(name);
}

/* The guest's last breakpoint is one that compares contexts, and is what its others are linked to.
 */
ATF_TC_WITHOUT_HEAD(last);
ATF_TC_BODY(last, tc)
{
	static const unsigned int cpus[][2] = {{2, 1}, {2, 2}, {4, 1}, {6, 2}, {6, 6}, {16, 2}};

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		unsigned int n = cpus[i][0] - 1;

		set_up(cpus[i][0], cpus[i][1], 4);
		vcpu_debug_write_bvr(1, 0x1234);
		vcpu_debug_write_bcr(1, CONTEXT);
		vcpu_debug_write_bvr(0, 0x40080000);
		vcpu_debug_write_bcr(0, LINKED(1));
		vcpu_debug_write_wvr(1, 0x40090000);
		vcpu_debug_write_wcr(1, WATCH_LINKED(1));
		ATF_CHECK_EQ(hardware("bvr", n), 0x1234);
		ATF_CHECK_EQ(hardware("bcr", n), CONTEXT);
		ATF_CHECK_EQ(read_sysreg(dbgbvr0_el1), 0x40080000);
		ATF_CHECK_EQ(read_sysreg(dbgbcr0_el1), LINKED(n));
		ATF_CHECK_EQ(read_sysreg(dbgwvr1_el1), 0x40090000);
		ATF_CHECK_EQ(read_sysreg(dbgwcr1_el1), WATCH_LINKED(n));
		/* the guest finds what it has written */
		ATF_CHECK_EQ(vcpu_debug_read_bvr(1), 0x1234);
		ATF_CHECK_EQ(vcpu_debug_read_bcr(1), CONTEXT);
		ATF_CHECK_EQ(vcpu_debug_read_bcr(0), LINKED(1));
		ATF_CHECK_EQ(vcpu_debug_read_wcr(1), WATCH_LINKED(1));
		/* nothing else is touched */
		if (n > 1) {
			ATF_CHECK_EQ(fake_sysreg_writes("dbgbcr1_el1"), 0);
			ATF_CHECK_EQ(fake_sysreg_writes("dbgbvr1_el1"), 0);
		}
	}
}

/* A link to a breakpoint that the guest does not have does not lead to the one that it has. */
ATF_TC_WITHOUT_HEAD(no_such_link);
ATF_TC_BODY(no_such_link, tc)
{
	set_up(6, 2, 4);
	for (unsigned int n = 2; n < 16; n++) {
		vcpu_debug_write_bcr(0, LINKED(n));
		ATF_CHECK(read_sysreg(dbgbcr0_el1) != LINKED(5));
		ATF_CHECK_EQ(vcpu_debug_read_bcr(0), LINKED(n));
	}
}

/* Fields of later architectures, which could name breakpoints from 16 on, stay 0. */
ATF_TC_WITHOUT_HEAD(fields);
ATF_TC_BODY(fields, tc)
{
	set_up(6, 2, 4);
	vcpu_debug_write_bcr(0, UINT64_MAX);
	vcpu_debug_write_wcr(0, UINT64_MAX);
	vcpu_debug_write_wcr(1, UINT64_MAX);
	ATF_CHECK_EQ(read_sysreg(dbgbcr0_el1), 0x00ffe1e7);
	ATF_CHECK_EQ(read_sysreg(dbgwcr0_el1), 0x1f1fffff);
	ATF_CHECK_EQ(read_sysreg(dbgwcr1_el1), 0x1f1fffff);
}

/* The world switch: two guests do not see each other's. */
ATF_TC_WITHOUT_HEAD(switched);
ATF_TC_BODY(switched, tc)
{
	struct vcpu_context a = {0}, b = {0};

	set_up(6, 2, 4);
	vcpu_debug_write_bvr(0, 0xa000);
	vcpu_debug_write_bvr(1, 0xa001);
	vcpu_debug_write_bcr(0, LINKED(1));
	vcpu_debug_write_bcr(1, CONTEXT);
	vcpu_debug_write_wvr(0, 0xa010);
	vcpu_debug_write_wvr(1, 0xa011);
	vcpu_debug_write_wcr(0, WATCH_LINKED(1));
	vcpu_debug_write_wcr(1, WATCH_LINKED(0));
	vcpu_debug_save(&a);
	vcpu_debug_load(&b);
	for (unsigned int n = 0; n < 2; n++) {
		ATF_CHECK_EQ(vcpu_debug_read_bvr(n), 0);
		ATF_CHECK_EQ(vcpu_debug_read_bcr(n), 0);
		ATF_CHECK_EQ(vcpu_debug_read_wvr(n), 0);
		ATF_CHECK_EQ(vcpu_debug_read_wcr(n), 0);
	}
	vcpu_debug_load(&a);
	ATF_CHECK_EQ(vcpu_debug_read_bvr(0), 0xa000);
	ATF_CHECK_EQ(vcpu_debug_read_bvr(1), 0xa001);
	ATF_CHECK_EQ(vcpu_debug_read_bcr(0), LINKED(1));
	ATF_CHECK_EQ(vcpu_debug_read_bcr(1), CONTEXT);
	ATF_CHECK_EQ(vcpu_debug_read_wvr(0), 0xa010);
	ATF_CHECK_EQ(vcpu_debug_read_wvr(1), 0xa011);
	ATF_CHECK_EQ(vcpu_debug_read_wcr(0), WATCH_LINKED(1));
	ATF_CHECK_EQ(vcpu_debug_read_wcr(1), WATCH_LINKED(0));
}

ATF_TC_WITHOUT_HEAD(init);
ATF_TC_BODY(init, tc)
{
	set_up(6, 1, 4);
	write_sysreg(mdscr_el1, 0x8000);
	write_sysreg(oslar_el1, 1);
	write_sysreg(dbgbcr0_el1, 1);
	write_sysreg(dbgbcr5_el1, 1);
	write_sysreg(dbgwcr3_el1, 1);
	vcpu_debug_init_cpu();
	ATF_CHECK_EQ(read_sysreg(mdscr_el1), 0);
	ATF_CHECK_EQ(read_sysreg(oslar_el1), 0);
	ATF_CHECK_EQ(read_sysreg(dbgbcr0_el1), 0);
	ATF_CHECK_EQ(read_sysreg(dbgbcr5_el1), 0);
	ATF_CHECK_EQ(read_sysreg(dbgwcr3_el1), 0);
	ATF_CHECK_EQ(fake_sysreg_writes("dbgbcr6_el1"), 0);
	ATF_CHECK_EQ(fake_sysreg_writes("dbgwcr4_el1"), 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, last);
	ATF_TP_ADD_TC(tp, no_such_link);
	ATF_TP_ADD_TC(tp, fields);
	ATF_TP_ADD_TC(tp, switched);
	ATF_TP_ADD_TC(tp, init);
	return atf_no_error();
}
