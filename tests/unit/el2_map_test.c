// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/el2_map.c, on tables in a real page pool: what lands where, guards, what
 * is refused and leaves no trace, and growing the pool in the middle of it.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "arm64/pte.h"
#include "arm64/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/el2_map.h"
#include "mm/pages.h"

#define RW (PGTABLE_READ | PGTABLE_WRITE)
#define BLOCK EL2_POOL_BLOCK

#define PHYS_BASE UINT64_C(0x40000000)
#define NR_BLOCKS 4

static uint8_t *ram; /* physical memory from PHYS_BASE on */
static uint64_t *root;

/* A pool of `pages`, and the tables of boot: an empty root. */
static void set_up(size_t pages)
{
	ram = aligned_alloc(BLOCK, NR_BLOCKS * BLOCK);
	pages_init((uintptr_t)ram - PHYS_BASE);
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), pages * PAGE_SIZE));
	root = page_alloc(1);
	el2_map_init(page_to_pa(root), pa(0), 0, 44);
	fake_tlb_reset();
}

static bool is_mapped(uintptr_t addr)
{
	struct pgtable_leaf leaf;

	return el2_map_lookup(addr, &leaf);
}

/* Everything is as after set_up(). */
static void check_nothing_mapped(void)
{
	for (size_t i = 0; i < 512; i++)
		ATF_CHECK_EQ(0, root[i]);
	ATF_CHECK_EQ(1, pages_stats().used);
}

static void check_leaf(uintptr_t addr, uint64_t base, uint64_t size, unsigned int attrs)
{
	struct pgtable_leaf leaf;

	ATF_REQUIRE_MSG(el2_map_lookup(addr, &leaf), "nothing at %#lx", addr);
	ATF_CHECK_EQ_MSG(base, leaf.pa.v + (addr - leaf.addr), "%#lx", addr);
	ATF_CHECK_EQ(size, leaf.size);
	ATF_CHECK_EQ_MSG(attrs, leaf.attrs, "%#lx: %#x", addr, leaf.attrs);
	ATF_CHECK(is_mapped(addr));
}

/* The walker goes on with tables that boot made by hand, and frees them when they are empty. */
ATF_TC_WITHOUT_HEAD(taking_over);
ATF_TC_BODY(taking_over, tc)
{
	uint64_t *tables[3];

	(void)tc;
	set_up(32);
	for (size_t i = 0; i < 3; i++)
		tables[i] = page_alloc(1);
	root[0] = page_to_pa(tables[0]).v | PTE_TYPE_TABLE;
	tables[0][1] = page_to_pa(tables[1]).v | PTE_TYPE_TABLE;
	tables[1][3] = page_to_pa(tables[2]).v | PTE_TYPE_TABLE;
	tables[2][5] = pgtable_page(PGTABLE_EL2, pa(0x40605000), PGTABLE_READ | PGTABLE_EXEC);

	check_leaf(0x40605123, 0x40605123, PAGE_SIZE, PGTABLE_READ | PGTABLE_EXEC);
	ATF_CHECK_EQ(0, el2_unmap_range(0x40605800, 16));
	ATF_CHECK(!is_mapped(0x40605123));
	/* the page, and a table on each level */
	ATF_CHECK_EQ(4, fake_tlb_count);
	ATF_CHECK_EQ(FAKE_TLB_EL2_VA, fake_tlb_ops[0].kind);
	ATF_CHECK_EQ(0x40605000, fake_tlb_ops[0].addr);
	for (size_t i = 1; i < 4; i++)
		ATF_CHECK_EQ(FAKE_TLB_EL2_ALL, fake_tlb_ops[i].kind);
	check_nothing_mapped();
	free(ram);
}

