/*
 * The trap configuration, one reason per bit (DDI 0487, D19.2 and D19.3).
 * Constant after boot, and each CPU's own: no lock.
 */
#include "vcpu/traps.h"

#include "arm64/barrier.h"
#include "arm64/id.h"
#include "arm64/sysreg.h"
#include "lib/assert.h"
#include "vcpu/debug.h"
#include "vcpu/idregs.h"
#include "vcpu/sysreg.h"

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
 * Fine-grained traps: none, but for what is trapped when the bit is 0. The
 * features that HCRX_EL2 turns on stay off.
 */
static void init_newer_controls(void)
{
	if (has(MMFR0_FGT, read_sysreg(id_aa64mmfr0_el1))) {
		write_sysreg(HFGRTR_EL2, 0);
		write_sysreg(HFGWTR_EL2, 0);
		write_sysreg(HFGITR_EL2, 0);
		write_sysreg(HDFGRTR_EL2, 0);
		write_sysreg(HDFGWTR_EL2, 0);
		if (has(PFR0_AMU, read_sysreg(id_aa64pfr0_el1)))
			write_sysreg(HAFGRTR_EL2, 0);
	}
	if (has(MMFR1_HCX, read_sysreg(id_aa64mmfr1_el1)))
		write_sysreg(HCRX_EL2, 0);
	if (has(PFR0_MPAM, read_sysreg(id_aa64pfr0_el1)))
		write_sysreg(MPAM2_EL2, MPAM2_TRAP_EL1);
}

void vcpu_init_traps(void)
{
	ASSERT(vcpu_sysreg_table_is_sorted());
	init_newer_controls();
	vcpu_debug_init_cpu();
	isb();
}
