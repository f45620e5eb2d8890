// SPDX-License-Identifier: BSD-2-Clause
/*
 * Spectre: in variant 2 (CVE-2017-5715) a guest trains the predictor of EL2's indirect branches; in
 * branch history injection (CVE-2022-23960) it leaves a history, by which the predictor chooses a
 * target that EL2 itself has trained. Follows Arm's "Cache Speculation Side-channels" and
 * "Spectre-BHB" white papers and DEN0028, 7.5; the models' numbers are also those of Linux'
 * arch/arm64/kernel/proton-pack.c.
 *
 * CPUs of one machine may differ: each has the table of vectors that it needs, by VBAR_EL2. No
 * other file knows CPUs by their models.
 *
 * Written at boot only: no lock.
 */
#include "vcpu/mitigation.h"

#include "arm64/barrier.h"
#include "arm64/id.h"
#include "arm64/psci.h"
#include "arm64/sysreg.h"
#include "arm64/vmsa_asm.h"
#include "core/firmware.h"
#include "lib/log.h"
#include "vcpu/pcpu.h"

/* MIDR_EL1 without variant and revision */
#define MODEL (MIDR_IMPLEMENTER | MIDR_PART)
#define ARM(part) (FIELD_PREP(MIDR_IMPLEMENTER, 0x41) | FIELD_PREP(MIDR_PART, part))
#define BROADCOM(part) (FIELD_PREP(MIDR_IMPLEMENTER, 0x42) | FIELD_PREP(MIDR_PART, part))
#define QUALCOMM(part) (FIELD_PREP(MIDR_IMPLEMENTER, 0x51) | FIELD_PREP(MIDR_PART, part))
#define AMPERE(part) (FIELD_PREP(MIDR_IMPLEMENTER, 0xc0) | FIELD_PREP(MIDR_PART, part))

/* Instead of a number of branches */
#define UNAFFECTED 0	 /* its predictor uses no history */
#define BY_FIRMWARE 0xff /* a loop is not enough */

/* So many branches replace all of the history. A model that is not in the table needs the most. */
#define LONGEST 132

static const struct {
	uint64_t model;
	uint8_t branches;
} models[] = {
    {ARM(0xd03), UNAFFECTED},	   /* Cortex-A53 */
    {ARM(0xd04), UNAFFECTED},	   /* Cortex-A35 */
    {ARM(0xd05), UNAFFECTED},	   /* Cortex-A55 */
    {ARM(0xd46), UNAFFECTED},	   /* Cortex-A510 */
    {ARM(0xd80), UNAFFECTED},	   /* Cortex-A520 */
    {BROADCOM(0x100), UNAFFECTED}, /* Brahma-B53 */
    {QUALCOMM(0x801), UNAFFECTED}, /* Kryo 2xx Silver */
    {QUALCOMM(0x803), UNAFFECTED}, /* Kryo 3xx Silver */
    {QUALCOMM(0x805), UNAFFECTED}, /* Kryo 4xx Silver */
    {ARM(0xd09), BY_FIRMWARE},	   /* Cortex-A73 */
    {ARM(0xd0a), BY_FIRMWARE},	   /* Cortex-A75 */
    {ARM(0xd07), 8},		   /* Cortex-A57 */
    {ARM(0xd08), 8},		   /* Cortex-A72 */
    {AMPERE(0xac3), 11},	   /* Ampere-1 */
    {ARM(0xd0b), 24},		   /* Cortex-A76 */
    {ARM(0xd0e), 24},		   /* Cortex-A76AE */
    {ARM(0xd0d), 24},		   /* Cortex-A77 */
    {ARM(0xd0c), 24},		   /* Neoverse N1 */
    {QUALCOMM(0x804), 24},	   /* Kryo 4xx Gold */
    {ARM(0xd41), 32},		   /* Cortex-A78 */
    {ARM(0xd42), 32},		   /* Cortex-A78AE */
    {ARM(0xd4b), 32},		   /* Cortex-A78C */
    {ARM(0xd44), 32},		   /* Cortex-X1 */
    {ARM(0xd4c), 32},		   /* Cortex-X1C */
    {ARM(0xd47), 32},		   /* Cortex-A710 */
    {ARM(0xd48), 32},		   /* Cortex-X2 */
    {ARM(0xd49), 32},		   /* Neoverse N2 */
    {ARM(0xd40), 32},		   /* Neoverse V1 */
    {ARM(0xd4d), 38},		   /* Cortex-A715 */
    {ARM(0xd81), 38},		   /* Cortex-A720 */
    {ARM(0xd4e), LONGEST},	   /* Cortex-X3 */
    {ARM(0xd4f), LONGEST},	   /* Neoverse V2 */
};

