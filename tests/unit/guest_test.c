// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/guest.c: which of a guest's addresses EL2 reads and writes, and how much at once. A guest has
 * chosen them: they lie across the ends of memory, in devices, in firmware, beyond the address
 * space. Memory that is contiguous for the guest is in pieces here.
 *
 *	0x0000_0000	2 pages		firmware, which the guest cannot write
 *	0x0900_0000	1 page		a device
 *	0x4000_0000	2 MiB		memory, one block
 *	0x4020_0000	2 pages		memory, elsewhere, not beside each other
 *	0x4020_2000	1 page		a device
 *	2^40 - 4 KiB	1 page		memory, at the end of the address space
 */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "mm/layout.h"
#include "mm/pages.h"
#include "mm/window.h"

#define TABLES UINT64_C(0x40000000) /* physical addresses of tables */
#define ROM 0
#define DEVICE UINT64_C(0x9000000)
#define RAM UINT64_C(0x40000000)
#define PAGES UINT64_C(0x40200000)
#define LAST (BIT(40) - PAGE_SIZE)

#define PHYS BIT(36) /* what the guest has begins here */
#define PHYS_SIZE MIB(4)
#define PHYS_RAM PHYS
#define PHYS_PAGES (PHYS + MIB(3))
#define PHYS_ROM (PHYS + MIB(3) + 64 * PAGE_SIZE)
#define PHYS_LAST (PHYS + MIB(3) + 128 * PAGE_SIZE)
#define PHYS_SOURCE (PHYS - MIB(16)) /* of loading: nobody's memory */

static uint8_t phys[PHYS_SIZE], expected[PHYS_SIZE];
static struct stage2 s2;
static uint64_t accessed; /* bytes, since a test has looked last */
static unsigned int accesses;
static bool fails; /* memory does not answer */

static uint8_t *memory_at(pa_t addr, uint64_t n)
{
	ATF_REQUIRE_MSG(range_within(addr.v, n, PHYS, PHYS_SIZE), "%#lx", addr.v);
	ATF_REQUIRE(n != 0);
	accessed += n;
	accesses++;
	return phys + (addr.v - PHYS);
}

int phys_read(unsigned int cpu, void *dst, pa_t src, size_t n)
{
	ATF_REQUIRE_EQ(cpu, 2);
	memcpy(dst, memory_at(src, n), n);
	return fails ? -EIO : 0;
}

void phys_write(unsigned int cpu, pa_t dst, const void *src, uint64_t n)
{
	ATF_REQUIRE_EQ(cpu, 2);
	memcpy(memory_at(dst, n), src, n);
}

void phys_copy(unsigned int cpu, pa_t dst, pa_t src, uint64_t n)
{
	ATF_REQUIRE_EQ(cpu, 2);
	ATF_REQUIRE_EQ(src.v, PHYS_SOURCE);
	memset(memory_at(dst, n), 0x77, n);
}

void phys_zero(unsigned int cpu, pa_t dst, uint64_t n)
{
	ATF_REQUIRE_EQ(cpu, 2);
	memset(memory_at(dst, n), 0, n);
}

void phys_flush(unsigned int cpu, pa_t addr, uint64_t n)
{
	ATF_REQUIRE_EQ(cpu, 2);
	memory_at(addr, n);
}

