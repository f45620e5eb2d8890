// SPDX-License-Identifier: BSD-2-Clause
/*
 * Resets again and again while its CPU 1 turns itself off with the timer's
 * interrupt active. Whoever shares that CPU must get his ticks all the same.
 *
 * In every second life CPU 0 waits until CPU 1 is said to be off; in the others
 * it does not, and resets a little later each time.
 *
 * Bootargs: resets=N (30); ask=N: CPU 1 is held while it goes, in some life, and
 * CPU 0 resets when it was told so many times that CPU 1 is on
 * (tests/boot/neighbours_test.py).
 */
#include "tests/guests/lib/guest.h"

#define MAGIC 0x7265736574732121
#define DELAY 40 /* more in each life, in rounds of a loop */

struct survivor {
	uint64_t magic;
	unsigned int lives;
	unsigned int held; /* lives in which CPU 1 did not leave */
	bool strange;	   /* CPU 1 was not off at first */
};

static unsigned int leaving;

/* A page that no image is loaded to */
static struct survivor *find_survivor(void)
{
	uint64_t page = machine.ram[0].base + ALIGN_DOWN(machine.ram[0].size / 4 * 3, PAGE_SIZE);

	if (range_overlaps(page, PAGE_SIZE, machine.dtb.base, machine.dtb.size))
		page -= MIB(2);
	return (struct survivor *)page;
}

/* CPU 1: takes its timer's interrupt, does not end it, and goes. */
static void leave(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	gic_enable(PLATFORM_PPI_VTIMER);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (gic_intid(gic_acknowledge()) != PLATFORM_PPI_VTIMER)
		cpu_yield();
	__atomic_store_n(&leaving, 1, __ATOMIC_RELEASE);
	psci(PSCI_CPU_OFF, 0, 0, 0);
	check_fail(__FILE__, __LINE__, "CPU_OFF returned");
	check_done();
}

static int32_t affinity(void)
{
	return psci(PSCI_AFFINITY_INFO_64, machine.mpidr[1], 0, 0);
}

static void wait_a_little(unsigned int rounds)
{
	for (unsigned int i = 0; i < rounds; i++)
		__asm__ volatile("" ::: "memory");
}

static void wait_for_cpu_1(struct survivor *survivor)
{
	unsigned int ask = (unsigned int)machine_number("ask", 0);

	while (!__atomic_load_n(&leaving, __ATOMIC_ACQUIRE))
		cpu_yield();
	if (ask > 0) {
		while (ask > 0 && affinity() == PSCI_AFFINITY_ON)
			ask--;
		survivor->held += ask == 0;
		return;
	}
	if (survivor->lives % 2 == 0)
		wait_a_little(survivor->lives * DELAY);
	else
		while (affinity() != PSCI_AFFINITY_OFF)
			cpu_yield();
}

static _Noreturn void reset(void)
{
	dsb(sy);
	psci(PSCI_SYSTEM_RESET, 0, 0, 0);
	check_fail(__FILE__, __LINE__, "SYSTEM_RESET returned");
	check_done();
}

void guest_main(void)
{
	unsigned int resets = (unsigned int)machine_number("resets", 30);
	struct survivor *survivor = find_survivor();

	if (survivor->magic != MAGIC)
		*survivor = (struct survivor){.magic = MAGIC};
	gic_init();
	survivor->strange |= affinity() != PSCI_AFFINITY_OFF;
	if (survivor->lives < resets) {
		survivor->lives++;
		smp_start();
		smp_call(1, leave);
		wait_for_cpu_1(survivor);
		reset();
	}
	check_equal(survivor->lives, resets, "%u resets", resets);
	check(!survivor->strange, "CPU 1 was off at first");
	if (machine_number("ask", 0) > 0)
		check(survivor->held > 0, "CPU 1 was on until it had left");
}
