// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/window.c, with the build machine's MMU in the role of EL2's: what the
 * windows' tables say is mapped for real (from a file that is the physical
 * memory) when the tables are published, and goes away when, and only when,
 * the TLB is told. So an access without a mapping, or with too few permissions,
 * ends the test, and one that is left behind is found.
 */
#include <atf-c.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arm64/cache.h"
#include "arm64/expect.h"
#include "arm64/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/el2_map.h"
#include "mm/pages.h"
#include "mm/window.h"

#define PHYS_BASE UINT64_C(0x40000000)
#define PHYS_SIZE MIB(16)
#define GUEST (PHYS_BASE + MIB(2)) /* the first block is the pool */
#define NR_CPUS 2
#define AREA (NR_CPUS * NR_WINDOWS * EL2_WINDOW_SIZE)

static int memory;
static uint8_t *ram;
static uint8_t *area; /* where the windows are */

/* What a TLB has is there until it is dropped; what is new is found by a walk. */
static void walk_tables(void)
{
	struct pgtable_leaf leaf;

	for (uintptr_t va = (uintptr_t)area; va < (uintptr_t)area + AREA; va += PAGE_SIZE) {
		int prot;

		if (!el2_map_lookup(va, &leaf))
			continue;
		ATF_REQUIRE_EQ(PAGE_SIZE, leaf.size);
		ATF_REQUIRE(!(leaf.attrs & (PGTABLE_EXEC | PGTABLE_DEVICE)));
		prot = PROT_READ | (leaf.attrs & PGTABLE_WRITE ? PROT_WRITE : 0);
		ATF_REQUIRE(mmap((void *)va, PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, memory,
				 (off_t)(leaf.pa.v - PHYS_BASE)) != MAP_FAILED);
	}
}

static void drop(uintptr_t va, size_t size)
{
	ATF_REQUIRE(mmap((void *)va, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) != MAP_FAILED);
}

static void hook(const struct fake_tlb_op *op)
{
	if (op == NULL) {
		walk_tables();
	} else if (op->kind == FAKE_TLB_EL2_VA) {
		drop(op->addr, op->pages * PAGE_SIZE);
	} else {
		ATF_REQUIRE_EQ(FAKE_TLB_EL2_ALL, op->kind);
		drop((uintptr_t)area, AREA);
	}
}

/* Asks the kernel, so that the test survives: EFAULT if it is not readable. */
static bool is_readable(const void *p)
{
	int fd[2];
	bool readable;

	ATF_REQUIRE_EQ(0, pipe(fd));
	readable = write(fd[1], p, 1) == 1;
	close(fd[0]);
	close(fd[1]);
	return readable;
}

static void set_up(void)
{
	uintptr_t reserved;

	memory = memfd_create("physical memory", 0);
	ATF_REQUIRE(memory >= 0 && ftruncate(memory, (off_t)PHYS_SIZE) == 0);
	ram = mmap(NULL, PHYS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	reserved = (uintptr_t)mmap(NULL, AREA + EL2_WINDOW_SIZE, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ATF_REQUIRE(ram != MAP_FAILED && (void *)reserved != MAP_FAILED);
	area = (uint8_t *)ALIGN_UP(reserved, EL2_WINDOW_SIZE);
	pages_init((uintptr_t)ram - PHYS_BASE);
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), EL2_POOL_BLOCK));
	el2_map_init(page_to_pa(page_alloc(1)), pa(0), 0, 44);
	fake_tlb_reset();
	fake_cache = (struct fake_cache){0};
	ATF_REQUIRE_EQ(0, window_init(NR_CPUS, (uintptr_t)area));
	fake_tlb_hook = hook;
	for (uint64_t i = 0; i < PHYS_SIZE - MIB(2); i++)
		ram[MIB(2) + i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
}

/* The memory that a physical address stands for. */
static uint8_t *phys(uint64_t addr)
{
	return ram + (addr - PHYS_BASE);
}