static void set_up(void)
{
	static const struct stage2_geometry geometry = {
	    .ipa_bits = 40, .pa_bits = 40, .start_level = 1, .root_pages = 2, .vmid_bits = 8};
	uint8_t *tables = aligned_alloc(EL2_POOL_BLOCK, EL2_POOL_BLOCK);

	pages_init((uintptr_t)tables - TABLES);
	ATF_REQUIRE_EQ(pages_add(pa(TABLES), EL2_POOL_BLOCK), 0);
	ATF_REQUIRE_EQ(stage2_init(&s2, &geometry, 1), 0);
	ATF_REQUIRE_EQ(stage2_map_rom(&s2, ipa(ROM), pa(PHYS_ROM), 2 * PAGE_SIZE), 0);
	ATF_REQUIRE_EQ(stage2_map_device(&s2, ipa(DEVICE), pa(0x1000), PAGE_SIZE), 0);
	ATF_REQUIRE_EQ(stage2_map_ram(&s2, ipa(RAM), pa(PHYS_RAM), MIB(2)), 0);
	for (unsigned int i = 0; i < 2; i++)
		ATF_REQUIRE_EQ(stage2_map_ram(&s2, ipa(PAGES + i * PAGE_SIZE),
					      pa(PHYS_PAGES + i * 8 * PAGE_SIZE), PAGE_SIZE),
			       0);
	ATF_REQUIRE_EQ(stage2_map_device(&s2, ipa(PAGES + 2 * PAGE_SIZE), pa(0x2000), PAGE_SIZE),
		       0);
	ATF_REQUIRE_EQ(stage2_map_ram(&s2, ipa(LAST), pa(PHYS_LAST), PAGE_SIZE), 0);
	for (size_t i = 0; i < PHYS_SIZE; i++)
		phys[i] = (uint8_t)(i * 7 ^ i >> 8);
	memcpy(expected, phys, PHYS_SIZE);
	accessed = accesses = 0;
	fails = false;
}

static int read_some(uint64_t addr, size_t n, uint8_t *dst)
{
	struct guest_piece last = {0};

	return guest_read(&s2, 2, &last, ipa(addr), dst, n);
}

/* Where the guest's byte is, or NULL: what is checked against, and no walk. */
static uint8_t *byte_at(uint8_t *all, uint64_t addr)
{
	if (addr < 2 * PAGE_SIZE)
		return all + (PHYS_ROM - PHYS) + addr;
	if (range_within(addr, 1, RAM, MIB(2)))
		return all + (addr - RAM);
	if (range_within(addr, 1, PAGES, 2 * PAGE_SIZE))
		return all + (PHYS_PAGES - PHYS) + (addr - PAGES) / PAGE_SIZE * 8 * PAGE_SIZE +
		       addr % PAGE_SIZE;
	if (range_within(addr, 1, LAST, PAGE_SIZE))
		return all + (PHYS_LAST - PHYS) + (addr - LAST);
	return NULL;
}

/* Good ranges: within a piece, at its ends, across two, whole pages, and one byte. */
static const struct {
	uint64_t addr;
	size_t n;
	unsigned int pieces;
} good[] = {
    {RAM, 1, 1},
    {RAM + 3, 7, 1},
    {RAM + PAGE_SIZE - 1, 2, 1}, /* two pages, one block */
    {RAM + 1, GUEST_MAX, 1},
    {RAM + MIB(2) - 8, 8, 1},
    {RAM + MIB(2) - 8, 9, 2},
    {PAGES, GUEST_MAX, 1},
    {PAGES + 1, GUEST_MAX, 2},
    {PAGES + PAGE_SIZE - 1, 2, 2},
    {PAGES + 2 * PAGE_SIZE - 1, 1, 1},
    {LAST, PAGE_SIZE, 1},
    {BIT(40) - 1, 1, 1},
};

ATF_TC_WITHOUT_HEAD(reading);
ATF_TC_BODY(reading, tc)
{
	uint8_t bytes[GUEST_MAX];

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		accessed = accesses = 0;
		ATF_CHECK_EQ_MSG(read_some(good[i].addr, good[i].n, bytes), 0, "%zu", i);
		ATF_CHECK_EQ(accessed, good[i].n);
		ATF_CHECK_EQ_MSG(accesses, good[i].pieces, "%zu: %u", i, accesses);
		for (size_t k = 0; k < good[i].n; k++)
			ATF_REQUIRE_EQ(bytes[k], *byte_at(phys, good[i].addr + k));
	}
	ATF_CHECK_EQ(read_some(ROM + PAGE_SIZE - 4, 8, bytes), 0);
	ATF_CHECK_EQ(bytes[7], *byte_at(phys, ROM + PAGE_SIZE + 3));
	ATF_CHECK_EQ(memcmp(phys, expected, PHYS_SIZE), 0);
}