ATF_TC_WITHOUT_HEAD(pool_blocks);
ATF_TC_BODY(pool_blocks, tc)
{
	const uint64_t base = PHYS_BASE + BLOCK;
	size_t before;

	(void)tc;
	set_up(32);
	before = pages_stats().total;
	ATF_REQUIRE_EQ(0, el2_map_pool_block(pa(base)));
	check_leaf(EL2_POOL + base, base, BLOCK, RW);
	check_leaf(EL2_POOL + base + BLOCK - 1, base + BLOCK - 1, BLOCK, RW);
	ATF_CHECK(!is_mapped(EL2_POOL + base + BLOCK));
	ATF_CHECK_EQ(before + 512, pages_stats().total);
	ATF_CHECK_EQ(ram + BLOCK, page_alloc(512));

	ATF_CHECK_EQ(-EEXIST, el2_map_pool_block(pa(base)));
	ATF_CHECK_EQ(-EINVAL, el2_map_pool_block(pa(base + PAGE_SIZE)));
	ATF_CHECK_EQ(-EINVAL, el2_map_pool_block(pa(EL2_POOL_SIZE)));
	ATF_CHECK_EQ(-EINVAL, el2_map_pool_block(pa(-BLOCK)));
	/* the pool has part of this one, mapped by boot: it refuses the whole */
	ATF_CHECK_EQ(-EINVAL, el2_map_pool_block(pa(PHYS_BASE)));
	ATF_CHECK(!is_mapped(EL2_POOL + PHYS_BASE));
	ATF_CHECK_EQ(before + 512, pages_stats().total);
	free(ram);
}

/* As many as the pool can keep account of, and then not one that is mapped for nothing. */
ATF_TC_WITHOUT_HEAD(pool_blocks_without_end);
ATF_TC_BODY(pool_blocks_without_end, tc)
{
	uint64_t base = GIB(2);
	int error;

	(void)tc;
	set_up(32);
	while ((error = el2_map_pool_block(pa(base))) == 0)
		base += BLOCK;
	ATF_CHECK_EQ(-ENOSPC, error);
	ATF_CHECK(!is_mapped(EL2_POOL + base));
	ATF_CHECK(is_mapped(EL2_POOL + base - 1));
	free(ram);
}

ATF_TC_WITHOUT_HEAD(boot_data);
ATF_TC_BODY(boot_data, tc)
{
	const uint64_t dtb = 0x80001234, blob = 0x80003000 - 0x10;

	(void)tc;
	set_up(32);
	ATF_CHECK_EQ(EL2_POOL + dtb, (uintptr_t)el2_map_boot_data(pa(dtb), 0x1000));
	check_leaf(EL2_POOL + dtb, dtb, PAGE_SIZE, PGTABLE_READ);
	check_leaf(EL2_POOL + 0x80002fff, 0x80002fff, PAGE_SIZE, PGTABLE_READ);
	ATF_CHECK(!is_mapped(EL2_POOL + 0x80000fff));
	ATF_CHECK(!is_mapped(EL2_POOL + 0x80003000));
	/* the next piece shares a page with it, and is large */
	ATF_CHECK_EQ(EL2_POOL + blob, (uintptr_t)el2_map_boot_data(pa(blob), 5 * BLOCK));
	check_leaf(EL2_POOL + 0x80200000, 0x80200000, BLOCK, PGTABLE_READ);
	check_leaf(EL2_POOL + 0x80a02fef, 0x80a02fef, PAGE_SIZE, PGTABLE_READ);
	ATF_CHECK(!is_mapped(EL2_POOL + 0x80a03000));
	ATF_CHECK_EQ(0, fake_tlb_count);
	ATF_CHECK_EQ(0, el2_unmap_range(EL2_POOL + dtb, 0x1000));
	ATF_CHECK_EQ(0, el2_unmap_range(EL2_POOL + blob, 5 * BLOCK));
	check_nothing_mapped();
	free(ram);
}

ATF_TC_WITHOUT_HEAD(boot_data_refused);
ATF_TC_BODY(boot_data_refused, tc)
{
	(void)tc;
	set_up(32);
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(0x80000000), 0));
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(0x80000000), UINT64_MAX));
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(UINT64_MAX), 1));
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(-PAGE_SIZE), PAGE_SIZE));
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(EL2_POOL_SIZE - 1), 2));
	/* in the pool's range, but more physical address bits than the CPU has */
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(UINT64_C(1) << 44), 1));
	check_nothing_mapped();
	/* the pool is writable, and stays it */
	ATF_REQUIRE_EQ(0, el2_map_pool_block(pa(PHYS_BASE + BLOCK)));
	ATF_CHECK_EQ(NULL, el2_map_boot_data(pa(PHYS_BASE + BLOCK - 1), 2));
	check_leaf(EL2_POOL + PHYS_BASE + BLOCK, PHYS_BASE + BLOCK, BLOCK, RW);
	ATF_CHECK(!is_mapped(EL2_POOL + PHYS_BASE + BLOCK - 1));
	free(ram);
}

