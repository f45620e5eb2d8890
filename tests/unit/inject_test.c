// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/inject.c: where an injected exception goes, with which PSTATE and
 * syndrome, from every state that a guest can be in; and stepping over
 * instructions.
 */
#include <atf-c.h>

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/inject.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define VBAR UINT64_C(0xffff800010010800)
#define PC UINT64_C(0xffff800012345678)

static struct pcpu cpu;
static struct vcpu vcpu = {.home = &cpu};

/* The guest is at PC with this PSTATE. */
static void set_up(uint64_t pstate)
{
	fake_sysreg_reset();
	cpu.current = &vcpu;
	write_sysreg(vbar_el1, VBAR);
	write_sysreg(elr_el2, PC);
	write_sysreg(spsr_el2, pstate);
	write_sysreg(sctlr_el1, SCTLR_EL1_SPAN);
}

ATF_TC_WITHOUT_HEAD(undef);
ATF_TC_BODY(undef, tc)
{
	set_up(PSTATE_EL1H | BIT(30));
	write_sysreg(far_el1, 123);
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(elr_el2), VBAR + 0x200);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), PSTATE_EL1H | PSTATE_DAIF | BIT(30));
	ATF_CHECK_EQ(read_sysreg(elr_el1), PC);
	ATF_CHECK_EQ(read_sysreg(spsr_el1), PSTATE_EL1H | BIT(30));
	ATF_CHECK_EQ(read_sysreg(esr_el1), 0x02000000);
	ATF_CHECK_EQ(read_sysreg(far_el1), 123);
}

ATF_TC_WITHOUT_HEAD(vector);
ATF_TC_BODY(vector, tc)
{
	static const struct {
		uint64_t pstate, offset, dabt, iabt;
	} from[] = {
	    {PSTATE_EL0T, 0x400, ESR_EC_DABT_LOWER, ESR_EC_IABT_LOWER},
	    {PSTATE_EL1T, 0x000, ESR_EC_DABT_SAME, ESR_EC_IABT_SAME},
	    {PSTATE_EL1H, 0x200, ESR_EC_DABT_SAME, ESR_EC_IABT_SAME},
	    {PSTATE_AARCH32, 0x600, ESR_EC_DABT_LOWER, ESR_EC_IABT_LOWER},
	    {PSTATE_AARCH32 | PSTATE_T, 0x600, ESR_EC_DABT_LOWER, ESR_EC_IABT_LOWER},
	};

	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		set_up(from[i].pstate);
		inject_data_abort(&vcpu, 0x1234, FSC_EXTERNAL | ESR_ABT_WNR);
		ATF_CHECK_EQ(read_sysreg(elr_el2), VBAR + from[i].offset);
		ATF_CHECK_EQ(read_sysreg(esr_el1),
			     FIELD_PREP(ESR_EC, from[i].dabt) | ESR_IL | 0x50);
		ATF_CHECK_EQ(read_sysreg(far_el1), 0x1234);
		ATF_CHECK_EQ(read_sysreg(spsr_el1), from[i].pstate);
		ATF_CHECK_EQ(read_sysreg(spsr_el2), PSTATE_EL1H | PSTATE_DAIF);

		set_up(from[i].pstate);
		inject_inst_abort(&vcpu, PC, FSC_EXTERNAL);
		ATF_CHECK_EQ(read_sysreg(elr_el2), VBAR + from[i].offset);
		ATF_CHECK_EQ(read_sysreg(esr_el1),
			     FIELD_PREP(ESR_EC, from[i].iabt) | ESR_IL | 0x10);
		ATF_CHECK_EQ(read_sysreg(far_el1), PC);
	}
}

