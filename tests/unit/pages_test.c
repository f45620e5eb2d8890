// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/pages.c: what it hands out is zeroed, aligned and nobody else's; blocks,
 * refills, and the two ends: no more memory, and the seal.
 */
#include <atf-c.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/layout.h"
#include "mm/pages.h"

#define BLOCK EL2_POOL_BLOCK
#define NR_BLOCKS 4

/* Memory that stands for physical memory from PHYS_BASE on. */
#define PHYS_BASE UINT64_C(0x40000000)
static uint8_t *ram;

static void set_up(void)
{
	ram = aligned_alloc(BLOCK, NR_BLOCKS * BLOCK);
	memset(ram, 0xa5, NR_BLOCKS * BLOCK);
	pages_init((uintptr_t)ram - PHYS_BASE);
}

static bool is_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

ATF_TC_WITHOUT_HEAD(addresses);
ATF_TC_BODY(addresses, tc)
{
	(void)tc;
	set_up();
	ATF_CHECK_EQ(ram, page_from_pa(pa(PHYS_BASE)));
	ATF_CHECK_EQ(PHYS_BASE + 0x5000, page_to_pa(ram + 0x5000).v);
	ATF_CHECK_EQ(NULL, page_alloc(1));
	ATF_CHECK_EQ(NULL, page_alloc_table());
	pages_init(EL2_POOL);
	ATF_CHECK_EQ(EL2_POOL + PHYS_BASE, (uintptr_t)page_from_pa(pa(PHYS_BASE)));
}

ATF_TC_WITHOUT_HEAD(refused_ranges);
ATF_TC_BODY(refused_ranges, tc)
{
	(void)tc;
	set_up();
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE), 0));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE + 1), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE), PAGE_SIZE + 1));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PAGE_SIZE), -PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(-PAGE_SIZE), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(-PAGE_SIZE), 2 * PAGE_SIZE));
	ATF_CHECK_EQ(-ENOSPC, pages_add(pa(PHYS_BASE), UINT64_C(1) << 50));
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE + 8 * PAGE_SIZE), 8 * PAGE_SIZE));
	/* one page of overlap at either end, all within, all around */
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE + PAGE_SIZE), 8 * PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE + 15 * PAGE_SIZE), 8 * PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE + 9 * PAGE_SIZE), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, pages_add(pa(PHYS_BASE), BLOCK));
	ATF_CHECK_EQ(8, pages_stats().total);
	/* the two neighbours */
	ATF_CHECK_EQ(0, pages_add(pa(PHYS_BASE), 8 * PAGE_SIZE));
	ATF_CHECK_EQ(0, pages_add(pa(PHYS_BASE + 16 * PAGE_SIZE), PAGE_SIZE));
	ATF_CHECK_EQ(17, pages_stats().total);
	free(ram);
}

ATF_TC_WITHOUT_HEAD(too_many_blocks);
ATF_TC_BODY(too_many_blocks, tc)
{
	uint64_t base = PHYS_BASE;
	size_t added = 0;

	(void)tc;
	set_up();
	while (pages_add(pa(base), BLOCK) == 0) {
		base += BLOCK;
		added++;
	}
	ATF_CHECK_EQ(-ENOSPC, pages_add(pa(base), BLOCK));
	ATF_CHECK(added >= 64);
	ATF_CHECK_EQ(added * PAGES_MAX, pages_stats().total);
	free(ram);
}

