// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/trap_config.c: which controls are set on which CPU; what a CPU does not have
 * is not touched.
 */
#include <atf-c.h>

#include "arm64/sysreg.h"
#include "vcpu/idregs.h"
#include "vcpu/trap_config.h"

#define HCR_ALWAYS                                                                                 \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TID3 | HCR_TSC |          \
	 HCR_TIDCP | HCR_TACR | HCR_RW)
#define MDCR_ALWAYS (MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | MDCR_TPM | MDCR_TPMCR)

ATF_TC_WITHOUT_HEAD(armv8_0);
ATF_TC_BODY(armv8_0, tc)
{
	static const char *const newer[] = {
	    "HFGRTR_EL2",  "HFGWTR_EL2",   "HFGITR_EL2",   "HDFGRTR_EL2",
	    "HDFGWTR_EL2", "HAFGRTR_EL2",  "HFGRTR2_EL2",  "HFGWTR2_EL2",
	    "HFGITR2_EL2", "HDFGRTR2_EL2", "HDFGWTR2_EL2", "HCRX_EL2",
	    "MPAM2_EL2",   "MPAMHCR_EL2",  "MPAM1_EL1",	   "MPAM0_EL1"};

	fake_sysreg_reset();
	write_sysreg(id_aa64dfr0_el1, 0x10305106);
	write_sysreg(pmcr_el0, 0x41013000);
	idregs_init();
	vcpu_init_traps();
	ATF_CHECK_EQ(vcpu_hcr(), HCR_ALWAYS);
	ATF_CHECK_EQ(vcpu_mdcr(), MDCR_ALWAYS | 6);
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++)
		ATF_CHECK_EQ_MSG(fake_sysreg_writes(newer[i]), 0, "%s", newer[i]);
}

ATF_TC_WITHOUT_HEAD(everything);
ATF_TC_BODY(everything, tc)
{
	fake_sysreg_reset();
	write_sysreg(id_aa64pfr0_el1, UINT64_C(0x1111111111111111));
	write_sysreg(id_aa64pfr1_el1, 0x200);
	write_sysreg(id_aa64dfr0_el1, UINT64_C(0x11111f3f6f11));
	write_sysreg(id_aa64mmfr0_el1, UINT64_C(1) << 56);
	write_sysreg(id_aa64mmfr1_el1, UINT64_C(0x10000010000));
	write_sysreg(S3_0_C0_C6_1, 0x10); /* APA */
	write_sysreg(HFGRTR_EL2, UINT64_MAX);
	write_sysreg(HDFGWTR_EL2, UINT64_MAX);
	write_sysreg(HAFGRTR_EL2, UINT64_MAX);
	write_sysreg(HCRX_EL2, UINT64_MAX);
	write_sysreg(MPAM2_EL2, UINT64_MAX);
	idregs_init();
	vcpu_init_traps();
	ATF_CHECK_EQ(vcpu_hcr(), HCR_ALWAYS | HCR_TLOR | HCR_TERR | HCR_TID5 | HCR_API | HCR_APK);
	/* the PMU is IMPLEMENTATION DEFINED: no PMCR_EL0 to ask */
	ATF_CHECK_EQ(vcpu_mdcr(), MDCR_ALWAYS | MDCR_TPMS | MDCR_TTRF);
	ATF_CHECK_EQ(read_sysreg(HFGRTR_EL2), 0);
	ATF_CHECK_EQ(read_sysreg(HDFGWTR_EL2), 0);
	ATF_CHECK_EQ(read_sysreg(HAFGRTR_EL2), 0);
	ATF_CHECK_EQ(read_sysreg(HCRX_EL2), 0);
	ATF_CHECK_EQ(read_sysreg(MPAM2_EL2), UINT64_C(3) << 48);
}

/* The second set of fine-grained traps, where there is one. */
ATF_TC_WITHOUT_HEAD(fgt2);
ATF_TC_BODY(fgt2, tc)
{
	static const char *const second[] = {"HFGRTR2_EL2", "HFGWTR2_EL2", "HFGITR2_EL2",
					     "HDFGRTR2_EL2", "HDFGWTR2_EL2"};

	for (uint64_t fgt = 1; fgt <= 3; fgt++) {
		fake_sysreg_reset();
		for (size_t i = 0; i < ARRAY_SIZE(second); i++)
			fake_sysreg_set(second[i], UINT64_MAX);
		write_sysreg(id_aa64mmfr0_el1, fgt << 56);
		vcpu_init_traps();
		ATF_CHECK_EQ(fake_sysreg_writes("HFGRTR_EL2"), 1);
		for (size_t i = 0; i < ARRAY_SIZE(second); i++)
			ATF_CHECK_EQ_MSG(fake_sysreg_get(second[i]), fgt >= 2 ? 0 : UINT64_MAX,
					 "%s, FGT %d", second[i], (int)fgt);
	}
}

/* MPAM, in both of its ways to say so; MPAMHCR_EL2 only if MPAMIDR_EL1 says so. */
ATF_TC_WITHOUT_HEAD(partitioning);
ATF_TC_BODY(partitioning, tc)
{
	for (int i = 0; i < 4; i++) {
		fake_sysreg_reset();
		write_sysreg(MPAMHCR_EL2, 3);
		write_sysreg(MPAM1_EL1, 0x10001);
		write_sysreg(MPAM0_EL1, 0x10001);
		write_sysreg(id_aa64pfr0_el1, i & 1 ? UINT64_C(1) << 40 : 0);
		write_sysreg(id_aa64pfr1_el1, i & 1 ? 0 : UINT64_C(1) << 16);
		write_sysreg(MPAMIDR_EL1, i & 2 ? UINT64_C(1) << 17 : 0);
		vcpu_init_traps();
		ATF_CHECK_EQ(read_sysreg(MPAM2_EL2), UINT64_C(3) << 48);
		ATF_CHECK_EQ(read_sysreg(MPAMHCR_EL2), i & 2 ? UINT64_C(1) << 31 : 3);
		ATF_CHECK_EQ(read_sysreg(MPAM1_EL1), 0);
		ATF_CHECK_EQ(read_sysreg(MPAM0_EL1), 0);
	}
}

/* Bits by number, from the manual: the constants' names are easily wrong by one. */
ATF_TC_WITHOUT_HEAD(values);
ATF_TC_BODY(values, tc)
{
	ATF_CHECK_EQ(HCR_ALWAYS, 0x803c003f);
	ATF_CHECK_EQ(MDCR_ALWAYS, 0xe60);
	ATF_CHECK_EQ(VCPU_CPTR, 0x401033ff);
	ATF_CHECK_EQ(VCPU_CNTHCTL, 1);
	ATF_CHECK_EQ(VCPU_HSTR, 0x8000);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, armv8_0);
	ATF_TP_ADD_TC(tp, everything);
	ATF_TP_ADD_TC(tp, fgt2);
	ATF_TP_ADD_TC(tp, partitioning);
	ATF_TP_ADD_TC(tp, values);
	return atf_no_error();
}
