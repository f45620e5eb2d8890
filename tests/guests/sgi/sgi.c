// SPDX-License-Identifier: BSD-2-Clause
/*
 * SGI storms: none is lost, none comes twice. An SGI's number is its sender,
 * which a GICv3 does not tell otherwise.
 *
 * Bootargs: rounds=N, SGIs between each two CPUs (1000).
 */
#include "tests/guests/lib/guest.h"

#define SLOW_SGI 8u /* whose handler takes its time */
#define MAX_SGIS 9u
#define WAKE_SGI 9u

/* counts[receiver][number] */
static uint64_t counts[SMP_MAX_CPUS][MAX_SGIS];
static uint64_t strangers;

/* What the receiver found in mail[sender][receiver] at its last SGI */
static uint64_t mail[SMP_MAX_CPUS][SMP_MAX_CPUS];
static uint64_t seen[SMP_MAX_CPUS][SMP_MAX_CPUS];

static unsigned int rounds;
static unsigned int failures;
static unsigned int ready;
static unsigned int stop;
static unsigned int in_handler;
static unsigned int finished[SMP_MAX_CPUS]; /* with its storm */

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void fail(void)
{
	__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
}

static void receive(unsigned int me, uint32_t iar)
{
	uint32_t number = gic_intid(iar);

	/* GICv2 knows the sender. */
	if (machine.gic_version == 2 && gic_source(iar) != number)
		__atomic_fetch_add(&strangers, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&seen[me][number], load(&mail[number][me]), __ATOMIC_RELEASE);
	__atomic_fetch_add(&counts[me][number], 1, __ATOMIC_RELEASE);
	if (finished[me])
		gic_send_sgi(WAKE_SGI, 1u << number);
}

static void receive_slowly(unsigned int me)
{
	__atomic_store_n(&in_handler, 1, __ATOMIC_RELEASE);
	WAIT_FOR(__atomic_load_n(&in_handler, __ATOMIC_ACQUIRE) == 0);
	__atomic_fetch_add(&counts[me][SLOW_SGI], 1, __ATOMIC_RELEASE);
}

static void handle(void)
{
	uint32_t iar = gic_acknowledge();
	uint32_t number = gic_intid(iar);

	if (number >= 1020)
		return;
	if (number < SMP_MAX_CPUS) {
		receive(cpu_index(), iar);
	} else if (number == SLOW_SGI) {
		receive_slowly(cpu_index());
	} else if (number == PLATFORM_PPI_VTIMER) {
		/* A wait has taken too long. */
		write_sysreg(cntv_ctl_el0, 0);
		isb();
		fail();
	} else if (number != WAKE_SGI) {
		__atomic_fetch_add(&strangers, 1, __ATOMIC_RELAXED);
	}
	gic_eoi(iar);
}

static void prepare(void)
{
	gic_init_cpu();
	for (uint32_t i = 0; i <= WAKE_SGI; i++)
		gic_enable(i);
	irq_enable();
}

static void clear(void)
{
	for (unsigned int to = 0; to < SMP_MAX_CPUS; to++) {
		for (unsigned int from = 0; from < MAX_SGIS; from++)
			__atomic_store_n(&counts[to][from], 0, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&failures, 0, __ATOMIC_RELAXED);
}

/* Each CPU has had `expected` SGIs from each other one, and none from itself. */
static bool counts_are(uint64_t expected)
{
	for (unsigned int to = 0; to < machine.nr_cpus; to++) {
		for (unsigned int from = 0; from < machine.nr_cpus; from++) {
			if (load(&counts[to][from]) != (to == from ? 0 : expected))
				return false;
		}
	}
	return true;
}

/* ---- All at once ---- */

static bool have_all_taken(unsigned int from, uint64_t cpu_mask, uint64_t count)
{
	for (unsigned int to = 0; to < machine.nr_cpus; to++) {
		if ((cpu_mask & BIT(to)) && load(&counts[to][from]) != count)
			return false;
	}
	return true;
}

static uint64_t all_but(unsigned int cpu)
{
	return (BIT(machine.nr_cpus) - 1) & ~BIT(cpu);
}

/*
 * Asleep: the last CPU that takes an SGI finds its own taken, goes on, and
 * wakes the others with its next ones; if it has finished, it says so.
 */
static void sleep_until_taken(unsigned int from, uint64_t cpu_mask, uint64_t count)
{
	write_sysreg(cntv_cval_el0, deadline_after(WAIT_MS));
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	for (;;) {
		irq_disable();
		/* What this CPU has taken is counted before it looks at what others have. */
		dmb(ish);
		if (have_all_taken(from, cpu_mask, count) || failures != 0)
			break;
		wfi();
		irq_enable();
		isb();
	}
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	irq_enable();
}

static void finish(unsigned int cpu)
{
	irq_disable();
	finished[cpu] = 1;
	/* For those whose SGIs were taken here before that */
	gic_send_sgi_others(WAKE_SGI);
	irq_enable();
	smp_barrier(machine.nr_cpus);
	irq_disable();
	finished[cpu] = 0;
}

/* Round after round to each other CPU. */
static void storm(unsigned int cpu)
{
	prepare();
	gic_enable(PLATFORM_PPI_VTIMER);
	smp_barrier(machine.nr_cpus);
	for (uint64_t i = 1; i <= rounds && failures == 0; i++) {
		for (unsigned int n = 1; n < machine.nr_cpus; n++)
			gic_send_sgi(cpu, 1u << (cpu + n) % machine.nr_cpus);
		sleep_until_taken(cpu, all_but(cpu), i);
	}
	finish(cpu);
}

static void broadcast(unsigned int cpu)
{
	prepare();
	gic_enable(PLATFORM_PPI_VTIMER);
	smp_barrier(machine.nr_cpus);
	for (uint64_t i = 1; i <= rounds && failures == 0; i++) {
		gic_send_sgi_others(cpu);
		sleep_until_taken(cpu, all_but(cpu), i);
	}
	finish(cpu);
}

/* Without waiting: SGIs merge, but what was written before the last one is seen. */
static void flood(unsigned int cpu)
{
	prepare();
	smp_barrier(machine.nr_cpus);
	for (uint64_t i = 1; i <= rounds; i++) {
		for (unsigned int to = 0; to < machine.nr_cpus; to++) {
			if (to == cpu)
				continue;
			__atomic_store_n(&mail[cpu][to], i, __ATOMIC_RELEASE);
			gic_send_sgi(cpu, 1u << to);
		}
	}
	for (unsigned int from = 0; from < machine.nr_cpus; from++) {
		if (from != cpu && !WAIT_FOR(load(&seen[cpu][from]) == rounds))
			fail();
	}
	smp_barrier(machine.nr_cpus);
	irq_disable();
}

static void check_storms(void)
{
	clear();
	smp_run(storm);
	check(failures == 0 && counts_are(rounds), "%u SGIs between every two of %u CPUs, at once",
	      rounds, machine.nr_cpus);
	clear();
	smp_run(broadcast);
	check(failures == 0 && counts_are(rounds), "%u SGIs from each CPU to all others", rounds);
	clear();
	smp_run(flood);
	check_equal(failures, 0, "%u SGIs without waiting: the last one arrives", rounds);
}

/* ---- To a CPU that does something else ---- */

static void spin(unsigned int cpu)
{
	(void)cpu;
	prepare();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		cpu_yield();
	irq_disable();
}

static void sleep(unsigned int cpu)
{
	(void)cpu;
	prepare();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	IRQ_WAIT_UNTIL(__atomic_load_n(&stop, __ATOMIC_ACQUIRE));
	irq_disable();
}

static void wait_for_event(unsigned int cpu)
{
	(void)cpu;
	prepare();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		wfe();
	irq_disable();
}

/* Interrupts are masked most of the time. */
static void mask(unsigned int cpu)
{
	(void)cpu;
	prepare();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		irq_disable();
		cpu_yield();
		irq_enable();
		isb();
	}
	irq_disable();
}

