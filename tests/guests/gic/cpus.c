// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts between CPUs: SGIs, SPIs that are routed to other CPUs, and one
 * CPU's interrupts as another one sees them.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define SGI 5u
#define LAST_FREE (FIRST_IRQ + 3)

static unsigned int received[SMP_MAX_CPUS][64];
static unsigned int listening;
static unsigned int stop;

static void receive(void)
{
	uint32_t iar = gic_acknowledge();
	uint32_t intid = gic_intid(iar);

	if (intid >= 1020)
		return;
	if (intid < 64)
		__atomic_fetch_add(&received[cpu_index()][intid], 1, __ATOMIC_RELEASE);
	gic_eoi(iar);
}

static unsigned int count(unsigned int cpu, uint32_t intid)
{
	return __atomic_load_n(&received[cpu][intid], __ATOMIC_ACQUIRE);
}

static unsigned int count_all(uint32_t intid)
{
	unsigned int sum = 0;

	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++)
		sum += count(cpu, intid);
	return sum;
}

static void clear_counts(void)
{
	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++) {
		for (unsigned int i = 0; i < 64; i++)
			__atomic_store_n(&received[cpu][i], 0, __ATOMIC_RELEASE);
	}
}

/* Takes interrupts until told to stop. */
static void listen(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	gic_enable(SGI);
	gic_enable(SGI + 1);
	irq_enable();
	__atomic_fetch_add(&listening, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		cpu_yield();
	irq_disable();
}

static void start_listeners(void)
{
	__atomic_store_n(&stop, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&listening, 0, __ATOMIC_RELEASE);
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		smp_call(cpu, listen);
	check(WAIT_FOR(__atomic_load_n(&listening, __ATOMIC_ACQUIRE) == machine.nr_cpus - 1),
	      "the other CPUs listen");
}

static void stop_listeners(void)
{
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		smp_wait(cpu);
}

/* v2: three senders' SGIs with one number are three interrupts; v3: they are one. */
static unsigned int senders_left;

static void send_to_0(unsigned int cpu)
{
	(void)cpu;
	gic_send_sgi(SGI, 1);
	__atomic_fetch_sub(&senders_left, 1, __ATOMIC_RELEASE);
}

static void check_sources(void)
{
	unsigned int senders = machine.nr_cpus, seen = 0;
	unsigned int expected = machine.gic_version == 2 ? senders : 1;
	bool right = true;

	__atomic_store_n(&senders_left, senders, __ATOMIC_RELEASE);
	smp_run(send_to_0);
	check(WAIT_FOR(__atomic_load_n(&senders_left, __ATOMIC_ACQUIRE) == 0), "SGIs are sent");
	for (unsigned int i = 0; i < expected && right; i++) {
		uint32_t iar = take();

		right = gic_intid(iar) == SGI;
		seen |= 1u << gic_source(iar);
		if (right)
			gic_eoi(iar);
	}
	if (machine.gic_version == 2)
		right = right && seen == BIT(senders) - 1;
	check(right && takes_nothing(), "%u CPUs' SGIs are %u interrupts", senders, expected);
}

/* GICD_SPENDSGIR and GICD_CPENDSGIR */
static void check_sgi_pending_v2(void)
{
	uint8_t *set = gic_distributor() + GICD_SPENDSGIR + SGI;
	uint8_t *clear = gic_distributor() + GICD_CPENDSGIR + SGI;
	uint8_t all = (uint8_t)(BIT(machine.nr_cpus) - 1);
	uint32_t iar;

	gic_set_mask(0);
	/* QEMU keeps bits of CPUs that are not there. */
	mmio_write8(set, machine.native ? all : 0xff);
	check_equal(mmio_read8(set), all, "SPENDSGIR: a source for each CPU");
	mmio_write8(clear, (uint8_t)(all & ~1u));
	check_equal(mmio_read8(clear), 1, "CPENDSGIR: all but one cleared");
	gic_set_mask(0xff);
	iar = take();
	check(gic_intid(iar) == SGI && gic_source(iar) == 0, "one is left");
	gic_eoi(iar);
	gic_put_bit(GICD_ISPENDR, SGI);
	check(takes_nothing(), "ISPENDR does not make SGIs pending");
}

static void check_sgi_pending_v3(void)
{
	gic_set_pending(SGI);
	check(takes_once(SGI), "ISPENDR makes an SGI pending");
	gic_set_mask(0);
	gic_send_sgi(SGI, 1);
	check(WAIT_FOR(gic_is_pending(SGI)), "an SGI that is sent is pending");
	gic_clear_pending(SGI);
	gic_set_mask(0xff);
	check(takes_nothing(), "ICPENDR takes it back");
}

static void check_own_sgis(void)
{
	for (uint32_t i = 0; i < 16; i++) {
		prepare(i, 0xa0);
		gic_send_sgi(i, 1);
		check(takes_once(i), "SGI %u to oneself", i);
	}
	gic_set_priority(3, 0x40);
	gic_send_sgi(2, 1);
	gic_send_sgi(3, 1);
	gic_send_sgi(3, 1);
	check_equal(gic_intid(take()), 3, "the higher priority first");
	gic_eoi(3);
	check(takes_once(2), "then the other; the same SGI twice is one");
	if (machine.gic_version == 2) {
		mmio_write32(gic_distributor() + GICD_SGIR,
			     (uint32_t)FIELD_PREP(GICD_SGIR_FILTER, GICD_SGIR_FILTER_SELF) | 7);
		check(takes_once(7), "the filter for oneself");
	}
}

void check_sgis(void)
{
	unsigned int others = machine.nr_cpus - 1;
	bool right = true;

	irq_set_handler(receive);
	check_own_sgis();
	check_sources();
	if (machine.gic_version == 2)
		check_sgi_pending_v2();
	else
		check_sgi_pending_v3();
	if (others == 0)
		return;

	start_listeners();
	for (unsigned int cpu = 1; cpu <= others; cpu++) {
		gic_send_sgi(SGI, 1u << cpu);
		right = right && WAIT_FOR(count(cpu, SGI) == 1) && count_all(SGI) == cpu;
	}
	check(right, "SGIs to one CPU each");
	gic_send_sgi(SGI, (1u << machine.nr_cpus) - 2);
	check(WAIT_FOR(count_all(SGI) == 2 * others), "an SGI to a list of CPUs");
	gic_send_sgi_others(SGI);
	check(WAIT_FOR(count_all(SGI) == 3 * others), "an SGI to all others");
	check(takes_nothing(), "which is not to oneself");
	/* CPUs that are not there, and none at all */
	gic_send_sgi(SGI, 0);
	if (machine.gic_version == 3)
		write_sysreg(ICC_SGI1R_EL1, (uint64_t)SGI << 24 | UINT64_C(0xff) << 16 | 0xffff);
	delay_ms(5);
	check_equal(count_all(SGI), 3 * others, "an SGI to nobody");
	stop_listeners();
	clear_counts();
}

/* ---- SPIs ---- */

/* GICv2's 1 of N: all CPUs but this one are targets. */
static void check_targets(void)
{
	bool right = true;

	mmio_write8(gic_distributor() + GICD_ITARGETSR + FIRST_IRQ + 1,
		    (uint8_t)((1u << machine.nr_cpus) - 2));
	prepare(FIRST_IRQ + 1, 0xa0);
	for (unsigned int i = 1; i <= 10; i++) {
		gic_set_pending(FIRST_IRQ + 1);
		right = right && WAIT_FOR(count_all(FIRST_IRQ + 1) == i);
	}
	delay_ms(2);
	check(right && count_all(FIRST_IRQ + 1) == 10,
	      "an SPI with several targets goes to one of them");
}

void check_routing(void)
{
	/* QEMU's GICv2 delivers to all targets, and does not follow a change of them. */
	bool quirks = machine.native && machine.gic_version == 2;
	bool right = true;

	start_listeners();
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++) {
		gic_route(FIRST_IRQ, cpu);
		prepare(FIRST_IRQ, 0xa0);
		for (unsigned int i = 1; i <= 10; i++) {
			gic_set_pending(FIRST_IRQ);
			right = right && WAIT_FOR(count(cpu, FIRST_IRQ) == i);
		}
	}
	check(right && count_all(FIRST_IRQ) == 10 * (machine.nr_cpus - 1),
	      "SPIs go to the CPU that they are routed to");
	check(takes_nothing(), "and to no other");
	if (machine.gic_version == 2 && !quirks)
		check_targets();
	stop_listeners();

	/* CPU 1 does not listen now; the interrupt waits there, and is called back. */
	gic_route(FIRST_IRQ + 2, 1);
	prepare(FIRST_IRQ + 2, 0xa0);
	gic_set_pending(FIRST_IRQ + 2);
	delay_ms(1);
	gic_route(FIRST_IRQ + 2, 0);
	delay_ms(5); /* a route takes effect in finite time, not at once (IHI 0069, 4.2) */
	check(quirks || takes_once(FIRST_IRQ + 2),
	      "an SPI that waits at another CPU is routed to this one");
	clear_counts();
	clean_up();
}

