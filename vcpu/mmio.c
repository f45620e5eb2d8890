// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2 data aborts: finds out which access the guest made, lets the
 * emulated device answer it, and finishes the instruction (DDI 0487, D19.2.37
 * for the syndrome, C6.2 for the instructions).
 *
 * Guests are little-endian: ID_AA64MMFR0_EL1 tells them so. What a guest's
 * instruction means is decided from registers that this CPU holds and from
 * the guest's memory, which its other vCPUs may change meanwhile; whatever is
 * read there can only turn into an access to this VM's own devices.
 *
 * No lock: devices have their own, and the map of them is constant.
 */
#include "vcpu/mmio.h"

#include "arm64/at.h"
#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "mm/guest.h"
#include "vcpu/decode.h"
#include "vcpu/exit.h"
#include "vcpu/inject.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* A described access of one register, zero-extending, that stage 2 does not map */
#define FAST_MASK (ESR_ABT_SSE | ESR_ABT_CM | ESR_ABT_S1PTW | FAST_FSC)
#define FAST_FSC FIELD_PREP(ESR_ABT_FSC, FIELD_PREP(FSC_TYPE, FIELD_MAX(FSC_TYPE)))
#define FAST_VALUE FIELD_PREP(FSC_TYPE, FSC_TRANSLATION)

/* Rt is not one of x0 to x15, which are what compilers use most */
#define RT_NOT_LOW FIELD_PREP(ESR_ABT_SRT, 0x10)

/* Virtual addresses are compared without the tag that TBI lets them have. */
#define UNTAGGED GENMASK(55, 0)

/* The lowest `size` bytes, 1 to 8. */
static inline uint64_t truncate(uint64_t value, unsigned int size)
{
	unsigned int unused = (64 - 8 * size) & 63;

	return value << unused >> unused;
}

/* The page is HPFAR_EL2's, the offset in it is the virtual address's. */
static uint64_t fault_ipa(uint64_t far)
{
	return FIELD_GET(HPFAR_FIPA, read_sysreg(hpfar_el2)) << PAGE_SHIFT | (far & PAGE_MASK);
}

/* Where no IPA is: what a vCPU that has accessed nothing yet accessed last. */
const struct mmio_region mmio_nowhere = {.base = {BIT(63)}, .size = 8};

/* The region that holds the whole access, or NULL. A VM's map never changes. */
static const struct mmio_region *find_region(struct vcpu *vcpu, uint64_t addr, unsigned int size)
{
	const struct mmio_region *region = mmio_map_find(&vcpu->vm->mmio, ipa(addr), size);

	if (region != NULL)
		vcpu->mmio_last = region;
	return region;
}

/* The fast path again, if there is a region that it did not remember. */
static __attribute__((noinline)) struct exit_result mmio_fast_other(struct vcpu *vcpu, uint64_t esr,
								    uint64_t addr,
								    unsigned int size)
{
	if (find_region(vcpu, addr, size) == NULL)
		return EXIT_SLOW;
	return vcpu_mmio_fast(vcpu, esr);
}

/* The device does not answer, or not yet; nothing has changed. */
static __attribute__((noinline)) struct exit_result mmio_fast_failed(struct vcpu *vcpu,
								     enum mmio_result result)
{
	if (result == MMIO_FAULT)
		inject_data_abort(vcpu, read_sysreg(far_el2),
				  FSC_EXTERNAL | (read_sysreg(esr_el2) & ESR_ABT_WNR));
	return exit_done(vcpu);
}

/*
 * Every register access of a guest's drivers comes through here, so its length
 * is counted: it assumes that the guest goes on with the device that it
 * accessed last, keeps nothing across the handler (what is needed then is in
 * the hardware's registers still), and has no stack protector, as it has no
 * array.
 */
