// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's CPUs and how they work together. A CPU's `work` is the hand-over:
 * who sets it owns the CPU until it is NULL again.
 */
#include "tests/guests/lib/smp.h"

#include <stddef.h>

#include "arm64/barrier.h"
#include "arm64/sysreg.h"
#include "tests/guests/lib/check.h"
#include "tests/guests/lib/gic.h"
#include "tests/guests/lib/machine.h"
#include "tests/guests/lib/mmu.h"
#include "tests/guests/lib/psci.h"
#include "tests/guests/lib/timer.h"

extern char secondary_start[];
void smp_secondary_main(unsigned int index);

struct cpu cpus[SMP_MAX_CPUS];

/* One number for all: rounds and arrivals never overlap, as all arrive before any goes on. */
static unsigned int barrier_arrived;
static unsigned int barrier_round;

static bool sleeps;

/* An SGI that is pending ends WFI, though nobody takes it. */
static void idle(const struct cpu *cpu)
{
	if (!sleeps) {
		cpu_yield();
		return;
	}
	gic_clear_pending_sgi(SMP_SGI);
	/* What comes after this look makes the SGI pending again. */
	dsb(sy);
	if (__atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE) == NULL)
		wfi();
}

void smp_sleep_when_idle(void)
{
	sleeps = true;
}

/* start.S calls this on a new CPU's own stack. */
void smp_secondary_main(unsigned int index)
{
	struct cpu *cpu = &cpus[index];

	write_sysreg(tpidr_el1, (uintptr_t)cpu);
	cpu->index = index;
	if (sleeps) {
		gic_init_cpu();
		gic_enable(SMP_SGI);
	}
	__atomic_store_n(&cpu->started, 1, __ATOMIC_RELEASE);
	for (;;) {
		void (*work)(unsigned int) = __atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE);

		if (work != NULL) {
			if (sleeps)
				gic_clear_pending_sgi(SMP_SGI);
			work(index);
			if (sleeps)
				gic_enable(SMP_SGI);
			__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
		}
		idle(cpu);
	}
}

void smp_start(void)
{
	for (unsigned int i = 1; i < machine.nr_cpus; i++) {
		if (cpus[i].started)
			continue;
		if (psci_cpu_on(machine.mpidr[i], mmu_pa(secondary_start), i) != PSCI_SUCCESS ||
		    !WAIT_FOR(__atomic_load_n(&cpus[i].started, __ATOMIC_ACQUIRE))) {
			check_fail(__FILE__, __LINE__, "CPU %u does not start", i);
			check_done();
		}
	}
}

void smp_call(unsigned int cpu, void (*fn)(unsigned int cpu))
{
	__atomic_store_n(&cpus[cpu].work, fn, __ATOMIC_RELEASE);
	if (sleeps)
		gic_send_sgi(SMP_SGI, 1u << cpu);
}

void smp_wait(unsigned int cpu)
{
	/* Without a limit: the work's own waits have one. */
	while (__atomic_load_n(&cpus[cpu].work, __ATOMIC_ACQUIRE) != NULL)
		cpu_yield();
}

void smp_run(void (*fn)(unsigned int cpu))
{
	unsigned int me = cpu_index();

	for (unsigned int i = 0; i < machine.nr_cpus; i++) {
		if (i != me)
			smp_call(i, fn);
	}
	fn(me);
	for (unsigned int i = 0; i < machine.nr_cpus; i++) {
		if (i != me)
			smp_wait(i);
	}
}

void smp_barrier(unsigned int count)
{
	unsigned int round = __atomic_load_n(&barrier_round, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&barrier_arrived, 1, __ATOMIC_ACQ_REL) == count) {
		__atomic_store_n(&barrier_arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&barrier_round, round + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&barrier_round, __ATOMIC_ACQUIRE) == round)
		cpu_yield();
}