static void check_all_closed(void)
{
	struct pgtable_leaf leaf;

	for (size_t at = 0; at < AREA; at += PAGE_SIZE) {
		ATF_REQUIRE(!el2_map_lookup((uintptr_t)area + at, &leaf));
		ATF_REQUIRE(!is_readable(area + at));
	}
}

ATF_TC_WITHOUT_HEAD(limits);
ATF_TC_BODY(limits, tc)
{
	(void)tc;
	set_up();
	ATF_CHECK_EQ(-EINVAL, window_init(EL2_MAX_CPUS + 1, EL2_WINDOWS));
	while (page_alloc(1) != NULL)
		;
	ATF_CHECK_EQ(-ENOMEM, window_init(1, GIB(512)));
}

ATF_TC_WITHOUT_HEAD(showing);
ATF_TC_BODY(showing, tc)
{
	const uint64_t addr = GUEST + 0x1ff0;
	uint8_t *src, *dst;

	(void)tc;
	set_up();
	src = window_map(1, WINDOW_SRC, pa(addr), 0x20, false);
	dst = window_map(1, WINDOW_DST, pa(addr + MIB(4)), 1, true);
	ATF_CHECK_EQ(0, memcmp(src, phys(addr), 0x20));
	*dst = 0x5a;
	ATF_CHECK_EQ(0x5a, *phys(addr + MIB(4)));
	/* two pages are shown, and one: no more */
	ATF_CHECK(is_readable(src - 0xff0));
	ATF_CHECK(!is_readable(src - 0xff1));
	ATF_CHECK(is_readable(src + 0x100f));
	ATF_CHECK(!is_readable(src + 0x1010));
	ATF_CHECK(!is_readable(dst + 0x10));
	ATF_CHECK(!is_readable(area));
	window_unmap(1, WINDOW_SRC);
	ATF_CHECK(!is_readable(src));
	ATF_CHECK_EQ(0x5a, *dst);
	window_unmap(1, WINDOW_DST);
	check_all_closed();
	ATF_CHECK_EQ(2, fake_tlb_count);
	/* harmless */
	window_unmap(1, WINDOW_DST);
	ATF_CHECK_EQ(2, fake_tlb_count);
}

/* The other CPU's windows are other addresses. */
ATF_TC_WITHOUT_HEAD(per_cpu);
ATF_TC_BODY(per_cpu, tc)
{
	uint8_t *shown[NR_CPUS][NR_WINDOWS];

	(void)tc;
	set_up();
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		for (unsigned int w = 0; w < NR_WINDOWS; w++)
			shown[cpu][w] = window_map(
			    cpu, (enum window)w, pa(GUEST + (cpu * 2 + w) * PAGE_SIZE), 64, false);
	}
	for (unsigned int i = 0; i < NR_CPUS * NR_WINDOWS; i++) {
		ATF_CHECK_EQ(area + i * EL2_WINDOW_SIZE, shown[i / 2][i % 2]);
		ATF_CHECK_EQ(0, memcmp(shown[i / 2][i % 2], phys(GUEST + i * PAGE_SIZE), 64));
	}
	window_unmap(0, WINDOW_DST);
	ATF_CHECK(!is_readable(shown[0][1]));
	ATF_CHECK(is_readable(shown[0][0]) && is_readable(shown[1][0]) && is_readable(shown[1][1]));
}

ATF_TC_WITHOUT_HEAD(read_only);
ATF_TC_BODY(read_only, tc)
{
	struct pgtable_leaf leaf;
	uint8_t *shown;

	(void)tc;
	set_up();
	shown = window_map(0, WINDOW_SRC, pa(GUEST), PAGE_SIZE, false);
	ATF_REQUIRE(el2_map_lookup((uintptr_t)shown, &leaf));
	ATF_CHECK_EQ(PGTABLE_READ, leaf.attrs);
	window_unmap(0, WINDOW_SRC);
	shown = window_map(0, WINDOW_SRC, pa(GUEST), PAGE_SIZE, true);
	ATF_REQUIRE(el2_map_lookup((uintptr_t)shown, &leaf));
	ATF_CHECK_EQ(PGTABLE_READ | PGTABLE_WRITE, leaf.attrs);
}