/* All of a range that begins and ends in the middle of blocks, page by page. */
ATF_TC_WITHOUT_HEAD(every_page);
ATF_TC_BODY(every_page, tc)
{
	const uint64_t first = 500, count = 512 + 30;
	bool given[NR_BLOCKS * PAGES_MAX] = {false};

	(void)tc;
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE + first * PAGE_SIZE), count * PAGE_SIZE));
	ATF_CHECK_EQ(count, pages_stats().total);
	for (uint64_t i = 0; i < count; i++) {
		uint8_t *page = page_alloc(1);
		size_t index = (size_t)(page - ram) / PAGE_SIZE;

		ATF_REQUIRE(page != NULL && index >= first && index < first + count);
		ATF_REQUIRE_EQ(0, (uintptr_t)page % PAGE_SIZE);
		ATF_REQUIRE(!given[index]);
		ATF_REQUIRE(is_zero(page, PAGE_SIZE));
		given[index] = true;
		memset(page, 0xee, PAGE_SIZE);
	}
	ATF_CHECK_EQ(NULL, page_alloc(1));
	ATF_CHECK_EQ(count, pages_stats().used);
	ATF_CHECK_EQ(count, pages_stats().peak);
	/* what was not the pool's was not touched */
	ATF_CHECK_EQ(0xa5, ram[first * PAGE_SIZE - 1]);
	ATF_CHECK_EQ(0xa5, ram[(first + count) * PAGE_SIZE]);
	/* again, and zeroed again */
	page_free(ram + 700 * PAGE_SIZE, 1);
	ATF_CHECK_EQ(count - 1, pages_stats().used);
	ATF_CHECK_EQ(ram + 700 * PAGE_SIZE, page_alloc(1));
	ATF_CHECK(is_zero(ram + 700 * PAGE_SIZE, PAGE_SIZE));
	ATF_CHECK_EQ(count, pages_stats().peak);
	free(ram);
}

ATF_TC_WITHOUT_HEAD(contiguous);
ATF_TC_BODY(contiguous, tc)
{
	static const struct {
		size_t count, align;
	} sizes[] = {{1, 1}, {2, 2}, {3, 4}, {16, 16}, {17, 32}, {200, 256}, {512, 512}};

	(void)tc;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t *page;

		set_up();
		/* the first page is not the pool's: what is aligned must begin later */
		ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE + PAGE_SIZE), 3 * BLOCK));
		page = page_alloc(sizes[i].count);
		ATF_REQUIRE(page != NULL);
		ATF_CHECK_EQ(0, page_to_pa(page).v % (sizes[i].align * PAGE_SIZE));
		ATF_CHECK(is_zero(page, sizes[i].count * PAGE_SIZE));
		ATF_CHECK_EQ(0xa5, page[sizes[i].count * PAGE_SIZE]);
		ATF_CHECK_EQ(sizes[i].count, pages_stats().used);
		page_free(page, sizes[i].count);
		ATF_CHECK_EQ(0, pages_stats().used);
		free(ram);
	}
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), NR_BLOCKS * BLOCK));
	ATF_CHECK_EQ(NULL, page_alloc(0));
	ATF_CHECK_EQ(NULL, page_alloc(PAGES_MAX + 1));
	ATF_CHECK_EQ(NULL, page_alloc(SIZE_MAX));
	for (int i = 0; i < NR_BLOCKS; i++)
		ATF_CHECK(page_alloc(PAGES_MAX) != NULL);
	ATF_CHECK_EQ(NULL, page_alloc(1));
	free(ram);
}

/* Random allocations and frees; each owner's pages keep its mark. */
ATF_TC_WITHOUT_HEAD(random_use);
ATF_TC_BODY(random_use, tc)
{
	struct {
		uint8_t *page;
		size_t count;
	} owners[100] = {{NULL, 0}};
	size_t used = 0;

	(void)tc;
	set_up();
	srandom(3);
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE + 3 * PAGE_SIZE), 2 * BLOCK));
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)random() % 100;

		if (owners[n].page == NULL) {
			owners[n].count = 1 + (size_t)random() % (random() % 4 ? 3 : 40);
			owners[n].page = page_alloc(owners[n].count);
			if (owners[n].page == NULL)
				continue;
			ATF_REQUIRE(is_zero(owners[n].page, owners[n].count * PAGE_SIZE));
			memset(owners[n].page, (int)n + 1, owners[n].count * PAGE_SIZE);
			used += owners[n].count;
		} else {
			for (size_t at = 0; at < owners[n].count * PAGE_SIZE; at += 512)
				ATF_REQUIRE_EQ(n + 1, owners[n].page[at]);
			page_free(owners[n].page, owners[n].count);
			owners[n].page = NULL;
			used -= owners[n].count;
		}
		ATF_REQUIRE_EQ(used, pages_stats().used);
	}
	free(ram);
}

/* ---- Refills ---- */

static unsigned int refills, refills_left;

