/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying and zeroing of large pieces of normal memory: guest images, guest
 * RAM, whole pages. For small things there are memcpy() and memset().
 */
#pragma once

#include <stddef.h>

/*
 * Copies `bytes` (a multiple of 128, not 0) between ranges that do not
 * overlap, with non-temporal accesses: what is copied does not displace what
 * the caches hold.
 */
void copy_pages_stream(void *dst, const void *src, size_t bytes);

/* Zeroes `bytes` (a multiple of 4096, not 0) at dst, which is page-aligned. */
void zero_pages(void *dst, size_t bytes);
