/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory, as EL2 reads and writes it: by the guest's physical address, through the
 * guest's own stage 2. Nothing else in EL2 turns such an address into memory. An address, a length
 * and what is in the memory may be the guest's choice: each is checked here, and a call does a
 * bounded amount of work.
 *
 * Memory is what stage 2 maps as Normal: never a device, for EL2 would do an access to it that the
 * guest could not. Stores are cleaned to the point of coherency, so that a guest that has
 * its MMU off sees it. `cpu` is this CPU's index. No lock: a stage 2 is constant once its VM runs.
 */
#pragma once

#include "mm/stage2.h"

/* Bytes that guest_read() and guest_write() move in one call, at most: two pages have them */
#define GUEST_MAX PAGE_SIZE
/* Bytes of a step of loading: some 50,000 instructions, well under a time slice */
#define GUEST_LOAD_MAX KIB(256)

/*
 * A piece of a guest's memory that is contiguous physically. Who reads keeps the last one, which
 * spares the look-up in the same piece, for a stage 2 is constant once its VM runs. All zero: none.
 */
struct guest_piece {
	uint64_t addr; /* the guest's */
	uint64_t size;
	pa_t base;
};

/*
 * Copies n bytes out of, or into, the memory at addr; addr has any alignment, and memory that is
 * contiguous for the guest need not be so physically. n may be 0. Returns 0; -EINVAL if n is more
 * than GUEST_MAX; -EFAULT if a byte is not in memory, is beyond the address space, or in
 * guest_write() cannot be written by the guest; -EIO if memory has an error, or does not answer,
 * while it is read. After an error dst is undefined, and the guest's memory is as it was.
 */
int guest_read(const struct stage2 *s2, unsigned int cpu, struct guest_piece *last, ipa_t addr,
	       void *dst, size_t n);
int guest_write(const struct stage2 *s2, unsigned int cpu, ipa_t addr, const void *src, size_t n);

/*
 * For loading, while no vCPU of the VM runs: copies from physical memory, or zeroes, also what the
 * guest itself cannot write. Does as much of n, which is not 0, as is contiguous physically, and
 * GUEST_LOAD_MAX at most. Returns how many bytes, or -EFAULT.
 */
int64_t guest_load(const struct stage2 *s2, unsigned int cpu, ipa_t addr, pa_t src, uint64_t n);
int64_t guest_clear(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n);

/*
 * The same steps for memory that keeps its contents: what caches have of it reaches the point of
 * coherency, and no line of it is left in a cache.
 */
int64_t guest_flush(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n);
