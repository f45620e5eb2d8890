/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits from guests: called by vcpu/vectors.S only, but for vcpu_schedule().
 * See there for what is saved when.
 */
#pragma once

#include "arm64/lock_order.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"

/*
 * The fast paths: the guest's VCPU_REGS_EARLY are in vcpu->regs, the others
 * still in their registers. Return `vcpu`, to go back to it, or NULL if it
 * takes the slow path, that is vcpu->regs in full, or a scheduling decision.
 */
struct vcpu *exit_sync_fast(struct vcpu *vcpu);
struct vcpu *exit_irq_fast(struct vcpu *vcpu);
struct vcpu *exit_serror_fast(struct vcpu *vcpu);

/* The slow path, with all of vcpu->regs: returns the vCPU to run, which is loaded then. */
struct vcpu *exit_slow(struct vcpu *vcpu);

/* exit_done() when there is something to do before the guest goes on. */
struct vcpu *exit_attend(struct vcpu *vcpu);

/* The end of every fast path that has finished with the exit: what it returns. */
static inline struct vcpu *exit_done_on(const struct pcpu *cpu, struct vcpu *vcpu)
{
	lock_assert_none_held();
	return __builtin_expect(cpu->attention, 0) ? exit_attend(vcpu) : vcpu;
}

/* The same, where the CPU's data is not to hand. */
static inline struct vcpu *exit_done(struct vcpu *vcpu)
{
	return exit_done_on(vcpu->home, vcpu);
}

/* The end of a fast path that has done nothing and leaves the exit to the slow one. */
static inline struct vcpu *exit_unhandled(struct vcpu *vcpu)
{
	vcpu->home->unhandled = true;
	return NULL;
}

/*
 * Does what there is to do on this CPU until a vCPU can run; returns it,
 * loaded. Sleeps in between. Also the end of each CPU's boot.
 */
struct vcpu *vcpu_schedule(struct pcpu *cpu);

/* Prepares the CPU's timer for slices. Each CPU, before the first vcpu_schedule(). */
void vcpu_init_slice(struct pcpu *cpu);

/* vectors.S: goes into the guest; the stack is left. */
_Noreturn void vcpu_enter(struct vcpu *vcpu);
