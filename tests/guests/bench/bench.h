/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a trap, an interrupt and an IPI cost, in instructions: under an emulator
 * that executes a fixed number of them per tick of the counter (QEMU with
 * -icount shift=0). The counter ticks once in 16 instructions or so; stamp.S
 * finds out in which of them it is, so every sample is exact. On hardware the
 * same figures are nanoseconds, to a tick.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/guests/lib/guest.h"

/* Instructions (nanoseconds) in one tick of the counter; at most 17. */
extern uint64_t bench_scale;

/* From the operation's first instruction to the one behind its last, in instructions. */
struct span {
	uint64_t start;
	uint64_t end;
};

/* Runs op with the arguments in x0 to x2. It may change what a function may. */
struct span bench_time(const void *op, uint64_t a, uint64_t b, const volatile void *c);

/* The operations, in ops.S. None takes a stack; x0 and so on are bench_time()'s arguments. */
extern const char op_none[], op_hvc[], op_id_aa64pfr0[], op_id_aa64mmfr0[], op_actlr[],
    op_cntp_ctl[], op_cntv_ctl[], op_read32[], op_read64[], op_read32_post[], op_write32[],
    op_touch[], op_wfi[], op_eoi_v3[], op_deactivate_v3[];
/* Send (x0: ICC_SGI1R_EL1, or GICD_SGIR in x1) and then wait for the arrivals at x2. */
extern const char op_sgi_v3[], op_sgi_v2[];
/* The same, then acknowledge and end it, with interrupts masked. GICv2: x2 is GICC. */
extern const char op_sgi_poll_v3[], op_sgi_poll_v2[];
/* Writes x1 to the device register x0, then waits for the arrivals at x2. */
extern const char op_write32_irq[];
/* x0 rounds of three instructions. */
extern const char op_spin[];

/* Exception vectors that take the time before anything else; others than IRQ are the library's. */
extern const char bench_vectors[];

/* What op_sgi_*() wait for: `count` interrupts. */
struct arrivals {
	uint64_t count;
	uint64_t wanted;
	uint64_t entry; /* of the last one: when its vector's first instruction ran */
};

extern struct arrivals arrivals;

/* The interrupt's way: acknowledge, silence, count, end. Called by stamp.S. */
void bench_interrupt(uint64_t entry);

static inline void arrivals_expect(unsigned int wanted)
{
	__atomic_store_n(&arrivals.count, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&arrivals.wanted, wanted, __ATOMIC_RELEASE);
}

static inline bool arrivals_complete(void)
{
	return __atomic_load_n(&arrivals.count, __ATOMIC_ACQUIRE) >= arrivals.wanted;
}

/* ---- Samples of one operation ---- */

#define NR_SAMPLES 200

void samples_begin(void);
void samples_add(uint64_t value);
/* Prints "BENCH <name> <median> <least> <most> <number of samples>". */
void samples_report(const char *name);

/* Measures an operation that traps, or is nothing but itself. False if it is undefined here. */
bool bench_operation(const char *name, const void *op, uint64_t a, uint64_t b);

/* An operation of each kind, by file. */
void bench_traps(void);
void bench_interrupts(void);
void bench_cpus(void);
void bench_share(void);

/* The SGI that benches send, and the value or register that sends it to the CPUs of a mask. */
#define BENCH_SGI 1u
struct span bench_send(unsigned int cpu_mask);
