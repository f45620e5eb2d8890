/*
 * Per-CPU data of the host: struct cpu, reached through TPIDR_EL2. A CPU's
 * fields are its own, except those under "any CPU".
 */
#pragma once

#include "arm64/sysreg.h"
#include "core/timer.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/sched.h"

struct vcpu;

struct cpu {
	/* Used by assembly, at the offsets of arm64/vmsa_asm.h */
	struct vcpu *current; /* loaded on this CPU: its EL1 state is in the hardware; or NULL */
	uintptr_t stack_top;
	uint64_t mitigation; /* struct mitigation.argument, for the CPU's vectors */

	unsigned int id; /* index in the host's /cpus */
	uint64_t mpidr;	 /* affinity fields */
	uint64_t mmfr0;	 /* its ID_AA64MMFR0_EL1 and ID_AA64MMFR1_EL1 */
	uint64_t mmfr1;
	int32_t
	    workaround_1; /* what the firmware says of them on this CPU: firmware_workaround() */
	int32_t workaround_3;

	struct vcpu *fp_owner; /* whose FP registers are in the hardware, or NULL */
	struct sched_cpu sched;
	struct vcpu **vcpus; /* all vCPUs that have this CPU as home, by slot */
	unsigned int nr_vcpus;
	/* What is to be done before the next entry; all of it is tested at once */
	union {
		struct {
			bool resched; /* ask the scheduler */
			bool flush;   /* vgic_flush() of the loaded vCPU */
		};
		uint16_t attention;
	};
	bool ras;	      /* serror_has_ras() */
	bool serror_reported; /* an SError that was nobody's */
	bool unhandled;	      /* the fast path left an exception to the slow one */
	struct timer slice;   /* ends the current vCPU's slice */

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

/* All CPUs that run, by index; written at boot. */
extern struct cpu *cpus;
extern unsigned int nr_cpus;
