/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/lock.h for the build machine: tests run on one thread, so a lock that
 * is taken twice, or released without being held, is a bug and aborts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct lock {
	uint16_t owner;
	uint16_t next;
};

static inline bool lock_is_held(const struct lock *l)
{
	return l->owner != l->next;
}

static inline void lock_acquire(struct lock *l)
{
	if (lock_is_held(l))
		abort();
	l->next++;
}

static inline void lock_release(struct lock *l)
{
	if (!lock_is_held(l))
		abort();
	l->owner++;
}
