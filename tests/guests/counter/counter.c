// SPDX-License-Identifier: BSD-2-Clause
/*
 * A heartbeat: counts ticks of its virtual timer, says so now and then, and
 * checks that it lost none and that nobody touched its memory. The neighbour
 * of guests that misbehave.
 *
 * Bootargs: ticks=N (100), period-ms=N (10), late-ms=N: how late a tick may be,
 * where time is what has been executed (test: icount=N). Elsewhere it is that of
 * a busy host, and no tick is too late.
 */
#include "tests/guests/lib/guest.h"

#define CANARIES 4096u
#define REPORTS 5u

static uint64_t canaries[CANARIES];
static uint64_t period;
static uint64_t next;
static uint64_t latest;
static unsigned int ticks;
static unsigned int early;
static unsigned int strangers;

static void tick(void)
{
	uint32_t iar = gic_acknowledge();
	uint64_t now = counter();

	if (gic_intid(iar) >= 1020)
		return;
	if (gic_intid(iar) != PLATFORM_PPI_VTIMER) {
		strangers++;
		gic_eoi(iar);
		return;
	}
	if (now < next)
		early++;
	else
		latest = MAX(latest, now - next);
	ticks++;
	/* From deadline to deadline: a late tick does not move those after it. */
	next += period;
	write_sysreg(cntv_cval_el0, next);
	isb();
	gic_eoi(iar);
}

static uint64_t canary(unsigned int i)
{
	return (i + 1) * 0x9e3779b97f4a7c15;
}

static unsigned int dead_canaries(void)
{
	unsigned int dead = 0;

	for (unsigned int i = 0; i < CANARIES; i++)
		dead += __atomic_load_n(&canaries[i], __ATOMIC_RELAXED) != canary(i);
	return dead;
}

void guest_main(void)
{
	unsigned int wanted = (unsigned int)machine_number("ticks", 100);
	unsigned int late_ms = (unsigned int)machine_number("late-ms", 0);
	unsigned int reported = 0;
	uint64_t start;

	for (unsigned int i = 0; i < CANARIES; i++)
		canaries[i] = canary(i);
	period = counter_of_ms(machine_number("period-ms", 10));
	gic_init();
	irq_set_handler(tick);
	gic_enable(PLATFORM_PPI_VTIMER);
	start = counter();
	next = start + period;
	write_sysreg(cntv_cval_el0, next);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (ticks < wanted) {
		irq_wait();
		if (ticks / MAX(wanted / REPORTS, 1u) > reported) {
			reported = ticks / MAX(wanted / REPORTS, 1u);
			print("%u of %u ticks\n", ticks, wanted);
		}
	}
	irq_disable();
	write_sysreg(cntv_ctl_el0, 0);

	check(next == start + (ticks + 1) * period && ticks >= wanted, "no tick is lost");
	check(early == 0 && counter() - start >= wanted * period, "none is early");
	if (late_ms != 0)
		check(latest <= counter_of_ms(late_ms), "none is late by %u ms: %u us", late_ms,
		      (unsigned int)(latest * 1000000 / read_sysreg(cntfrq_el0)));
	check_equal(strangers, 0, "no other interrupts");
	check_equal(dead_canaries(), 0, "its memory is as it was");
}
