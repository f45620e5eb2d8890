/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's page pool. Physical memory comes in 2 MiB blocks (the first is the
 * rest of the block that the image is in) and goes out as zeroed pages, which
 * are reached through the pool's linear map: virtual address = physical
 * address + a constant. When boot is over the pool is sealed.
 *
 * Callable on any CPU. The pool's lock is the innermost of all.
 */
#pragma once

#include "lib/types.h"

/* The largest allocation: a block. */
#define PAGES_MAX 512

/*
 * Starts with an empty pool whose physical address 0 is at virtual address
 * linear_base: EL2_POOL at EL2, the tests' own choice on the build machine.
 */
void pages_init(uintptr_t linear_base);

/*
 * Gives [base, base + size) to the pool: page-aligned, accessible in the linear
 * map, not in the pool yet. No allocation crosses a 2 MiB boundary.
 * Returns 0; -EINVAL for an empty, misaligned, wrapping or overlapping range;
 * -ENOSPC if the pool cannot keep account of more blocks, and has taken none of it.
 */
int pages_add(pa_t base, uint64_t size);

/*
 * Called when an allocation finds too little, without the pool's lock, to map
 * another block and add it; returns false if there is no more memory. From then
 * on the pool keeps a few pages back for the tables that this takes, see
 * page_alloc_table(). NULL: the pool does not grow.
 */
void pages_set_refill(bool (*refill)(void));

/*
 * Allocates `count` contiguous pages, zeroed, aligned to count rounded up to a
 * power of two. Returns NULL if there are none, or count is 0 or over PAGES_MAX.
 * Panics once the pool is sealed.
 */
void *page_alloc(size_t count);

/* Allocates a page for a table of EL2's own map: never refills, may use what is kept back. */
void *page_alloc_table(void);

/* Refills until `count` pages can be had from page_alloc_table(), or there is no more memory. */
void pages_ensure(size_t count);

/* Gives back what page_alloc(count) returned. Panics once the pool is sealed. */
void page_free(void *page, size_t count);

/* Between the linear map's addresses and physical ones. */
pa_t page_to_pa(const void *page);
void *page_from_pa(pa_t page);

/* From now on nothing is allocated or freed. */
void pages_seal(void);

struct pages_stats {
	size_t total; /* pages */
	size_t used;
	size_t peak; /* the largest `used` so far */
};

struct pages_stats pages_stats(void);
