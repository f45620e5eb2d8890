/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/lock.h for the build machine: tests run on one thread, so a lock that
 * would have to be waited for is a bug and aborts. The locks' order is checked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "arm64/lock_order.h"

struct lock {
	uint16_t owner;
	uint16_t next;
	struct lock_order order;
};

static inline bool lock_is_held(const struct lock *l)
{
	return l->owner != l->next;
}

static inline void lock_acquire_by(struct lock *l, bool next)
{
	lock_order_acquire(&l->order, next);
	if (lock_is_held(l))
		abort();
	l->next++;
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
	l->owner++;
}

static inline void lock_assert_held(const struct lock *l)
{
	lock_order_assert_held(&l->order);
}
