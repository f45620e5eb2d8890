// SPDX-License-Identifier: BSD-2-Clause
/*
 * See emulate.h. Follows DDI 0487, D19.2.37 for the syndrome and C6.2 for the
 * instructions.
 *
 * Guests are little-endian: ID_AA64MMFR0_EL1 tells them so. The meaning of a
 * guest's instruction depends on registers that this CPU holds, and on the
 * guest's memory, which the VM's other vCPUs may change meanwhile. Whatever is
 * read there can only turn into an access to the VM's own devices.
 *
 * No lock: devices have their own, and the map of them is constant.
 */
#include "vcpu/emulate.h"

#include "arm64/at.h"
#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "mm/guest.h"
#include "vcpu/decode.h"
#include "vcpu/inject.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* Virtual addresses are compared without the tag, which is there with TBI. */
#define UNTAGGED GENMASK(55, 0)

/* How the emulation of an instruction ended. */
enum outcome {
	DONE,
	AGAIN, /* the guest does it again: its translation changed, or the device is not ready */
	ABORT, /* external abort, at the faulting address */
	FAULT, /* a fault of the guest's own translation of the second access */
};

struct emulation {
	struct vcpu *vcpu;
	uint64_t far; /* the virtual address that faulted, or does now */
	bool hpfar;   /* HPFAR_EL2 has its page */
	uint64_t iss; /* FAULT: the abort's */
	struct decoded insn;
	uint64_t base;	/* value of the base register */
	uint64_t va[2]; /* of each access */
	uint64_t ipa[2];
};

/* The stack pointer that the instruction used: C5.1, SP. */
static enum guest_reg used_sp(void)
{
	uint64_t pstate = read_sysreg(spsr_el2);

	return !pstate_is_el0(pstate) && (pstate & PSTATE_SPSEL) ? GUEST_SP_EL1 : GUEST_SP_EL0;
}

/*
 * Reads the instruction at the guest's PC. EL1 can read whatever the CPU could
 * execute a moment ago, at either EL: PAN does not apply to this AT.
 */
static enum outcome fetch(struct vcpu *vcpu, uint32_t *insn)
{
	uint64_t pc = read_sysreg(elr_el2);
	uint64_t par = at_s1(pc, false, false);
	ipa_t addr = ipa((par & PAR_PA) | (pc & PAGE_MASK));

	if (par & PAR_F)
		return (par & PAR_S) || FSC_IS_EXTERNAL(FIELD_GET(PAR_FST, par)) ? ABORT : AGAIN;
	if (guest_read(&vcpu->vm->stage2, this_pcpu()->base.id, &vcpu->code, addr, insn,
		       sizeof(*insn)) != 0)
		return ABORT;
	return DONE;
}

/* The IPA of one access; the page that faulted is known, another one must be looked up. */
static enum outcome locate(struct emulation *e, unsigned int n)
{
	uint64_t va = e->va[n];
	bool el0 = pstate_is_el0(read_sysreg(spsr_el2)) || e->insn.unprivileged;
	uint64_t par;

	if (e->hpfar && ((va ^ e->far) & UNTAGGED & ~PAGE_MASK) == 0) {
		e->ipa[n] = emulate_fault_ipa(va);
		return DONE;
	}
	par = at_s1(va, el0, e->insn.write);
	if (!(par & PAR_F)) {
		e->ipa[n] = (par & PAR_PA) | (va & PAGE_MASK);
		return DONE;
	}
	e->far = va;
	if (par & PAR_S)
		return ABORT;
	e->iss = FIELD_GET(PAR_FST, par) | (e->insn.write ? ESR_ABT_WNR : 0);
	return FAULT;
}

/* The access as the instruction at the PC describes it. */
static enum outcome describe_by_insn(struct emulation *e, uint64_t esr)
{
	struct decoded *d = &e->insn;
	enum outcome outcome;
	uint32_t insn;

