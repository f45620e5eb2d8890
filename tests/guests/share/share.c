// SPDX-License-Identifier: BSD-2-Clause
/*
 * Several VMs on one CPU: each keeps its registers, its interrupts and its
 * time, whatever the others do meanwhile, which is the same.
 *
 * Bootargs: seed=N, different for each VM.
 */
#include "tests/guests/share/share.h"

#include "tests/guests/lib/guest.h"

#define ROUNDS 40u
#define ROUND_MS 7u
#define TICKS 100u
#define TICK_MS 4u
#define HELD_IRQ 40u
#define HELD_IRQS 8u
#define SLEEP_MS 60u
#define MAX_WAKES 40u

struct lost {
	unsigned int fp;
	unsigned int system;
	unsigned int gic;
};

static struct lost lost[SMP_MAX_CPUS];
static uint64_t seed;

/* ---- Registers ---- */

/* EL1's registers that the guest does not need itself, and the bits of each that can be any. */
/* clang-format off */
#define SYSTEM_REGISTERS(X)                                                                        \
	X(tpidr_el0, UINT64_MAX)     X(tpidrro_el0, UINT64_MAX)      X(sp_el0, UINT64_MAX)         \
	X(ttbr1_el1, 0xfffffffff000) X(contextidr_el1, UINT32_MAX)   X(far_el1, UINT64_MAX)        \
	X(esr_el1, UINT32_MAX)       X(elr_el1, UINT64_MAX)          X(par_el1, 0xfffffffff000)    \
	X(csselr_el1, 0x3)           X(cntkctl_el1, 0x3)             X(cntv_cval_el0, UINT64_MAX)  \
	X(cntp_cval_el0, UINT64_MAX) X(dbgbvr0_el1, 0xfffffffffffc)  X(dbgbvr1_el1, 0xfffffffffffc) \
	X(dbgwvr0_el1, 0xfffffffffff8) X(dbgwvr1_el1, 0xfffffffffff8)                              \
	X(dbgbcr1_el1, 0x6)          X(dbgwcr1_el1, 0x1ff8)          X(spsr_el1, 0xf0000000)
/* clang-format on */

static bool has_pauth(void)
{
	return (read_sysreg(id_aa64isar1_el1) & 0xff000ff0) != 0 ||
	       (read_sysreg(ID_AA64ISAR2_EL1) & 0xff00) != 0;
}

static void fill_system(uint64_t value)
{
#define FILL(name, mask) write_sysreg(name, value * 0x9e3779b97f4a7c15 & (mask));
	SYSTEM_REGISTERS(FILL)
#undef FILL
	if (has_pauth()) {
		write_sysreg(APIAKEYLO_EL1, value);
		write_sysreg(APIBKEYHI_EL1, value + 1);
		write_sysreg(APDAKEYLO_EL1, value + 2);
		write_sysreg(APDBKEYHI_EL1, value + 3);
		write_sysreg(APGAKEYLO_EL1, value + 4);
	}
	isb();
}

static unsigned int compare_system(uint64_t value)
{
	unsigned int different = 0;

#define COMPARE(name, mask)                                                                        \
	different += (read_sysreg(name) & (mask)) != (value * 0x9e3779b97f4a7c15 & (mask));
	SYSTEM_REGISTERS(COMPARE)
#undef COMPARE
	if (has_pauth()) {
		different += read_sysreg(APIAKEYLO_EL1) != value;
		different += read_sysreg(APIBKEYHI_EL1) != value + 1;
		different += read_sysreg(APDAKEYLO_EL1) != value + 2;
		different += read_sysreg(APDBKEYHI_EL1) != value + 3;
		different += read_sysreg(APGAKEYLO_EL1) != value + 4;
	}
	return different;
}

/* Other CPUs' numbers differ, and so do the next round's. */
static void keep_registers(unsigned int cpu)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t value = seed << 32 | cpu << 24 | round << 16 | 0x0bad5eed00001234;
		uint8_t mask = (uint8_t)(0x80 + 8 * ((seed + round) % 8));

		gic_set_mask(mask);
		fp_fill(value);
		fill_system(value);
		/* No exception here, but for those that only EL2 sees. */
		delay_ms(ROUND_MS);
		lost[cpu].system += compare_system(value);
		lost[cpu].fp += fp_compare(value);
		lost[cpu].gic += (gic_get_mask() & GIC_PRIORITY_MASK) != mask;
	}
	gic_set_mask(0xff);
	write_sysreg(dbgbcr1_el1, 0);
	write_sysreg(dbgwcr1_el1, 0);
}

