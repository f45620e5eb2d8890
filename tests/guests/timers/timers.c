// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual timer and the EL1 physical timer (DDI 0487, D11.2), on one CPU
 * and on all at the same time, and the counter behind them. How late
 * an interrupt comes cannot be checked: the time is that of a busy host.
 *
 * Bootargs: ticks=N, of the periodic tests (1000).
 */
#include "tests/guests/lib/guest.h"

#define PERIOD_US 500

struct timer {
	const char *name;
	uint32_t intid;
	uint64_t (*count)(void);
	uint64_t (*get_ctl)(void);
	void (*set_ctl)(uint64_t value);
	uint64_t (*get_cval)(void);
	void (*set_cval)(uint64_t value);
	uint32_t (*get_tval)(void);
	void (*set_tval)(uint32_t value);
};

#define ACCESSORS(prefix, suffix, counter_name)                                                    \
	static uint64_t prefix##_count(void)                                                       \
	{                                                                                          \
		isb();                                                                             \
		return read_sysreg(counter_name);                                                  \
	}                                                                                          \
	static uint64_t prefix##_get_ctl(void)                                                     \
	{                                                                                          \
		isb();                                                                             \
		return read_sysreg(suffix##_ctl_el0);                                              \
	}                                                                                          \
	static void prefix##_set_ctl(uint64_t value)                                               \
	{                                                                                          \
		write_sysreg(suffix##_ctl_el0, value);                                             \
		isb();                                                                             \
	}                                                                                          \
	static uint64_t prefix##_get_cval(void)                                                    \
	{                                                                                          \
		return read_sysreg(suffix##_cval_el0);                                             \
	}                                                                                          \
	static void prefix##_set_cval(uint64_t value)                                              \
	{                                                                                          \
		write_sysreg(suffix##_cval_el0, value);                                            \
		isb();                                                                             \
	}                                                                                          \
	static uint32_t prefix##_get_tval(void)                                                    \
	{                                                                                          \
		isb();                                                                             \
		return (uint32_t)read_sysreg(suffix##_tval_el0);                                   \
	}                                                                                          \
	static void prefix##_set_tval(uint32_t value)                                              \
	{                                                                                          \
		write_sysreg(suffix##_tval_el0, value);                                            \
		isb();                                                                             \
	}

ACCESSORS(virtual, cntv, cntvct_el0)
ACCESSORS(physical, cntp, cntpct_el0)

#define TIMER(prefix, name, intid)                                                                 \
	{                                                                                          \
		name, intid, prefix##_count, prefix##_get_ctl, prefix##_set_ctl,                   \
		    prefix##_get_cval, prefix##_set_cval, prefix##_get_tval, prefix##_set_tval     \
	}

static const struct timer timers[2] = {
    TIMER(virtual, "virtual", PLATFORM_PPI_VTIMER),
    TIMER(physical, "physical", PLATFORM_PPI_PTIMER),
};

static uint64_t period;
static unsigned int wanted_ticks;

/* ---- Registers ---- */

static void check_registers(const struct timer *t)
{
	uint64_t before, after, cval;
	uint32_t tval;

	t->set_ctl(0);
	check_equal(t->get_ctl() & (TIMER_ENABLE | TIMER_MASK), 0, "%s timer: off", t->name);
	t->set_cval(0x123456789abcdef0);
	check_equal(t->get_cval(), 0x123456789abcdef0, "%s timer: CVAL keeps 64 bits", t->name);

	before = t->count();
	t->set_tval(1000000);
	after = t->count();
	cval = t->get_cval();
	check(cval >= before + 1000000 && cval <= after + 1000000, "%s timer: TVAL sets CVAL",
	      t->name);
	t->set_tval((uint32_t)-1000000);
	cval = t->get_cval();
	check((int64_t)(cval - t->count()) <= -1000000, "%s timer: TVAL is signed", t->name);
	before = t->count();
	cval = before + 0x40000000;
	t->set_cval(cval);
	tval = t->get_tval();
	after = t->count();
	/* 32 bits of the difference, however much time has passed */
	check((uint32_t)cval - tval - (uint32_t)before <= after - before,
	      "%s timer: TVAL counts down", t->name);
}

/*
 * The end of time is UINT64_MAX, but for a VM with a counter of its own: QEMU
 * before 8.2 adds CNTVOFF_EL2 to it without a look at the overflow, takes the
 * sum for the past, and hangs.
 */
static uint64_t end_of_time = UINT64_MAX;

static void check_status(const struct timer *t)
{
	gic_disable(t->intid);
	t->set_cval(end_of_time);
	t->set_ctl(TIMER_ENABLE);
	check_equal(t->get_ctl(), TIMER_ENABLE, "%s timer: the end of time is not now", t->name);
	check(!gic_is_pending(t->intid), "%s timer: no interrupt", t->name);

	t->set_cval(0);
	check_equal(t->get_ctl(), TIMER_ENABLE | TIMER_STATUS, "%s timer: the past has come",
		    t->name);
	check(gic_is_pending(t->intid), "%s timer: pending at the GIC", t->name);
	t->set_ctl(TIMER_ENABLE | TIMER_MASK);
	check_equal(t->get_ctl(), TIMER_ENABLE | TIMER_MASK | TIMER_STATUS,
		    "%s timer: masked, but due", t->name);
	check(!gic_is_pending(t->intid), "%s timer: masked: not pending", t->name);
	t->set_ctl(TIMER_ENABLE);
	check(gic_is_pending(t->intid), "%s timer: unmasked: pending", t->name);
	t->set_ctl(0);
	check(!gic_is_pending(t->intid), "%s timer: off: not pending", t->name);
	t->set_ctl(TIMER_ENABLE);
	t->set_cval(end_of_time);
	check(!gic_is_pending(t->intid), "%s timer: moved on: not pending", t->name);
	t->set_ctl(0);
}

/*
 * The counter, the timer's status and the interrupt's say the same, in whatever
 * order they are read.
 */
static void check_agreement(const struct timer *t)
{
	unsigned int late_status = 0, late_line = 0, differ = 0;

	gic_disable(t->intid);
	for (unsigned int round = 0; round < 400; round++) {
		uint64_t deadline = t->count() + period / 16 + round * 7;
		bool status, pending;

		t->set_cval(deadline);
		t->set_ctl(TIMER_ENABLE);
		if (round % 4 < 2)
			while (t->count() < deadline)
				;
		if (round % 2) {
			status = t->get_ctl() & TIMER_STATUS;
			pending = gic_is_pending(t->intid);
			differ += status && !pending;
		} else {
			pending = gic_is_pending(t->intid);
			status = t->get_ctl() & TIMER_STATUS;
			differ += pending && !status;
		}
		late_status += round % 4 < 2 && !status;
		late_line += round % 4 < 2 && !pending;
		t->set_cval(end_of_time);
		differ += (t->get_ctl() & TIMER_STATUS) || gic_is_pending(t->intid);
		t->set_ctl(0);
	}
	check_equal(differ, 0, "%s timer: status and interrupt agree", t->name);
	/* The virtual one's ISTATUS is the hardware's, which with QEMU changes when it gets to it.
	 */
	if (t->intid == PLATFORM_PPI_VTIMER || machine.native)
		return;
	check_equal(late_status, 0, "%s timer: its status is never late", t->name);
	check_equal(late_line, 0, "%s timer: its interrupt's is never late", t->name);
}

/* Deadlines that never come, on a timer that is on: nothing comes, and time goes on. */
static void check_far_deadlines(const struct timer *t)
{
	static const uint64_t far[] = {
	    UINT64_MAX, UINT64_MAX - 1,	    (uint64_t)INT64_MAX + 1,
	    INT64_MAX,	INT64_MAX / 16 + 1, INT64_MAX / 16 - 1,
	    BIT(56),
	};

	gic_enable(t->intid);
	for (unsigned int i = 0; i < ARRAY_SIZE(far); i++) {
		uint64_t start = t->count();
		uint32_t tval;

		if (far[i] > end_of_time)
			continue;
		t->set_cval(far[i]);
		t->set_ctl(TIMER_ENABLE);
		delay_ms(2);
		check(t->get_ctl() == TIMER_ENABLE && !gic_is_pending(t->intid) &&
			  t->get_cval() == far[i] && t->count() > start,
		      "%s timer: %#llx never comes", t->name, (unsigned long long)far[i]);
		start = t->count();
		tval = t->get_tval();
		check((uint32_t)((uint32_t)far[i] - tval - (uint32_t)start) <=
			  (uint32_t)(t->count() - start),
		      "%s timer: TVAL is the lower half of the difference", t->name);
	}
	if (end_of_time == UINT64_MAX) {
		uint64_t cval;

		/* before the counter's beginning is after its end, early in the machine's life */
		t->set_tval(0x80000000);
		cval = t->get_cval();
		delay_ms(2);
		check_equal((t->get_ctl() & TIMER_STATUS) != 0, t->count() >= cval,
			    "%s timer: the lowest TVAL", t->name);
	}
	t->set_ctl(0);
	gic_disable(t->intid);
}

/* The virtual counter is the physical one, or began later. */
static void check_offset(void)
{
	uint64_t before = physical_count(), virtual = counter(), after = physical_count();

	if (machine_has("own-counter"))
		check(virtual < before, "the virtual counter began after the machine");
	else
		check(before <= virtual && virtual <= after,
		      "the virtual counter is the machine's");
}

/* ---- Delivery, polled ---- */

static uint32_t take(void)
{
	uint32_t iar = GIC_SPURIOUS;

	WAIT_FOR(gic_intid(iar = gic_acknowledge()) < 1020);
	return iar;
}

static void check_delivery(const struct timer *t)
{
	uint32_t iar;

	gic_enable(t->intid);
	t->set_cval(t->count() + period);
	t->set_ctl(TIMER_ENABLE);
	iar = take();
	check_equal(gic_intid(iar), t->intid, "%s timer: its interrupt comes", t->name);
	check(t->get_ctl() & TIMER_STATUS, "%s timer: it is due", t->name);
	check(gic_is_active(t->intid), "%s timer: its interrupt is active", t->name);
	gic_eoi(iar);
	iar = take();
	check_equal(gic_intid(iar), t->intid, "%s timer: it comes again while it is due", t->name);
	t->set_ctl(TIMER_ENABLE | TIMER_MASK);
	check(!gic_is_pending(t->intid), "%s timer: masked while active", t->name);
	gic_eoi(iar);
	check_equal(gic_intid(gic_acknowledge()), GIC_SPURIOUS, "%s timer: over", t->name);
	check(!gic_is_active(t->intid), "%s timer: inactive", t->name);

	/* Due, but gone before anybody looked */
	gic_set_mask(0);
	t->set_cval(0);
	t->set_ctl(TIMER_ENABLE);
	check(gic_is_pending(t->intid), "%s timer: pending while masked at the CPU", t->name);
	t->set_ctl(0);
	gic_set_mask(0xff);
	/*
	 * Neither the timer nor the mask is trapped: what waits in a list register has not
	 * noticed, as under any hypervisor that forwards the timer. One stale interrupt may come.
	 */
	iar = gic_acknowledge();
	check(gic_intid(iar) == GIC_SPURIOUS ||
		  (!machine.native && gic_intid(iar) == PLATFORM_PPI_VTIMER),
	      "%s timer: gone with its cause", t->name);
	if (gic_intid(iar) == t->intid)
		gic_eoi(iar);
	check_equal(gic_intid(gic_acknowledge()), GIC_SPURIOUS, "%s timer: and for good", t->name);
	gic_disable(t->intid);
}

/* ---- Delivery, by exceptions ---- */

struct ticks {
	unsigned int count;
	unsigned int early;
	uint64_t next;
};

static struct ticks ticks[SMP_MAX_CPUS][2];
static unsigned int strangers;

/* Each timer goes on from its own last deadline, so that it loses no tick. */
static void tick(void)
{
	uint32_t iar = gic_acknowledge();
	uint32_t intid = gic_intid(iar);
	unsigned int which = intid == timers[1].intid;
	struct ticks *state = &ticks[cpu_index()][which];
	const struct timer *t = &timers[which];

	if (intid >= 1020)
		return;
	if (intid != t->intid) {
		__atomic_fetch_add(&strangers, 1, __ATOMIC_RELAXED);
		gic_eoi(iar);
		return;
	}
	if (t->count() < state->next)
		state->early++;
	state->count++;
	state->next += period;
	t->set_cval(state->next);
	if (state->count >= wanted_ticks)
		t->set_ctl(0);
	gic_eoi(iar);
}

static unsigned int tick_count(unsigned int which)
{
	return __atomic_load_n(&ticks[cpu_index()][which].count, __ATOMIC_RELAXED);
}

static void start_ticks(unsigned int which)
{
	const struct timer *t = &timers[which];
	struct ticks *state = &ticks[cpu_index()][which];

	*state = (struct ticks){.next = t->count() + period};
	gic_enable(t->intid);
	t->set_cval(state->next);
	t->set_ctl(TIMER_ENABLE);
}

/* Without a limit: if a tick does not come, nothing wakes this CPU. */
static void wait_ticks(unsigned int mask)
{
	for (unsigned int which = 0; which < 2; which++) {
		if (mask & BIT(which))
			IRQ_WAIT_UNTIL(tick_count(which) >= wanted_ticks);
	}
}

static bool ticks_are_right(unsigned int cpu, unsigned int which)
{
	return ticks[cpu][which].count == wanted_ticks && ticks[cpu][which].early == 0;
}

static void check_periodic(unsigned int which)
{
	const struct timer *t = &timers[which];
	uint64_t start = t->count();

	start_ticks(which);
	irq_enable();
	wait_ticks(1u << which);
	irq_disable();
	check(ticks_are_right(0, which), "%s timer: of %u ticks none lost, none early", t->name,
	      wanted_ticks);
	check(t->count() - start >= wanted_ticks * period, "%s timer: they take their time",
	      t->name);
	gic_disable(t->intid);
}

static void run_both(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	smp_barrier(machine.nr_cpus);
	start_ticks(0);
	start_ticks(1);
	irq_enable();
	wait_ticks(3);
	irq_disable();
	gic_disable(timers[0].intid);
	gic_disable(timers[1].intid);
}

static void check_everywhere(void)
{
	smp_run(run_both);
	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++)
		check(ticks_are_right(cpu, 0) && ticks_are_right(cpu, 1),
		      "CPU %u: both timers at once, as on all others (%u and %u ticks)", cpu,
		      ticks[cpu][0].count, ticks[cpu][1].count);
	check_equal(strangers, 0, "no other interrupts");
}

/*
 * A handler that ends its interrupt before it clears the cause, interrupts masked
 * all the time. On a GIC alone, there is one for each expiry: the line has dropped
 * before the CPU looks again. Where the end is the hardware's and what follows goes
 * through a hypervisor, one more may be on its way; KVM does the same.
 */
#define EARLY_ENDS 100u

static const struct timer *early;
static unsigned int early_taken, early_idle;

static void end_early(void)
{
	uint32_t iar = gic_acknowledge();

	if (gic_intid(iar) >= 1020)
		return;
	early_idle += !(early->get_ctl() & TIMER_STATUS);
	early_taken++;
	gic_eoi(iar);
	early->set_cval(end_of_time);
}

static void check_early_ends(const struct timer *t)
{
	early = t;
	early_taken = early_idle = 0;
	irq_set_handler(end_early);
	t->set_cval(end_of_time);
	t->set_ctl(TIMER_ENABLE);
	gic_enable(t->intid);
	irq_enable();
	for (unsigned int i = 1; i <= EARLY_ENDS; i++) {
		t->set_cval(0);
		WAIT_FOR(__atomic_load_n(&early_taken, __ATOMIC_RELAXED) -
			     __atomic_load_n(&early_idle, __ATOMIC_RELAXED) >=
			 i);
		irq_disable();
		irq_enable();
	}
	irq_disable();
	t->set_ctl(0);
	gic_disable(t->intid);
	print("%s timer, ended before it is cleared: %u of %u interrupts came for nothing\n",
	      t->name, early_idle, early_taken);
	check(early_taken - early_idle == EARLY_ENDS && early_idle <= EARLY_ENDS,
	      "%s timer: at most one more for an early end", t->name);
}

/* ---- The counter ---- */

static uint64_t last_count;
static unsigned int went_back;
static unsigned int turn;

/* Each CPU in turn reads the counter, and compares it with what the one before read. */
static void read_in_turn(unsigned int cpu)
{
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int mine = i * machine.nr_cpus + cpu;
		uint64_t now;

		if (!WAIT_FOR(__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == mine))
			return;
		now = counter();
		went_back += now < last_count;
		last_count = now;
		__atomic_store_n(&turn, mine + 1, __ATOMIC_RELEASE);
	}
}

static void check_counters(void)
{
	uint64_t first = counter(), physical = physical_count();

	delay_ms(10);
	check(counter() - first >= counter_of_ms(10) &&
		  physical_count() - physical >= counter_of_ms(10),
	      "both counters count");
	smp_run(read_in_turn);
	check(turn == 200 * machine.nr_cpus && went_back == 0,
	      "the counter never goes back, from CPU to CPU");
}

/* ---- WFI ---- */

static void check_sleep(const struct timer *t)
{
	uint64_t deadline;

	gic_enable(t->intid);
	deadline = t->count() + counter_of_ms(20);
	t->set_cval(deadline);
	t->set_ctl(TIMER_ENABLE);
	/* WFI may end for no reason, but not before there is none to go on. */
	while (!(t->get_ctl() & TIMER_STATUS))
		wfi();
	check(t->count() >= deadline, "%s timer: ends WFI, though masked in PSTATE", t->name);
	wfi();
	t->set_ctl(0);
	gic_disable(t->intid);
}

void guest_main(void)
{
	period = read_sysreg(cntfrq_el0) * PERIOD_US / 1000000;
	wanted_ticks = (unsigned int)machine_number("ticks", 1000);
	if (machine_has("own-counter"))
		end_of_time = INT64_MAX;
	check_offset();
	gic_init();
	smp_sleep_when_idle();
	for (unsigned int i = 0; i < 2; i++) {
		check_registers(&timers[i]);
		check_status(&timers[i]);
		check_far_deadlines(&timers[i]);
		check_agreement(&timers[i]);
		check_delivery(&timers[i]);
		check_sleep(&timers[i]);
	}
	check_early_ends(&timers[0]);
	check_early_ends(&timers[1]);
	irq_set_handler(tick);
	check_periodic(0);
	check_periodic(1);
	smp_start();
	check_counters();
	check_everywhere();
}