/* `count` SGIs from CPU 0 to a receiver, each after the one before has arrived. */
static void send(unsigned int to, unsigned int count)
{
	for (uint64_t i = 1; i <= count && failures == 0; i++) {
		gic_send_sgi(0, 1u << to);
		sleep_until_taken(0, BIT(to), i);
	}
}

static void start_receiver(unsigned int cpu, void (*receiver)(unsigned int cpu))
{
	clear();
	finished[cpu] = 1; /* it tells when it has taken one */
	__atomic_store_n(&ready, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&stop, 0, __ATOMIC_RELEASE);
	smp_call(cpu, receiver);
	if (!WAIT_FOR(__atomic_load_n(&ready, __ATOMIC_ACQUIRE)))
		fail();
}

static void stop_receiver(unsigned int cpu)
{
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	gic_send_sgi(WAKE_SGI, 1u << cpu);
	sev();
	smp_wait(cpu);
	finished[cpu] = 0;
}

static void check_receiver(void (*receiver)(unsigned int cpu), unsigned int count, const char *name)
{
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++) {
		start_receiver(cpu, receiver);
		send(cpu, count);
		check(failures == 0 && load(&counts[cpu][0]) == count,
		      "%u SGIs to CPU %u, which %s", count, cpu, name);
		stop_receiver(cpu);
	}
}

/* The receiver is in the handler of another SGI, and takes this one right after it. */
static void check_in_handler(void)
{
	unsigned int count = MIN(rounds, 100u);

	start_receiver(1, spin);
	for (unsigned int i = 1; i <= count && failures == 0; i++) {
		gic_send_sgi(SLOW_SGI, 2);
		if (!WAIT_FOR(__atomic_load_n(&in_handler, __ATOMIC_ACQUIRE)))
			fail();
		gic_send_sgi(0, 2);
		__atomic_store_n(&in_handler, 0, __ATOMIC_RELEASE);
		if (!WAIT_FOR(load(&counts[1][0]) == i && load(&counts[1][SLOW_SGI]) == i))
			fail();
	}
	check_equal(failures, 0, "%u SGIs to a CPU that is in a handler", count);
	stop_receiver(1);
}

void guest_main(void)
{
	rounds = (unsigned int)machine_number("rounds", 1000);
	gic_init();
	smp_sleep_when_idle();
	irq_set_handler(handle);
	smp_start();
	prepare();
	irq_disable();
	gic_enable(PLATFORM_PPI_VTIMER);
	check(machine.nr_cpus > 1, "there are %u CPUs", machine.nr_cpus);
	if (machine.nr_cpus == 1)
		return;
	check_receiver(spin, rounds, "spins");
	check_receiver(sleep, rounds, "sleeps in WFI");
	check_receiver(wait_for_event, rounds / 10, "waits in WFE");
	check_receiver(mask, rounds / 10, "masks interrupts");
	check_in_handler();
	check_storms();
	check_equal(strangers, 0, "all SGIs have the right number and sender");
}
