/*
 * Starting the machine's other CPUs, by PSCI or a spin table, one at a time.
 */
#pragma once

#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"

/*
 * Makes struct cpu for every CPU of the host; the caller is the one with this
 * CPU's MPIDR, and gets its TPIDR_EL2. Boot. Returns 0, or a negative error
 * after saying why.
 */
int smp_init(const struct host *host, struct arena *arena);

/*
 * Starts the CPU with this index, unless it is the caller; it prepares itself
 * and then waits for smp_go(). `entry` is where secondary_entry was loaded.
 * Returns 0, or -EIO after saying why.
 */
int smp_start(const struct host *host, unsigned int index, pa_t entry);

/* All CPUs that were started go on to run guests. */
void smp_go(void);
