// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a hypervisor does at once, in the same CPU's place: calls, system
 * registers, emulated devices, and memory that is touched for the first time.
 */
#include "tests/guests/bench/bench.h"

#define UNKNOWN_FUNCTION 0xc600ff77
#define SPARE_SPI 40u
#define TOUCHED_PAGES 1024
/* Space for it behind the image, which nobody has touched */
#define TOUCH_OFFSET (8 << 20)

extern uint64_t image_pa;

static void bench_calls(void)
{
	bench_operation("hvc_psci_version", op_hvc, PSCI_VERSION, 0);
	bench_operation("hvc_smccc_version", op_hvc, SMCCC_VERSION, 0);
	bench_operation("hvc_unknown", op_hvc, UNKNOWN_FUNCTION, 0);
}

static void bench_registers(void)
{
	bench_operation("sysreg_id_aa64pfr0", op_id_aa64pfr0, 0, 0);
	bench_operation("sysreg_id_aa64mmfr0", op_id_aa64mmfr0, 0, 0);
	bench_operation("sysreg_actlr", op_actlr, 0, 0);
	bench_operation("sysreg_cntp_ctl", op_cntp_ctl, 0, 0);
	bench_operation("sysreg_cntv_ctl", op_cntv_ctl, 0, 0);
}

static void bench_enable_spi(void)
{
	uintptr_t reg = (uintptr_t)gic_distributor() + GICD_ISENABLER + 4 * (SPARE_SPI / 32);

	samples_begin();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span = bench_time(op_write32, reg, BIT(SPARE_SPI % 32), NULL);

		samples_add(span.end - span.start);
		gic_put_bit(GICD_ICENABLER, SPARE_SPI);
	}
	samples_report("gicd_isenabler_write");
}

static void bench_gic_registers(void)
{
	uintptr_t gicd = (uintptr_t)gic_distributor();

	bench_operation("gicd_typer_read", op_read32, gicd + GICD_TYPER, 0);
	bench_operation("gicd_isenabler_write_0", op_write32, gicd + GICD_ISENABLER + 4, 0);
	bench_enable_spi();
	if (machine.gic_version == 3)
		bench_operation("gicr_typer_read", op_read64,
				(uintptr_t)gic_redistributor(0) + GICR_TYPER, 0);
}

/* Lines of 64 characters: buffers of lines fill up, but do not overflow. */
static void bench_uart(void)
{
	if (machine.uart == 0)
		return;
	bench_operation("uart_status_read", op_read32, machine.uart + PL011_FR, 0);
	samples_begin();
	for (unsigned int i = 0; i < 3 * 64; i++) {
		struct span span;

		while (mmio_read32((uint8_t *)machine.uart + PL011_FR) & PL011_FR_TXFF)
			cpu_yield();
		span = bench_time(op_write32, machine.uart + PL011_DR, '.', NULL);
		samples_add(span.end - span.start);
		if (i % 64 == 63)
			print("\n");
	}
	samples_report("uart_transmit");
}

/* An average: whoever gives out memory on demand may give out more than a page at once. */
static void bench_touch(void)
{
	struct span span = bench_time(op_touch, image_pa + TOUCH_OFFSET, TOUCHED_PAGES, NULL);
	uint64_t mean = (span.end - span.start + TOUCHED_PAGES / 2) / TOUCHED_PAGES;

	print("BENCH first_touch_page %llu %llu %llu %u\n", (unsigned long long)mean,
	      (unsigned long long)mean, (unsigned long long)mean, TOUCHED_PAGES);
}

void bench_traps(void)
{
	bench_touch();
	bench_operation("nothing", op_none, 0, 0);
	bench_calls();
	bench_registers();
	bench_gic_registers();
	bench_uart();
}
