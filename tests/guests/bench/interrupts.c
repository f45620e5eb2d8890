// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts of one CPU: an SGI to itself, the virtual timer, a device's, and
 * their end.
 */
#include "tests/guests/bench/bench.h"

#define WFI_LONG_US 4000
#define WFI_LONG_SAMPLES 20

/* PL031 (DDI 0224): RTCDR, RTCMR, RTCIMSC, RTCICR */
#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_IMSC 0x10
#define RTC_ICR 0x1c

struct arrivals arrivals;

static bool is_v3(void)
{
	return machine.gic_version == 3;
}

void bench_interrupt(uint64_t entry)
{
	uint32_t iar = gic_acknowledge();
	uint32_t intid = gic_intid(iar);

	if (intid >= 1020)
		return;
	if (intid == PLATFORM_PPI_VTIMER) {
		write_sysreg(cntv_ctl_el0, 0);
		isb();
	} else if (machine.rtc != 0 && intid == machine.rtc_intid) {
		mmio_write32((uint8_t *)machine.rtc + RTC_ICR, 1);
	}
	gic_eoi(iar);
	/* The last one's: later ones of a broadcast come later in an emulator that has one clock.
	 */
	__atomic_store_n(&arrivals.entry, entry, __ATOMIC_RELAXED);
	__atomic_fetch_add(&arrivals.count, 1, __ATOMIC_RELEASE);
}

/* Of CPUs in the cluster of affinity 0, which eight CPUs are in on every machine here. */
static uint64_t sgi_value(unsigned int cpu_mask)
{
	if (is_v3())
		return FIELD_PREP(GENMASK(27, 24), BENCH_SGI) | cpu_mask;
	return FIELD_PREP(GICD_SGIR_TARGETS, cpu_mask) | BENCH_SGI;
}

struct span bench_send(unsigned int cpu_mask)
{
	unsigned int targets = 0;

	for (unsigned int mask = cpu_mask; mask != 0; mask &= mask - 1)
		targets++;
	arrivals_expect(targets);
	dsb(ish);
	return bench_time(is_v3() ? op_sgi_v3 : op_sgi_v2, sgi_value(cpu_mask),
			  (uintptr_t)gic_distributor() + GICD_SGIR, &arrivals);
}

static void bench_sgi_self(void)
{
	samples_begin();
	irq_enable();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span = bench_send(1);

		samples_add(arrivals.entry - span.start);
	}
	irq_disable();
	samples_report("sgi_self");

	samples_begin();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span = bench_time(
		    is_v3() ? op_sgi_poll_v3 : op_sgi_poll_v2, sgi_value(1),
		    (uintptr_t)gic_distributor() + GICD_SGIR, (const void *)machine.gicc.base);

		samples_add(span.end - span.start);
	}
	samples_report("sgi_self_loop");
}

static struct span end_v2(unsigned int reg, uint32_t iar)
{
	return bench_time(op_write32, machine.gicc.base + reg, iar, NULL);
}

/* EOI that drops the priority and deactivates, or (EOImode 1) the deactivation on its own. */
static void bench_end(const char *name, bool two_steps)
{
	gic_set_eoimode(two_steps);
	samples_begin();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span;
		uint32_t iar;

		gic_send_sgi(BENCH_SGI, 1);
		while (gic_intid(iar = gic_acknowledge()) >= 1020)
			;
		if (two_steps)
			gic_eoi(iar);
		if (!is_v3())
			span = end_v2(two_steps ? GICC_DIR : GICC_EOIR, iar);
		else
			span = bench_time(two_steps ? op_deactivate_v3 : op_eoi_v3, iar, 0, NULL);
		samples_add(span.end - span.start);
	}
	gic_set_eoimode(false);
	samples_report(name);
}

/* Starts the timer, with phases that differ; returns when it expires, in instructions. */
static uint64_t start_timer(uint64_t us, unsigned int i)
{
	uint64_t cval = counter() + read_sysreg(cntfrq_el0) * us / 1000000 + i * 37 % 101;

	arrivals_expect(1);
	write_sysreg(cntv_cval_el0, cval);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	return cval * bench_scale;
}

static void bench_timer_running(void)
{
	samples_begin();
	irq_enable();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		uint64_t expiry = start_timer(100, i);

		while (!arrivals_complete())
			;
		samples_add(arrivals.entry - expiry);
	}
	irq_disable();
	samples_report("timer_running");
}

/* irq_wait() unmasks behind WFI: one instruction more than a handler needs. */
static void bench_timer_wfi(const char *name, uint64_t us, unsigned int n)
{
	samples_begin();
	for (unsigned int i = 0; i < n; i++) {
		uint64_t expiry = start_timer(us, i);

		while (!arrivals_complete()) {
			irq_wait();
			irq_disable();
		}
		samples_add(arrivals.entry - expiry);
	}
	samples_report(name);
}

/* With the interrupt masked: to the instruction behind WFI. */
static void bench_timer_wake(void)
{
	samples_begin();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		uint64_t expiry = start_timer(100, i);
		struct span span;

		do
			span = bench_time(op_wfi, 0, 0, NULL);
		while (span.end < expiry);
		samples_add(span.end - expiry);
		irq_enable();
		while (!arrivals_complete())
			;
		irq_disable();
	}
	samples_report("wfi_wake");
}

/* The PL031 raises its interrupt at once when its match is set to what it counts. */
static void bench_device(void)
{
	uint8_t *rtc = (uint8_t *)machine.rtc;

	if (rtc == NULL) {
		print("BENCH-NONE spi_device: no PL031 in the device tree\n");
		return;
	}
	gic_set_edge(machine.rtc_intid, false);
	gic_enable(machine.rtc_intid);
	mmio_write32(rtc + RTC_IMSC, 1);
	samples_begin();
	irq_enable();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span;

		arrivals_expect(1);
		span = bench_time(op_write32_irq, (uintptr_t)rtc + RTC_MR,
				  mmio_read32(rtc + RTC_DR), &arrivals);
		samples_add(arrivals.entry - span.start);
	}
	irq_disable();
	mmio_write32(rtc + RTC_IMSC, 0);
	gic_disable(machine.rtc_intid);
	samples_report("spi_device");
}

void bench_interrupts(void)
{
	gic_enable(BENCH_SGI);
	gic_enable(PLATFORM_PPI_VTIMER);
	bench_sgi_self();
	bench_end("eoi", false);
	bench_end("deactivate", true);
	bench_timer_running();
	bench_timer_wfi("timer_wfi", 100, NR_SAMPLES);
	bench_timer_wfi("timer_wfi_4ms", WFI_LONG_US, WFI_LONG_SAMPLES);
	bench_timer_wake();
	bench_device();
}
