/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks: first come, first served, so that no CPU starves. EL2 runs
 * with interrupts masked, so a lock is never taken twice by one CPU through
 * an interrupt.
 *
 * Lock order: vm.lock < vgic_cpu.lock < console.lock. A lock's declaration says
 * what it guards.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lock {
	uint16_t owner; /* the ticket that is being served */
	uint16_t next;	/* the ticket that the next CPU will draw */
};

/* Takes the lock; waits in WFE, woken by the release's store. */
static inline void lock_acquire(struct lock *l)
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

/* Gives the lock to the next in line; the store clears its monitor. */
static inline void lock_release(struct lock *l)
{
	__asm__ volatile("stlrh %w1, [%0]" ::"r"(&l->owner), "r"(l->owner + 1) : "memory");
}

/* True if some CPU holds the lock; for assertions. */
static inline bool lock_is_held(const struct lock *l)
{
	return *(const volatile uint16_t *)&l->owner != *(const volatile uint16_t *)&l->next;
}
