/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/cache.h for the build machine, which is coherent: only counts, so that
 * a test can see that maintenance was not forgotten.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes given to each operation, and full instruction cache invalidations. */
struct fake_cache {
	size_t cleaned_to_poc;
	size_t cleaned_and_invalidated;
	size_t icache_invalidations;
};

extern struct fake_cache fake_cache;

static inline void cache_clean_poc(const void *start, size_t size)
{
	(void)start;
	fake_cache.cleaned_to_poc += size;
}

static inline void cache_clean_invalidate_poc(const void *start, size_t size)
{
	(void)start;
	fake_cache.cleaned_and_invalidated += size;
}

static inline void cache_invalidate_icache(void)
{
	fake_cache.icache_invalidations++;
}
