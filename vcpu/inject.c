// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exception injection. EL2 does to the loaded guest's registers what the CPU
 * would have done on taking the exception to EL1: DDI 0487, D1.3.3 and
 * AArch64.TakeException() in J1.1.2.
 *
 * EL1 is AArch64 always; EL0 may be AArch32. No lock: the registers are this
 * CPU's own.
 */
#include "vcpu/inject.h"

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/guest_regs.h"
#include "vcpu/serror.h"

/* The synchronous exceptions' offset in the vectors, by the PSTATE before: D1.3.1.5. */
static uint64_t vector_offset(uint64_t pstate)
{
	if (pstate & PSTATE_AARCH32)
		return 0x600;
	if (pstate_is_el0(pstate))
		return 0x400;
	return pstate & PSTATE_SPSEL ? 0x200 : 0;
}

/* PSTATE in the handler, for an exception taken with `old` to EL1. */
static uint64_t handler_pstate(const struct vcpu *vcpu, uint64_t old)
{
	uint64_t sctlr = vcpu_read_reg(vcpu, GUEST_SCTLR);
	/* SS, IL, UAO, BTYPE, and AArch32's T and IT become 0 */
	uint64_t new = (old & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN)) | PSTATE_DAIF | PSTATE_EL1H;

	/* If a feature does not exist, its bit of SPSR_EL2 is RES0 and ignored */
	if (!(sctlr & SCTLR_EL1_SPAN))
		new |= PSTATE_PAN;
	if (sctlr & SCTLR_EL1_DSSBS)
		new |= PSTATE_SSBS;
	return new;
}

uint64_t inject_vectors(const struct vcpu *vcpu)
{
	return vcpu_read_reg(vcpu, GUEST_VBAR) & ~(INJECT_VECTORS_SIZE - 1); /* RES0 */
}

/* All syndromes here have IL set: UNDEF and aborts without ISV always do. */
static void inject_sync(struct vcpu *vcpu, uint64_t ec, uint64_t iss)
{
	uint64_t pstate = read_sysreg(spsr_el2);

	vcpu_write_reg(vcpu, GUEST_ESR, FIELD_PREP(ESR_EC, ec) | ESR_IL | iss);
	vcpu_write_reg(vcpu, GUEST_ELR, read_sysreg(elr_el2));
	vcpu_write_reg(vcpu, GUEST_SPSR, pstate);
	write_sysreg(elr_el2, inject_vectors(vcpu) + vector_offset(pstate));
	write_sysreg(spsr_el2, handler_pstate(vcpu, pstate));
}

void inject_undef(struct vcpu *vcpu)
{
	inject_sync(vcpu, ESR_EC_UNKNOWN, 0);
}

/* An abort. The syndrome's class is `lower` if the guest was at EL0, else `same`. */
static void inject_abort(struct vcpu *vcpu, uint64_t far, uint64_t iss, uint64_t lower,
			 uint64_t same)
{
	if (!(iss & ESR_ABT_FNV))
		vcpu_write_reg(vcpu, GUEST_FAR, far);
	inject_sync(vcpu, pstate_is_el0(read_sysreg(spsr_el2)) ? lower : same, iss);
}

void inject_data_abort(struct vcpu *vcpu, uint64_t far, uint64_t iss)
{
	inject_abort(vcpu, far, iss, ESR_EC_DABT_LOWER, ESR_EC_DABT_SAME);
}

void inject_inst_abort(struct vcpu *vcpu, uint64_t far, uint64_t iss)
{
	inject_abort(vcpu, far, iss, ESR_EC_IABT_LOWER, ESR_EC_IABT_SAME);
}

void inject_serror(void)
{
	/* With FEAT_RAS the guest's syndrome comes from VSESR_EL2: 0, an uncategorized error */
	if (serror_has_ras())
		write_sysreg(VSESR_EL2, 0);
	/* Hardware clears VSE when the guest takes it; the world switch keeps HCR_EL2 */
	write_sysreg(hcr_el2, read_sysreg(hcr_el2) | HCR_VSE);
}

/* The If-Then state of T32 code moves on by one instruction: ITAdvance(), F1. */
static uint64_t advance_it(uint64_t pstate)
{
	uint64_t it =
	    FIELD_GET(PSTATE_A32_IT_HIGH, pstate) << 2 | FIELD_GET(PSTATE_A32_IT_LOW, pstate);

	it = (it & 7) == 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
	pstate &= ~(PSTATE_A32_IT_HIGH | PSTATE_A32_IT_LOW);
	return pstate | FIELD_PREP(PSTATE_A32_IT_HIGH, it >> 2) | FIELD_PREP(PSTATE_A32_IT_LOW, it);
}

void inject_skip_instruction(uint64_t esr)
{
	uint64_t pstate = read_sysreg(spsr_el2);

	/* The software step is done; BTYPE lasts one instruction */
	if (pstate & PSTATE_AARCH32)
		pstate = advance_it(pstate) & ~PSTATE_SS;
	else
		pstate &= ~(PSTATE_SS | PSTATE_BTYPE);
	write_sysreg(spsr_el2, pstate);
	write_sysreg(elr_el2, read_sysreg(elr_el2) + (esr & ESR_IL ? 4 : 2));
}
