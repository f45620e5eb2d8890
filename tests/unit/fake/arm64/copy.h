/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/copy.h for the build machine: the C library's functions, after a
 * check of the sizes that the real ones want.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline void copy_pages_stream(void *dst, const void *src, size_t bytes)
{
	if (bytes == 0 || bytes % 128 != 0)
		abort();
	memcpy(dst, src, bytes);
}

static inline void zero_pages(void *dst, size_t bytes)
{
	if (bytes == 0 || bytes % 4096 != 0 || (uintptr_t)dst % 4096 != 0)
		abort();
	memset(dst, 0, bytes);
}
