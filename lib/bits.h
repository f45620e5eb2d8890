/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bit and field helpers. A register field is defined once, as a mask;
 * FIELD_GET and FIELD_PREP find the shift from it. All of them are constant
 * expressions for constant arguments, also usable from assembly where noted.
 */
#pragma once

#ifdef __ASSEMBLER__
#define BIT(n) (1 << (n))
#define GENMASK(h, l) (((~0) << (l)) & (~0 >> (63 - (h))))
#else

#include <stdint.h>

#define BIT(n) (UINT64_C(1) << (n))
/* Bits h down to l, both inclusive. */
#define GENMASK(h, l) ((UINT64_MAX << (l)) & (UINT64_MAX >> (63 - (h))))

#define FIELD_SHIFT(mask) ((unsigned int)__builtin_ctzll(mask))
#define FIELD_GET(mask, reg) (((uint64_t)(reg) & (mask)) >> FIELD_SHIFT(mask))
#define FIELD_PREP(mask, val) (((uint64_t)(val) << FIELD_SHIFT(mask)) & (mask))
/* The largest value that the field can hold. */
#define FIELD_MAX(mask) ((uint64_t)(mask) >> FIELD_SHIFT(mask))

#define ALIGN_DOWN(x, a) ((x) & ~((uint64_t)(a)-1))
#define ALIGN_UP(x, a) ALIGN_DOWN((uint64_t)(x) + (uint64_t)(a)-1, a)
#define IS_ALIGNED(x, a) (((uint64_t)(x) & ((uint64_t)(a)-1)) == 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* The structure of type `type` whose member `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
/* The same for a pointer to what is constant */
#define container_of_const(ptr, type, member)                                                      \
	((const type *)(const void *)((const char *)(ptr)-offsetof(type, member)))

#endif
