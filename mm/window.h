/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows: how EL2 reaches guest memory, which it does not map. Each CPU has
 * two, of 2 MiB of address space each, that show some physical pages while
 * they are needed, and nothing else: page granularity, never executable.
 *
 * A window belongs to its CPU, which runs to completion in EL2 with interrupts
 * masked: no lock. The phys_*() helpers use the CPU's windows and leave them
 * unmapped.
 */
#pragma once

#include "lib/types.h"
#include "mm/layout.h"

enum window {
	WINDOW_SRC,
	WINDOW_DST,
	NR_WINDOWS,
};

/*
 * Makes the windows' tables, at virtual address `base`: EL2_WINDOWS at EL2. The tables of a CPU
 * take three pages at most. Returns 0; -EINVAL for more than EL2_MAX_CPUS; -ENOMEM.
 */
int window_init(unsigned int nr_cpus, uintptr_t base);

/*
 * Shows the pages of [addr, addr + size) in a window of this CPU. The window must be unmapped,
 * and the part must fit in: size is not 0 and size + the offset of addr in its page at most
 * EL2_WINDOW_SIZE. The caller vouches that the memory may be accessed. Returns the address where
 * addr is.
 */
void *window_map(unsigned int cpu, enum window w, pa_t addr, size_t size, bool writable);

/* Ends it: no CPU can use the address any more. Harmless if the window is not mapped. */
void window_unmap(unsigned int cpu, enum window w);

/*
 * Copies, zeroes, writes n bytes of physical memory, any n and alignment; a copy's ranges
 * do not overlap. Stores to physical memory are cleaned to the point of coherency, so that
 * a guest that has its MMU off sees it; for code to be executed, cache_invalidate_icache() is
 * still to be called, once for all.
 */
void phys_copy(unsigned int cpu, pa_t dst, pa_t src, uint64_t n);
void phys_zero(unsigned int cpu, pa_t dst, uint64_t n);
void phys_write(unsigned int cpu, pa_t dst, const void *src, uint64_t n);

/* Cleans n bytes to the point of coherency, and leaves no line of theirs in a cache. */
void phys_flush(unsigned int cpu, pa_t addr, uint64_t n);

/*
 * Reads n bytes of a guest's memory, any alignment, that fit into a window. Returns 0, or -EIO if
 * the memory does not answer, or has an error: the guest would get an abort there, and EL2 must
 * not.
 */
int phys_read(unsigned int cpu, void *dst, pa_t src, size_t n);
