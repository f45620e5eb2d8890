// SPDX-License-Identifier: BSD-2-Clause
/*
 * A level-sensitive interrupt, the UART's transmit interrupt; and interrupts
 * taken as exceptions.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define DEPTH 8u
#define MAX_RESULTS 16u

static void uart_write(unsigned int reg, uint32_t value)
{
	mmio_write32((uint8_t *)machine.uart + reg, value);
}

static bool is_transmitted(void)
{
	return mmio_read32((uint8_t *)machine.uart + PL011_RIS) & PL011_INT_TX;
}

/* The line goes high when a character has been sent. */
static void raise_line(void)
{
	uart_write(PL011_IMSC, PL011_INT_TX);
	uart_write(PL011_DR, '\n');
	WAIT_FOR(is_transmitted());
}

static void lower_line(void)
{
	uart_write(PL011_ICR, PL011_INT_TX);
}

static bool is_over(void)
{
	return takes_nothing() && !gic_is_pending(UART_IRQ) && !gic_is_active(UART_IRQ);
}

/* Checks are kept until the UART is quiet: to print is to raise the line. */
static struct {
	bool passed;
	const char *name;
} results[MAX_RESULTS];
static unsigned int nr_results;

static void note(bool passed, const char *name)
{
	results[nr_results].passed = passed;
	results[nr_results].name = name;
	nr_results++;
}

static void line_goes_high(void)
{
	uint32_t iar;

	raise_line();
	iar = take();
	note(gic_intid(iar) == UART_IRQ, "a line that goes high is an interrupt");
	note(gic_is_active(UART_IRQ) && gic_is_pending(UART_IRQ),
	     "active, and pending while the line is high");
	note(takes_nothing(), "not taken twice");
	gic_eoi(iar);
	iar = take();
	note(gic_intid(iar) == UART_IRQ, "taken again as the line is still high");
	lower_line();
	note(!gic_is_pending(UART_IRQ), "not pending when the line goes low");
	gic_eoi(iar);
	note(is_over(), "over when the line is low");
}

/* It goes low before anybody has looked. */
static void line_goes_low(void)
{
	gic_set_mask(0);
	raise_line();
	note(gic_is_pending(UART_IRQ), "pending while masked");
	lower_line();
	gic_set_mask(0xff);
	note(is_over(), "gone with the line");

	gic_set_mask(0);
	raise_line();
	gic_clear_pending(UART_IRQ);
	note(gic_is_pending(UART_IRQ), "cannot be cleared while the line is high");
	uart_write(PL011_IMSC, 0);
	gic_set_mask(0xff);
	note(is_over(), "gone when the device masks it");
}

/* Software's own: a latch, beside the line. */
static void software_pends(void)
{
	gic_set_pending(UART_IRQ);
	note(gic_is_pending(UART_IRQ), "made pending by a write");
	note(takes_once(UART_IRQ), "that comes once");
	gic_set_pending(UART_IRQ);
	gic_clear_pending(UART_IRQ);
	note(is_over(), "and can be taken back");
}

void check_level(void)
{
	uart_write(PL011_IMSC, 0);
	lower_line();
	gic_set_edge(UART_IRQ, false);
	gic_clear_pending(UART_IRQ);
	prepare(UART_IRQ, 0x80);
	line_goes_high();
	line_goes_low();
	lower_line();
	software_pends();
	gic_disable(UART_IRQ);
	for (unsigned int i = 0; i < nr_results; i++)
		check(results[i].passed, "level: %s", results[i].name);
}

/* ---- As exceptions ---- */

static unsigned int depth;
static unsigned int deepest;
static unsigned int taken;

/* Each lets the next higher one in. */
static void nesting_handler(void)
{
	uint32_t iar = gic_acknowledge();
	unsigned int i = gic_intid(iar) - FIRST_IRQ;
	uint64_t elr, spsr;

	if (gic_intid(iar) >= 1020)
		return;
	depth++;
	taken++;
	deepest = MAX(deepest, depth);
	elr = read_sysreg(elr_el1);
	spsr = read_sysreg(spsr_el1);
	if (i + 1 < DEPTH)
		gic_set_pending(FIRST_IRQ + i + 1);
	irq_enable();
	isb();
	irq_disable();
	write_sysreg(elr_el1, elr);
	write_sysreg(spsr_el1, spsr);
	depth--;
	gic_eoi(iar);
}

static void counting_handler(void)
{
	uint32_t iar = gic_acknowledge();

	if (gic_intid(iar) >= 1020)
		return;
	taken++;
	gic_eoi(iar);
}

static bool taken_is(unsigned int count)
{
	return __atomic_load_n(&taken, __ATOMIC_RELAXED) == count;
}

void check_handler(void)
{
	unsigned int many = nr_free();

	irq_set_handler(nesting_handler);
	for (unsigned int i = 0; i < DEPTH; i++)
		prepare(FIRST_IRQ + i, (uint8_t)(0xe0 - 0x10 * i));
	irq_enable();
	gic_set_pending(FIRST_IRQ);
	check(WAIT_FOR(taken_is(DEPTH)), "exceptions: each lets the next one in");
	irq_disable();
	check_equal(deepest, DEPTH, "exceptions: %u deep", DEPTH);
	clean_up();

	irq_set_handler(counting_handler);
	taken = 0;
	for (unsigned int i = 0; i < many; i++) {
		prepare(FIRST_IRQ + i, 0xa0);
		gic_set_pending(FIRST_IRQ + i);
	}
	check(taken_is(0), "exceptions: none while masked");
	irq_enable();
	check(WAIT_FOR(taken_is(many)), "exceptions: %u at once", many);
	for (unsigned int i = 0; i < 100; i++)
		gic_set_pending(FIRST_IRQ + i % many);
	check(WAIT_FOR(taken_is(many + 100)), "exceptions: one hundred, one by one");
	irq_disable();

	/* One that is pending ends WFI, though it is masked in PSTATE. */
	gic_set_pending(FIRST_IRQ);
	wfi();
	check(gic_is_pending(FIRST_IRQ), "WFI ends with a masked interrupt");
	irq_wait();
	check(WAIT_FOR(taken_is(many + 101)), "which is taken then");
	irq_disable();
	irq_set_handler(NULL);
	clean_up();
}