/* ---- Another CPU's state ---- */

static unsigned int step;

static void set_step(unsigned int n)
{
	__atomic_store_n(&step, n, __ATOMIC_RELEASE);
}

static bool step_is(unsigned int n)
{
	return __atomic_load_n(&step, __ATOMIC_ACQUIRE) == n;
}

/* Without a limit: the other side has one. */
static void wait_for_step(unsigned int n)
{
	while (!step_is(n))
		cpu_yield();
}

/* Acknowledges an SPI and an SGI, and holds on to them. */
static void hold(unsigned int cpu)
{
	uint32_t first, second;

	(void)cpu;
	gic_init_cpu();
	prepare(SGI, 0x80);
	set_step(1);
	first = take();
	set_step(2);
	wait_for_step(3);
	second = take();
	set_step(4);
	wait_for_step(5);
	gic_eoi(second);
	gic_eoi(first);
	set_step(6);
}

/* Acknowledges an SPI and drops its priority; another CPU does the rest. */
static void drop(unsigned int cpu)
{
	uint32_t iar;

	(void)cpu;
	gic_init_cpu();
	gic_set_eoimode(true);
	set_step(1);
	iar = take();
	gic_eoi(iar);
	set_step(2);
	wait_for_step(3);
	/* the same interrupt once more: it was deactivated here, too */
	iar = take();
	gic_eoi(iar);
	gic_deactivate(iar);
	gic_set_eoimode(false);
	set_step(4);
}