/* As boot's: takes a table's page for mapping the block that it adds. */
static bool refill(void)
{
	if (refills_left == 0)
		return false;
	ATF_REQUIRE(page_alloc_table() != NULL);
	refills_left--;
	refills++;
	return pages_add(pa(PHYS_BASE + refills * BLOCK), BLOCK) == 0;
}

ATF_TC_WITHOUT_HEAD(refilling);
ATF_TC_BODY(refilling, tc)
{
	size_t got = 0, kept = 0;

	(void)tc;
	set_up();
	pages_set_refill(refill);
	refills_left = 3;
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), 8 * PAGE_SIZE));
	while (page_alloc(1) != NULL)
		got++;
	ATF_CHECK_EQ(3, refills);
	/* some were kept back for tables: that is what the refills lived on */
	while (page_alloc_table() != NULL)
		kept++;
	ATF_CHECK(kept >= 3 && kept <= 8);
	ATF_CHECK_EQ(8 + 3 * 512, got + kept + refills);
	ATF_CHECK_EQ(NULL, page_alloc(1));
	free(ram);
}

/* There is enough in the pool, but not in a row. */
ATF_TC_WITHOUT_HEAD(refilling_for_size);
ATF_TC_BODY(refilling_for_size, tc)
{
	(void)tc;
	set_up();
	pages_set_refill(refill);
	refills_left = 1;
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE + PAGE_SIZE), 511 * PAGE_SIZE));
	ATF_CHECK_EQ(ram + BLOCK, page_alloc(512));
	ATF_CHECK_EQ(NULL, page_alloc(512));
	ATF_CHECK(page_alloc(256) != NULL);
	free(ram);
}

ATF_TC_WITHOUT_HEAD(ensuring);
ATF_TC_BODY(ensuring, tc)
{
	(void)tc;
	set_up();
	pages_ensure(100); /* without refills: nothing to do */
	pages_set_refill(refill);
	refills_left = 2;
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), 8 * PAGE_SIZE));
	pages_ensure(8);
	ATF_CHECK_EQ(0, refills);
	pages_ensure(600);
	ATF_CHECK_EQ(2, refills);
	pages_ensure(5000);
	ATF_CHECK_EQ(8 + 2 * 512, pages_stats().total);
	free(ram);
}

/* ---- What a bug must not get away with ---- */

ATF_TC_WITHOUT_HEAD(sealed_alloc);
ATF_TC_BODY(sealed_alloc, tc)
{
	(void)tc;
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), BLOCK));
	pages_seal();
	ATF_CHECK_EQ(0, pages_stats().used);
	atf_tc_expect_signal(SIGABRT, "panics");
	page_alloc(1);
}

ATF_TC_WITHOUT_HEAD(sealed_free);
ATF_TC_BODY(sealed_free, tc)
{
	void *page;

	(void)tc;
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), BLOCK));
	page = page_alloc(1);
	pages_seal();
	atf_tc_expect_signal(SIGABRT, "panics");
	page_free(page, 1);
}

ATF_TC_WITHOUT_HEAD(double_free);
ATF_TC_BODY(double_free, tc)
{
	void *page;

	(void)tc;
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), BLOCK));
	page = page_alloc(2);
	page_free(page, 2);
	atf_tc_expect_signal(SIGABRT, "is noticed");
	page_free(page, 2);
}

ATF_TC_WITHOUT_HEAD(foreign_free);
ATF_TC_BODY(foreign_free, tc)
{
	(void)tc;
	set_up();
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), BLOCK));
	atf_tc_expect_signal(SIGABRT, "is noticed");
	page_free(ram + BLOCK, 1);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, addresses);
	ATF_TP_ADD_TC(tp, refused_ranges);
	ATF_TP_ADD_TC(tp, too_many_blocks);
	ATF_TP_ADD_TC(tp, every_page);
	ATF_TP_ADD_TC(tp, contiguous);
	ATF_TP_ADD_TC(tp, random_use);
	ATF_TP_ADD_TC(tp, refilling);
	ATF_TP_ADD_TC(tp, refilling_for_size);
	ATF_TP_ADD_TC(tp, ensuring);
	ATF_TP_ADD_TC(tp, sealed_alloc);
	ATF_TP_ADD_TC(tp, sealed_free);
	ATF_TP_ADD_TC(tp, double_free);
	ATF_TP_ADD_TC(tp, foreign_free);
	return atf_no_error();
}
