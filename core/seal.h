/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of boot: all that only boot needed is unmapped, and guests run.
 */
#pragma once

#include "lib/types.h"

/* The trees that boot has mapped, to be unmapped: addresses and sizes; size 0: none. */
struct seal_ranges {
	uintptr_t dtb, blob, idmap;
	uint64_t dtb_size, blob_size;
};

/*
 * Unmaps .init, the identity page, the host's tree and the system
 * description; closes the page pool; lets all CPUs run guests, this one too.
 */
_Noreturn void seal_and_run(const struct seal_ranges *ranges, uint64_t entry_time);
