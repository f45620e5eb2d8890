/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/atomic.h for tests of interleavings: before each access others may be
 * faster. Accesses are sequentially consistent: what weaker orders allow
 * is not explored.
 */
#pragma once

#include <stdint.h>

#include "tests/interleave/explore.h"

static inline uint64_t atomic_set_bits(uint64_t *word, uint64_t bits)
{
	uint64_t old;

	explore_point("sets bits", bits);
	old = *word;
	*word |= bits;
	return old;
}

static inline uint64_t atomic_take(uint64_t *word)
{
	uint64_t old;

	explore_point("takes a word", *word);
	old = *word;
	*word = 0;
	return old;
}

static inline int32_t atomic_add(int32_t *word, int32_t n)
{
	explore_point("adds", (uint64_t)n);
	return *word += n;
}

#define atomic_load(p)                                                                             \
	({                                                                                         \
		explore_point("loads " #p, 0);                                                     \
		*(p);                                                                              \
	})
#define atomic_load_relaxed(p) atomic_load(p)
#define atomic_store(p, v)                                                                         \
	({                                                                                         \
		explore_point("stores " #p, (uint64_t)(v));                                        \
		*(p) = (v);                                                                        \
	})
