// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/pgtable.c under random operations, of which some run out of memory. What
 * the tables say is compared with a flat array; what the TLBs may still hold,
 * with a small model of a TLB, at every invalidation and after each operation.
 */
#include "tests/unit/pgtable_fixture.h"

#include "lib/bits.h"
#include "lib/errno.h"

#define MODEL_PAGES (GIB(4) / PAGE_SIZE)
#define OUTPUT_PAGES (GIB(8) / PAGE_SIZE)

static uint64_t model_base;
static struct {
	uint32_t page;	/* output page number */
	uint32_t attrs; /* 0: not mapped */
} model[MODEL_PAGES];

/* Translations that some CPU may have cached, each for one address. */
static struct {
	bool valid;
	uint64_t addr;
	struct pgtable_leaf leaf;
} tlb[16];

static uint64_t rand64(void)
{
	return (uint64_t)random() << 31 ^ (uint64_t)random();
}

static void tlb_fill(uint64_t first_page, uint64_t pages)
{
	for (size_t i = 0; i < ARRAY_SIZE(tlb); i++) {
		uint64_t page = i % 3 == 0 ? rand64() % MODEL_PAGES : first_page + rand64() % pages;

		tlb[i].addr = model_base + page * PAGE_SIZE;
		tlb[i].valid = pgtable_lookup(&pt, tlb[i].addr, &tlb[i].leaf);
	}
}

/*
 * What is cached and what a walk finds now are never two different
 * translations; with `exactly`, what is cached is still so.
 */
static void tlb_check(bool exactly)
{
	struct pgtable_leaf now;

	for (size_t i = 0; i < ARRAY_SIZE(tlb); i++) {
		if (!tlb[i].valid)
			continue;
		if (!pgtable_lookup(&pt, tlb[i].addr, &now)) {
			ATF_REQUIRE_MSG(!exactly, "%#lx is unmapped but cached", tlb[i].addr);
			continue;
		}
		ATF_REQUIRE_MSG(now.addr == tlb[i].leaf.addr && now.size == tlb[i].leaf.size &&
				    now.pa.v == tlb[i].leaf.pa.v &&
				    ((now.attrs ^ tlb[i].leaf.attrs) & PGTABLE_DEVICE) == 0,
				"%#lx is cached and now something else", tlb[i].addr);
		ATF_REQUIRE(!exactly || now.attrs == tlb[i].leaf.attrs);
	}
}

static void hook_tlb(const struct invalidation *what)
{
	tlb_check(false);
	for (size_t i = 0; i < ARRAY_SIZE(tlb); i++)
		if (range_overlaps(what->addr, what->size, tlb[i].leaf.addr, tlb[i].leaf.size))
			tlb[i].valid = false;
}

/* Lengths and alignments of all levels, and every now and then a whole GiB. */
static void random_range(uint64_t *first, uint64_t *pages)
{
	unsigned int kind = (unsigned int)random() % 200;
	uint64_t unit = kind == 0 ? GIB(1) / PAGE_SIZE : kind < 40 ? 512 : 1;
	uint64_t limit = kind == 0 ? 2 : kind < 40 ? 12 : kind < 60 ? 1500 : 20;

	*pages = (1 + rand64() % limit) * unit;
	*first = rand64() % (MODEL_PAGES / unit) * unit;
	/* near the seams more often */
	if (kind > 150)
		*first = rand64() % 8 * (GIB(1) / PAGE_SIZE / 2) + rand64() % 600;
	*first = MIN(*first, MODEL_PAGES - *pages);
}

static void model_check_page(uint64_t page)
{
	struct pgtable_leaf leaf;
	uint64_t addr = model_base + page * PAGE_SIZE;

	if (!pgtable_lookup(&pt, addr, &leaf)) {
		ATF_REQUIRE_EQ_MSG(0, model[page].attrs, "%#lx is not mapped", addr);
		return;
	}
	ATF_REQUIRE_EQ_MSG(model[page].attrs, leaf.attrs, "%#lx has attributes %#x", addr,
			   leaf.attrs);
	ATF_REQUIRE_EQ_MSG(model[page].page * PAGE_SIZE, leaf.pa.v + (addr - leaf.addr),
			   "%#lx -> %#lx", addr, leaf.pa.v + (addr - leaf.addr));
}

static void model_check_around(uint64_t first, uint64_t pages)
{
	model_check_page(first);
	model_check_page(first + pages - 1);
	model_check_page(first + rand64() % pages);
	model_check_page(rand64() % MODEL_PAGES);
	if (first > 0)
		model_check_page(first - 1);
	if (first + pages < MODEL_PAGES)
		model_check_page(first + pages);
}