/* All sizes are dropped completely, one page at a time or all at once. */
ATF_TC_WITHOUT_HEAD(sizes);
ATF_TC_BODY(sizes, tc)
{
	static const uint64_t sizes[] = {
	    1, PAGE_SIZE, PAGE_SIZE + 1, 16 * PAGE_SIZE, 17 * PAGE_SIZE, EL2_WINDOW_SIZE};

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t *shown = window_map(0, WINDOW_DST, pa(GUEST), sizes[i], true);

		ATF_CHECK_EQ(0, memcmp(shown, phys(GUEST), sizes[i]));
		window_unmap(0, WINDOW_DST);
		check_all_closed();
	}
	/* up to the window's last byte, from the middle of a page */
	ATF_CHECK_EQ(
	    0, memcmp(window_map(0, WINDOW_DST, pa(GUEST + 0x800), EL2_WINDOW_SIZE - 0x800, true),
		      phys(GUEST + 0x800), EL2_WINDOW_SIZE - 0x800));
	window_unmap(0, WINDOW_DST);
	check_all_closed();
}

ATF_TC_WITHOUT_HEAD(too_large);
ATF_TC_BODY(too_large, tc)
{
	(void)tc;
	set_up();
	atf_tc_expect_signal(SIGABRT, "is a bug");
	window_map(0, WINDOW_DST, pa(GUEST + 1), EL2_WINDOW_SIZE, true);
}

ATF_TC_WITHOUT_HEAD(wrapping_size);
ATF_TC_BODY(wrapping_size, tc)
{
	(void)tc;
	set_up();
	atf_tc_expect_signal(SIGABRT, "is a bug");
	window_map(0, WINDOW_DST, pa(GUEST + 0x10), SIZE_MAX, true);
}

ATF_TC_WITHOUT_HEAD(open_twice);
ATF_TC_BODY(open_twice, tc)
{
	(void)tc;
	set_up();
	window_map(0, WINDOW_DST, pa(GUEST), 1, true);
	atf_tc_expect_signal(SIGABRT, "is a bug");
	window_map(0, WINDOW_DST, pa(GUEST), 1, true);
}

/* ---- Physical memory: lengths and alignments within pages, across windows ---- */

static const struct {
	uint64_t offset, size;
} parts[] = {
    {0, 0},
    {0, 1},
    {0xfff, 2},
    {0x123, 100},
    {0, PAGE_SIZE},
    {0x7, PAGE_SIZE},
    {0x800, 2 * PAGE_SIZE + 1},
    {0, EL2_WINDOW_SIZE},
    {0x3, EL2_WINDOW_SIZE},
    {0xabc, EL2_WINDOW_SIZE * 2 + 0x1234},
};

#define DST (GUEST + MIB(7))
#define MAX_PART MIB(5)

/* ram, from DST - 64 on, is what it was with `expected` put in at offset; else the test fails. */
static void check_dst(uint8_t *before, uint64_t offset, const uint8_t *expected, uint64_t size)
{
	memcpy(before + 64 + offset, expected, size);
	ATF_CHECK_MSG(memcmp(before, phys(DST) - 64, MAX_PART) == 0, "offset %#lx, size %#lx",
		      offset, size);
}

static uint8_t *save_dst(void)
{
	uint8_t *copy = malloc(MAX_PART);

	memcpy(copy, phys(DST) - 64, MAX_PART);
	return copy;
}

