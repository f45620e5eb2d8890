/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU data: what all of EL2 knows of a physical CPU. struct cpu is the
 * beginning of a larger structure, with what vCPUs need (vcpu/pcpu.h), to which
 * TPIDR_EL2 points. A CPU's fields are its own, except those under "any CPU".
 */
#pragma once

#include "arm64/percpu.h"
#include "lib/list.h"
#include "lib/types.h"

struct cpu {
	uintptr_t stack_top;	  /* assembly: CPU_STACK_TOP in arm64/vmsa_asm.h */
	unsigned int id;	  /* index in the host's /cpus; PERCPU_ID */
	struct lock_order *locks; /* of debug builds; PERCPU_LOCKS */
	uint64_t mpidr;		  /* affinity fields */
	uint64_t mmfr0;		  /* its ID_AA64MMFR0_EL1 and ID_AA64MMFR1_EL1 */
	uint64_t mmfr1;
	/* The firmware's answers about mitigations on this CPU: firmware_workaround() */
	int32_t workaround_1;
	int32_t workaround_3;

	struct list timers; /* core/timer.c: pending, by deadline */

	/* Any CPU, atomically */
	uint64_t online; /* core/smp.c */
};

_Static_assert(offsetof(struct cpu, id) == PERCPU_ID, "arm64/percpu.h");
_Static_assert(offsetof(struct cpu, locks) == PERCPU_LOCKS, "arm64/percpu.h");

/* The CPU that runs this. */
static inline struct cpu *this_cpu(void)
{
	return percpu_data();
}
