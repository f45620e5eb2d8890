// SPDX-License-Identifier: BSD-2-Clause
/*
 * Windows: each is one table of pages, which this module fills and clears
 * itself, without the walker: that is what a window costs. The tables are made
 * at boot. A CPU only ever touches its own entries of windows[]; no lock.
 */
#include "mm/window.h"

#include "arm64/cache.h"
#include "arm64/copy.h"
#include "arm64/expect.h"
#include "arm64/tlb.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/el2_map.h"

/*
 * Unmapping more pages than this drops all of EL2's TLB entries instead of
 * one after the other: EL2 uses a few dozen, which come back with a walk each,
 * while every broadcast TLBI is a message to every CPU.
 */
#define MAX_SINGLE_TLBI 16

/* Copies of at least this much bypass the caches. */
#define STREAM_MIN PAGE_SIZE
#define STREAM_UNIT 128

static struct {
	uint64_t *table;
	size_t pages; /* shown now: entries 0 to pages - 1 */
} windows[EL2_MAX_CPUS][NR_WINDOWS];

static uintptr_t windows_base;

_Static_assert(NR_WINDOWS == EL2_WINDOWS_PER_CPU, "the layout has room for all windows");
_Static_assert(EL2_WINDOW_SIZE == 512 * PAGE_SIZE, "a window is one table");

static uintptr_t window_address(unsigned int cpu, enum window w)
{
	return windows_base + ((uintptr_t)cpu * NR_WINDOWS + w) * EL2_WINDOW_SIZE;
}

int window_init(unsigned int nr_cpus, uintptr_t base)
{
	if (nr_cpus > EL2_MAX_CPUS)
		return -EINVAL;
	windows_base = base;
	for (unsigned int i = 0; i < nr_cpus * NR_WINDOWS; i++) {
		unsigned int cpu = i / NR_WINDOWS;
		enum window w = (enum window)(i % NR_WINDOWS);
		int error = el2_map_take_table(window_address(cpu, w), &windows[cpu][w].table);

		if (error != 0)
			return error;
		windows[cpu][w].pages = 0;
	}
	return 0;
}

void *window_map(unsigned int cpu, enum window w, pa_t addr, size_t size, bool writable)
{
	uint64_t offset = addr.v & PAGE_MASK;
	size_t pages = (size_t)((offset + size + PAGE_MASK) >> PAGE_SHIFT);
	volatile uint64_t *table = windows[cpu][w].table;
	uint64_t pte = pgtable_page(PGTABLE_EL2, pa(addr.v - offset),
				    PGTABLE_READ | (writable ? PGTABLE_WRITE : 0));

	ASSERT(windows[cpu][w].pages == 0);
	ASSERT(size != 0 && size <= EL2_WINDOW_SIZE - offset);
	for (size_t i = 0; i < pages; i++)
		table[i] = pte + i * PAGE_SIZE;
	windows[cpu][w].pages = pages;
	tlb_publish_tables();
	return (void *)(window_address(cpu, w) + offset);
}

void window_unmap(unsigned int cpu, enum window w)
{
	size_t pages = windows[cpu][w].pages;
	volatile uint64_t *table = windows[cpu][w].table;

	if (pages == 0)
		return;
	for (size_t i = 0; i < pages; i++)
		table[i] = 0;
	windows[cpu][w].pages = 0;
	/* Broadcast: another CPU never uses this address, but may have walked it by speculation. */
	if (pages <= MAX_SINGLE_TLBI)
		tlb_invalidate_el2_range(window_address(cpu, w), pages);
	else
		tlb_invalidate_el2_all();
}

/* ---- Physical memory ---- */

/* As much of n as one window shows from addr on. */
static size_t chunk(pa_t addr, uint64_t n)
{
	return (size_t)MIN(n, EL2_WINDOW_SIZE - (addr.v & PAGE_MASK));
}

static void copy(void *dst, const void *src, size_t n)
{
	size_t streamed = n >= STREAM_MIN ? ALIGN_DOWN(n, STREAM_UNIT) : 0;

	if (streamed != 0)
		copy_pages_stream(dst, src, streamed);
	memcpy((char *)dst + streamed, (const char *)src + streamed, n - streamed);
}

/* memset(dst, 0, n), whole pages by the fast way. */
static void zero(void *dst, size_t n)
{
	size_t head = (size_t)MIN(n, -(uintptr_t)dst & PAGE_MASK);
	size_t whole = ALIGN_DOWN(n - head, PAGE_SIZE);

	memset(dst, 0, head);
	if (whole != 0)
		zero_pages((char *)dst + head, whole);
	memset((char *)dst + head + whole, 0, n - head - whole);
}

void phys_copy(unsigned int cpu, pa_t dst, pa_t src, uint64_t n)
{
	while (n != 0) {
		size_t part = MIN(chunk(dst, n), chunk(src, n));
		const void *from = window_map(cpu, WINDOW_SRC, src, part, false);
		void *to = window_map(cpu, WINDOW_DST, dst, part, true);

		copy(to, from, part);
		cache_clean_poc(to, part);
		window_unmap(cpu, WINDOW_DST);
		window_unmap(cpu, WINDOW_SRC);
		dst.v += part;
		src.v += part;
		n -= part;
	}
}

void phys_zero(unsigned int cpu, pa_t dst, uint64_t n)
{
	while (n != 0) {
		size_t part = chunk(dst, n);
		void *to = window_map(cpu, WINDOW_DST, dst, part, true);

		zero(to, part);
		cache_clean_poc(to, part);
		window_unmap(cpu, WINDOW_DST);
		dst.v += part;
		n -= part;
	}
}

int phys_read(unsigned int cpu, void *dst, pa_t src, size_t n)
{
	bool done = expect_copy(dst, window_map(cpu, WINDOW_SRC, src, n, false), n);

	window_unmap(cpu, WINDOW_SRC);
	return done ? 0 : -EIO;
}

void phys_flush(unsigned int cpu, pa_t addr, uint64_t n)
{
	while (n != 0) {
		size_t part = chunk(addr, n);

		cache_clean_invalidate_poc(window_map(cpu, WINDOW_SRC, addr, part, false), part);
		window_unmap(cpu, WINDOW_SRC);
		addr.v += part;
		n -= part;
	}
}

void phys_write(unsigned int cpu, pa_t dst, const void *src, uint64_t n)
{
	while (n != 0) {
		size_t part = chunk(dst, n);
		void *to = window_map(cpu, WINDOW_DST, dst, part, true);

		copy(to, src, part);
		cache_clean_poc(to, part);
		window_unmap(cpu, WINDOW_DST);
		src = (const char *)src + part;
		dst.v += part;
		n -= part;
	}
}
