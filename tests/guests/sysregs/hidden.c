// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registers that a guest must not find: reading and writing them is
 * UNDEFINED, as it is on a CPU without them.
 */
#include "tests/guests/lib/guest.h"
#include "tests/guests/sysregs/sysregs.h"

struct hidden {
	const char *name;
	void (*read)(void);
	void (*write)(void);
};

/* Registers of features that are hidden; a machine without a hypervisor may have them. */
/* clang-format off */
#define HIDDEN_FEATURES(X)                                                                         \
	X(PMCR_EL0, S3_3_C9_C12_0) X(PMCNTENSET_EL0, S3_3_C9_C12_1)                                \
	X(PMCEID0_EL0, S3_3_C9_C12_6) X(PMCCNTR_EL0, S3_3_C9_C13_0)                                \
	X(PMUSERENR_EL0, S3_3_C9_C14_0) X(PMINTENSET_EL1, S3_0_C9_C14_1)                           \
	X(PMEVCNTR0_EL0, S3_3_C14_C8_0) X(PMCCFILTR_EL0, S3_3_C14_C15_7)                           \
	X(ZCR_EL1, S3_0_C1_C2_0) X(SMCR_EL1, S3_0_C1_C2_6) X(SVCR, S3_3_C4_C2_2)                   \
	X(RGSR_EL1, S3_0_C1_C0_5) X(GCR_EL1, S3_0_C1_C0_6)                                         \
	X(TFSR_EL1, S3_0_C5_C6_0)                                                                  \
	X(ERRIDR_EL1, S3_0_C5_C3_0) X(ERRSELR_EL1, S3_0_C5_C3_1)                                   \
	X(AMCR_EL0, S3_3_C13_C2_0) X(PMSCR_EL1, S3_0_C9_C9_0) X(PMBPTR_EL1, S3_0_C9_C10_1)         \
	X(TRFCR_EL1, S3_0_C1_C2_1) X(TRBLIMITR_EL1, S3_0_C9_C11_0)                                 \
	X(TRCPRGCTLR, S2_1_C0_C1_0) X(LORSA_EL1, S3_0_C10_C4_0) X(LORID_EL1, S3_0_C10_C4_7)        \
	X(MPAM1_EL1, S3_0_C10_C5_0) X(MPAM0_EL1, S3_0_C10_C5_1)                                    \
	X(SCXTNUM_EL1, S3_0_C13_C0_7) X(SCXTNUM_EL0, S3_3_C13_C0_7)                                \
	X(DBGBVR15_EL1, S2_0_C0_C15_4) X(DBGWCR15_EL1, S2_0_C0_C15_7)                              \
	X(IMPDEF_0, S3_0_C15_C0_0)
/*
 * Not L2CTLR_EL1, CPUACTLR_EL1 and others that Cortex-A cores have: they trap by
 * HCR_EL2.TIDCP, which QEMU 7.2 does not model. It lets guests read its constants.
 * Nor SMPRI_EL1 and TPIDR2_EL0, which trap by the fine-grained traps that it does not model.
 * Nor GMID_EL1: without tag memory, QEMU's max traps it to EL1 itself, as class 0x18.
 */

/* What no EL1 has. */
#define HIDDEN_ALWAYS(X)                                                                           \
	X(HCR_EL2, S3_4_C1_C1_0) X(SCTLR_EL2, S3_4_C1_C0_0) X(VTTBR_EL2, S3_4_C2_C1_0)             \
	X(VMPIDR_EL2, S3_4_C0_C0_5) X(CPTR_EL2, S3_4_C1_C1_2) X(ESR_EL2, S3_4_C5_C2_0)             \
	X(ELR_EL2, S3_4_C4_C0_1) X(VBAR_EL2, S3_4_C12_C0_0) X(TPIDR_EL2, S3_4_C13_C0_2)            \
	X(CNTVOFF_EL2, S3_4_C14_C0_3) X(CNTHCTL_EL2, S3_4_C14_C1_0)                                \
	X(ICH_HCR_EL2, S3_4_C12_C11_0) X(ICH_LR0_EL2, S3_4_C12_C12_0)                              \
	X(SCTLR_EL12, S3_5_C1_C0_0) X(CNTV_CTL_EL02, S3_5_C14_C3_1)                                \
	X(SP_EL1, S3_4_C4_C1_0) X(SCR_EL3, S3_6_C1_C1_0) X(SCTLR_EL3, S3_6_C1_C0_0)                \
	X(CNTPS_CTL_EL1, S3_7_C14_C2_1) X(unallocated_0, S3_0_C2_C7_5)                             \
	X(unallocated_1, S3_7_C1_C1_1) X(unallocated_2, S2_7_C1_C1_1)
