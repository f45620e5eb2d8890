// SPDX-License-Identifier: BSD-2-Clause
/*
 * The trap configuration, one reason per bit (DDI 0487, D19.2 and D19.3).
 * Constant after boot, and each CPU's own: no lock.
 */
#include "vcpu/trap_config.h"

#include "arm64/barrier.h"
#include "arm64/id.h"
#include "arm64/sysreg.h"
#include "lib/assert.h"
#include "vcpu/debug.h"
#include "vcpu/idregs.h"
#include "vcpu/sysreg_trap.h"

/* clang-format off */
#define GUEST_HCR                                                                                  \
	(HCR_VM      /* stage 2 is the wall */                                                     \
	 | HCR_SWIO  /* invalidation by set/way must not lose others' dirty lines */               \
	 | HCR_PTW   /* table walks must not reach into devices */                                 \
	 | HCR_FMO   /* physical interrupts are EL2's; the guest's PSTATE and its */               \
	 | HCR_IMO   /* ICC registers are about virtual ones */                                    \
	 | HCR_AMO   /* SErrors: likewise */                                                       \
	 | HCR_TID3  /* guests see what all CPUs have, and what is switched */                     \
	 | HCR_TSC   /* the firmware is not the guest's to call */                                 \
	 | HCR_TIDCP /* nobody knows what IMPLEMENTATION DEFINED registers do */                   \
	 | HCR_TACR  /* nor ACTLR_EL1 */                                                           \
	 | HCR_RW)   /* EL1 is AArch64 */

#define GUEST_MDCR                                                                                 \
	(MDCR_TDA     /* guests have fewer breakpoints than the CPU, and no debugger's channel */  \
	 | MDCR_TDOSA /* the OS locks are the CPU's, not a vCPU's */                               \
	 | MDCR_TDRA  /* the debug ROM: there is none */                                           \
	 | MDCR_TPM   /* no PMU: its counters would tell of others */                              \
	 | MDCR_TPMCR)
/* clang-format on */

static bool has(uint64_t field, uint64_t id_register)
{
	return FIELD_GET(field, id_register) != 0;
}

uint64_t vcpu_hcr(void)
{
	uint64_t hcr = GUEST_HCR;

	if (has(MMFR1_LOR, read_sysreg(id_aa64mmfr1_el1)))
		hcr |= HCR_TLOR;
	if (has(PFR0_RAS, read_sysreg(id_aa64pfr0_el1)))
		hcr |= HCR_TERR; /* error records are the machine's */
	if (FIELD_GET(PFR1_MTE, read_sysreg(id_aa64pfr1_el1)) >= 2)
		hcr |= HCR_TID5; /* with ATA clear: tags are not switched */
	if (idregs_have_pauth())
		hcr |= HCR_API | HCR_APK; /* the keys are switched */
	return hcr;
}

uint64_t vcpu_mdcr(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1);
	uint64_t mdcr = GUEST_MDCR;

	/* 0xf: a PMU that is not Arm's, without these registers */
	if (has(DFR0_PMU, dfr0) && FIELD_GET(DFR0_PMU, dfr0) != 0xf)
		mdcr |= FIELD_PREP(MDCR_HPMN, FIELD_GET(PMCR_N, read_sysreg(pmcr_el0)));
	if (has(DFR0_SPE, dfr0))
		mdcr |= MDCR_TPMS;
	if (has(DFR0_TRF, dfr0))
		mdcr |= MDCR_TTRF;
	/* E2PB and E2TB are 0: the profiling and trace buffers are EL2's, and trap */
	return mdcr;
}

/*
 * Fine-grained traps (D19.2.64 and following): all bits are 0. For a few registers 0 means that
 * they trap, those which came after FEAT_FGT itself: TPIDR2_EL0, SMPRI_EL1, ACCDATA_EL1, and the
 * registers of permission indirection and overlays, of guarded control stacks, of branch records,
 * and of the second set (FEAT_FGT2).
 */
static void init_fine_grained_traps(void)
{
	uint64_t fgt = FIELD_GET(MMFR0_FGT, read_sysreg(id_aa64mmfr0_el1));

	if (fgt == 0)
		return;
	write_sysreg(HFGRTR_EL2, 0);
	write_sysreg(HFGWTR_EL2, 0);
	write_sysreg(HFGITR_EL2, 0);
	write_sysreg(HDFGRTR_EL2, 0);
	write_sysreg(HDFGWTR_EL2, 0);
	if (has(PFR0_AMU, read_sysreg(id_aa64pfr0_el1)))
		write_sysreg(HAFGRTR_EL2, 0);
	if (fgt < MMFR0_FGT_2)
		return;
	write_sysreg(HFGRTR2_EL2, 0);
	write_sysreg(HFGWTR2_EL2, 0);
	write_sysreg(HFGITR2_EL2, 0);
	write_sysreg(HDFGRTR2_EL2, 0);
	write_sysreg(HDFGWTR2_EL2, 0);
}

/*
 * Memory partitioning (DDI 0598, 5): guests do not have it, and run in the default partition.
 * MPAM2_EL2 traps all its registers but, on a CPU with MPAMHCR_EL2, MPAMIDR_EL1.
 */
static void init_partitioning(void)
{
	if (!has(PFR0_MPAM, read_sysreg(id_aa64pfr0_el1)) &&
	    !has(PFR1_MPAM_FRAC, read_sysreg(id_aa64pfr1_el1)))
		return;
	write_sysreg(MPAM2_EL2, MPAM2_TRAP_EL1);
	if (read_sysreg(MPAMIDR_EL1) & MPAMIDR_HAS_HCR)
		write_sysreg(MPAMHCR_EL2, MPAMHCR_TRAP_MPAMIDR);
	write_sysreg(MPAM1_EL1, 0);
	write_sysreg(MPAM0_EL1, 0);
}

/*
 * Controls of features that came after Armv8.0, which firmware may have left in any state. Linux'
 * boot protocol (Documentation/arch/arm64/booting.rst, 4), which is ours, has firmware let EL2
 * reach these registers where the CPU has them (SCR_EL3).
 *
 * HCRX_EL2 (D19.2.47) is 0 and turns on no feature. So SCTLR2_EL1 and TCR2_EL1 have no effect and
 * trap, and with them permission indirection, overlays and GCS; the memory copy instructions,
 * 64-byte stores, FPMR and others are absent. Some newer registers depend on controls that are
 * written elsewhere: SCXTNUM_ELx (HCR_EL2.EnSCXT), the tags' (ATA), the counters' offset
 * (CNTHCTL_EL2.ECV), profiling and trace buffers (MDCR_EL2.E2PB, E2TB), SVE's and SME's (CPTR_EL2).
 */
static void init_newer_controls(void)
{
	init_fine_grained_traps();
	if (has(MMFR1_HCX, read_sysreg(id_aa64mmfr1_el1)))
		write_sysreg(HCRX_EL2, 0);
	init_partitioning();
}

void vcpu_init_traps(void)
{
	ASSERT(vcpu_sysreg_table_is_sorted());
	init_newer_controls();
	vcpu_debug_init_cpu();
	isb();
}
