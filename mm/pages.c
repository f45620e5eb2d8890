// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page pool: an array of 2 MiB blocks, a bit per page, first fit. It is
 * used a few hundred times at boot, so that it is simple rather than fast.
 *
 * `lock` guards everything here but linear_base and refill, which are set
 * before there is a second CPU.
 */
#include "mm/pages.h"

#include "arm64/copy.h"
#include "arm64/lock.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/layout.h"

/* 256 MiB, where a few are what it takes. */
#define MAX_BLOCKS 128
/* Kept back for the tables that map another block: levels 1, 2 and 3, and one to spare. */
#define RESERVE 4

/* Pages [first, end) of the 2 MiB at base are the pool's. */
struct block {
	uint64_t base;
	unsigned int first;
	unsigned int end;
	uint64_t used[PAGES_MAX / 64]; /* bit n: page n */
};

static struct lock lock = LOCK_INIT(LOCK_PAGE_POOL, 0);
static struct block blocks[MAX_BLOCKS];
static size_t nr_blocks;
static struct pages_stats stats;
static bool sealed;

static uintptr_t linear_base;
static bool (*refill)(void);

_Static_assert(PAGES_MAX *PAGE_SIZE == EL2_POOL_BLOCK, "a bit for each page of a block");

void pages_init(uintptr_t linear)
{
	nr_blocks = 0;
	stats = (struct pages_stats){0};
	sealed = false;
	linear_base = linear;
	refill = NULL;
}

void pages_set_refill(bool (*fn)(void))
{
	refill = fn;
}

pa_t page_to_pa(const void *page)
{
	return pa((uintptr_t)page - linear_base);
}

void *page_from_pa(pa_t page)
{
	return (void *)(linear_base + page.v);
}

/* ---- Blocks ---- */

static bool overlaps_pool(uint64_t base, uint64_t size)
{
	for (const struct block *b = blocks; b < &blocks[nr_blocks]; b++) {
		if (range_overlaps(base, size, b->base + b->first * PAGE_SIZE,
				   (b->end - b->first) * PAGE_SIZE))
			return true;
	}
	return false;
}

static int add_locked(uint64_t base, uint64_t size)
{
	uint64_t first = ALIGN_DOWN(base, EL2_POOL_BLOCK);
	uint64_t last = ALIGN_DOWN(base + size - 1, EL2_POOL_BLOCK);

	lock_assert_held(&lock);
	if (overlaps_pool(base, size))
		return -EINVAL;
	if ((last - first) / EL2_POOL_BLOCK >= MAX_BLOCKS - nr_blocks)
		return -ENOSPC;
	for (uint64_t at = first; at <= last; at += EL2_POOL_BLOCK) {
		uint64_t from = MAX(base, at);
		uint64_t end = MIN(base + size, at + EL2_POOL_BLOCK);

		blocks[nr_blocks++] = (struct block){
		    .base = at,
		    .first = (unsigned int)((from - at) / PAGE_SIZE),
		    .end = (unsigned int)((end - at) / PAGE_SIZE),
		};
	}
	stats.total += size / PAGE_SIZE;
	return 0;
}

int pages_add(pa_t base, uint64_t size)
{
	int error;

	/* what ends within the last block of all would wrap in the arithmetic */
	if (!IS_ALIGNED(base.v | size, PAGE_SIZE) ||
	    !range_within(base.v, size, 0, UINT64_MAX - EL2_POOL_BLOCK) || size == 0)
		return -EINVAL;
	lock_acquire(&lock);
	error = add_locked(base.v, size);
	lock_release(&lock);
	return error;
}

/* Sets or clears the bits of pages [page, page + count); all have the other value before. */
static void mark(struct block *b, size_t page, size_t count, bool used)
{
	lock_assert_held(&lock);
	for (size_t i = page; i < page + count; i++) {
		ASSERT(((b->used[i / 64] & BIT(i % 64)) != 0) != used);
		b->used[i / 64] ^= BIT(i % 64);
	}
}

static bool is_free(const struct block *b, size_t page, size_t count)
{
	for (size_t i = page; i < page + count; i++) {
		if (b->used[i / 64] & BIT(i % 64))
			return false;
	}
	return true;
}

/* Takes count pages of one block, aligned to `align`; NULL if there are none. */
static void *take(size_t count, size_t align)
{
	for (struct block *b = blocks; b < &blocks[nr_blocks]; b++) {
		for (size_t i = ALIGN_UP(b->first, align); i + count <= b->end; i += align) {
			if (!is_free(b, i, count))
				continue;
			mark(b, i, count, true);
			stats.used += count;
			stats.peak = MAX(stats.peak, stats.used);
			return page_from_pa(pa(b->base + i * PAGE_SIZE));
		}
	}
	return NULL;
}

/* ---- Allocation ---- */

/* Takes the pages if `keep` are left then. */
static void *try_alloc(size_t count, size_t keep)
{
	size_t align = 1;
	void *page = NULL;

	while (align < count)
		align *= 2;
	lock_acquire(&lock);
	if (sealed)
		panic("pages: allocation after boot");
	if (stats.total - stats.used >= count + keep)
		page = take(count, align);
	lock_release(&lock);
	if (page != NULL)
		zero_pages(page, count * PAGE_SIZE);
	return page;
}

void *page_alloc(size_t count)
{
	void *page;

	if (count == 0 || count > PAGES_MAX)
		return NULL;
	if (refill == NULL)
		return try_alloc(count, 0);
	do {
		page = try_alloc(count, RESERVE);
	} while (page == NULL && refill());
	return page;
}

void *page_alloc_table(void)
{
	return try_alloc(1, 0);
}

void pages_ensure(size_t count)
{
	struct pages_stats now;

	if (refill == NULL)
		return;
	do {
		now = pages_stats();
	} while (now.total - now.used < count && refill());
}

void page_free(void *page, size_t count)
{
	uint64_t at = page_to_pa(page).v;
	uint64_t base = ALIGN_DOWN(at, EL2_POOL_BLOCK);
	size_t index = (at - base) / PAGE_SIZE;
	struct block *b = blocks;

	lock_acquire(&lock);
	if (sealed)
		panic("pages: free after boot");
	while (b < &blocks[nr_blocks] &&
	       (b->base != base || index < b->first || index + count > b->end))
		b++;
	ASSERT(b < &blocks[nr_blocks]);
	mark(b, index, count, false);
	stats.used -= count;
	lock_release(&lock);
}

void pages_seal(void)
{
	lock_acquire(&lock);
	sealed = true;
	lock_release(&lock);
}

struct pages_stats pages_stats(void)
{
	struct pages_stats copy;

	lock_acquire(&lock);
	copy = stats;
	lock_release(&lock);
	return copy;
}