ATF_TC_WITHOUT_HEAD(devices);
ATF_TC_BODY(devices, tc)
{
	const unsigned int attrs = RW | PGTABLE_DEVICE;
	uintptr_t uart, gic, small;

	(void)tc;
	set_up(40);
	uart = (uintptr_t)el2_map_device(pa(0x9000000), 0x1000);
	ATF_CHECK_EQ(EL2_DEVICES, uart);
	check_leaf(uart, 0x9000000, PAGE_SIZE, attrs);
	gic = (uintptr_t)el2_map_device(pa(0x8000000), 0x10000);
	check_leaf(gic, 0x8000000, PAGE_SIZE, attrs);
	check_leaf(gic + 0xffff, 0x800ffff, PAGE_SIZE, attrs);
	ATF_CHECK(gic >= uart + 0x2000);
	/* a page of nothing between two devices */
	ATF_CHECK(!is_mapped(uart + 0x1000));
	ATF_CHECK(!is_mapped(gic - 1));
	ATF_CHECK(!is_mapped(gic + 0x10000));
	/* across a page, with its offset */
	small = (uintptr_t)el2_map_device(pa(0xa000ff8), 16);
	ATF_CHECK_EQ(0xff8, small & PAGE_MASK);
	check_leaf(small, 0xa000ff8, PAGE_SIZE, attrs);
	check_leaf(small + 15, 0xa001007, PAGE_SIZE, attrs);
	ATF_CHECK(!is_mapped((small & ~PAGE_MASK) + 2 * PAGE_SIZE));
	ATF_CHECK_EQ(0, fake_tlb_count);
	free(ram);
}

/* As much of it as possible by blocks, wherever it begins. */
ATF_TC_WITHOUT_HEAD(large_device);
ATF_TC_BODY(large_device, tc)
{
	const unsigned int attrs = RW | PGTABLE_DEVICE;
	uintptr_t redists;

	(void)tc;
	set_up(40);
	ATF_CHECK(el2_map_device(pa(0x9000000), 0x1000) != NULL);
	redists = (uintptr_t)el2_map_device(pa(0x80a0000), 0xf60000);
	check_leaf(redists, 0x80a0000, PAGE_SIZE, attrs);
	check_leaf(redists + 0x160000, 0x8200000, MIB(2), attrs);
	check_leaf(redists + 0xf5ffff, 0x8ffffff, MIB(2), attrs);
	ATF_CHECK(!is_mapped(redists - 1));
	ATF_CHECK(!is_mapped(redists + 0xf60000));
	free(ram);
}

ATF_TC_WITHOUT_HEAD(devices_refused);
ATF_TC_BODY(devices_refused, tc)
{
	unsigned int n = 0;

	(void)tc;
	set_up(512);
	ATF_CHECK_EQ(NULL, el2_map_device(pa(0x9000000), 0));
	ATF_CHECK_EQ(NULL, el2_map_device(pa(0x9000000), UINT64_MAX));
	ATF_CHECK_EQ(NULL, el2_map_device(pa(UINT64_MAX - 1), 1));
	ATF_CHECK_EQ(NULL, el2_map_device(pa(UINT64_MAX), UINT64_MAX));
	ATF_CHECK_EQ(NULL, el2_map_device(pa(0), EL2_AREA_SIZE));
	ATF_CHECK_EQ(NULL, el2_map_device(pa(UINT64_C(1) << 44), PAGE_SIZE));
	check_nothing_mapped();
	/* refusals took no room; the area's end does not reach into the stacks */
	ATF_CHECK_EQ(EL2_DEVICES, (uintptr_t)el2_map_device(pa(0), PAGE_SIZE));
	while (el2_map_device(pa(GIB(1)), MIB(128)) != NULL)
		n++;
	ATF_CHECK_EQ(7, n);
	ATF_CHECK(!is_mapped(EL2_STACKS - 1));
	ATF_CHECK(!is_mapped(EL2_STACKS));
	free(ram);
}

