// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/pgtable.c, operation by operation: both kinds of tables, all sizes of
 * blocks, refusals, splits, what the TLBs are told, and failing allocations.
 * pgtable_random_test.c has what comes of many operations together.
 */
#include "tests/unit/pgtable_fixture.h"

#include "arm64/pte.h"
#include "lib/bits.h"
#include "lib/errno.h"

static void check_leaf(uint64_t addr, uint64_t base, uint64_t size, unsigned int attrs)
{
	struct pgtable_leaf leaf;

	ATF_REQUIRE_MSG(pgtable_lookup(&pt, addr, &leaf), "nothing at %#lx", addr);
	ATF_CHECK_EQ_MSG(base, leaf.pa.v + (addr - leaf.addr), "%#lx -> %#lx + %#lx", addr,
			 leaf.pa.v, addr - leaf.addr);
	ATF_CHECK_EQ_MSG(size, leaf.size, "%#lx: block of %#lx", addr, leaf.size);
	ATF_CHECK_EQ(attrs, leaf.attrs);
	ATF_CHECK_EQ(0, leaf.addr % leaf.size);
	ATF_CHECK_EQ(0, leaf.pa.v % leaf.size);
	ATF_CHECK_EQ(leaf.size, PAGE_SIZE << (9 * (3 - leaf.level)));
}

static void check_none(uint64_t addr)
{
	struct pgtable_leaf leaf;

	ATF_CHECK_MSG(!pgtable_lookup(&pt, addr, &leaf), "%#lx is mapped", addr);
}

static void check_invalidation(size_t n, uint64_t addr, uint64_t size, bool table)
{
	ATF_CHECK_EQ_MSG(addr, invalidations[n].addr, "%#lx", invalidations[n].addr);
	ATF_CHECK_EQ_MSG(size, invalidations[n].size, "%#lx", invalidations[n].size);
	ATF_CHECK_EQ(table, invalidations[n].table);
}

/* Everything that can be seen of the tables, in one number: to find that nothing has changed. */
static uint64_t fingerprint(void)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < NR_TABLES; i++) {
		for (size_t j = 0; allocated[i] && j < 512; j++)
			hash = (hash ^ (tables[i][j] + i * 512 + j)) * 1099511628211u;
	}
	return hash;
}

ATF_TC_WITHOUT_HEAD(descriptors);
ATF_TC_BODY(descriptors, tc)
{
	(void)tc;
	/* written out from DDI 0487, D8.3.1 and D8.3.2 */
	ATF_CHECK_EQ(0x0040000000001743, pgtable_page(PGTABLE_EL2, pa(0x1000), RW));
	ATF_CHECK_EQ(0x00400000000017c3, pgtable_page(PGTABLE_EL2, pa(0x1000), PGTABLE_READ));
	ATF_CHECK_EQ(0x00000000000017c3, pgtable_page(PGTABLE_EL2, pa(0x1000), RX));
	ATF_CHECK_EQ(0x0040000000001747, pgtable_page(PGTABLE_EL2, pa(0x1000), DEVICE));
	ATF_CHECK_EQ(0x00000000000017ff, pgtable_page(PGTABLE_STAGE2, pa(0x1000), RWX));
	ATF_CHECK_EQ(0x004000000000177f, pgtable_page(PGTABLE_STAGE2, pa(0x1000), PGTABLE_READ));
	ATF_CHECK_EQ(0x00400000000017c7, pgtable_page(PGTABLE_STAGE2, pa(0x1000), DEVICE));
}

ATF_TC_WITHOUT_HEAD(refused_attributes);
ATF_TC_BODY(refused_attributes, tc)
{
	static const unsigned int bad_el2[] = {0,
					       PGTABLE_WRITE,
					       PGTABLE_EXEC,
					       RWX,
					       PGTABLE_DEVICE,
					       RX | PGTABLE_DEVICE,
					       PGTABLE_WRITE | PGTABLE_DEVICE};
	static const unsigned int bad_stage2[] = {0, PGTABLE_WRITE, RX | PGTABLE_DEVICE,
						  RWX | PGTABLE_DEVICE};

	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0x10000, pa(0), PAGE_SIZE, RW));
	for (size_t i = 0; i < ARRAY_SIZE(bad_el2); i++) {
		ATF_CHECK_EQ(0, pgtable_page(PGTABLE_EL2, pa(0), bad_el2[i]));
		ATF_CHECK_EQ(-EINVAL, pgtable_map(&pt, 0, pa(0), PAGE_SIZE, bad_el2[i]));
	}
	check_leaf(0x10000, 0, PAGE_SIZE, RW);
	for (size_t i = 0; i < ARRAY_SIZE(bad_stage2); i++)
		ATF_CHECK_EQ(0, pgtable_page(PGTABLE_STAGE2, pa(0), bad_stage2[i]));
}

