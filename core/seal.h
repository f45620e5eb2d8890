/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of boot: what only boot needed is taken away, and guests run.
 */
#pragma once

#include "lib/types.h"

/* What boot had mapped to read it: addresses and sizes, size 0 if not. */
struct seal_ranges {
	uintptr_t dtb, blob, idmap;
	uint64_t dtb_size, blob_size;
};

/*
 * Unmaps .init, the identity page, the host's tree and the system
 * description; closes the page pool; lets all CPUs run guests, this one too.
 */
_Noreturn void seal_and_run(const struct seal_ranges *ranges, uint64_t entry_time);
