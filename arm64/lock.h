/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks: first come, first served, so that no CPU starves. EL2 runs
 * with interrupts masked, so a lock is never taken twice by one CPU through
 * an interrupt. In which order locks are taken is in arm64/lock_order.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/lock_order.h"

/* Initialised by LOCK_INIT(). */
struct lock {
	_Alignas(4) uint16_t owner; /* the ticket that is being served */
	uint16_t next;		    /* the ticket that the next CPU will draw */
	struct lock_order order;
};

_Static_assert(_Alignof(struct lock) >= 4, "lock_wait() loads both tickets at once, exclusively");

/* Draws a ticket and waits for it in WFE, woken by the release's store. */
static inline void lock_wait(struct lock *l)
{
	uint32_t ticket, tmp, fail;

	__asm__ volatile("1:	ldaxr	%w0, [%3]\n"
			 "	add	%w1, %w0, #0x10000\n"
			 "	stxr	%w2, %w1, [%3]\n"
			 "	cbnz	%w2, 1b\n"
			 /* owner == ticket: the lock is ours at once */
			 "	eor	%w1, %w0, %w0, ror #16\n"
			 "	cbz	%w1, 3f\n"
			 "	sevl\n"
			 "2:	wfe\n"
			 /* the exclusive load arms the event that wakes WFE */
			 "	ldaxrh	%w2, [%3]\n"
			 "	eor	%w1, %w2, %w0, lsr #16\n"
			 "	cbnz	%w1, 2b\n"
			 "3:\n"
			 : "=&r"(ticket), "=&r"(tmp), "=&r"(fail)
			 : "r"(l)
			 : "memory");
}

/* Takes the lock. */
static inline void lock_acquire(struct lock *l)
{
	lock_order_acquire(&l->order, false);
	lock_wait(l);
	lock_order_acquired(&l->order);
}

/* Takes the lock, perhaps while others of its rank, with lower numbers, are held. */
static inline void lock_acquire_next(struct lock *l)
{
	lock_order_acquire(&l->order, true);
	lock_wait(l);
	lock_order_acquired(&l->order);
}

/* Gives the lock to the next in line; the store clears its monitor. */
static inline void lock_release(struct lock *l)
{
	lock_order_release(&l->order);
	__asm__ volatile("stlrh %w1, [%0]" ::"r"(&l->owner), "r"(l->owner + 1) : "memory");
}

/* True if some CPU holds the lock. */
static inline bool lock_is_held(const struct lock *l)
{
	return *(const volatile uint16_t *)&l->owner != *(const volatile uint16_t *)&l->next;
}

/* This CPU holds the lock: checked as the locks' order is. */
static inline void lock_assert_held(const struct lock *l)
{
	lock_order_assert_held(&l->order);
}
