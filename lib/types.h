/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address types. Physical, intermediate physical (guest-physical) and virtual
 * addresses are different types, so that the compiler refuses to mix them:
 * pa_t and ipa_t are one-member structs (passed in a register, no cost),
 * virtual addresses are pointers, or uintptr_t where they are computed with.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t v;
} pa_t;

typedef struct {
	uint64_t v;
} ipa_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK (PAGE_SIZE - 1)

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

static inline pa_t pa(uint64_t v)
{
	return (pa_t){v};
}

static inline ipa_t ipa(uint64_t v)
{
	return (ipa_t){v};
}

/* A half-open range [base, base + size); never wraps, see range_valid(). */
struct range {
	uint64_t base;
	uint64_t size;
};

/* True if the range is not empty and its last byte has a 64-bit address. */
static inline bool range_valid(uint64_t base, uint64_t size)
{
	return size != 0 && size - 1 <= UINT64_MAX - base;
}

/* True if two valid ranges share a byte. */
static inline bool range_overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b ? b - a < a_size : a - b < b_size;
}

/* True if [base, base + size) lies within [outer, outer + outer_size). */
static inline bool range_within(uint64_t base, uint64_t size, uint64_t outer, uint64_t outer_size)
{
	return base >= outer && size <= outer_size && base - outer <= outer_size - size;
}