static int count_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	uint64_t page = (leaf->addr - model_base) / PAGE_SIZE;
	bool same = true;

	for (uint64_t i = 0; i < leaf->size / PAGE_SIZE; i++)
		same &= leaf->attrs == model[page + i].attrs &&
			leaf->pa.v / PAGE_SIZE + i == model[page + i].page;
	ATF_REQUIRE_MSG(same, "block at %#lx", leaf->addr);
	*(uint64_t *)arg += leaf->size / PAGE_SIZE;
	return 0;
}

/* All of the table is in the model, and there is no more in the model. */
static void model_check_all(void)
{
	uint64_t mapped = 0, expected = 0;

	pgtable_for_each(&pt, 0, UINT64_C(1) << pt.ia_bits, count_leaf, &mapped);
	for (uint64_t i = 0; i < MODEL_PAGES; i++)
		expected += model[i].attrs != 0;
	ATF_REQUIRE_EQ(expected, mapped);
}

static int random_map(uint64_t first, uint64_t pages, unsigned int attrs)
{
	uint64_t output = rand64() % (OUTPUT_PAGES - pages);
	int error;

	/* as aligned as the input address, often; the same as before, sometimes */
	if (random() % 4 != 0)
		output = (output & ~(uint64_t)0x3ffff) | (first & 0x3ffff);
	if (random() % 8 == 0 && model[first].attrs != 0)
		output = model[first].page;
	error = pgtable_map(&pt, model_base + first * PAGE_SIZE, pa(output * PAGE_SIZE),
			    pages * PAGE_SIZE, attrs);
	for (uint64_t i = 0; error == 0 && i < pages; i++) {
		model[first + i].page = (uint32_t)(output + i);
		model[first + i].attrs = attrs;
	}
	return error;
}

static int random_unmap(uint64_t first, uint64_t pages)
{
	int error = pgtable_unmap(&pt, model_base + first * PAGE_SIZE, pages * PAGE_SIZE);

	if (error == 0)
		memset(&model[first], 0, pages * sizeof(model[0]));
	return error;
}

/* What is mapped at the first page stays there, by one page or a few, with other attributes. */
static int random_protect(uint64_t first, uint64_t pages, unsigned int attrs)
{
	uint64_t output = model[first].page;
	int error;

	if (model[first].attrs == 0 || output + pages > OUTPUT_PAGES)
		return 0;
	error = pgtable_map(&pt, model_base + first * PAGE_SIZE, pa(output * PAGE_SIZE),
			    pages * PAGE_SIZE, attrs);
	for (uint64_t i = 0; error == 0 && i < pages; i++) {
		model[first + i].page = (uint32_t)(output + i);
		model[first + i].attrs = attrs;
	}
	return error;
}

static void random_run(unsigned int seed, int operations)
{
	static const unsigned int attrs[] = {RW, RX, PGTABLE_READ, DEVICE};

	srandom(seed);
	memset(model, 0, sizeof(model));
	for (int i = 0; i < operations; i++) {
		uint64_t first, pages, before;
		unsigned int wanted = attrs[random() % 4];
		size_t invalidated = nr_invalidations;
		int error;

		random_range(&first, &pages);
		tlb_fill(first, pages);
		invalidation_hook = hook_tlb;
		allocations_left = random() % 8 == 0 ? (size_t)random() % 3 : SIZE_MAX;
		before = nr_allocated;
		switch (random() % 5) {
		case 0:
		case 1:
		case 2:
			error = random_map(first, pages, wanted);
			break;
		case 3:
			error = random_unmap(first, pages);
			break;
		default:
			error = random_protect(first, pages, wanted);
			break;
		}
		ATF_REQUIRE(error == 0 || (error == -ENOMEM && allocations_left == 0));
		if (error != 0) {
			ATF_REQUIRE_EQ(before, nr_allocated);
			ATF_REQUIRE_EQ(invalidated, nr_invalidations);
		}
		tlb_check(true);
		model_check_around(first, pages);
		if (i % 5000 == 0)
			model_check_all();
	}
	model_check_all();
	invalidation_hook = NULL;
	allocations_left = 0; /* all at once needs none */
	ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, 0, UINT64_C(1) << pt.ia_bits));
	ATF_CHECK_EQ(0, nr_allocated);
}

/* Across the seam of a concatenated root. */
ATF_TC_WITHOUT_HEAD(random_stage2);
ATF_TC_BODY(random_stage2, tc)
{
	(void)tc;
	set_up_stage2();
	model_base = GIB(510);
	random_run(1, 50000);
}

/* Across two tables of level 0. */
ATF_TC_WITHOUT_HEAD(random_el2);
ATF_TC_BODY(random_el2, tc)
{
	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	model_base = GIB(510);
	random_run(2, 50000);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, random_stage2);
	ATF_TP_ADD_TC(tp, random_el2);
	return atf_no_error();
}
