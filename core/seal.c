// SPDX-License-Identifier: BSD-2-Clause
/*
 * The seal. It unmaps .init, so it is not in .init itself. The other CPUs wait
 * meanwhile, outside of .init too.
 */
#include "core/seal.h"

#include "core/image.h"
#include "core/smp.h"
#include "core/timer.h"
#include "lib/assert.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "mm/pages.h"

static void unmap(uintptr_t start, uint64_t size)
{
	if (size != 0)
		ASSERT(el2_unmap_range(start, size) == 0);
}

static void unmap_section(const char *from, const char *to)
{
	unmap((uintptr_t)from, (uint64_t)(to - from));
}

void seal_and_run(const struct seal_ranges *ranges, uint64_t entry_time)
{
	struct pages_stats stats;
	uint64_t us;

	unmap(ranges->idmap, PAGE_SIZE);
	unmap(ranges->dtb, ranges->dtb_size);
	unmap(ranges->blob, ranges->blob_size);
	unmap_section(init_text_start, init_text_end);
	unmap_section(init_rodata_start, init_rodata_end);
	pages_seal();

	stats = pages_stats();
	us = timer_us(timer_now() - entry_time);
	log_info(
	    "ready after %llu us; own memory %llu KiB: image %llu, pool %llu",
	    (unsigned long long)us,
	    (unsigned long long)(((uint64_t)(image_end - image_start) + stats.used * PAGE_SIZE) >>
				 10),
	    (unsigned long long)((uint64_t)(image_end - image_start) >> 10),
	    (unsigned long long)(stats.used * PAGE_SIZE >> 10));
	smp_go();
}