ATF_TC_WITHOUT_HEAD(refused_ranges);
ATF_TC_BODY(refused_ranges, tc)
{
	static const struct {
		uint64_t addr, base, size;
	} bad[] = {
	    {0, 0, 0},
	    {0x800, 0, PAGE_SIZE},
	    {0, 0x800, PAGE_SIZE},
	    {0, 0, 0x800},
	    {0, 0, PAGE_SIZE + 1},
	    {UINT64_C(1) << 40, 0, PAGE_SIZE},
	    {(UINT64_C(1) << 40) - PAGE_SIZE, 0, 2 * PAGE_SIZE},
	    {0, 0, (UINT64_C(1) << 40) + PAGE_SIZE},
	    {0, UINT64_C(1) << 44, PAGE_SIZE},
	    {0, (UINT64_C(1) << 44) - PAGE_SIZE, 2 * PAGE_SIZE},
	    {PAGE_SIZE, 0, -PAGE_SIZE},
	    {-PAGE_SIZE, 0, PAGE_SIZE},
	    {-PAGE_SIZE, 0, 2 * PAGE_SIZE},
	    {0, -PAGE_SIZE, 2 * PAGE_SIZE},
	    {UINT64_C(1) << 63, 0, UINT64_C(1) << 63},
	};
	uint64_t *table;

	(void)tc;
	set_up_stage2();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ATF_CHECK_EQ_MSG(-EINVAL,
				 pgtable_map(&pt, bad[i].addr, pa(bad[i].base), bad[i].size, RWX),
				 "map %zu", i);
		/* the others have no output address */
		if (bad[i].base != 0)
			continue;
		ATF_CHECK_EQ_MSG(-EINVAL, pgtable_unmap(&pt, bad[i].addr, bad[i].size), "unmap %zu",
				 i);
	}
	ATF_CHECK(!pgtable_any(&pt, 0, 0));
	ATF_CHECK(!pgtable_any(&pt, UINT64_MAX, 2));
	ATF_CHECK_EQ(-EINVAL, pgtable_take_table(&pt, UINT64_C(1) << 40, &table));
	check_none(UINT64_C(1) << 40);
	check_none(UINT64_MAX);
	ATF_CHECK_EQ(0, nr_allocated);
	ATF_CHECK_EQ(0, nr_invalidations);
}

ATF_TC_WITHOUT_HEAD(blocks);
ATF_TC_BODY(blocks, tc)
{
	const uint64_t end = GIB(4) + BLOCK + PAGE_SIZE;

	(void)tc;
	set_up_stage2();
	/* pages up to 2 MiB, blocks up to 1 GiB, and so down again */
	ATF_REQUIRE_EQ(0,
		       pgtable_map(&pt, GIB(1) - BLOCK - PAGE_SIZE, pa(GIB(9) - BLOCK - PAGE_SIZE),
				   end - GIB(1) + BLOCK + PAGE_SIZE, RWX));
	check_none(GIB(1) - BLOCK - PAGE_SIZE - 1);
	check_leaf(GIB(1) - BLOCK - PAGE_SIZE, GIB(9) - BLOCK - PAGE_SIZE, PAGE_SIZE, RWX);
	check_leaf(GIB(1) - BLOCK, GIB(9) - BLOCK, BLOCK, RWX);
	check_leaf(GIB(1), GIB(9), GIB(1), RWX);
	check_leaf(GIB(3) + 0x12345678, GIB(11) + 0x12345678, GIB(1), RWX);
	check_leaf(GIB(4) + 5, GIB(12) + 5, BLOCK, RWX);
	check_leaf(end - 1, GIB(8) + end - 1, PAGE_SIZE, RWX);
	check_none(end);
	/* two tables on either side */
	ATF_CHECK_EQ(4, nr_allocated);
	/* nothing was valid before: nothing to invalidate, only to publish */
	ATF_CHECK_EQ(0, nr_invalidations);
	ATF_CHECK_EQ(1, nr_published);
	ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, 0, UINT64_C(1) << 40));
	ATF_CHECK_EQ(0, nr_allocated);
}

