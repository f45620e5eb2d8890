/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/lock.h for tests of interleavings: others may be faster before the
 * lock is taken and after it is released. A lock that its holder takes again,
 * or that somebody else releases, is a failure; so are threads that wait for
 * each other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/interleave/explore.h"

struct lock {
	uint32_t holder; /* thread, from 1; 0: nobody */
};

static inline bool lock_is_held(const struct lock *l)
{
	return l->holder != 0;
}

static inline bool fake_lock_is_free(const void *l)
{
	return ((const struct lock *)l)->holder == 0;
}

static inline void lock_acquire(struct lock *l)
{
	explore_point("acquires a lock", 0);
	if (l->holder == explore_self() + 1)
		explore_fail("a lock is taken twice");
	while (lock_is_held(l))
		explore_wait(fake_lock_is_free, l, "for a lock");
	l->holder = explore_self() + 1;
}

static inline void lock_release(struct lock *l)
{
	if (l->holder != explore_self() + 1)
		explore_fail("a lock is released that is not held");
	l->holder = 0;
	explore_point("released a lock", 0);
}