__attribute__((no_stack_protector)) struct exit_result vcpu_mmio_fast(struct vcpu *vcpu,
								      uint64_t esr)
{
	unsigned int rt = (unsigned int)FIELD_GET(ESR_ABT_SRT, esr);
	unsigned int size = 1u << FIELD_GET(ESR_ABT_SAS, esr);
	const struct mmio_region *region = vcpu->mmio_last;
	struct mmio_access access;
	enum mmio_result result;
	const struct pcpu *cpu;
	uint64_t addr;

	if (!(esr & ESR_ABT_ISV) || (esr & FAST_MASK) != FAST_VALUE ||
	    (read_sysreg(spsr_el2) & INJECT_SKIP_STATE))
		return EXIT_SLOW;
	if ((esr & RT_NOT_LOW) && !vcpu_regs_are_early(rt))
		return EXIT_SLOW;
	addr = fault_ipa(read_sysreg(far_el2));
	/* Below its base the offset is huge; every region is larger than an access. */
	access.offset = addr - region->base.v;
	if (access.offset > region->size - size)
		return mmio_fast_other(vcpu, esr, addr, size);

	access.size = (uint8_t)size;
	access.write = esr & ESR_ABT_WNR;
	access.value = 0;
	if (esr & ESR_ABT_WNR)
		access.value = truncate(vcpu_regs_get(&vcpu->regs, rt), size);
	result = region->handler(vcpu, region->dev, &access);

	cpu = this_pcpu();
	vcpu = cpu->current;
	if (__builtin_expect(result != MMIO_OK, 0))
		return mmio_fast_failed(vcpu, result);
	esr = read_sysreg(esr_el2);
	if (!(esr & ESR_ABT_WNR))
		vcpu_regs_set(&vcpu->regs, (unsigned int)FIELD_GET(ESR_ABT_SRT, esr), access.value);
	inject_skip_plain();
	return exit_done_on(cpu, vcpu);
}

/* ---- The whole truth ---- */

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
	if (guest_read_near(&vcpu->vm->stage2, this_pcpu()->base.id, &vcpu->code, addr, insn,
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
		e->ipa[n] = fault_ipa(va);
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

	value = truncate(value, d->size);
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
		regions[i] = find_region(e->vcpu, e->ipa[i], d->size);
		if (regions[i] == NULL)
			return ABORT;
	}
	for (unsigned int i = 0; i < d->count; i++) {
		e->far = e->va[i];
		access[i].offset = e->ipa[i] - regions[i]->base.v;
		access[i].value =
		    d->write ? truncate(vcpu_regs_get(&e->vcpu->regs, d->rt[i]), d->size) : 0;
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

void vcpu_data_abort(struct vcpu *vcpu, uint64_t esr)
{
	struct emulation e = {.vcpu = vcpu, .far = read_sysreg(far_el2)};
	uint64_t fsc = FIELD_GET(ESR_ABT_FSC, esr);
	uint64_t wnr = esr & ESR_ABT_WNR;

	e.hpfar = FIELD_GET(FSC_TYPE, fsc) == FSC_TRANSLATION;
	/*
	 * No memory for the guest's translation tables, a device that does not
	 * answer: all are the system's no. Only an alignment fault, for stage 2 made it
	 * Device, stays one. HPFAR_EL2 is valid for translation faults; a permission
	 * fault, which is a store to firmware, need not set it (DDI 0487, HPFAR_EL2).
	 */
	if ((!e.hpfar && FIELD_GET(FSC_TYPE, fsc) != FSC_PERMISSION) || (esr & ESR_ABT_S1PTW)) {
		inject_data_abort(vcpu, e.far,
				  wnr | (fsc == FSC_ALIGNMENT ? fsc : FSC_EXTERNAL) |
				      (esr & ESR_ABT_FNV));
		return;
	}
	/* Nothing here is cached, so there is nothing to maintain */
	if (esr & ESR_ABT_CM) {
		inject_skip_instruction(esr);
		return;
	}
	switch (emulate(&e, esr)) {
	case DONE:
		inject_skip_instruction(esr);
		break;
	case AGAIN:
		break;
	case ABORT:
		inject_data_abort(vcpu, e.far, FSC_EXTERNAL | wnr);
		break;
	case FAULT:
		inject_data_abort(vcpu, e.far, e.iss);
		break;
	}
}
