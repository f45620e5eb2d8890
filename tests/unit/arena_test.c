// SPDX-License-Identifier: BSD-2-Clause
/*
 * lib/arena.c: what it gives is aligned, zeroed, apart and inside of the
 * block; what does not fit is refused and changes nothing.
 */
#include "lib/arena.h"

#include <atf-c.h>
#include <string.h>

#include "lib/bits.h"

static _Alignas(16) uint8_t memory[256];
static struct arena arena;

static void set_up(size_t size)
{
	memset(memory, 0xa5, sizeof(memory));
	arena_init(&arena, memory, size);
}

ATF_TC_WITHOUT_HEAD(aligned_and_zeroed);
ATF_TC_BODY(aligned_and_zeroed, tc)
{
	set_up(sizeof(memory));
	for (size_t size = 1; size < 20; size++) {
		const uint8_t *end = memory + arena.used;
		const uint8_t *p = arena_alloc(&arena, 1, size);

		if (p == NULL)
			break;
		ATF_CHECK(p >= end && p + size <= memory + sizeof(memory));
		ATF_CHECK(IS_ALIGNED((uintptr_t)p, 16));
		for (size_t i = 0; i < size; i++)
			ATF_CHECK_EQ(p[i], 0);
		memset(memory + (p - memory), 0xff, size);
	}
	/* eleven of 16 bytes, of 32 the rest: 1 to 16, then 17 to 19 */
	ATF_CHECK_EQ(arena.used, sizeof(memory));
}

ATF_TC_WITHOUT_HEAD(nothing_beyond);
ATF_TC_BODY(nothing_beyond, tc)
{
	set_up(100);
	ATF_CHECK_EQ(arena_alloc(&arena, 1, 101), NULL);
	ATF_CHECK_EQ(arena.used, 0);
	ATF_CHECK(arena_alloc(&arena, 9, 10) == memory);
	/* 96 are used with the alignment; what is left is not lost. */
	ATF_CHECK_EQ(arena_alloc(&arena, 1, 5), NULL);
	ATF_CHECK(arena_alloc(&arena, 2, 2) == memory + 96);
	ATF_CHECK_EQ(arena.used, 100);
	ATF_CHECK_EQ(arena_alloc(&arena, 1, 1), NULL);
	ATF_CHECK_EQ(memory[100], 0xa5);
}

ATF_TC_WITHOUT_HEAD(overflow);
ATF_TC_BODY(overflow, tc)
{
	set_up(sizeof(memory));
	ATF_CHECK_EQ(arena_alloc(&arena, SIZE_MAX / 2 + 1, 2), NULL);
	ATF_CHECK_EQ(arena_alloc(&arena, SIZE_MAX, SIZE_MAX), NULL);
	ATF_CHECK_EQ(arena_alloc(&arena, SIZE_MAX, 1), NULL);
	ATF_CHECK_EQ(arena_alloc(&arena, 1, SIZE_MAX - 15), NULL);
	ATF_CHECK_EQ(arena.used, 0);
	ATF_CHECK_EQ(memory[0], 0xa5);
}

/* An array of nothing is not a failure. */
ATF_TC_WITHOUT_HEAD(empty);
ATF_TC_BODY(empty, tc)
{
	set_up(16);
	ATF_CHECK(arena_alloc(&arena, 0, 8) != NULL);
	ATF_CHECK(arena_alloc(&arena, 1, 16) != NULL);
	ATF_CHECK(arena_alloc(&arena, 8, 0) != NULL);
	ATF_CHECK_EQ(arena_alloc(&arena, 1, 1), NULL);
}

/* ---- An arena that grows ---- */

static _Alignas(16) uint8_t second[64];
static size_t asked;

static void *give_second(size_t *size)
{
	asked = *size;
	if (*size > sizeof(second))
		return NULL;
	*size = sizeof(second);
	return second;
}

ATF_TC_WITHOUT_HEAD(grows);
ATF_TC_BODY(grows, tc)
{
	const uint8_t *p;

	set_up(32);
	memset(second, 0xa5, sizeof(second));
	arena_set_grow(&arena, give_second);
	ATF_CHECK(arena_alloc(&arena, 1, 16) == memory);
	ATF_CHECK_EQ(asked, 0);
	/* what is too large for both leaves the arena as it was */
	ATF_CHECK_EQ(arena_alloc(&arena, 5, 13), NULL);
	ATF_CHECK_EQ(asked, 65);
	ATF_CHECK_EQ(arena_alloc(&arena, SIZE_MAX / 2 + 1, 2), NULL);
	ATF_CHECK(arena_alloc(&arena, 1, 1) == memory + 16);
	p = arena_alloc(&arena, 1, 17);
	ATF_CHECK_EQ(asked, 17);
	ATF_REQUIRE(p == second);
	for (size_t i = 0; i < 17; i++)
		ATF_CHECK_EQ(p[i], 0);
	ATF_CHECK(arena_alloc(&arena, 32, 1) == second + 32);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, aligned_and_zeroed);
	ATF_TP_ADD_TC(tp, nothing_beyond);
	ATF_TP_ADD_TC(tp, overflow);
	ATF_TP_ADD_TC(tp, empty);
	ATF_TP_ADD_TC(tp, grows);
	return atf_no_error();
}