	if (read_sysreg(spsr_el2) & PSTATE_AARCH32)
		return ABORT;
	outcome = fetch(e->vcpu, &insn);
	if (outcome != DONE)
		return outcome;
	if (!decode_load_store(insn, d) || d->write != !!(esr & ESR_ABT_WNR))
		return ABORT;
	if (d->literal)
		e->base = read_sysreg(elr_el2);
	else if (d->rn == 31)
		e->base = vcpu_read_reg(e->vcpu, used_sp());
	else
		e->base = vcpu_regs_get(&e->vcpu->regs, d->rn);
	e->va[0] =
	    decode_address(d, e->base, d->rm < 31 ? vcpu_regs_get(&e->vcpu->regs, d->rm) : 0);
	e->va[1] = e->va[0] + d->size;
	/* Otherwise this is not the instruction that aborted */
	if (((e->far - e->va[0]) & UNTAGGED) >= (uint64_t)d->count * d->size)
		return ABORT;
	outcome = locate(e, 0);
	if (outcome == DONE && d->count == 2)
		outcome = locate(e, 1);
	return outcome;
}

/* The access as the syndrome describes it. */
static enum outcome describe_by_syndrome(struct emulation *e, uint64_t esr)
{
	e->insn = (struct decoded){
	    .count = 1,
	    .size = (uint8_t)(1u << FIELD_GET(ESR_ABT_SAS, esr)),
	    .rt = {(uint8_t)FIELD_GET(ESR_ABT_SRT, esr)},
	    .write = esr & ESR_ABT_WNR,
	    .sign_extend = esr & ESR_ABT_SSE,
	    .wide = esr & ESR_ABT_SF,
	};
	e->va[0] = e->far;
	return locate(e, 0);
}

/* What a load puts into the register. */
static uint64_t extend(const struct decoded *d, uint64_t value)
{
	unsigned int unused = 64 - 8u * d->size;

	value = emulate_truncate(value, d->size);
	if (d->sign_extend)
		value = (uint64_t)((int64_t)(value << unused) >> unused);
	return d->wide ? value : (uint32_t)value;
}

/*
 * Does the accesses, in order, and then changes registers: an abort by the
 * second access leaves all registers as they were.
 */
static enum outcome perform(struct emulation *e)
{
	const struct decoded *d = &e->insn;
	const struct mmio_region *regions[2];
	struct mmio_access access[2];
	enum mmio_result result;

	for (unsigned int i = 0; i < d->count; i++) {
		e->far = e->va[i];
		regions[i] = emulate_find_region(e->vcpu, e->ipa[i], d->size);
		if (regions[i] == NULL)
			return ABORT;
	}
	for (unsigned int i = 0; i < d->count; i++) {
		e->far = e->va[i];
		access[i].offset = e->ipa[i] - regions[i]->base.v;
		access[i].value =
		    d->write ? emulate_truncate(vcpu_regs_get(&e->vcpu->regs, d->rt[i]), d->size)
			     : 0;
		access[i].size = d->size;
		access[i].write = d->write;
		result = regions[i]->handler(e->vcpu, regions[i]->dev, &access[i]);
		if (result != MMIO_OK)
			return result == MMIO_AGAIN ? AGAIN : ABORT;
	}
	for (unsigned int i = 0; i < d->count && !d->write; i++)
		vcpu_regs_set(&e->vcpu->regs, d->rt[i], extend(d, access[i].value));
	if (d->writeback && d->rn == 31)
		vcpu_write_reg(e->vcpu, used_sp(), e->base + (uint64_t)d->offset);
	else if (d->writeback)
		vcpu_regs_set(&e->vcpu->regs, d->rn, e->base + (uint64_t)d->offset);
	return DONE;
}

static enum outcome emulate(struct emulation *e, uint64_t esr)
{
	enum outcome outcome =
	    esr & ESR_ABT_ISV ? describe_by_syndrome(e, esr) : describe_by_insn(e, esr);

	return outcome == DONE ? perform(e) : outcome;
}

void emulate_access(struct vcpu *vcpu, uint64_t esr)
{
	struct emulation e; /* all that is read is written before */

	e.vcpu = vcpu;
	e.far = read_sysreg(far_el2);
	/*
	 * HPFAR_EL2 is valid for translation faults. A permission fault, which is a store to
	 * firmware, need not set it (DDI 0487, HPFAR_EL2).
	 */
	e.hpfar = FIELD_GET(FSC_TYPE, FIELD_GET(ESR_ABT_FSC, esr)) == FSC_TRANSLATION;
	switch (emulate(&e, esr)) {
	case DONE:
		inject_skip_instruction(esr);
		break;
	case AGAIN:
		break;
	case ABORT:
		inject_data_abort(vcpu, e.far, FSC_EXTERNAL | (esr & ESR_ABT_WNR));
		break;
	case FAULT:
		inject_data_abort(vcpu, e.far, e.iss);
		break;
	}
}