/* The output address decides too. */
ATF_TC_WITHOUT_HEAD(output_alignment);
ATF_TC_BODY(output_alignment, tc)
{
	(void)tc;
	set_up_stage2();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(BLOCK), GIB(1), RWX));
	check_leaf(GIB(1), BLOCK, BLOCK, RWX);
	ATF_CHECK_EQ(1, nr_allocated);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(4), pa(PAGE_SIZE), 2 * BLOCK, RWX));
	check_leaf(GIB(4), PAGE_SIZE, PAGE_SIZE, RWX);
	check_leaf(GIB(4) + 2 * BLOCK - 1, PAGE_SIZE + 2 * BLOCK - 1, PAGE_SIZE, RWX);
	ATF_CHECK_EQ(4, nr_allocated);
}

ATF_TC_WITHOUT_HEAD(whole_space);
ATF_TC_BODY(whole_space, tc)
{
	static const struct {
		enum pgtable_kind kind;
		unsigned int start_level, ia_bits;
	} shapes[] = {{PGTABLE_STAGE2, 1, 32}, {PGTABLE_STAGE2, 1, 39}, {PGTABLE_STAGE2, 1, 40},
		      {PGTABLE_STAGE2, 1, 43}, {PGTABLE_STAGE2, 0, 44}, {PGTABLE_EL2, 0, 44}};

	(void)tc;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		uint64_t size = UINT64_C(1) << shapes[i].ia_bits;

		set_up(shapes[i].kind, shapes[i].start_level, shapes[i].ia_bits);
		ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0, pa(0), size, RW));
		check_leaf(0, 0, GIB(1), RW);
		check_leaf(size - 1, size - 1, GIB(1), RW);
		check_leaf(size / 2, size / 2, GIB(1), RW);
		check_leaf(size / 2 - 1, size / 2 - 1, GIB(1), RW);
		check_none(size);
		ATF_CHECK_EQ(shapes[i].start_level == 0 ? size >> 39 : 0, nr_allocated);
		/* the last page, in the last of the root's tables */
		ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, size - PAGE_SIZE, PAGE_SIZE));
		check_none(size - 1);
		check_leaf(size - PAGE_SIZE - 1, size - PAGE_SIZE - 1, PAGE_SIZE, RW);
		ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, 0, size));
		ATF_CHECK_EQ(0, nr_allocated);
	}
}

/* Concatenated roots: entries on both sides of each seam are different ones. */
ATF_TC_WITHOUT_HEAD(concatenation);
ATF_TC_BODY(concatenation, tc)
{
	(void)tc;
	set_up(PGTABLE_STAGE2, 1, 43);
	ATF_CHECK_EQ(16, pgtable_root_pages(43, 1));
	ATF_CHECK_EQ(2, pgtable_root_pages(40, 1));
	ATF_CHECK_EQ(1, pgtable_root_pages(39, 1));
	ATF_CHECK_EQ(1, pgtable_root_pages(32, 1));
	ATF_CHECK_EQ(1, pgtable_root_pages(48, 0));
	for (uint64_t i = 0; i < 16; i++)
		ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(512) * i, pa(GIB(1) * i), GIB(1), RWX));
	for (uint64_t i = 0; i < 16; i++) {
		check_leaf(GIB(512) * i, GIB(1) * i, GIB(1), RWX);
		check_none(GIB(512) * i + GIB(1));
		ATF_CHECK_EQ(tables[i][0] & PTE_ADDR, GIB(1) * i);
	}
	/* one mapping across a seam */
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1024) - BLOCK, pa(GIB(100) - BLOCK), 2 * BLOCK, RW));
	check_leaf(GIB(1024) - 1, GIB(100) - 1, BLOCK, RW);
	check_leaf(GIB(1024), GIB(100), BLOCK, RW);
	check_leaf(GIB(1024) + BLOCK, GIB(2) + BLOCK, BLOCK, RWX);
}

/* ---- Changing what is mapped ---- */

