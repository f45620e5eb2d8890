/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/lock.h for tests of interleavings: others may be faster before the
 * lock is taken and after it is released. A lock that breaks the locks' order,
 * or that somebody else releases, is a failure; so are threads that wait for
 * each other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/lock_order.h"
#include "tests/interleave/explore.h"

struct lock {
	bool held;
	struct lock_order order;
};

static inline bool lock_is_held(const struct lock *l)
{
	return l->held;
}

static inline bool fake_lock_is_free(const void *l)
{
	return !((const struct lock *)l)->held;
}

static inline void lock_acquire_by(struct lock *l, bool next)
{
	explore_point("acquires a lock", 0);
	lock_order_acquire(&l->order, next);
	while (lock_is_held(l))
		explore_wait(fake_lock_is_free, l, "for a lock");
	l->held = true;
	lock_order_acquired(&l->order);
}

static inline void lock_acquire(struct lock *l)
{
	lock_acquire_by(l, false);
}

static inline void lock_acquire_next(struct lock *l)
{
	lock_acquire_by(l, true);
}

static inline void lock_release(struct lock *l)
{
	lock_order_release(&l->order);
	l->held = false;
	explore_point("released a lock", 0);
}

static inline void lock_assert_held(const struct lock *l)
{
	lock_order_assert_held(&l->order);
}
