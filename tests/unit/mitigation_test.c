// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/mitigation.c: what each kind of CPU gets, and nothing where nothing is needed.
 */
#include <atf-c.h>

#include "arm64/psci.h"
#include "arm64/sysreg.h"
#include "core/firmware.h"
#include "lib/log.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"

#define CSV2(n) ((uint64_t)(n) << 56)
#define CLRBHB (UINT64_C(1) << 28)
#define ECBHB (UINT64_C(1) << 60)

/* Whole values of MIDR_EL1, from the CPUs' manuals and QEMU */
#define A53 0x410fd034
#define A57 0x411fd070
#define A72 0x410fd083
#define A73 0x410fd092
#define A76 0x414fd0b1
#define N1 0x414fd0c1
#define A78 0x411fd412
#define A715 0x411fd4d0
#define V2 0x410fd4f0
#define UNKNOWN 0x000f0510 /* QEMU's max */

char vectors[1], vectors_loop[1], vectors_clear[1], vectors_call[1];
static bool smc;
static unsigned int warnings;

bool firmware_is_called_by_smc(void)
{
	return smc;
}

void log_warn(const char *fmt, ...)
{
	(void)fmt;
	warnings++;
}

static struct mitigation_facts facts_of(uint64_t midr)
{
	return (struct mitigation_facts){
	    .midr = midr,
	    .workaround_1 = SMCCC_NOT_SUPPORTED,
	    .workaround_3 = SMCCC_NOT_SUPPORTED,
	    .calls = true,
	};
}

static void expect(struct mitigation_facts facts, enum mitigation_kind kind, uint32_t argument)
{
	struct mitigation mitigation = mitigation_choose(&facts);

	ATF_CHECK_EQ(mitigation.kind, kind);
	ATF_CHECK_EQ(mitigation.argument, argument);
	ATF_CHECK(!mitigation.missing);
}

/* By the model, where the firmware has nothing. */
ATF_TC_WITHOUT_HEAD(models);
ATF_TC_BODY(models, tc)
{
	/* clang-format off */
	static const struct {
		uint32_t midr, branches;
	} affected[] = {
		{A57,     8},
		{A72,     8},
		{A76,     24},
		{N1,      24},
		{A78,     32},
		{A715,    38},
		{V2,      132},
		{UNKNOWN, 132},
	};
	/* clang-format on */

	expect(facts_of(A53), MITIGATION_NONE, 0);
	for (size_t i = 0; i < ARRAY_SIZE(affected); i++)
		expect(facts_of(affected[i].midr), MITIGATION_LOOP, affected[i].branches);
}

/* The architecture says that nothing is needed, or how it is done. */
ATF_TC_WITHOUT_HEAD(features);
ATF_TC_BODY(features, tc)
{
	struct mitigation_facts facts = facts_of(A78);

	facts.isar2 = CLRBHB;
	expect(facts, MITIGATION_CLEAR, 0);
	facts.mmfr1 = ECBHB;
	expect(facts, MITIGATION_NONE, 0);
	facts = facts_of(UNKNOWN);
	facts.pfr0 = CSV2(2);
	expect(facts, MITIGATION_LOOP, 132);
	facts.pfr0 = CSV2(3);
	expect(facts, MITIGATION_NONE, 0);
}

/* Variant 2, on CPUs that do not say that they are safe. */
ATF_TC_WITHOUT_HEAD(variant_2);
ATF_TC_BODY(variant_2, tc)
{
	struct mitigation_facts facts = facts_of(A72);

	facts.workaround_1 = 0;
	expect(facts, MITIGATION_CALL, SMCCC_ARCH_WORKAROUND_1);
	facts.workaround_3 = 0;
	expect(facts, MITIGATION_CALL, SMCCC_ARCH_WORKAROUND_3);
	/* safe by itself: the history is left */
	facts.pfr0 = CSV2(1);
	expect(facts, MITIGATION_LOOP, 8);
	/* the firmware has it, for other CPUs of the machine */
	facts = facts_of(A72);
	facts.workaround_1 = 1;
	expect(facts, MITIGATION_LOOP, 8);
	/* there is nobody to call */
	facts.workaround_1 = 0;
	facts.calls = false;
	expect(facts, MITIGATION_LOOP, 8);
}

/* Only the firmware can, or knows that it need not. */
ATF_TC_WITHOUT_HEAD(by_firmware);
ATF_TC_BODY(by_firmware, tc)
{
	struct mitigation_facts facts = facts_of(A73);

	facts.pfr0 = CSV2(1);
	ATF_CHECK(mitigation_choose(&facts).missing);
	facts.workaround_3 = 0;
	expect(facts, MITIGATION_CALL, SMCCC_ARCH_WORKAROUND_3);
	facts.calls = false;
	ATF_CHECK(mitigation_choose(&facts).missing);
	facts.workaround_3 = 1;
	expect(facts, MITIGATION_NONE, 0);
}

/* CPUs of several kinds in one machine: each has its own table. */
ATF_TC_WITHOUT_HEAD(per_cpu);
ATF_TC_BODY(per_cpu, tc)
{
	struct pcpu cpu = {.base = {.workaround_1 = SMCCC_NOT_SUPPORTED, .workaround_3 = 0}};

	smc = true;
	fake_sysreg_reset();
	write_sysreg(midr_el1, A57);
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors_loop);
	ATF_CHECK_EQ(cpu.mitigation, 8);

	write_sysreg(midr_el1, A53);
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors);

	write_sysreg(midr_el1, A73);
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors_call);
	ATF_CHECK_EQ(cpu.mitigation, SMCCC_ARCH_WORKAROUND_3);
	ATF_CHECK_EQ(warnings, 0);
	cpu.base.workaround_3 = SMCCC_NOT_SUPPORTED;
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors);
	ATF_CHECK_EQ(warnings, 1);

	write_sysreg(midr_el1, A78);
	write_sysreg(ID_AA64ISAR2_EL1, CLRBHB);
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors_clear);

	/* and none, for who measures */
	mitigation_set_off();
	mitigation_init_cpu(&cpu);
	ATF_CHECK_EQ(read_sysreg(vbar_el2), (uintptr_t)vectors);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, models);
	ATF_TP_ADD_TC(tp, features);
	ATF_TP_ADD_TC(tp, variant_2);
	ATF_TP_ADD_TC(tp, by_firmware);
	ATF_TP_ADD_TC(tp, per_cpu);
	return atf_no_error();
}
