// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic_ich.c: the GICv3 virtual interface's registers, and what a guest sees of them where
 * its accesses trap.
 */
#include <atf-c.h>

#include "arm64/gic.h"
#include "arm64/sysreg.h"
#include "vdev/vgic.h"
#include "vdev/vgic_ich.h"

#define VTR(pri, pre, id)                                                                          \
	((uint64_t)((pri)-1) << 29 | (uint64_t)((pre)-1) << 26 | (uint64_t)(id) << 23)

/* With TDS there is a trap for ICC_DIR_EL1 alone; without, one for all common registers. */
ATF_TC_WITHOUT_HEAD(dir_trap);
ATF_TC_BODY(dir_trap, tc)
{
	fake_sysreg_reset();
	ich_lr_ops.set_maintenance(VGIC_MAINT_TRAP_DIR);
	ATF_CHECK_EQ(read_sysreg(ICH_HCR_EL2), 1 | 1 << 10);
	write_sysreg(ICH_VTR_EL2, 1 << 19);
	ich_lr_ops.set_maintenance(VGIC_MAINT_TRAP_DIR);
	ATF_CHECK_EQ(read_sysreg(ICH_HCR_EL2), 1 | 1 << 14);
	ich_lr_ops.set_maintenance(0);
	ATF_CHECK_EQ(read_sysreg(ICH_HCR_EL2), 1);
}

ATF_TC_WITHOUT_HEAD(pmr);
ATF_TC_BODY(pmr, tc)
{
	fake_sysreg_reset();
	write_sysreg(ICH_VMCR_EL2, 0x50000212);
	ATF_CHECK_EQ(ich_read_pmr(), 0x50);
	ich_write_pmr(UINT64_C(0xffffffff000001f8));
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf8000212);
	ATF_CHECK_EQ(ich_read_pmr(), 0xf8);
}

ATF_TC_WITHOUT_HEAD(ctlr);
ATF_TC_BODY(ctlr, tc)
{
	fake_sysreg_reset();
	/* 5 bits of priority, 24 of identifiers, SEIS and A3V */
	write_sysreg(ICH_VTR_EL2, VTR(5, 5, 1) | 1 << 22 | 1 << 21);
	write_sysreg(ICH_VMCR_EL2, 0xf0000002);
	ATF_CHECK_EQ(ich_read_ctlr(), 1 << 15 | 1 << 14 | 1 << 11 | 4 << 8);
	ich_write_ctlr(UINT64_MAX);
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf0000212);
	ATF_CHECK_EQ(ich_read_ctlr() & 0xff, 3);
	ich_write_ctlr(1);
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf0000012);
	ich_write_ctlr(2);
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf0000202);
	write_sysreg(ICH_VTR_EL2, VTR(8, 7, 0));
	ATF_CHECK_EQ(ich_read_ctlr(), 7 << 8 | 2);
}

/* The highest of the active group priorities, of both groups, in as many bits as there are. */
ATF_TC_WITHOUT_HEAD(rpr);
ATF_TC_BODY(rpr, tc)
{
	fake_sysreg_reset();
	write_sysreg(ICH_VTR_EL2, VTR(5, 5, 0));
	ATF_CHECK_EQ(ich_read_rpr(), 0xff);
	write_sysreg(ICH_AP1R0_EL2, 1 << 20 | 1u << 31);
	ATF_CHECK_EQ(ich_read_rpr(), 20 << 3);
	write_sysreg(ICH_AP0R0_EL2, 1 << 3);
	ATF_CHECK_EQ(ich_read_rpr(), 3 << 3);
	write_sysreg(ICH_AP0R0_EL2, 1);
	ATF_CHECK_EQ(ich_read_rpr(), 0);

	fake_sysreg_reset();
	write_sysreg(ICH_VTR_EL2, VTR(7, 7, 0));
	write_sysreg(ICH_AP1R3_EL2, 1 << 4);
	ATF_CHECK_EQ(ich_read_rpr(), (96 + 4) << 1);
	write_sysreg(ICH_AP0R1_EL2, 1 << 9);
	ATF_CHECK_EQ(ich_read_rpr(), (32 + 9) << 1);

	/* what is not there is not asked */
	fake_sysreg_reset();
	write_sysreg(ICH_VTR_EL2, VTR(6, 6, 0));
	write_sysreg(ICH_AP1R2_EL2, 1);
	ATF_CHECK_EQ(ich_read_rpr(), 0xff);
	write_sysreg(ICH_AP1R1_EL2, 1);
	ATF_CHECK_EQ(ich_read_rpr(), 32 << 2);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, dir_trap);
	ATF_TP_ADD_TC(tp, pmr);
	ATF_TP_ADD_TC(tp, ctlr);
	ATF_TP_ADD_TC(tp, rpr);
	return atf_no_error();
}
