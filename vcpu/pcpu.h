/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical CPU as its vCPUs have it: which one is loaded, which ones can run,
 * what is to be done before the next entry. Only the CPU itself uses its fields,
 * except those under "any CPU".
 */
#pragma once

#include "core/cpu.h"
#include "core/timer.h"
#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"
#include "sched/sched.h"

struct vcpu;

struct pcpu {
	struct cpu base; /* first: TPIDR_EL2 points to both */

	/* Used by assembly, at the offsets of arm64/vmsa_asm.h */
	struct vcpu *current; /* loaded: its registers are in the hardware; or NULL */
	uint64_t mitigation;  /* struct mitigation.argument, for the CPU's vectors */

	struct vcpu *fp_owner; /* its FP registers are in the hardware; or NULL */
	struct sched_cpu sched;
	struct vcpu **vcpus; /* all vCPUs that have this CPU as home, by slot */
	unsigned int nr_vcpus;
	/* To be done before the next entry; `attention` tests both at once */
	union {
		struct {
			bool resched; /* ask the scheduler */
			bool flush;   /* vgic_flush() of the loaded vCPU */
		};
		uint16_t attention;
	};
	bool ras;	      /* serror_has_ras() */
	bool serror_reported; /* the first SError that was nobody's has been */
	bool look;	      /* one of its vCPUs has vcpu.look */
	struct timer slice;   /* ends the current vCPU's slice */

	/* Any CPU, atomically */
	uint64_t mailbox; /* bit n: vcpus[n]->requests is not 0 */
};

_Static_assert(offsetof(struct pcpu, base) == 0, "this_pcpu()");

/* The CPU that runs this. */
static inline struct pcpu *this_pcpu(void)
{
	return percpu_data();
}

/* All CPUs of the machine, by index; written at boot. */
extern struct pcpu *pcpus;
extern unsigned int nr_pcpus;

/*
 * Makes the data of every CPU of the host; the calling CPU finds its own by its
 * MPIDR. Boot. Returns 0, -ENOMEM, or -ENODEV after saying why.
 */
int pcpu_init_all(const struct host *host, struct arena *arena);