ATF_TC_WITHOUT_HEAD(splitting);
ATF_TC_BODY(splitting, tc)
{
	const uint64_t hole = GIB(1) + 7 * BLOCK + 3 * PAGE_SIZE;

	(void)tc;
	set_up_stage2();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(3)), GIB(1), RWX));
	ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, hole, PAGE_SIZE));
	check_none(hole);
	check_leaf(hole - 1, GIB(2) + hole - 1, PAGE_SIZE, RWX);
	check_leaf(hole + PAGE_SIZE, GIB(2) + hole + PAGE_SIZE, PAGE_SIZE, RWX);
	check_leaf(GIB(1) + 6 * BLOCK, GIB(3) + 6 * BLOCK, BLOCK, RWX);
	check_leaf(GIB(1) + 8 * BLOCK, GIB(3) + 8 * BLOCK, BLOCK, RWX);
	ATF_CHECK_EQ(2, nr_allocated);
	/* the block was broken once: its new tables were complete when they were linked */
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, GIB(1), GIB(1), false);

	/* and back: one block for two tables, whose entries TLBs may hold anywhere */
	reset_invalidations();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(3)), GIB(1), RWX));
	check_leaf(hole, GIB(2) + hole, GIB(1), RWX);
	ATF_CHECK_EQ(0, nr_allocated);
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, GIB(1), GIB(1), true);
}

ATF_TC_WITHOUT_HEAD(overriding);
ATF_TC_BODY(overriding, tc)
{
	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(3)), 4 * BLOCK, RW));
	reset_invalidations();
	ATF_REQUIRE_EQ(0,
		       pgtable_map(&pt, GIB(1) + BLOCK + PAGE_SIZE, pa(0x5000), PAGE_SIZE, DEVICE));
	check_leaf(GIB(1) + BLOCK, GIB(3) + BLOCK, PAGE_SIZE, RW);
	check_leaf(GIB(1) + BLOCK + PAGE_SIZE, 0x5000, PAGE_SIZE, DEVICE);
	check_leaf(GIB(1) + BLOCK + 2 * PAGE_SIZE, GIB(3) + BLOCK + 2 * PAGE_SIZE, PAGE_SIZE, RW);
	check_leaf(GIB(1) + 2 * BLOCK, GIB(3) + 2 * BLOCK, BLOCK, RW);
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, GIB(1) + BLOCK, BLOCK, false);
}

/* What is mapped so already is left alone, in whatever blocks. */
ATF_TC_WITHOUT_HEAD(mapping_again);
ATF_TC_BODY(mapping_again, tc)
{
	uint64_t before;

	(void)tc;
	set_up_stage2();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(2)), GIB(1) + BLOCK + PAGE_SIZE, RWX));
	before = fingerprint();
	reset_invalidations();
	allocations_left = 0;
	ATF_CHECK_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(2)), GIB(1) + BLOCK + PAGE_SIZE, RWX));
	ATF_CHECK_EQ(0, pgtable_map(&pt, GIB(1) + PAGE_SIZE, pa(GIB(2) + PAGE_SIZE), BLOCK, RWX));
	ATF_CHECK_EQ(0,
		     pgtable_map(&pt, GIB(2) + PAGE_SIZE, pa(GIB(3) + PAGE_SIZE), PAGE_SIZE, RWX));
	ATF_CHECK_EQ(before, fingerprint());
	ATF_CHECK_EQ(0, nr_invalidations);
	/* other attributes are not the same mapping */
	ATF_CHECK_EQ(-ENOMEM,
		     pgtable_map(&pt, GIB(1) + PAGE_SIZE, pa(GIB(2) + PAGE_SIZE), PAGE_SIZE, RW));
	/* nor is another address at the same offset */
	ATF_CHECK_EQ(-ENOMEM,
		     pgtable_map(&pt, GIB(1) + PAGE_SIZE, pa(GIB(4) + PAGE_SIZE), PAGE_SIZE, RWX));
	ATF_CHECK_EQ(before, fingerprint());
}

