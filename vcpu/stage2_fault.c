// SPDX-License-Identifier: BSD-2-Clause
/*
 * See stage2_fault.h. Follows DDI 0487, D19.2.37 for the syndrome. No lock:
 * devices have their own, and the map of them is constant.
 */
#include "vcpu/stage2_fault.h"

#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/crash.h"
#include "vcpu/emulate.h"
#include "vcpu/exit.h"
#include "vcpu/inject.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* The syndrome describes an access of one register, zero-extending, where nothing is mapped. */
#define FAST_MASK (ESR_ABT_SSE | ESR_ABT_CM | ESR_ABT_S1PTW | FAST_FSC)
#define FAST_FSC FIELD_PREP(ESR_ABT_FSC, FIELD_PREP(FSC_TYPE, FIELD_MAX(FSC_TYPE)))
#define FAST_VALUE FIELD_PREP(FSC_TYPE, FSC_TRANSLATION)

/* Rt is not one of x0 to x15, which compilers use most */
#define RT_NOT_LOW FIELD_PREP(ESR_ABT_SRT, 0x10)

const struct mmio_region mmio_nowhere = {.base = {BIT(63)}, .size = 8};

/* The fast path again, if the access is to another region than the last one. */
static __attribute__((noinline)) struct exit_result fast_other(struct vcpu *vcpu, uint64_t esr,
							       uint64_t addr, unsigned int size)
{
	if (emulate_find_region(vcpu, addr, size) == NULL)
		return EXIT_SLOW;
	return stage2_fault_fast(vcpu, esr);
}

/* The device does not answer, or not yet; nothing has changed. */
static __attribute__((noinline)) struct exit_result fast_failed(struct vcpu *vcpu,
								enum mmio_result result)
{
	if (result == MMIO_FAULT)
		inject_data_abort(vcpu, read_sysreg(far_el2),
				  FSC_EXTERNAL | (read_sysreg(esr_el2) & ESR_ABT_WNR));
	return exit_done(vcpu);
}

/*
 * Every register access of a guest's drivers comes through here, so that each
 * instruction counts. The function assumes that the guest goes on with the device
 * that it accessed last. It keeps nothing across the handler: ESR_EL2 and
 * TPIDR_EL2 are still there afterwards. It has no stack protector, as it has no
 * array.
 */
__attribute__((no_stack_protector)) struct exit_result stage2_fault_fast(struct vcpu *vcpu,
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
	addr = emulate_fault_ipa(read_sysreg(far_el2));
	/* Below its base the offset is huge; every region is larger than an access. */
	access.offset = addr - region->base.v;
	if (access.offset > region->size - size)
		return fast_other(vcpu, esr, addr, size);

	access.size = (uint8_t)size;
	access.write = esr & ESR_ABT_WNR;
	access.value = 0;
	if (esr & ESR_ABT_WNR)
		access.value = emulate_truncate(vcpu_regs_get(&vcpu->regs, rt), size);
	result = region->handler(vcpu, region->dev, &access);

	cpu = this_pcpu();
	vcpu = cpu->current;
	if (__builtin_expect(result != MMIO_OK, 0))
		return fast_failed(vcpu, result);
	esr = read_sysreg(esr_el2);
	if (!(esr & ESR_ABT_WNR))
		vcpu_regs_set(&vcpu->regs, (unsigned int)FIELD_GET(ESR_ABT_SRT, esr), access.value);
	inject_skip_plain();
	return exit_done_on(cpu, vcpu);
}

/* ---- The slow path ---- */

void stage2_data_abort(struct vcpu *vcpu, uint64_t esr)
{
	uint64_t fsc = FIELD_GET(ESR_ABT_FSC, esr), type = FIELD_GET(FSC_TYPE, fsc);

	/*
	 * Memory that the guest's translation tables would have to be in, or a device of its own
	 * that does not answer: the guest takes an external abort. An alignment fault, which it
	 * gets because stage 2 made the memory Device, stays one.
	 */
	if ((type != FSC_TRANSLATION && type != FSC_PERMISSION) || (esr & ESR_ABT_S1PTW)) {
		inject_data_abort(vcpu, read_sysreg(far_el2),
				  (esr & (ESR_ABT_WNR | ESR_ABT_FNV)) |
				      (fsc == FSC_ALIGNMENT ? fsc : FSC_EXTERNAL));
		return;
	}
	/* Emulated devices are not cached: there is nothing to maintain. */
	if (esr & ESR_ABT_CM) {
		inject_skip_instruction(esr);
		return;
	}
	emulate_access(vcpu, esr);
}

void stage2_fetch_abort(struct vcpu *vcpu)
{
	uint64_t far = read_sysreg(far_el2);

	if (!pstate_is_el0(read_sysreg(spsr_el2)) &&
	    far - inject_vectors(vcpu) < INJECT_VECTORS_SIZE) {
		vm_crash(vcpu, "no memory at its exception vectors: fetch from %#llx (VBAR_EL1)",
			 (unsigned long long)far);
		return;
	}
	inject_inst_abort(vcpu, far, FSC_EXTERNAL);
}
