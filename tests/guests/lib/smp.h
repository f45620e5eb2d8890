/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's CPUs. CPU 0 is the one that boots; the others are started once
 * and then wait for work. Usable from assembly.
 */
#pragma once

#define SMP_MAX_CPUS 8
#define STACK_SIZE 16384

#ifndef __ASSEMBLER__
#include <stdint.h>

struct fault;

struct cpu {
	unsigned int index; /* in machine.mpidr */
	struct fault *fault;
	/* Work: set by smp_call() while there is none, taken back to NULL by the CPU. */
	void (*work)(unsigned int cpu);
	unsigned int started;
};

extern struct cpu cpus[SMP_MAX_CPUS];

static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(cpu));
	return cpu;
}

static inline unsigned int cpu_index(void)
{
	return this_cpu()->index;
}

/* Starts every CPU that is not running yet, and waits for them. */
void smp_start(void);

/*
 * From now on CPUs without work sleep, which spares an emulator's host: SMP_SGI
 * wakes them. After gic_init(), before smp_start().
 */
#define SMP_SGI 15u
void smp_sleep_when_idle(void);

/* Makes a CPU (not the calling one) run fn(its index). It must have no other work. */
void smp_call(unsigned int cpu, void (*fn)(unsigned int cpu));

/* Waits until the CPU has done its work. */
void smp_wait(unsigned int cpu);

/* All CPUs of the machine run fn(index), the caller too. Returns when all have. */
void smp_run(void (*fn)(unsigned int cpu));

/* Returns when `count` CPUs have called it; the next round may follow at once. */
void smp_barrier(unsigned int count);

/*
 * Waits for something that another CPU or a device does. False if it does not come though this
 * CPU has looked very often, and for a long time: an emulator on a busy host has the clock of the
 * host, so that the time alone may pass while nobody does anything.
 */
#define WAIT_FOR(condition)                                                                        \
	({                                                                                         \
		uint64_t deadline_ = deadline_after(WAIT_MS);                                      \
		unsigned int looks_ = 0;                                                           \
		bool met_;                                                                         \
		while (!(met_ = (condition)) &&                                                    \
		       (++looks_ < WAIT_LOOKS || !deadline_passed(deadline_)))                     \
			cpu_yield();                                                               \
		met_;                                                                              \
	})
#define WAIT_MS 8000
#define WAIT_LOOKS 1000000u
#endif
