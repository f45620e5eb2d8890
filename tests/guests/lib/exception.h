/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that a guest takes: expected ones are caught and counted,
 * interrupts go to the test's handler, and everything else ends the test.
 * Usable from assembly.
 */
#pragma once

#define EXCEPTION_SYNC 0
#define EXCEPTION_IRQ 1
#define EXCEPTION_FIQ 2
#define EXCEPTION_SERROR 3

#define FRAME_SIZE 288 /* of struct frame, rounded up to 16 */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

#include "arm64/esr.h"

/* What start.S saves, and loads again after the handler. */
struct frame {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t esr;
	uint64_t far;
};

_Static_assert(sizeof(struct frame) <= FRAME_SIZE && FRAME_SIZE % 16 == 0, "start.S");

/* Software steps inside of CATCH() are all taken in sequence; the last one of this many ends it. */
#define FAULT_STEPS 4

/* Synchronous exceptions that happened inside of CATCH(); the values are the last one's. */
struct fault {
	unsigned int count;
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
};

/*
 * Runs `code`, on this CPU. An instruction in it that takes an exception is
 * skipped, and counted in `fault`; a call to where no instruction can be
 * fetched returns at once. Does not nest.
 */
#define CATCH(fault, code)                                                                         \
	do {                                                                                       \
		fault_begin(&(fault));                                                             \
		code;                                                                              \
		fault_end();                                                                       \
	} while (0)

void fault_begin(struct fault *fault);
void fault_end(void);

static inline uint64_t fault_ec(const struct fault *fault)
{
	return FIELD_GET(ESR_EC, fault->esr);
}

/* Exactly one exception was caught, and it was "unknown reason": an UNDEFINED instruction. */
static inline bool fault_is_undef(const struct fault *fault)
{
	return fault->count == 1 && fault_ec(fault) == ESR_EC_UNKNOWN;
}

/* Exactly one, and it was a synchronous external abort of a data access to `address`. */
bool fault_is_external(const struct fault *fault, uint64_t address);

/* The interrupt handler of all CPUs. It acknowledges the interrupt itself. */
void irq_set_handler(void (*handler)(void));

static inline void irq_enable(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("msr daifset, #2" ::: "memory");
}

/*
 * Waits for an interrupt in WFI, with interrupts masked, so that none slips
 * in before; then lets it be taken.
 */
static inline void irq_wait(void)
{
	__asm__ volatile("msr daifset, #2\n\twfi\n\tmsr daifclr, #2\n\tisb" ::: "memory");
}

/*
 * Sleeps until interrupts have made the condition true. It is looked at with
 * interrupts masked: the last one of them does not come between the look and WFI.
 */
#define IRQ_WAIT_UNTIL(condition)                                                                  \
	do {                                                                                       \
		irq_disable();                                                                     \
		while (!(condition)) {                                                             \
			irq_wait();                                                                \
			irq_disable();                                                             \
		}                                                                                  \
		irq_enable();                                                                      \
	} while (0)

/* SErrors that were taken, of all CPUs. */
unsigned int serror_count(void);
#endif