/* vcpu/vectors.S, by kind */
extern char vectors[], vectors_loop[], vectors_clear[], vectors_call[];

_Static_assert(offsetof(struct pcpu, mitigation) == CPU_MITIGATION, "vectors.S");

static bool off;

static unsigned int branches_of(uint64_t midr)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].model == (midr & MODEL))
			return models[i].branches;
	return LONGEST;
}

static struct mitigation call(const struct mitigation_facts *facts)
{
	/* SMCCC_ARCH_WORKAROUND_3 has the effect of SMCCC_ARCH_WORKAROUND_1, too */
	uint32_t function =
	    facts->workaround_3 == 0 ? SMCCC_ARCH_WORKAROUND_3 : SMCCC_ARCH_WORKAROUND_1;

	return (struct mitigation){.kind = MITIGATION_CALL, .argument = function};
}

struct mitigation mitigation_choose(const struct mitigation_facts *facts)
{
	uint64_t csv2 = FIELD_GET(PFR0_CSV2, facts->pfr0);
	unsigned int branches = branches_of(facts->midr);

	/* Variant 2: the CPU does not say that it is safe, and the firmware has a remedy */
	if (csv2 == 0 && facts->calls && facts->workaround_1 == 0)
		return call(facts);
	/*
	 * FEAT_CSV2_3: training in one context, also by history, has no effect in another.
	 * FEAT_ECBHB: the history before an exception to a higher level has no effect after it.
	 */
	if (csv2 >= PFR0_CSV2_3 || FIELD_GET(MMFR1_ECBHB, facts->mmfr1) != 0 ||
	    branches == UNAFFECTED)
		return (struct mitigation){.kind = MITIGATION_NONE};
	if (FIELD_GET(ISAR2_CLRBHB, facts->isar2) != 0)
		return (struct mitigation){.kind = MITIGATION_CLEAR};
	if (branches != BY_FIRMWARE)
		return (struct mitigation){.kind = MITIGATION_LOOP, .argument = branches};
	if (facts->calls && facts->workaround_3 == 0)
		return call(facts);
	/* 1: the firmware knows that this CPU is not affected */
	return (struct mitigation){.kind = MITIGATION_NONE, .missing = facts->workaround_3 != 1};
}

void mitigation_set_off(void)
{
	off = true;
}

bool mitigation_is_off(void)
{
	return off;
}

void mitigation_init_cpu(struct pcpu *cpu)
{
	static const char *const tables[] = {
	    [MITIGATION_NONE] = vectors,
	    [MITIGATION_LOOP] = vectors_loop,
	    [MITIGATION_CLEAR] = vectors_clear,
	    [MITIGATION_CALL] = vectors_call,
	};
	struct mitigation_facts facts = {
	    .midr = read_sysreg(midr_el1),
	    .pfr0 = read_sysreg(id_aa64pfr0_el1),
	    .isar2 = read_sysreg(ID_AA64ISAR2_EL1),
	    .mmfr1 = read_sysreg(id_aa64mmfr1_el1),
	    .workaround_1 = cpu->base.workaround_1,
	    .workaround_3 = cpu->base.workaround_3,
	    .calls = firmware_is_called_by_smc(),
	};
	struct mitigation mitigation = {.kind = MITIGATION_NONE};

	if (!off)
		mitigation = mitigation_choose(&facts);
	if (mitigation.missing)
		log_warn("CPU %u: its branch predictor can be steered by guests, and the firmware "
			 "has no mitigation (SMCCC_ARCH_WORKAROUND_3)",
			 cpu->base.id);
	cpu->mitigation = mitigation.argument;
	write_sysreg(vbar_el2, (uintptr_t)tables[mitigation.kind]);
	isb();
}
