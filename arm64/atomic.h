/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic words shared between CPUs. GCC's builtins, named for what they are
 * used for here; without LSE they become exclusive load/store loops.
 */
#pragma once

#include <stdint.h>

/* Sets bits; all that this CPU wrote before is seen by who fetches them. */
static inline uint64_t atomic_set_bits(uint64_t *word, uint64_t bits)
{
	return __atomic_fetch_or(word, bits, __ATOMIC_ACQ_REL);
}

/* Takes the whole word and leaves 0. */
static inline uint64_t atomic_take(uint64_t *word)
{
	return __atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL);
}

/* Adds (or, with a negative number, subtracts) and returns the new value. */
static inline int32_t atomic_add(int32_t *word, int32_t n)
{
	return __atomic_add_fetch(word, n, __ATOMIC_ACQ_REL);
}

#define atomic_load(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
