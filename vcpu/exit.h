/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits from guests. All but vcpu_schedule() is called by vcpu/vectors.S only,
 * which says at which point which registers are saved.
 */
#pragma once

#include "arm64/lock_order.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"

/*
 * What is to follow an exit, as a fast path returns it: the vCPU's address if the exit is done and
 * the guest goes on, else one of the negative numbers below. EL2's addresses are positive, so that
 * vectors.S has the vCPU and the answer in one register, and looks at the sign only.
 */
struct exit_result {
	intptr_t value;
};

/* The exit is done, and the guest goes on. exit_done() returns it if nothing else is to be done. */
#define EXIT_DONE(vcpu) ((struct exit_result){(intptr_t)(vcpu)})
/* Nothing has been done: the slow path handles the exception, with all of vcpu->regs. */
#define EXIT_SLOW ((struct exit_result){-1})
/* The exit is done, and the scheduler has to be asked who runs next. */
#define EXIT_RESCHEDULE ((struct exit_result){-2})

static inline bool exit_is(struct exit_result result, struct exit_result other)
{
	return result.value == other.value;
}

/* True if the exit is done and the vCPU goes on. */
static inline bool exit_is_done(struct exit_result result)
{
	return result.value >= 0;
}

/* The fast paths: the guest's VCPU_REGS_EARLY are in vcpu->regs, the others still in registers. */
struct exit_result exit_sync_fast(struct vcpu *vcpu);
struct exit_result exit_irq_fast(struct vcpu *vcpu);
struct exit_result exit_serror_fast(struct vcpu *vcpu);

/*
 * The slow path, with all of vcpu->regs, after a fast path that returned `why`, EXIT_SLOW or
 * EXIT_RESCHEDULE. Returns the vCPU to run, which is loaded then.
 */
struct vcpu *exit_slow(struct exit_result why, struct vcpu *vcpu);

/* exit_done() when there is something to do before the guest goes on. */
struct exit_result exit_attend(struct vcpu *vcpu);

/* The end of every fast path that has finished with the exit: what it returns. */
static inline struct exit_result exit_done_on(const struct pcpu *cpu, struct vcpu *vcpu)
{
	lock_assert_none_held();
	if (__builtin_expect(cpu->attention, 0))
		return exit_attend(vcpu);
	return EXIT_DONE(vcpu);
}

/* The same, where the CPU's data is not to hand. */
static inline struct exit_result exit_done(struct vcpu *vcpu)
{
	return exit_done_on(vcpu->home, vcpu);
}

/*
 * Does all work that this CPU has until a vCPU can run, and sleeps in between.
 * Returns that vCPU, loaded. Also the end of each CPU's boot.
 */
struct vcpu *vcpu_schedule(struct pcpu *cpu);

/* Prepares the CPU's timer for slices. Each CPU, before the first vcpu_schedule(). */
void vcpu_init_slice(struct pcpu *cpu);

/* vectors.S: goes into the guest; the stack is left. */
_Noreturn void vcpu_enter(struct vcpu *vcpu);