ATF_TC_WITHOUT_HEAD(pstate);
ATF_TC_BODY(pstate, tc)
{
	const uint64_t handler = PSTATE_EL1H | PSTATE_DAIF;

	/* kept */
	set_up(PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN);
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), handler | PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN);
	/* cleared; SSBS comes from SCTLR_EL1 alone */
	set_up(PSTATE_IL | PSTATE_SS | PSTATE_UAO | PSTATE_BTYPE | PSTATE_SSBS | PSTATE_TCO);
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), handler);
	/* SPAN == 0 sets PAN */
	set_up(0);
	write_sysreg(sctlr_el1, 0);
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), handler | PSTATE_PAN);
	set_up(0);
	write_sysreg(sctlr_el1, SCTLR_EL1_SPAN | SCTLR_EL1_DSSBS);
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), handler | PSTATE_SSBS);
	/* nothing of AArch32's own state is left: T, IT, Q, GE, E */
	set_up(PSTATE_AARCH32 | PSTATE_T | PSTATE_A32_IT_HIGH | PSTATE_A32_IT_LOW | BIT(27) |
	       GENMASK(19, 16) | BIT(9));
	inject_undef(&vcpu);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), handler);
}

ATF_TC_WITHOUT_HEAD(fnv);
ATF_TC_BODY(fnv, tc)
{
	set_up(0);
	write_sysreg(far_el1, 77);
	inject_data_abort(&vcpu, 0x1234, FSC_EXTERNAL | ESR_ABT_FNV);
	ATF_CHECK_EQ(read_sysreg(far_el1), 77);
	ATF_CHECK_EQ(read_sysreg(esr_el1) & ESR_ABT_FNV, ESR_ABT_FNV);
}

ATF_TC_WITHOUT_HEAD(serror);
ATF_TC_BODY(serror, tc)
{
	set_up(PSTATE_EL1H);
	write_sysreg(hcr_el2, HCR_VM | HCR_AMO);
	inject_serror();
	ATF_CHECK_EQ(read_sysreg(hcr_el2), HCR_VM | HCR_AMO | HCR_VSE);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC);
	ATF_CHECK_EQ(fake_sysreg_writes("VSESR_EL2"), 0);
	/* With FEAT_RAS its syndrome is defined, too */
	write_sysreg(id_aa64pfr0_el1, UINT64_C(1) << 28);
	write_sysreg(VSESR_EL2, 0x1ffffff);
	inject_serror();
	ATF_CHECK_EQ(read_sysreg(VSESR_EL2), 0);
}

ATF_TC_WITHOUT_HEAD(skip);
ATF_TC_BODY(skip, tc)
{
	set_up(PSTATE_EL1H | PSTATE_SS | PSTATE_BTYPE | PSTATE_SSBS);
	inject_skip_instruction(ESR_IL);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), PSTATE_EL1H | PSTATE_SSBS);

	set_up(PSTATE_AARCH32 | PSTATE_T | PSTATE_SS);
	inject_skip_instruction(0);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 2);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), PSTATE_AARCH32 | PSTATE_T);
}

static uint64_t with_it(unsigned int it)
{
	return PSTATE_AARCH32 | PSTATE_T | FIELD_PREP(PSTATE_A32_IT_HIGH, it >> 2) |
	       FIELD_PREP(PSTATE_A32_IT_LOW, it);
}

ATF_TC_WITHOUT_HEAD(skip_in_it_block);
ATF_TC_BODY(skip_in_it_block, tc)
{
	/* ITTEE EQ: 0x07 -> 0x0e -> 0x1c -> 0x18 -> 0; the condition's low bit comes from the mask
	 */
	static const unsigned int states[] = {0x07, 0x0e, 0x1c, 0x18, 0};

	set_up(with_it(states[0]));
	for (size_t i = 1; i < ARRAY_SIZE(states); i++) {
		inject_skip_instruction(ESR_IL);
		ATF_CHECK_EQ(read_sysreg(spsr_el2), with_it(states[i]));
	}
	/* the upper condition bits stay: ITT GT (0xc4) -> 0xc8 -> 0 */
	set_up(with_it(0xc4));
	inject_skip_instruction(ESR_IL);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), with_it(0xc8));
	inject_skip_instruction(ESR_IL);
	ATF_CHECK_EQ(read_sysreg(spsr_el2), with_it(0));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, undef);
	ATF_TP_ADD_TC(tp, vector);
	ATF_TP_ADD_TC(tp, pstate);
	ATF_TP_ADD_TC(tp, fnv);
	ATF_TP_ADD_TC(tp, serror);
	ATF_TP_ADD_TC(tp, skip);
	ATF_TP_ADD_TC(tp, skip_in_it_block);
	return atf_no_error();
}