ATF_TC_WITHOUT_HEAD(writing);
ATF_TC_BODY(writing, tc)
{
	uint8_t bytes[GUEST_MAX];

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		for (size_t k = 0; k < good[i].n; k++) {
			bytes[k] = (uint8_t)(i + k * 3);
			*byte_at(expected, good[i].addr + k) = bytes[k];
		}
		ATF_CHECK_EQ(guest_write(&s2, 2, ipa(good[i].addr), bytes, good[i].n), 0);
		ATF_CHECK_EQ_MSG(memcmp(phys, expected, PHYS_SIZE), 0, "%zu", i);
	}
}

/* What is no memory, from the first byte on or from a later one. */
static const struct {
	uint64_t addr;
	size_t n;
	int error;
} bad[] = {
    {RAM - 1, 1, -EFAULT},
    {RAM - 1, 2, -EFAULT},
    {PAGES + 2 * PAGE_SIZE - 1, 2, -EFAULT}, /* its end, and a device behind it */
    {PAGES + 2 * PAGE_SIZE, 1, -EFAULT},
    {DEVICE, 4, -EFAULT},
    {DEVICE - 4, 8, -EFAULT},
    {BIT(40) - 1, 2, -EFAULT}, /* the end of the address space */
    {BIT(40), 1, -EFAULT},
    {BIT(40) + RAM, 4, -EFAULT}, /* no alias of what is there without the high bits */
    {BIT(63) | RAM, 4, -EFAULT},
    {UINT64_MAX, 1, -EFAULT},
    {UINT64_MAX - 3, 8, -EFAULT}, /* around to firmware, at 0 */
    {UINT64_MAX, GUEST_MAX, -EFAULT},
    {RAM, GUEST_MAX + 1, -EINVAL},
    {RAM, SIZE_MAX, -EINVAL},
    {0, SIZE_MAX, -EINVAL},
};

/* Nothing is touched. */
ATF_TC_WITHOUT_HEAD(refused);
ATF_TC_BODY(refused, tc)
{
	uint8_t bytes[GUEST_MAX] = {0};

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ATF_CHECK_EQ_MSG(read_some(bad[i].addr, bad[i].n, bytes), bad[i].error, "%zu", i);
		ATF_CHECK_EQ_MSG(guest_write(&s2, 2, ipa(bad[i].addr), bytes, bad[i].n),
				 bad[i].error, "%zu", i);
	}
	/* firmware: the guest could not write it either, not even in part */
	ATF_CHECK_EQ(guest_write(&s2, 2, ipa(ROM), bytes, 1), -EFAULT);
	ATF_CHECK_EQ(guest_write(&s2, 2, ipa(ROM + 2 * PAGE_SIZE - 1), bytes, 1), -EFAULT);
	ATF_CHECK_EQ(accesses, 0);
	ATF_CHECK_EQ(memcmp(phys, expected, PHYS_SIZE), 0);
}

ATF_TC_WITHOUT_HEAD(nothing);
ATF_TC_BODY(nothing, tc)
{
	(void)tc;
	set_up();
	/* of nothing, no address is wrong */
	ATF_CHECK_EQ(read_some(RAM, 0, NULL), 0);
	ATF_CHECK_EQ(read_some(UINT64_MAX, 0, NULL), 0);
	ATF_CHECK_EQ(guest_write(&s2, 2, ipa(DEVICE), NULL, 0), 0);
	ATF_CHECK_EQ(accesses, 0);
}