ATF_TC_WITHOUT_HEAD(unmapping);
ATF_TC_BODY(unmapping, tc)
{
	(void)tc;
	set_up_stage2();
	ATF_CHECK_EQ(0, pgtable_unmap(&pt, 0, UINT64_C(1) << 40));
	ATF_CHECK_EQ(0, nr_invalidations);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, BLOCK, pa(BLOCK), 3 * PAGE_SIZE, RWX));
	ATF_CHECK_EQ(2, nr_allocated);
	/* whole pages and empty neighbours: never an allocation */
	allocations_left = 0;
	ATF_CHECK_EQ(0, pgtable_unmap(&pt, BLOCK + PAGE_SIZE, PAGE_SIZE));
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, BLOCK + PAGE_SIZE, PAGE_SIZE, false);
	ATF_CHECK_EQ(2, nr_allocated);
	check_leaf(BLOCK, BLOCK, PAGE_SIZE, RWX);
	check_none(BLOCK + PAGE_SIZE);
	check_leaf(BLOCK + 2 * PAGE_SIZE, BLOCK + 2 * PAGE_SIZE, PAGE_SIZE, RWX);
	ATF_CHECK_EQ(0, pgtable_unmap(&pt, BLOCK, 3 * PAGE_SIZE));
	ATF_CHECK_EQ(0, nr_allocated);
	ATF_CHECK(!pgtable_any(&pt, 0, UINT64_C(1) << 40));
}

/* A table that is covered whole goes with one invalidation, not 512. */
ATF_TC_WITHOUT_HEAD(unmapping_tables);
ATF_TC_BODY(unmapping_tables, tc)
{
	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0, pa(PAGE_SIZE), GIB(1), RW));
	ATF_CHECK_EQ(2 + 512, nr_allocated);
	reset_invalidations();
	ATF_REQUIRE_EQ(0, pgtable_unmap(&pt, 0, GIB(1)));
	ATF_CHECK_EQ(0, nr_allocated);
	check_invalidation(0, 0, GIB(1), true);
	ATF_CHECK(nr_invalidations <= 2);
}

/* Other attributes for what is mapped: in place where they are permissions, by parts of blocks. */
ATF_TC_WITHOUT_HEAD(protecting);
ATF_TC_BODY(protecting, tc)
{
	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(3)), GIB(1), RW));
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(3)), GIB(1), PGTABLE_READ));
	check_leaf(GIB(1), GIB(3), GIB(1), PGTABLE_READ);
	ATF_CHECK_EQ(1, nr_invalidations);
	/* part of a block: split; the rest stays as it was */
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1) + BLOCK, pa(GIB(3) + BLOCK), PAGE_SIZE, RX));
	check_leaf(GIB(1) + BLOCK - 1, GIB(3) + BLOCK - 1, BLOCK, PGTABLE_READ);
	check_leaf(GIB(1) + BLOCK, GIB(3) + BLOCK, PAGE_SIZE, RX);
	check_leaf(GIB(1) + BLOCK + PAGE_SIZE, GIB(3) + BLOCK + PAGE_SIZE, PAGE_SIZE, PGTABLE_READ);
}

static struct pgtable_leaf seen;
static size_t tables_seen;

static void hook_look(const struct invalidation *what)
{
	if (!pgtable_lookup(&pt, what->addr, &seen))
		seen = (struct pgtable_leaf){0};
	tables_seen = nr_allocated;
}

/* When walkers are told, the entry is invalid; only permissions change in place. */
static void check_break_before_make(enum pgtable_kind kind)
{
	set_up(kind, kind == PGTABLE_EL2 ? 0 : 1, 40);
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0x1000, pa(0x5000), PAGE_SIZE, RW));
	invalidation_hook = hook_look;

	seen.size = 1;
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0x1000, pa(0x6000), PAGE_SIZE, RW));
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, 0x1000, PAGE_SIZE, false);
	ATF_CHECK_EQ(0, seen.size);
	check_leaf(0x1000, 0x6000, PAGE_SIZE, RW);

	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0x1000, pa(0x6000), PAGE_SIZE, PGTABLE_READ));
	ATF_CHECK_EQ(2, nr_invalidations);
	ATF_CHECK_EQ(PGTABLE_READ, seen.attrs);
	ATF_CHECK_EQ(0x6000, seen.pa.v);

	seen.size = 1;
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, 0x1000, pa(0x6000), PAGE_SIZE, DEVICE));
	ATF_CHECK_EQ(3, nr_invalidations);
	ATF_CHECK_EQ(0, seen.size);
}

ATF_TC_WITHOUT_HEAD(break_before_make);
ATF_TC_BODY(break_before_make, tc)
{
	(void)tc;
	check_break_before_make(PGTABLE_EL2);
	check_break_before_make(PGTABLE_STAGE2);
}

