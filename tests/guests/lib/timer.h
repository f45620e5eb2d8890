/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counter and the two timers that EL1 has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/barrier.h"
#include "arm64/sysreg.h"
#include "fdt/platform.h"

#define TIMER_ENABLE 1u
#define TIMER_MASK 2u
#define TIMER_STATUS 4u

/* The virtual counter, not read before what stands before it. */
static inline uint64_t counter(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static inline uint64_t physical_counter(void)
{
	isb();
	return read_sysreg(cntpct_el0);
}

static inline uint64_t counter_of_ms(uint64_t ms)
{
	return read_sysreg(cntfrq_el0) * ms / 1000;
}

static inline uint64_t deadline_after(uint64_t ms)
{
	return counter() + counter_of_ms(ms);
}

static inline bool deadline_passed(uint64_t deadline)
{
	return counter() >= deadline;
}

/* Spins, letting others run. */
static inline void delay_ms(uint64_t ms)
{
	uint64_t deadline = deadline_after(ms);

	while (!deadline_passed(deadline))
		cpu_yield();
}
