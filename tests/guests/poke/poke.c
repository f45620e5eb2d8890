// SPDX-License-Identifier: BSD-2-Clause
/*
 * Makes an SPI of its CPU 1 pending and takes it back, many times, with CPU 1
 * on a CPU that it shares: whoever has that CPU meanwhile is not to pay for it.
 * tests/boot/neighbours_test.py counts.
 *
 * Bootargs: mode=spin, its CPU 1 does something; mode=wait, it waits in WFI;
 * mode=busy, the neighbour. YIELD has QEMU, which runs one CPU after the other
 * there, go on with the next.
 */
#include "tests/guests/lib/guest.h"

#define POKES 500u
#define SLICE_MS 6 /* a little more than the scheduler's: then it is the neighbours' turn */
#define SPI 40u
#define ROUNDS 10000u /* of work, more than a slice */

static unsigned int ready;

/* A little work, and then the other CPU's turn */
static void work(void)
{
	for (volatile unsigned int i = 0; i < 100; i++)
		;
	cpu_yield();
}

static void spin(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		work();
}

/*
 * It has its share of the CPU first, so that the neighbours' turns come before its next. Interrupts
 * are masked: they end WFI, and are not taken.
 */
static void wait(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	for (unsigned int i = 0; i < ROUNDS; i++)
		work();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		wfi();
}

static void poke(void)
{
	smp_start();
	smp_call(1, machine_has("mode=wait") ? wait : spin);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		cpu_yield();
	delay_ms(SLICE_MS);
	gic_route(SPI, 1);
	gic_enable(SPI);
	for (unsigned int i = 0; i < POKES; i++) {
		gic_set_pending(SPI);
		cpu_yield();
		gic_clear_pending(SPI);
		cpu_yield();
	}
	check(!gic_is_pending(SPI), "%u times pending and not", POKES);
}

static void be_busy(void)
{
	uint64_t end = deadline_after(machine_number("ms", 30));

	while (!deadline_passed(end))
		work();
	check(true, "was busy");
}

void guest_main(void)
{
	gic_init();
	if (machine_has("mode=busy"))
		be_busy();
	else
		poke();
}