/* A block that is split, and a table that a block replaces, which is freed only when it is no
 * walker's any more: once each. */
ATF_TC_WITHOUT_HEAD(break_of_tables);
ATF_TC_BODY(break_of_tables, tc)
{
	(void)tc;
	set_up_stage2();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, BLOCK, pa(BLOCK), BLOCK, RWX));
	invalidation_hook = hook_look;

	seen.size = 1;
	ATF_REQUIRE_EQ(0,
		       pgtable_map(&pt, BLOCK + PAGE_SIZE, pa(BLOCK + PAGE_SIZE), PAGE_SIZE, RW));
	ATF_CHECK_EQ(1, nr_invalidations);
	check_invalidation(0, BLOCK, BLOCK, false);
	ATF_CHECK_EQ(0, seen.size);
	ATF_CHECK_EQ(2, nr_allocated);

	seen.size = 1;
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, BLOCK, pa(BLOCK), BLOCK, RWX));
	ATF_CHECK_EQ(2, nr_invalidations);
	check_invalidation(1, BLOCK, BLOCK, true);
	ATF_CHECK_EQ(0, seen.size);
	ATF_CHECK_EQ(2, tables_seen);
	ATF_CHECK_EQ(1, nr_allocated);
	check_leaf(BLOCK, BLOCK, BLOCK, RWX);
}

/* Every operation, failing at every allocation that it makes: nothing has changed. */
ATF_TC_WITHOUT_HEAD(allocation_failures);
ATF_TC_BODY(allocation_failures, tc)
{
	(void)tc;
	for (int operation = 0; operation < 5; operation++) {
		size_t failures = 0;
		int error;

		set_up(PGTABLE_STAGE2, 0, 44);
		ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(1), pa(GIB(1)), GIB(2), RWX));
		ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(4), pa(GIB(1)), BLOCK, RWX));
		reset_invalidations();
		do {
			uint64_t before = fingerprint(), *table;
			size_t tables_before = nr_allocated;

			allocations_left = failures;
			switch (operation) {
			case 0: /* from empty space through blocks to empty space */
				error = pgtable_map(&pt, GIB(1) - BLOCK - PAGE_SIZE, pa(PAGE_SIZE),
						    GIB(3) + 2 * BLOCK, RWX);
				break;
			case 1:
				error = pgtable_unmap(&pt, GIB(1) + PAGE_SIZE, GIB(1) + 3 * BLOCK);
				break;
			case 2:
				error = pgtable_map(&pt, GIB(1) + PAGE_SIZE, pa(GIB(1) + PAGE_SIZE),
						    GIB(1) + 3 * BLOCK, RW);
				break;
			case 3: /* across two tables of level 0 */
				error = pgtable_map(&pt, GIB(512) - PAGE_SIZE, pa(0), 2 * PAGE_SIZE,
						    RWX);
				break;
			default:
				error = pgtable_take_table(&pt, GIB(600), &table);
				break;
			}
			ATF_CHECK(error == 0 || error == -ENOMEM);
			if (error != 0) {
				ATF_CHECK_EQ(before, fingerprint());
				ATF_CHECK_EQ(tables_before, nr_allocated);
				ATF_CHECK_EQ(0, nr_invalidations);
				failures++;
			}
		} while (error != 0);
		ATF_CHECK_EQ(0, allocations_left);
		ATF_CHECK_MSG(failures >= 2, "operation %d took %zu tables", operation, failures);
	}
}

ATF_TC_WITHOUT_HEAD(taking_a_table);
ATF_TC_BODY(taking_a_table, tc)
{
	uint64_t *table, *again;

	(void)tc;
	set_up(PGTABLE_EL2, 0, 48);
	ATF_REQUIRE_EQ(0, pgtable_take_table(&pt, GIB(5) + 0x1234, &table));
	ATF_CHECK_EQ(3, nr_allocated);
	ATF_CHECK(!pgtable_any(&pt, 0, UINT64_C(1) << 48));
	ATF_REQUIRE_EQ(0, pgtable_take_table(&pt, GIB(5) + BLOCK - 1, &again));
	ATF_CHECK_EQ(table, again);
	table[511] = pgtable_page(PGTABLE_EL2, pa(0x7000), PGTABLE_READ);
	check_leaf(GIB(5) + BLOCK - 1, 0x7fff, PAGE_SIZE, PGTABLE_READ);
	check_none(GIB(5) + BLOCK - PAGE_SIZE - 1);
	ATF_CHECK_EQ(-EEXIST, pgtable_take_table(&pt, GIB(5), &again));
	table[511] = 0;
	table[0] = pgtable_page(PGTABLE_EL2, pa(0x7000), PGTABLE_READ);
	ATF_CHECK_EQ(-EEXIST, pgtable_take_table(&pt, GIB(5), &again));
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(8), pa(0), GIB(1), RW));
	ATF_CHECK_EQ(-EEXIST, pgtable_take_table(&pt, GIB(8) + 5 * BLOCK, &again));
	ATF_CHECK_EQ(0, nr_invalidations);
}

