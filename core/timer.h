/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's timers: one-shot, per CPU, on the CPU's EL2 physical timer (CNTHP).
 * A timer belongs to the CPU that starts it and fires there, from the
 * interrupt path, with interrupts masked. Times are CNTPCT_EL0 ticks.
 */
#pragma once

#include "lib/list.h"
#include "lib/types.h"

struct cpu;

struct timer {
	struct list link; /* in cpu.timers, by deadline; unlinked: not pending */
	uint64_t deadline;
	void (*fire)(struct timer *timer);
};

/* Makes a timer that calls fire(timer). */
void timer_init(struct timer *timer, void (*fire)(struct timer *timer));

/* Starts (or moves) it to fire at CNTPCT_EL0 == deadline, at once if past. Own CPU only. */
void timer_start(struct timer *timer, uint64_t deadline);

/* Stops it, if pending. Own CPU only. */
void timer_stop(struct timer *timer);

/* The physical counter now. */
uint64_t timer_now(void);

/* Ticks in `us` microseconds, rounded up. */
uint64_t timer_ticks(uint64_t us);

/* Whole microseconds in so many ticks. */
uint64_t timer_us(uint64_t ticks);

/* The CPU's timer interrupt was taken: fires what is due. Called by core/irq.c. */
void timer_interrupt(struct cpu *cpu);
