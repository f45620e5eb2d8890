// SPDX-License-Identifier: BSD-2-Clause
/*
 * From a guest's exit to the next entry. Runs on the CPU's own stack with
 * interrupts masked; see exit.h and vcpu/vectors.S.
 */
#include "vcpu/exit.h"

#include "arm64/atomic.h"
#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/vmsa_asm.h"
#include "core/irq.h"
#include "core/timer.h"
#include "vcpu/forward.h"
#include "vcpu/inject.h"
#include "vcpu/pcpu.h"
#include "vcpu/psci.h"
#include "vcpu/serror.h"
#include "vcpu/stage2_fault.h"
#include "vcpu/switch.h"
#include "vcpu/sysreg_trap.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

_Static_assert(offsetof(struct pcpu, current) == CPU_CURRENT, "vectors.S");
_Static_assert(VCPU_REGS_EARLY == 0x4007ffff, "guest_exit in vectors.S");
_Static_assert(offsetof(struct pcpu, base.stack_top) == CPU_STACK_TOP, "start.S, vectors.S");

__attribute__((noinline)) struct exit_result exit_attend(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->home;

	if (cpu->flush) {
		vgic_flush(&vcpu->vgic);
		cpu->flush = false; /* also if the flush itself asked for one */
	}
	return cpu->resched ? EXIT_RESCHEDULE : EXIT_DONE(vcpu);
}

/* WFI is trapped only where vCPUs share the CPU; WFE never. */
static void exit_wfx(struct vcpu *vcpu, uint64_t esr)
{
	inject_skip_instruction(esr);
	vcpu_wait(vcpu);
}

/* Exits that are rare or long. Not inlined, so that the frequent ones need no stack frame. */
static __attribute__((noinline)) struct exit_result exit_sync_other(struct vcpu *vcpu, uint64_t esr)
{
	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_SMC64:
		/* a trapped SMC is returned to, not past (DDI 0487, D1.3.5.3) */
		inject_skip_instruction(esr);
		return vcpu_smccc_call(vcpu);
	case ESR_EC_WFX:
		exit_wfx(vcpu, esr);
		return exit_done(vcpu);
	case ESR_EC_FP_ACCESS:
		vcpu_fp_switch(vcpu);
		return exit_done(vcpu);
	default:
		return EXIT_SLOW;
	}
}

/* The most frequent first; each handler's last step is exit_done(), so that none returns here. */
struct exit_result exit_sync_fast(struct vcpu *vcpu)
{
	uint64_t esr = read_sysreg(esr_el2);
	uint64_t ec = FIELD_GET(ESR_EC, esr);

	if (ec == ESR_EC_DABT_LOWER)
		return stage2_fault_fast(vcpu, esr);
	if (ec == ESR_EC_SYSREG)
		return vcpu_sysreg_fast(vcpu, esr);
	if (ec == ESR_EC_HVC64)
		return vcpu_smccc_call(vcpu);
	return exit_sync_other(vcpu, esr);
}

struct exit_result exit_irq_fast(struct vcpu *vcpu)
{
	const struct pcpu *cpu;

	(void)vcpu;
	forward_guest_exit();
	cpu = this_pcpu();
	return exit_done_on(cpu, cpu->current);
}

/* The SError may be due to a guest's access to a device: the guest gets it. */
struct exit_result exit_serror_fast(struct vcpu *vcpu)
{
	inject_serror();
	return exit_done(vcpu);
}

static void handle_sync(struct vcpu *vcpu)
{
	uint64_t esr = read_sysreg(esr_el2);

	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_DABT_LOWER:
		stage2_data_abort(vcpu, esr);
		break;
	case ESR_EC_IABT_LOWER:
		stage2_fetch_abort(vcpu);
		break;
	case ESR_EC_SYSREG:
		vcpu_sysreg(vcpu, esr);
		break;
	case ESR_EC_CP15_32:
	case ESR_EC_CP15_64:
	case ESR_EC_CP14_32:
	case ESR_EC_CP14_LS:
	case ESR_EC_CP10_ID:
	case ESR_EC_CP14_64:
		vcpu_coprocessor(vcpu, esr);
		break;
	default:
		/* Nobody has granted it: it is absent. */
		inject_undef(vcpu);
		break;
	}
}

static void slice_over(struct timer *timer)
{
	(void)timer;
	this_pcpu()->resched = true;
}

/* Sleeps until an interrupt is pending. A masked one ends WFI, too. */
static void idle(struct pcpu *cpu)
{
	dsb(sy); /* all stores are seen before this CPU goes quiet */
	/* A pending SError would end every WFI here. It is the loaded vCPU's, whose WFI it ends. */
	if (serror_sync(cpu, cpu->current))
		return;
	wfi();
	irq_handle();
}

static struct sched_entity *pick(struct pcpu *cpu)
{
	uint64_t now = timer_now();
	struct sched_entity *entity = sched_pick(&cpu->sched, now);

	if (cpu->sched.limit)
		timer_start(&cpu->slice, now + cpu->sched.limit);
	else
		timer_stop(&cpu->slice);
	return entity;
}

struct vcpu *vcpu_schedule(struct pcpu *cpu)
{
	for (;;) {
		struct sched_entity *entity;
		struct vcpu *vcpu;

		cpu->resched = false;
		vcpu_read_mailbox(cpu);
		if (cpu->look)
			vcpu_look_at_lives(cpu);
		/* A VM that stopped here may have asked its first vCPU, here too, to start. */
		if (cpu->resched)
			continue;
		entity = pick(cpu);
		if (!entity) {
			idle(cpu);
			continue;
		}

		vcpu = container_of(entity, struct vcpu, sched);
		if (atomic_load_relaxed(&vcpu->vm->state) == VM_LOADING) {
			/* its first vCPU is the loader until it is done */
			serror_sync(cpu, cpu->current);
			if (load_step(vcpu->vm, cpu->base.id))
				vm_loaded(vcpu->vm);
			serror_sync(cpu, NULL);
			irq_handle();
			continue;
		}

		if (cpu->current != vcpu)
			vcpu_switch(cpu, vcpu);
		if (vgic_needs_flush(&vcpu->vgic))
			vgic_flush(&vcpu->vgic);
		cpu->flush = false;
		if (!cpu->resched)
			return vcpu;
	}
}

struct vcpu *exit_slow(struct exit_result why, struct vcpu *vcpu)
{
	if (exit_is(why, EXIT_SLOW)) {
		handle_sync(vcpu);
		/* the usual case: nothing else to do */
		if (exit_is_done(exit_done(vcpu)))
			return vcpu;
	}
	return vcpu_schedule(vcpu->home);
}

void vcpu_init_slice(struct pcpu *cpu)
{
	timer_init(&cpu->slice, slice_over);
}
