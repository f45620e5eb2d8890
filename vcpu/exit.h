/*
 * Exits from guests: called by core/vectors.S only, but for vcpu_schedule().
 * See there for what is saved when.
 */
#pragma once

#include "lib/types.h"

struct cpu;
struct vcpu;

/*
 * The fast paths: x0-x18, x29, x30 of the guest are in vcpu->regs, the others
 * still in their registers. Return `vcpu`, to go back to it, or NULL if it
 * takes the slow path, that is vcpu->regs in full, or a scheduling decision.
 */
struct vcpu *exit_sync_fast(struct vcpu *vcpu);
struct vcpu *exit_irq_fast(struct vcpu *vcpu);
struct vcpu *exit_serror_fast(struct vcpu *vcpu);

/* The slow paths: return the vCPU to run, which is loaded then. */
struct vcpu *exit_sync_slow(struct vcpu *vcpu);
struct vcpu *exit_irq_slow(struct vcpu *vcpu);

/*
 * Does what there is to do on this CPU until a vCPU can run; returns it,
 * loaded. Sleeps in between. Also the end of each CPU's boot.
 */
struct vcpu *vcpu_schedule(struct cpu *cpu);

/* Prepares the CPU's timer for slices. Each CPU, before the first vcpu_schedule(). */
void vcpu_init_slice(struct cpu *cpu);

/* vectors.S: goes into the guest; the stack is left. */
_Noreturn void vcpu_enter(struct vcpu *vcpu);