/* clang-format on */

#define DEFINE(name, encoding)                                                                     \
	static void read_##name(void)                                                              \
	{                                                                                          \
		(void)read_sysreg(encoding);                                                       \
	}                                                                                          \
	static void write_##name(void)                                                             \
	{                                                                                          \
		write_sysreg(encoding, 0);                                                         \
	}
#define ROW(name, encoding) {#name, read_##name, write_##name},

HIDDEN_FEATURES(DEFINE)
HIDDEN_ALWAYS(DEFINE)

static const struct hidden features[] = {HIDDEN_FEATURES(ROW)};
static const struct hidden always[] = {HIDDEN_ALWAYS(ROW)};

static void check_table(const struct hidden *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct fault read, write;

		CATCH(read, table[i].read());
		CATCH(write, table[i].write());
		check(fault_is_undef(&read) && fault_is_undef(&write), "%s is UNDEFINED",
		      table[i].name);
	}
}

/* Registers that can be read, but not written, and the other way round. */
static void check_one_way(void)
{
	struct fault fault;

	CATCH(fault, write_sysreg(S3_0_C0_C0_0, 0));
	check(fault_is_undef(&fault), "writing MIDR_EL1 is UNDEFINED");
	CATCH(fault, write_sysreg(S3_0_C0_C0_5, 0));
	check(fault_is_undef(&fault), "writing MPIDR_EL1 is UNDEFINED");
	CATCH(fault, write_sysreg(S3_0_C0_C4_0, 0));
	check(fault_is_undef(&fault), "writing ID_AA64PFR0_EL1 is UNDEFINED");
	CATCH(fault, write_sysreg(S3_3_C14_C0_2, 0));
	check(fault_is_undef(&fault), "writing CNTVCT_EL0 is UNDEFINED");
	CATCH(fault, (void)read_sysreg(S2_0_C1_C0_4));
	check(fault_is_undef(&fault), "reading OSLAR_EL1 is UNDEFINED");
	CATCH(fault, write_sysreg(S2_0_C1_C1_4, 0));
	check(fault_is_undef(&fault), "writing OSLSR_EL1 is UNDEFINED");
	if (machine.gic_version == 3) {
		CATCH(fault, (void)read_sysreg(ICC_SGI1R_EL1));
		check(fault_is_undef(&fault), "reading ICC_SGI1R_EL1 is UNDEFINED");
		CATCH(fault, write_sysreg(ICC_IAR1_EL1, 0));
		check(fault_is_undef(&fault), "writing ICC_IAR1_EL1 is UNDEFINED");
	} else {
		CATCH(fault, (void)read_sysreg(ICC_IAR1_EL1));
		check(fault_is_undef(&fault), "a GICv2 has no ICC_IAR1_EL1");
		CATCH(fault, write_sysreg(ICC_SGI1R_EL1, 0));
		check(fault_is_undef(&fault), "a GICv2 has no ICC_SGI1R_EL1");
		CATCH(fault, (void)read_sysreg(ICC_SRE_EL1));
		check(fault_is_undef(&fault), "a GICv2 has no ICC_SRE_EL1");
	}
}

static void check_instructions(void)
{
	struct fault fault;

	CATCH(fault, __asm__ volatile(".inst 0"));
	check(fault_is_undef(&fault), "UDF is UNDEFINED");
	CATCH(fault, __asm__ volatile(".inst 0xd4400000"));
	check(fault_is_undef(&fault), "HLT without a debugger is UNDEFINED");
}

static void check_sve(void)
{
	struct fault fault;

	CATCH(fault, __asm__ volatile(".inst 0x0420e3e0" ::: "x0"));
	check(fault_is_undef(&fault), "an SVE instruction (CNTB) is UNDEFINED");
	CATCH(fault, __asm__ volatile(".inst 0xd503477f" ::: "memory"));
	check(fault_is_undef(&fault), "an SME instruction (SMSTART) is UNDEFINED");
}

void check_hidden(void)
{
	uint64_t cpacr = read_sysreg(cpacr_el1);

	check_table(always, ARRAY_SIZE(always));
	check_one_way();
	check_instructions();
	if (!machine.native) {
		/* EL1 allows all of FP, SVE and SME, so it is not EL1 that traps. */
		write_sysreg(cpacr_el1, cpacr | 3 << 16 | 3 << 24);
		isb();
		check_table(features, ARRAY_SIZE(features));
		check_sve();
		write_sysreg(cpacr_el1, cpacr);
		isb();
	}
}