/* As reading, whatever was read before; and it keeps to the piece that it remembers. */
ATF_TC_WITHOUT_HEAD(reading_near);
ATF_TC_BODY(reading_near, tc)
{
	struct guest_piece last = {0};
	uint8_t bytes[GUEST_MAX];

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(good) * ARRAY_SIZE(good); i++) {
		uint64_t addr = good[(i * 5 + i / 7) % ARRAY_SIZE(good)].addr;
		size_t n = good[(i * 5 + i / 7) % ARRAY_SIZE(good)].n;

		accessed = 0;
		ATF_CHECK_EQ(guest_read(&s2, 2, &last, ipa(addr), bytes, n), 0);
		ATF_CHECK_EQ(accessed, n);
		for (size_t k = 0; k < n; k++)
			ATF_REQUIRE_EQ(bytes[k], *byte_at(phys, addr + k));
	}
	accesses = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ATF_CHECK_EQ_MSG(guest_read(&s2, 2, &last, ipa(bad[i].addr), bytes, bad[i].n),
				 bad[i].error, "%zu", i);
	ATF_CHECK_EQ(accesses, 0);
	fails = true;
	ATF_CHECK_EQ(guest_read(&s2, 2, &last, ipa(RAM), bytes, 4), -EIO);
}

ATF_TC_WITHOUT_HEAD(broken_memory);
ATF_TC_BODY(broken_memory, tc)
{
	uint8_t bytes[16];

	(void)tc;
	set_up();
	fails = true;
	ATF_CHECK_EQ(read_some(PAGES + PAGE_SIZE - 8, 16, bytes), -EIO);
	ATF_CHECK_EQ(accesses, 1);
}

/* A step each: what is contiguous, and no more than so much; firmware can be loaded. */
ATF_TC_WITHOUT_HEAD(loading);
ATF_TC_BODY(loading, tc)
{
	static const struct {
		uint64_t addr, n;
		int64_t done;
	} steps[] = {
	    {RAM, UINT64_MAX, GUEST_LOAD_MAX},
	    {RAM + 1, GUEST_LOAD_MAX - 1, GUEST_LOAD_MAX - 1},
	    {RAM + MIB(2) - 5, MIB(1), 5},
	    {PAGES, 2 * PAGE_SIZE, PAGE_SIZE},
	    {ROM + 1, 100, 100},
	    {LAST, UINT64_MAX, PAGE_SIZE},
	};

	(void)tc;
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		accessed = 0;
		ATF_CHECK_EQ_MSG(
		    guest_load(&s2, 2, ipa(steps[i].addr), pa(PHYS_SOURCE), steps[i].n),
		    steps[i].done, "%zu", i);
		ATF_CHECK_EQ(accessed, (uint64_t)steps[i].done);
		ATF_CHECK_EQ(*byte_at(phys, steps[i].addr), 0x77);
		accessed = 0;
		ATF_CHECK_EQ(guest_flush(&s2, 2, ipa(steps[i].addr), steps[i].n), steps[i].done);
		ATF_CHECK_EQ(accessed, (uint64_t)steps[i].done);
		ATF_CHECK_EQ(*byte_at(phys, steps[i].addr), 0x77);
		ATF_CHECK_EQ(guest_clear(&s2, 2, ipa(steps[i].addr), steps[i].n), steps[i].done);
		ATF_CHECK_EQ(*byte_at(phys, steps[i].addr + (uint64_t)steps[i].done - 1), 0);
	}
	accesses = 0;
	ATF_CHECK_EQ(guest_load(&s2, 2, ipa(DEVICE), pa(PHYS_SOURCE), 1), -EFAULT);
	ATF_CHECK_EQ(guest_clear(&s2, 2, ipa(DEVICE), 1), -EFAULT);
	ATF_CHECK_EQ(guest_flush(&s2, 2, ipa(DEVICE), 1), -EFAULT);
	ATF_CHECK_EQ(guest_load(&s2, 2, ipa(BIT(40)), pa(PHYS_SOURCE), 1), -EFAULT);
	ATF_CHECK_EQ(guest_clear(&s2, 2, ipa(RAM - 1), 2), -EFAULT);
	ATF_CHECK_EQ(accesses, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, reading);
	ATF_TP_ADD_TC(tp, writing);
	ATF_TP_ADD_TC(tp, refused);
	ATF_TP_ADD_TC(tp, nothing);
	ATF_TP_ADD_TC(tp, reading_near);
	ATF_TP_ADD_TC(tp, broken_memory);
	ATF_TP_ADD_TC(tp, loading);
	return atf_no_error();
}
