/*
 * The trap configuration, one reason per bit (DDI 0487, D19.2 and D19.3).
 * Constant after boot, and each CPU's own: no lock.
 */
#include "vcpu/traps.h"

#include "arm64/barrier.h"
#include "arm64/sysreg.h"
#include "lib/assert.h"
#include "vcpu/idregs.h"
#include "vcpu/sysreg.h"

/* Fields of the identification registers that say which trap bits exist */
#define PFR0_RAS GENMASK(31, 28)
#define PFR0_MPAM GENMASK(43, 40)
#define PFR0_AMU GENMASK(47, 44)
#define PFR1_MTE GENMASK(11, 8)
#define DFR0_PMU GENMASK(11, 8)
#define DFR0_BRPS GENMASK(15, 12)
#define DFR0_WRPS GENMASK(23, 20)
#define DFR0_SPE GENMASK(35, 32)
#define DFR0_TRF GENMASK(43, 40)
#define MMFR0_FGT GENMASK(59, 56)
#define MMFR1_LOR GENMASK(19, 16)
#define MMFR1_HCX GENMASK(43, 40)

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

/* Breakpoint and watchpoint controls: how many there are differs, their names are constants. */
#define OFF(name, n, count)                                                                        \
	do {                                                                                       \
		if ((n) < (count))                                                                 \
			write_sysreg(name##n##_el1, 0);                                            \
	} while (0)
#define ALL_OFF(name, count)                                                                       \
	do {                                                                                       \
		OFF(name, 0, count);                                                               \
		OFF(name, 1, count);                                                               \
		OFF(name, 2, count);                                                               \
		OFF(name, 3, count);                                                               \
		OFF(name, 4, count);                                                               \
		OFF(name, 5, count);                                                               \
		OFF(name, 6, count);                                                               \
		OFF(name, 7, count);                                                               \
		OFF(name, 8, count);                                                               \
		OFF(name, 9, count);                                                               \
		OFF(name, 10, count);                                                              \
		OFF(name, 11, count);                                                              \
		OFF(name, 12, count);                                                              \
		OFF(name, 13, count);                                                              \
		OFF(name, 14, count);                                                              \
		OFF(name, 15, count);                                                              \
	} while (0)

/*
 * A guest turns on all of the CPU's breakpoints when it turns on its own two
 * (MDSCR_EL1.MDE), and the OS lock would turn off all of them.
 */
static void init_debug(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1);
	unsigned int breakpoints = (unsigned int)FIELD_GET(DFR0_BRPS, dfr0) + 1;
	unsigned int watchpoints = (unsigned int)FIELD_GET(DFR0_WRPS, dfr0) + 1;

	write_sysreg(mdscr_el1, 0);
	ALL_OFF(dbgbcr, breakpoints);
	ALL_OFF(dbgwcr, watchpoints);
	write_sysreg(oslar_el1, 0);
}

void vcpu_init_traps(void)
{
	ASSERT(vcpu_sysreg_table_is_sorted());
	init_newer_controls();
	init_debug();
	isb();
}