static struct pgtable_leaf visited[8];
static size_t nr_visited;

static int visit(const struct pgtable_leaf *leaf, void *arg)
{
	ATF_REQUIRE(nr_visited < ARRAY_SIZE(visited));
	visited[nr_visited++] = *leaf;
	return nr_visited == *(size_t *)arg ? -77 : 0;
}

ATF_TC_WITHOUT_HEAD(visiting);
ATF_TC_BODY(visiting, tc)
{
	size_t stop = 0;

	(void)tc;
	set_up_stage2();
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, BLOCK, pa(BLOCK), BLOCK, RWX));
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(512), pa(0x3000), 2 * PAGE_SIZE, DEVICE));
	ATF_REQUIRE_EQ(0, pgtable_map(&pt, GIB(700), pa(GIB(3)), GIB(1), RWX));
	nr_visited = 0;
	ATF_CHECK_EQ(0, pgtable_for_each(&pt, 0, GIB(1024), visit, &stop));
	ATF_REQUIRE_EQ(4, nr_visited);
	ATF_CHECK(visited[0].addr == BLOCK && visited[0].size == BLOCK);
	ATF_CHECK(visited[1].addr == GIB(512) && visited[1].pa.v == 0x3000);
	ATF_CHECK(visited[2].addr == GIB(512) + PAGE_SIZE && visited[2].pa.v == 0x4000);
	ATF_CHECK(visited[3].addr == GIB(700) && visited[3].level == 1);
	ATF_CHECK_EQ(DEVICE, visited[1].attrs);

	/* stopped by the visitor; and only what touches the range */
	nr_visited = 0;
	stop = 2;
	ATF_CHECK_EQ(-77, pgtable_for_each(&pt, 0, GIB(1024), visit, &stop));
	ATF_CHECK_EQ(2, nr_visited);
	nr_visited = 0;
	stop = 0;
	ATF_CHECK_EQ(0,
		     pgtable_for_each(&pt, 2 * BLOCK - 1, GIB(512) - 2 * BLOCK + 2, visit, &stop));
	ATF_CHECK_EQ(2, nr_visited);
	ATF_CHECK(pgtable_any(&pt, 2 * BLOCK - 1, 1));
	ATF_CHECK(!pgtable_any(&pt, 2 * BLOCK, GIB(512) - 2 * BLOCK));
	ATF_CHECK(pgtable_any(&pt, 2 * BLOCK, GIB(512) - 2 * BLOCK + 1));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, descriptors);
	ATF_TP_ADD_TC(tp, refused_attributes);
	ATF_TP_ADD_TC(tp, refused_ranges);
	ATF_TP_ADD_TC(tp, blocks);
	ATF_TP_ADD_TC(tp, output_alignment);
	ATF_TP_ADD_TC(tp, whole_space);
	ATF_TP_ADD_TC(tp, concatenation);
	ATF_TP_ADD_TC(tp, splitting);
	ATF_TP_ADD_TC(tp, overriding);
	ATF_TP_ADD_TC(tp, mapping_again);
	ATF_TP_ADD_TC(tp, unmapping);
	ATF_TP_ADD_TC(tp, unmapping_tables);
	ATF_TP_ADD_TC(tp, protecting);
	ATF_TP_ADD_TC(tp, break_before_make);
	ATF_TP_ADD_TC(tp, break_of_tables);
	ATF_TP_ADD_TC(tp, allocation_failures);
	ATF_TP_ADD_TC(tp, taking_a_table);
	ATF_TP_ADD_TC(tp, visiting);
	return atf_no_error();
}
