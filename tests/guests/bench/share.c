// SPDX-License-Identifier: BSD-2-Clause
/*
 * The switch from a VM to another one that shares its CPU. Both run this: each
 * sets its timer, sleeps, and when it wakes computes for so long that the
 * other's timer expires meanwhile. So the CPU is never idle, and what a round
 * takes beyond what both execute is two switches: each of them the WFI that
 * gives the CPU up, and the timer interrupt that makes the other one ready.
 * What they execute is measured without a hypervisor, and without sleep.
 */
#include "tests/guests/bench/bench.h"

#define SLEEP_US 20
#define SPIN_ROUNDS 30000
#define WARM_UP 20

/* Sleeps until the timer's interrupt is there, which is polled, so that this takes no exception. */
static void sleep(uint64_t us)
{
	uint32_t iar;

	write_sysreg(cntv_cval_el0, counter() + read_sysreg(cntfrq_el0) * us / 1000000);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (gic_intid(iar = gic_acknowledge()) >= 1020)
		wfi();
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	gic_eoi(iar);
}

void bench_share(void)
{
	uint64_t last;

	gic_enable(PLATFORM_PPI_VTIMER);
	samples_begin();
	last = bench_time(op_none, 0, 0, NULL).start;
	for (unsigned int i = 0; i < WARM_UP + NR_SAMPLES; i++) {
		uint64_t now;

		sleep(machine.native ? 0 : SLEEP_US);
		bench_time(op_spin, SPIN_ROUNDS, 0, NULL);
		now = bench_time(op_none, 0, 0, NULL).start;
		if (i >= WARM_UP)
			samples_add(now - last);
		last = now;
	}
	samples_report("share_round");
}
