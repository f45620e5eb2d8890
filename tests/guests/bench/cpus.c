// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts from one CPU to others, that sleep or that run, and the switch
 * from one VM to another that shares the CPU.
 */
#include "tests/guests/bench/bench.h"

#define SETTLE_TICKS 3000
#define NR_SENT 50

static bool spinning;
static bool stopped;

/* What the other CPUs do: be interrupted. */
static void be_target(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	gic_enable(BENCH_SGI);
	write_sysreg(vbar_el1, (uintptr_t)bench_vectors);
	isb();
	smp_barrier(machine.nr_cpus);
	irq_enable();
	while (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&spinning, __ATOMIC_RELAXED))
			cpu_yield();
		else
			irq_wait();
	}
	irq_disable();
}

/* Long enough for all to be in WFI again. */
static void settle(void)
{
	uint64_t end = counter() + SETTLE_TICKS;

	while (counter() < end)
		cpu_yield();
}

static void bench_targets(const char *name, unsigned int mask)
{
	samples_begin();
	for (unsigned int i = 0; i < NR_SENT; i++) {
		struct span span;

		settle();
		span = bench_send(mask);
		samples_add(arrivals.entry - span.start);
	}
	samples_report(name);
}

static void bench_all_targets(bool spin)
{
	static const char *const names[2][3] = {
	    {"sgi_cpu_wfi", "sgi_3_cpus_wfi", "sgi_7_cpus_wfi"},
	    {"sgi_cpu_running", "sgi_3_cpus_running", "sgi_7_cpus_running"},
	};
	static const unsigned int masks[3] = {0x02, 0x0e, 0xfe};

	__atomic_store_n(&spinning, spin, __ATOMIC_RELAXED);
	/* Whoever sleeps sees it. */
	bench_send((1u << machine.nr_cpus) - 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(masks); i++) {
		if (masks[i] >> machine.nr_cpus == 0)
			bench_targets(names[spin][i], masks[i]);
	}
}

void bench_cpus(void)
{
	smp_start();
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		smp_call(cpu, be_target);
	smp_barrier(machine.nr_cpus);
	bench_all_targets(false);
	bench_all_targets(true);
	__atomic_store_n(&stopped, true, __ATOMIC_RELEASE);
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		smp_wait(cpu);
}
