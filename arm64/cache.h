/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cache maintenance by address (DDI 0487, B2.4 and D7.5). EL2's accesses are
 * cacheable and coherent between CPUs; maintenance is for those who look past
 * the caches: a guest that starts with its MMU off, a CPU that comes on with
 * EL2's MMU off, a device that is not coherent. And for instructions, whose
 * caches need not be coherent with data.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arm64/barrier.h"
#include "arm64/sysreg.h"
#include "lib/bits.h"

/* CTR_EL0 */
#define CTR_EL0_DMINLINE GENMASK(19, 16) /* log2 of the words in the smallest data line */
#define CTR_EL0_DIC BIT(29)		 /* instruction caches need not be invalidated */

static inline size_t cache_data_line(void)
{
	return (size_t)4 << FIELD_GET(CTR_EL0_DMINLINE, read_sysreg(ctr_el0));
}

/* Every data cache line that holds a byte of [start, start + size); then waits for all. */
#define CACHE_FOR_EACH_LINE(op, start, size)                                                       \
	do {                                                                                       \
		size_t line_ = cache_data_line();                                                  \
		uintptr_t end_ = (uintptr_t)(start) + (size);                                      \
		for (uintptr_t p_ = (uintptr_t)(start) & ~(line_ - 1); p_ < end_; p_ += line_)     \
			__asm__ volatile("dc " #op ", %0" ::"r"(p_) : "memory");                   \
		dsb(sy);                                                                           \
	} while (0)

/* Stores reach memory: non-cacheable accesses see them. */
static inline void cache_clean_poc(const void *start, size_t size)
{
	CACHE_FOR_EACH_LINE(cvac, start, size);
}

/* The same, and no line is left: what others then write past the caches is seen. */
static inline void cache_clean_invalidate_poc(const void *start, size_t size)
{
	CACHE_FOR_EACH_LINE(civac, start, size);
}

/* All instruction caches, all CPUs: code may have changed anywhere, at any address. */
static inline void cache_invalidate_icache(void)
{
	if (!(read_sysreg(ctr_el0) & CTR_EL0_DIC)) {
		__asm__ volatile("ic ialluis" ::: "memory");
		dsb(ish);
	}
	isb();
}
