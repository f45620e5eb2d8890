/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of all locks, and its check.
 *
 * A CPU takes a lock only while every lock that it holds stands further up in
 * enum lock_rank. Two locks of one rank are held at once only where they are
 * taken by lock_acquire_next(), with rising numbers. Debug builds (`make debug`)
 * and tests check this, and who releases a lock; a lock that breaks the rule is
 * a bug, which panics with the locks' names. Other builds have none of it.
 */
#pragma once

#include "lib/types.h"

/* In the order in which they are taken. A lock's declaration says what it guards. */
enum lock_rank {
	LOCK_UNRANKED,	/* not initialised */
	LOCK_VM,	/* vm.lock */
	LOCK_CFI_FLASH, /* cfi_flash.lock. Devices' locks: no two are held at once */
	LOCK_PL031,	/* pl031.lock */
	LOCK_VPL011,	/* vpl011.lock */
	LOCK_VGIC_CPU,	/* vgic_cpu.lock: devices drive lines; vgic_reset() takes all of a VM's */
	LOCK_CONSOLE,	/* console.lock: devices have output, and everybody may say something */
	LOCK_EL2_MAP,	/* mm/el2_map.c's */
	LOCK_PAGE_POOL, /* mm/pages.c's: tables are made of pages */
};

#ifdef BULKHEAD_DEBUG

/* What is known of a lock for the check. Rank and number are constant. */
struct lock_order {
	enum lock_rank rank;
	unsigned int number;	  /* among those that lock_acquire_next() takes */
	unsigned int cpu;	  /* the holder's index, while it is held */
	struct lock_order *below; /* while it is held: what its holder has taken before, or NULL */
};

/* A lock's initializer. Numbers tell the locks of one rank apart, as far as that is of use. */
#define LOCK_INIT(rank_, number_)                                                                  \
	{                                                                                          \
		.order = {.rank = (rank_), .number = (number_) }                                   \
	}

/* This CPU is about to take the lock, and has it. `next`: by lock_acquire_next(). */
void lock_order_acquire(const struct lock_order *order, bool next);
void lock_order_acquired(struct lock_order *order);

/* This CPU is about to release the lock. */
void lock_order_release(struct lock_order *order);

/* This CPU holds the lock. */
void lock_order_assert_held(const struct lock_order *order);

/* This CPU holds no lock. */
void lock_assert_none_held(void);

#else

struct lock_order {
};

#define LOCK_INIT(rank, number)                                                                    \
	{                                                                                          \
		.order = {}                                                                        \
	}

static inline void lock_order_acquire(const struct lock_order *order, bool next)
{
	(void)order;
	(void)next;
}

static inline void lock_order_acquired(struct lock_order *order)
{
	(void)order;
}

static inline void lock_order_release(struct lock_order *order)
{
	(void)order;
}

static inline void lock_order_assert_held(const struct lock_order *order)
{
	(void)order;
}

static inline void lock_assert_none_held(void)
{
}

#endif
