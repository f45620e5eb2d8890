/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting the machine's other CPUs, by PSCI or a spin table, one at a time.
 */
#pragma once

#include "fdt/host.h"
#include "lib/types.h"

struct cpu;

/* The part of the folders above, on a CPU that starts. */
struct smp_ops {
	/* The calling CPU gets ready; one CPU at a time, at boot. */
	void (*prepare)(struct cpu *cpu);
	/* The calling CPU goes on to run guests; does not return. After smp_go(). */
	__attribute__((noreturn)) void (*run)(struct cpu *cpu);
};

/* Makes the data of a CPU; if it is the caller's, by its MPIDR, TPIDR_EL2 leads to it. Boot. */
void smp_init_cpu(struct cpu *cpu, unsigned int id, uint64_t mpidr);

/* After smp_init_cpu() of all CPUs: 0, or -ENODEV after saying that none is the caller. */
int smp_init(const struct smp_ops *ops);

/*
 * Starts a CPU, unless it is the caller; it prepares itself and then waits for
 * smp_go(). `entry` is where secondary_entry was loaded. Returns 0, or a negative
 * error after saying why.
 */
int smp_start(const struct host_cpu *host_cpu, struct cpu *cpu, pa_t entry);

/* All CPUs that were started go on to run guests, and the calling one, too. */
_Noreturn void smp_go(void);