static void check_registers(void)
{
	struct lost sum = {0};

	smp_run(keep_registers);
	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++) {
		sum.fp += lost[cpu].fp;
		sum.system += lost[cpu].system;
		sum.gic += lost[cpu].gic;
	}
	check_equal(sum.fp, 0, "FP and SIMD registers are kept");
	check_equal(sum.system, 0, "system registers are kept");
	check_equal(sum.gic, 0, "the interrupt mask is kept");
}

/* ---- Interrupts ---- */

/* Some active, nested, and some pending, for as long as it takes others to come and go. */
static void check_held(void)
{
	uint32_t held[HELD_IRQS];
	bool right = true;

	for (unsigned int i = 0; i < HELD_IRQS; i++) {
		gic_set_priority(HELD_IRQ + i, (uint8_t)(0xf0 - 0x10 * i));
		gic_enable(HELD_IRQ + i);
		gic_set_pending(HELD_IRQ + i);
		held[i] = GIC_SPURIOUS;
		WAIT_FOR(gic_intid(held[i] = gic_acknowledge()) < 1020);
		right = right && gic_intid(held[i]) == HELD_IRQ + i;
	}
	check(right, "%u interrupts are active", HELD_IRQS);
	for (unsigned int i = 0; i < HELD_IRQS; i++)
		gic_set_pending(HELD_IRQ + i);
	delay_ms(ROUNDS);
	check_equal(gic_running_priority() & GIC_PRIORITY_MASK, 0x100 - 0x10 * HELD_IRQS,
		    "the highest one's priority is running");
	for (unsigned int i = HELD_IRQS; i-- > 0;) {
		right = right && gic_is_active(HELD_IRQ + i) && gic_is_pending(HELD_IRQ + i);
		gic_eoi(held[i]);
		/* Its second one has the same priority, and comes before the next lower one. */
		held[i] = GIC_SPURIOUS;
		WAIT_FOR(gic_intid(held[i] = gic_acknowledge()) < 1020);
		right = right && gic_intid(held[i]) == HELD_IRQ + i;
		gic_eoi(held[i]);
		delay_ms(3);
	}
	check(right && gic_running_priority() == 0xff, "active and pending ones are kept");
}

static unsigned int ticks[SMP_MAX_CPUS];
static unsigned int strangers;

static void tick(void)
{
	uint32_t iar = gic_acknowledge();

	if (gic_intid(iar) >= 1020)
		return;
	if (gic_intid(iar) == PLATFORM_PPI_VTIMER) {
		ticks[cpu_index()]++;
		write_sysreg(cntv_cval_el0, read_sysreg(cntv_cval_el0) + counter_of_ms(TICK_MS));
		isb();
	} else {
		__atomic_fetch_add(&strangers, 1, __ATOMIC_RELAXED);
	}
	gic_eoi(iar);
}

static unsigned int tick_count(unsigned int cpu)
{
	return __atomic_load_n(&ticks[cpu], __ATOMIC_RELAXED);
}

/* Without sleeping: this VM wants all of the CPU. */
static void spin_with_ticks(unsigned int cpu)
{
	gic_init_cpu();
	gic_enable(PLATFORM_PPI_VTIMER);
	write_sysreg(cntv_cval_el0, deadline_after(TICK_MS));
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	irq_enable();
	WAIT_FOR(tick_count(cpu) >= TICKS);
	irq_disable();
	write_sysreg(cntv_ctl_el0, 0);
	isb();
}

static void check_ticks(void)
{
	bool right = true;

	irq_set_handler(tick);
	smp_run(spin_with_ticks);
	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++)
		right = right && tick_count(cpu) >= TICKS;
	check(right, "%u ticks on each CPU, while others want it too", TICKS);
	check_equal(strangers, 0, "no other interrupts");
}

/* WFI sleeps: it does not come back all the time until there is something to do. */
static void check_sleep(void)
{
	unsigned int wakes = 0;

	gic_enable(PLATFORM_PPI_VTIMER);
	write_sysreg(cntv_cval_el0, deadline_after(SLEEP_MS));
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (!(read_sysreg(cntv_ctl_el0) & TIMER_STATUS)) {
		wfi();
		wakes++;
	}
	write_sysreg(cntv_ctl_el0, 0);
	isb();
	gic_disable(PLATFORM_PPI_VTIMER);
	check(wakes <= MAX_WAKES, "WFI for %u ms ends rarely (%u times)", SLEEP_MS, wakes);
}

void guest_main(void)
{
	seed = machine_number("seed", 1);
	gic_init();
	smp_sleep_when_idle();
	smp_start();
	check_sleep();
	check_registers();
	check_held();
	check_ticks();
	check_sleep();
}
