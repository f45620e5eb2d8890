/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/nospec.h for the build machine: what it comes to.
 */
#pragma once

#include <stdint.h>

static inline uint64_t nospec_index(uint64_t index, uint64_t size)
{
	return index < size ? index : 0;
}