ATF_TC_WITHOUT_HEAD(stacks);
ATF_TC_BODY(stacks, tc)
{
	static const unsigned int cpus[] = {0, 1, 7, EL2_MAX_CPUS - 1};
	size_t used;

	(void)tc;
	set_up(64);
	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		uintptr_t top = (uintptr_t)el2_map_stack(cpus[i]);
		struct pgtable_leaf leaf;

		ATF_CHECK_EQ(EL2_STACKS + (cpus[i] + 1) * UINT64_C(0x10000), top);
		ATF_REQUIRE(el2_map_lookup(top - 1, &leaf));
		ATF_CHECK_EQ(RW, leaf.attrs);
		ATF_CHECK(is_mapped(top - 8192));
		/* the guard, down to the next CPU's stack */
		ATF_CHECK(!is_mapped(top - 8193));
		ATF_CHECK(!is_mapped(top - 0x10000));
		ATF_CHECK(!is_mapped(top + 0x10000 - 8193));
	}
	used = pages_stats().used;
	ATF_CHECK_EQ(NULL, el2_map_stack(7));
	ATF_CHECK_EQ(NULL, el2_map_stack(EL2_MAX_CPUS));
	ATF_CHECK_EQ(NULL, el2_map_stack(UINT32_MAX));
	ATF_CHECK_EQ(used, pages_stats().used);
	free(ram);
}

ATF_TC_WITHOUT_HEAD(ranges);
ATF_TC_BODY(ranges, tc)
{
	uintptr_t data;

	(void)tc;
	set_up(32);
	data = (uintptr_t)el2_map_boot_data(pa(0x80000000), 8 * PAGE_SIZE);
	/* every page with a byte in the range, no other */
	ATF_CHECK_EQ(0, el2_unmap_range(data + 3 * PAGE_SIZE - 1, 2));
	ATF_CHECK(is_mapped(data + 2 * PAGE_SIZE - 1));
	ATF_CHECK(!is_mapped(data + 2 * PAGE_SIZE));
	ATF_CHECK(!is_mapped(data + 4 * PAGE_SIZE - 1));
	ATF_CHECK(is_mapped(data + 4 * PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, el2_unmap_range(data, 0));
	ATF_CHECK_EQ(-EINVAL, el2_unmap_range(data, UINT64_MAX));
	ATF_CHECK_EQ(-EINVAL, el2_unmap_range(UINTPTR_MAX, 1));
	ATF_CHECK_EQ(-EINVAL, el2_unmap_range(UINT64_C(1) << 48, 1));
	ATF_CHECK(!is_mapped(UINTPTR_MAX));
	free(ram);
}

/* ---- Growing ---- */

static unsigned int blocks_given;

static bool refill(void)
{
	if (blocks_given == NR_BLOCKS - 1)
		return false;
	blocks_given++;
	return el2_map_pool_block(pa(PHYS_BASE + blocks_given * BLOCK)) == 0;
}

/*
 * All that needs tables gets them from blocks that are mapped when they are
 * wanted. The fake locks abort if one is taken twice, as by a refill under it.
 */
ATF_TC_WITHOUT_HEAD(growing);
ATF_TC_BODY(growing, tc)
{
	size_t stack_pages = 0, n;

	(void)tc;
	set_up(6);
	pages_set_refill(refill);
	blocks_given = 0;
	ATF_CHECK(el2_map_device(pa(0x9000000), MIB(129)) != NULL);
	ATF_CHECK_EQ(1, blocks_given);
	for (unsigned int cpu = 0; cpu < EL2_MAX_CPUS; cpu++)
		stack_pages += el2_map_stack(cpu) != NULL ? 2 : 0;
	ATF_CHECK_EQ(2 * EL2_MAX_CPUS, stack_pages);
	ATF_CHECK_EQ(2, blocks_given);
	/* to the end: then all fails, and nothing is lost */
	while (page_alloc(1) != NULL)
		;
	ATF_CHECK_EQ(3, blocks_given);
	for (n = 0; n < 100 && el2_map_device(pa(0x9001000), MIB(3)) != NULL; n++)
		;
	ATF_CHECK(n < 100); /* there is room for more than 200 */
	ATF_CHECK(el2_map_device(pa(0x9000000), PAGE_SIZE) != NULL);
	free(ram);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, taking_over);
	ATF_TP_ADD_TC(tp, pool_blocks);
	ATF_TP_ADD_TC(tp, pool_blocks_without_end);
	ATF_TP_ADD_TC(tp, boot_data);
	ATF_TP_ADD_TC(tp, boot_data_refused);
	ATF_TP_ADD_TC(tp, devices);
	ATF_TP_ADD_TC(tp, large_device);
	ATF_TP_ADD_TC(tp, devices_refused);
	ATF_TP_ADD_TC(tp, stacks);
	ATF_TP_ADD_TC(tp, ranges);
	ATF_TP_ADD_TC(tp, growing);
	return atf_no_error();
}
