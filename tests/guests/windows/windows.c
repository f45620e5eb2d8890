// SPDX-License-Identifier: BSD-2-Clause
/*
 * When a VM has the CPU that it shares: it sees that by the gaps in its time.
 * tests/boot/schedule_test.py has QEMU count instructions.
 *
 * Bootargs: mode=frame, has one window in each frame; mode=budget, has a budget
 * and always wants more; mode=wake, sleeps, and comes first when it wakes;
 * mode=storm, the neighbour. frame=, run=: us; rounds=: how many windows or
 * wakes; ms=: how long.
 */
#include "tests/guests/lib/guest.h"

#define LATE_NS 5000u /* a nanosecond is an instruction */
#define GAP_US 20u    /* nothing that EL2 does for somebody takes so long */
#define STORM_SGI 3u
#define STORM_SLEEP_US 5u
#define MAX_STRETCHES 64u

static uint64_t ticks_of_us(uint64_t us)
{
	return read_sysreg(cntfrq_el0) * us / 1000000;
}

static uint64_t ns_of(uint64_t ticks)
{
	return ticks * 1000000000 / read_sysreg(cntfrq_el0);
}

/* Some hundred instructions: the resolution of what is measured. */
static void work(void)
{
	for (unsigned int i = 0; i < 200; i++)
		__asm__ volatile("");
}

/* A stretch in which this VM ran: when it saw its first and last moment. */
struct stretch {
	uint64_t begin, end;
};

/* Returns the stretch that goes on now, when it is over; *next is when the next one has begun. */
static struct stretch run_to_gap(uint64_t begin, uint64_t *next)
{
	struct stretch stretch = {begin, begin};
	uint64_t gap = ticks_of_us(GAP_US);

	for (;;) {
		work();
		*next = counter();
		if (*next - stretch.end > gap)
			return stretch;
		stretch.end = *next;
	}
}

/* One window in each frame, at the same place and of the same length. */
static void watch_frame(void)
{
	uint64_t frame = ticks_of_us(machine_number("frame", 0));
	uint64_t run = ticks_of_us(machine_number("run", 0));
	unsigned long rounds = machine_number("rounds", 1000);
	int64_t first = INT64_MAX, last = INT64_MIN;
	uint64_t begin, origin, had = 0, error;
	bool each = true;

	if (frame == 0 || rounds == 0) {
		check(false, "the bootargs say how long a frame is, and how many to watch");
		return;
	}
	(void)run_to_gap(counter(), &begin);
	origin = begin;
	for (unsigned long i = 0; i < rounds; i++) {
		int64_t place = (int64_t)(begin - origin - i * frame);
		struct stretch stretch = run_to_gap(begin, &begin);

		first = MIN(first, place);
		last = MAX(last, place);
		had += stretch.end - stretch.begin;
		each = each && stretch.end - stretch.begin <= run &&
		       ns_of(run - (stretch.end - stretch.begin)) <= LATE_NS;
	}
	error = (rounds * run - had) * 1000000 / (rounds * frame);
	check(each, "each of %lu windows is as long as it should be", rounds);
	check(ns_of((uint64_t)(last - first)) <= LATE_NS,
	      "windows begin within %lu instructions of each other",
	      (unsigned long)ns_of((uint64_t)(last - first)));
	check(had <= rounds * run && error <= 1000, "the share is %lu millionths too small",
	      (unsigned long)error);
}

/*
 * Never more than the budget in any window of a period, but for an exit's length; and over all
 * nothing less. A window that has the most begins or ends with a stretch: those that end are
 * enough.
 */
static void watch_budget(void)
{
	static struct stretch last[MAX_STRETCHES];
	uint64_t frame = ticks_of_us(machine_number("frame", 0));
	uint64_t run = ticks_of_us(machine_number("run", 0));
	unsigned long rounds = machine_number("rounds", 1000);
	uint64_t begin, origin, had = 0, most = 0, short_of;

	(void)run_to_gap(counter(), &begin);
	origin = begin;
	for (unsigned long i = 0; i < rounds; i++) {
		struct stretch *stretch = &last[i % MAX_STRETCHES];
		uint64_t sum = 0;

		*stretch = run_to_gap(begin, &begin);
		had += stretch->end - stretch->begin;
		for (unsigned int n = 0; n < MAX_STRETCHES && n <= i; n++) {
			uint64_t from = MAX(last[n].begin, stretch->end - MIN(frame, stretch->end));

			if (last[n].end > from)
				sum += last[n].end - from;
		}
		most = MAX(most, sum);
	}
	short_of = (begin - origin) * run / frame;
	short_of = short_of > had ? (short_of - had) * 1000000 / (begin - origin) : 0;
	check(most <= run + ticks_of_us(LATE_NS / 1000),
	      "at most %lu ns in any period, by a budget of %lu", (unsigned long)ns_of(most),
	      (unsigned long)ns_of(run));
	check(short_of <= 1000, "the share is %lu millionths too small", (unsigned long)short_of);
}

/* Sleeps until the timer's interrupt is pending, which is not taken. */
static uint64_t sleep_us(uint64_t us)
{
	uint64_t deadline = counter() + ticks_of_us(us), now;
	uint32_t iar;

	write_sysreg(cntv_cval_el0, deadline);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (gic_intid(iar = gic_acknowledge()) >= 1020)
		wfi();
	now = counter();
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	gic_eoi(iar);
	return now - deadline;
}

static void watch_wakes(void)
{
	unsigned long rounds = machine_number("rounds", 1000);
	uint64_t latest = 0;

	gic_enable(PLATFORM_PPI_VTIMER);
	for (unsigned long i = 0; i < rounds; i++)
		latest = MAX(latest, sleep_us(500 + i % 100));
	check(ns_of(latest) <= LATE_NS, "runs within %lu instructions of its timer",
	      (unsigned long)ns_of(latest));
}

/* Whatever takes EL2's time, for as long as the others watch. */
static void storm(void)
{
	uint64_t end = deadline_after(machine_number("ms", 1000));

	gic_enable(PLATFORM_PPI_VTIMER);
	gic_enable(STORM_SGI);
	while (!deadline_passed(end)) {
		uint32_t iar;

		for (unsigned int i = 0; i < 20; i++) {
			(void)psci(PSCI_VERSION, 0, 0, 0);
			(void)mmio_read32(gic_distributor() + GICD_TYPER);
			(void)mmio_read32((void *)(machine.uart + PL011_FR));
			gic_send_sgi(STORM_SGI, 1);
			while (gic_intid(iar = gic_acknowledge()) >= 1020)
				;
			gic_eoi(iar);
		}
		(void)sleep_us(STORM_SLEEP_US);
	}
	check(true, "stormed");
}

void guest_main(void)
{
	gic_init();
	if (machine_has("mode=frame"))
		watch_frame();
	else if (machine_has("mode=budget"))
		watch_budget();
	else if (machine_has("mode=wake"))
		watch_wakes();
	else
		storm();
}
