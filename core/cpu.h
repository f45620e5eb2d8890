/*
 * Per-CPU data of the host: struct cpu, reached through TPIDR_EL2. A CPU's
 * fields are its own, except those under "any CPU".
 */
#pragma once

#include "arm64/sysreg.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/sched.h"

struct vcpu;

struct cpu {
	/* Used by vectors.S at fixed offsets: see core/offsets.h */
	struct vcpu *current; /* loaded on this CPU: its EL1 state is in the hardware; or NULL */

	unsigned int id; /* index in the host's /cpus */
	bool idle;	 /* nothing runs; current may still be loaded */
	uint64_t mpidr;	 /* affinity fields */
	uintptr_t stack_top;

	struct vcpu *fp_owner; /* whose FP registers are in the hardware, or NULL */
	struct sched_cpu sched;
	struct vcpu **vcpus; /* all vCPUs that have this CPU as home, by slot */
	unsigned int nr_vcpus;
	bool resched; /* ask the scheduler before the next entry */

	struct list timers; /* core/timer.c: pending, by deadline */

	/* Any CPU, atomically */
	uint64_t mailbox; /* bit n: vcpus[n]->requests is not 0 */
	uint64_t online;
};

/* The CPU that runs this. */
static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)(uintptr_t)read_sysreg(tpidr_el2);
}
