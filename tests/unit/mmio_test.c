// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/mmio.c: regions stay sorted and apart, and every address finds the
 * region that holds all of the access, at both ends.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "vdev/mmio.h"

static _Alignas(16) uint8_t memory[65536];
static struct arena arena;
static struct mmio_map map;

static enum mmio_result handler(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	(void)vcpu;
	(void)dev;
	(void)access;
	return MMIO_OK;
}

static void set_up(unsigned int max)
{
	arena_init(&arena, memory, sizeof(memory));
	ATF_REQUIRE_EQ(mmio_map_init(&map, max, &arena), 0);
}

static int add(uint64_t base, uint64_t size)
{
	return mmio_map_add(&map, ipa(base), size, handler, &map, "device");
}

/* The base of the region that answers, or 1. */
static uint64_t find(uint64_t addr, unsigned int size)
{
	const struct mmio_region *r = mmio_map_find(&map, ipa(addr), size);

	return r == NULL ? 1 : r->base.v;
}

ATF_TC_WITHOUT_HEAD(empty);
ATF_TC_BODY(empty, tc)
{
	set_up(4);
	ATF_CHECK_EQ(find(0, 1), 1);
	ATF_CHECK_EQ(find(UINT64_MAX, 1), 1);
}

ATF_TC_WITHOUT_HEAD(no_memory);
ATF_TC_BODY(no_memory, tc)
{
	arena_init(&arena, memory, 64);
	ATF_CHECK_EQ(mmio_map_init(&map, 100, &arena), -ENOMEM);
	ATF_CHECK_EQ(add(0, 1), -ENOSPC);
}

ATF_TC_WITHOUT_HEAD(edges);
ATF_TC_BODY(edges, tc)
{
	set_up(4);
	ATF_CHECK_EQ(add(0x9000000, 0x1000), 0);
	ATF_CHECK_EQ(add(0x8000000, 0x10000), 0);
	ATF_CHECK_EQ(add(0x9001000, 0x1000), 0);

	ATF_CHECK_EQ(find(0x7ffffff, 1), 1);
	ATF_CHECK_EQ(find(0x7fffffc, 8), 1);
	ATF_CHECK_EQ(find(0x8000000, 8), 0x8000000);
	ATF_CHECK_EQ(find(0x800fffc, 4), 0x8000000);
	ATF_CHECK_EQ(find(0x800fffc, 8), 1);
	ATF_CHECK_EQ(find(0x8010000, 1), 1);
	/* An access across two neighbours belongs to neither. */
	ATF_CHECK_EQ(find(0x9000fff, 1), 0x9000000);
	ATF_CHECK_EQ(find(0x9000fff, 2), 1);
	ATF_CHECK_EQ(find(0x9001000, 1), 0x9001000);
	ATF_CHECK_EQ(find(UINT64_MAX, 8), 1);
}

ATF_TC_WITHOUT_HEAD(top_of_memory);
ATF_TC_BODY(top_of_memory, tc)
{
	set_up(2);
	ATF_CHECK_EQ(add(UINT64_MAX - 0xf, 0x10), 0);
	ATF_CHECK_EQ(find(UINT64_MAX, 1), UINT64_MAX - 0xf);
	ATF_CHECK_EQ(find(UINT64_MAX - 3, 4), UINT64_MAX - 0xf);
	ATF_CHECK_EQ(find(UINT64_MAX - 3, 8), 1);
}

ATF_TC_WITHOUT_HEAD(refused);
ATF_TC_BODY(refused, tc)
{
	set_up(2);
	ATF_CHECK_EQ(add(0x1000, 0), -EINVAL);
	ATF_CHECK_EQ(add(UINT64_MAX, 2), -EINVAL);
	ATF_CHECK_EQ(add(0x1000, 0x1000), 0);
	ATF_CHECK_EQ(add(0x1000, 0x1000), -EEXIST);
	ATF_CHECK_EQ(add(0x1fff, 1), -EEXIST);
	ATF_CHECK_EQ(add(0xfff, 2), -EEXIST);
	ATF_CHECK_EQ(add(0, 0x10000), -EEXIST);
	ATF_CHECK_EQ(add(0x1800, 0x10), -EEXIST);
	ATF_CHECK_EQ(map.nr_regions, 1);
	ATF_CHECK_EQ(add(0x2000, 1), 0);
	ATF_CHECK_EQ(add(0, 1), -ENOSPC);
}

/* In whatever order regions are added, the result is the same. */
ATF_TC_WITHOUT_HEAD(any_order);
ATF_TC_BODY(any_order, tc)
{
	enum { N = 64 };

	for (unsigned int seed = 0; seed < 50; seed++) {
		unsigned int order[N] = {0};

		srand(seed);
		set_up(N);
		for (unsigned int i = 0; i < N; i++) {
			unsigned int j = (unsigned int)rand() % (i + 1);

			order[i] = order[j];
			order[j] = i;
		}
		for (unsigned int i = 0; i < N; i++)
			ATF_REQUIRE_EQ(add(order[i] * 0x100, 0x80), 0);
		for (unsigned int i = 0; i < N; i++) {
			ATF_CHECK_EQ(map.regions[i].base.v, i * 0x100);
			ATF_CHECK_EQ(find(i * 0x100 + 0x7c, 4), i * 0x100);
			ATF_CHECK_EQ(find(i * 0x100 + 0x80, 4), 1);
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, empty);
	ATF_TP_ADD_TC(tp, no_memory);
	ATF_TP_ADD_TC(tp, edges);
	ATF_TP_ADD_TC(tp, top_of_memory);
	ATF_TP_ADD_TC(tp, refused);
	ATF_TP_ADD_TC(tp, any_order);
	return atf_no_error();
}
