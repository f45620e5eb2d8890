/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Against Spectre variant 1 (CVE-2017-5753). A CPU goes on by speculation where a branch says that
 * a guest's number is within bounds, if it has been so often before. A load at that number may
 * then reach what is anybody's, and one at an address made from it leaves a trace in a cache.
 */
#pragma once

#include <stdint.h>

/*
 * index if it is below `size`, or else 0; also on a path that turns out to be wrong. To be used
 * behind the check of bounds, which alone decides what the guest sees.
 *
 * The mask depends on the comparison, not on a branch. CSDB keeps a CPU that predicts the results
 * of instructions from using a predicted one for it (DDI 0487, C6.2, CSDB; Arm's "Cache Speculation
 * Side-channels" white paper). It is a hint, and a NOP on older CPUs, which do not.
 */
static inline uint64_t nospec_index(uint64_t index, uint64_t size)
{
	uint64_t mask;

	/* C is 0 if index is below size: 0 - 0 - 1 */
	__asm__ volatile("cmp	%1, %2\n\t"
			 "sbc	%0, xzr, xzr\n\t"
			 "hint	#20"
			 : "=r"(mask)
			 : "r"(index), "r"(size)
			 : "cc");
	return index & mask;
}