ATF_TC_WITHOUT_HEAD(copying);
ATF_TC_BODY(copying, tc)
{
	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		for (size_t shift = 0; shift < 0x1000; shift += 0x4d5) {
			uint64_t from = GUEST + shift;
			uint8_t *before = save_dst();

			fake_cache = (struct fake_cache){0};
			phys_copy(0, pa(DST + parts[i].offset), pa(from), parts[i].size);
			check_dst(before, parts[i].offset, phys(from), parts[i].size);
			ATF_CHECK_EQ(parts[i].size, fake_cache.cleaned_to_poc);
			free(before);
		}
	}
	check_all_closed();
}

ATF_TC_WITHOUT_HEAD(zeroing);
ATF_TC_BODY(zeroing, tc)
{
	uint8_t *zeros = calloc(1, MAX_PART);

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint8_t *before;

		memset(phys(DST) - 64, 0x77, MAX_PART);
		before = save_dst();
		fake_cache = (struct fake_cache){0};
		phys_zero(1, pa(DST + parts[i].offset), parts[i].size);
		check_dst(before, parts[i].offset, zeros, parts[i].size);
		ATF_CHECK_EQ(parts[i].size, fake_cache.cleaned_to_poc);
		free(before);
	}
	free(zeros);
	check_all_closed();
}

ATF_TC_WITHOUT_HEAD(flushing);
ATF_TC_BODY(flushing, tc)
{
	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint8_t *before = save_dst();

		fake_cache = (struct fake_cache){0};
		phys_flush(1, pa(DST + parts[i].offset), parts[i].size);
		check_dst(before, parts[i].offset, phys(DST + parts[i].offset), parts[i].size);
		ATF_CHECK_EQ(parts[i].size, fake_cache.cleaned_and_invalidated);
		free(before);
	}
	check_all_closed();
}

ATF_TC_WITHOUT_HEAD(writing);
ATF_TC_BODY(writing, tc)
{
	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t size = parts[i].size, at = parts[i].offset;
		uint8_t *buffer, *before;

		buffer = malloc(size);
		memcpy(buffer, phys(GUEST + at), size);
		for (uint64_t j = 0; j < size; j++)
			buffer[j] ^= 0xff;
		before = save_dst();
		fake_cache = (struct fake_cache){0};
		phys_write(1, pa(DST + at), buffer, size);
		check_dst(before, at, buffer, size);
		ATF_CHECK_EQ(size, fake_cache.cleaned_to_poc);
		free(buffer);
		free(before);
	}
	check_all_closed();
}

/* Bytes of a guest's, and memory that does not answer. */
ATF_TC_WITHOUT_HEAD(reading);
ATF_TC_BODY(reading, tc)
{
	uint8_t bytes[PAGE_SIZE];

	(void)tc;
	set_up();
	for (size_t n = 1; n <= PAGE_SIZE; n = n * 2 + 1) {
		for (uint64_t at = 0; at < 2 * PAGE_SIZE; at += 509) {
			ATF_CHECK_EQ(0, phys_read(0, bytes, pa(GUEST + at), n));
			ATF_CHECK_EQ(0, memcmp(bytes, phys(GUEST + at), n));
		}
		check_all_closed();
	}
	fake_expect_fails = true;
	ATF_CHECK_EQ(-EIO, phys_read(0, bytes, pa(GUEST), 4));
	check_all_closed();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, limits);
	ATF_TP_ADD_TC(tp, showing);
	ATF_TP_ADD_TC(tp, per_cpu);
	ATF_TP_ADD_TC(tp, read_only);
	ATF_TP_ADD_TC(tp, sizes);
	ATF_TP_ADD_TC(tp, too_large);
	ATF_TP_ADD_TC(tp, wrapping_size);
	ATF_TP_ADD_TC(tp, open_twice);
	ATF_TP_ADD_TC(tp, copying);
	ATF_TP_ADD_TC(tp, zeroing);
	ATF_TP_ADD_TC(tp, flushing);
	ATF_TP_ADD_TC(tp, writing);
	ATF_TP_ADD_TC(tp, reading);
	return atf_no_error();
}