/* An SPI may be deactivated by any CPU (EOImode 1). */
void check_remote_deactivation(void)
{
	set_step(0);
	gic_set_eoimode(true);
	gic_route(LAST_FREE, 1);
	prepare(LAST_FREE, 0xa0);
	smp_call(1, drop);
	check(WAIT_FOR(step_is(1)), "CPU 1 waits");
	gic_set_pending(LAST_FREE);
	check(WAIT_FOR(step_is(2)), "CPU 1 has dropped an SPI's priority");
	check(WAIT_FOR(gic_is_active(LAST_FREE)), "which is active");
	gic_deactivate(LAST_FREE);
	check(WAIT_FOR(!gic_is_active(LAST_FREE)), "until CPU 0 deactivates it");
	gic_set_pending(LAST_FREE);
	set_step(3);
	check(WAIT_FOR(step_is(4)), "CPU 1 takes it again");
	check(WAIT_FOR(!gic_is_active(LAST_FREE)), "and ends it itself");
	smp_wait(1);
	gic_set_eoimode(false);
	clean_up();
}

/* Routed to nobody, an SPI waits until there is somebody. */
void check_no_target(void)
{
	bool v3 = machine.gic_version == 3;

	gic_route(LAST_FREE, 0);
	prepare(LAST_FREE, 0xa0);
	if (v3) /* a CPU that no machine has */
		mmio_write64(gic_distributor() + GICD_IROUTER + (size_t)8 * LAST_FREE,
			     0xfe00fe0000);
	else
		mmio_write8(gic_distributor() + GICD_ITARGETSR + LAST_FREE, 0);
	gic_set_pending(LAST_FREE);
	delay_ms(2);
	check(takes_nothing() && gic_is_pending(LAST_FREE), "routed to nobody, an SPI is pending");
	gic_route(LAST_FREE, 0);
	delay_ms(5);
	check(takes_once(LAST_FREE), "and comes when it is routed to this CPU");
	clean_up();
}

void check_remote_state(void)
{
	uint8_t *frame = machine.gic_version == 3 ? gic_redistributor(1) + GICR_SGI_OFFSET : NULL;

	set_step(0);
	gic_route(LAST_FREE, 1);
	prepare(LAST_FREE, 0xa0);
	gic_set_pending(LAST_FREE);
	smp_call(1, hold);
	check(WAIT_FOR(step_is(2)), "CPU 1 has acknowledged an SPI");
	check(WAIT_FOR(gic_is_active(LAST_FREE)), "which is active, as CPU 0 sees it");
	check(!gic_is_pending(LAST_FREE), "and not pending");
	gic_send_sgi(SGI, 2);
	set_step(3);
	check(WAIT_FOR(step_is(4)), "CPU 1 has acknowledged an SGI");
	if (frame != NULL) {
		check(WAIT_FOR(mmio_read32(frame + GICD_ISACTIVER) & BIT(SGI)),
		      "which is active, as CPU 0 sees it");
		check(!(mmio_read32(frame + GICD_ISPENDR) & BIT(SGI)), "and not pending");
	}
	set_step(5);
	check(WAIT_FOR(step_is(6)), "CPU 1 has ended both");
	check(WAIT_FOR(!gic_is_active(LAST_FREE)), "the SPI is over, as CPU 0 sees it");
	smp_wait(1);
	clean_up();
	irq_set_handler(NULL);
}
