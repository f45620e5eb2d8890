// SPDX-License-Identifier: BSD-2-Clause
/*
 * EL2's one-shot timers: a list per CPU, sorted by deadline, in front of the
 * CPU's EL2 physical timer (CNTHP, DDI 0487 D19.12). A list holds a few timers
 * of each vCPU that has this CPU as its home, so that walking it is bounded
 * by the configuration.
 */
#include "core/timer.h"

#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "core/cpu.h"

void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
	*timer = (struct timer){.fire = fire};
	list_init(&timer->link);
}

/* The list must not be empty. */
static struct timer *first_timer(const struct cpu *cpu)
{
	return container_of(cpu->timers.next, struct timer, link);
}

/* Makes the hardware fire at the first deadline, or not at all. */
static void program(const struct cpu *cpu)
{
	if (list_is_empty(&cpu->timers)) {
		write_sysreg(cnthp_ctl_el2, 0);
		return;
	}
	write_sysreg(cnthp_cval_el2, first_timer(cpu)->deadline);
	write_sysreg(cnthp_ctl_el2, CNT_CTL_ENABLE);
}

void timer_start(struct timer *timer, uint64_t deadline)
{
	struct cpu *cpu = this_cpu();
	struct list *position;

	list_remove(&timer->link);
	timer->deadline = deadline;
	for (position = cpu->timers.next; position != &cpu->timers; position = position->next)
		if (container_of(position, struct timer, link)->deadline > deadline)
			break;
	list_insert_before(position, &timer->link);
	program(cpu);
}

void timer_stop(struct timer *timer)
{
	struct cpu *cpu = this_cpu();
	bool was_first = cpu->timers.next == &timer->link;

	list_remove(&timer->link);
	if (was_first)
		program(cpu);
}

void timer_interrupt(struct cpu *cpu)
{
	uint64_t now = timer_now();

	/* A timer that a handler starts anew lies in the future, or fires at the next interrupt. */
	while (!list_is_empty(&cpu->timers) && first_timer(cpu)->deadline <= now) {
		struct timer *timer = first_timer(cpu);

		list_remove(&timer->link);
		timer->fire(timer);
	}
	program(cpu);
	/* The level must have dropped before the interrupt is taken again. */
	isb();
}

uint64_t timer_now(void)
{
	/* A counter read may be done early, by speculation (DDI 0487, D11.2.1). */
	isb();
	return read_sysreg(cntpct_el0);
}

uint64_t timer_ticks(uint64_t us)
{
	uint64_t hz = read_sysreg(cntfrq_el0);

	return us / 1000000 * hz + (us % 1000000 * hz + 999999) / 1000000;
}

/* Whole seconds are taken apart: 2^64 / 1000000 ticks of 1 GHz are five hours. */
uint64_t timer_us(uint64_t ticks)
{
	uint64_t hz = read_sysreg(cntfrq_el0);

	return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
}
