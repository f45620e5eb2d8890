// SPDX-License-Identifier: BSD-2-Clause
/*
 * The interrupt controller that a guest sees, GICv2 (IHI 0048) or GICv3 (IHI
 * 0069): what can be seen of it by software on one CPU, then across CPUs.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define MAX_FREE 64u
#define NOTHING_TRIES 20

unsigned int nr_free(void)
{
	return MIN(gic_nr_irqs() - FIRST_IRQ, MAX_FREE);
}

uint32_t take(void)
{
	uint32_t iar = GIC_SPURIOUS;

	WAIT_FOR(gic_intid(iar = gic_acknowledge()) < 1020);
	return iar;
}

bool takes_nothing(void)
{
	for (unsigned int i = 0; i < NOTHING_TRIES; i++) {
		if (gic_intid(gic_acknowledge()) < 1020)
			return false;
		cpu_yield();
	}
	return true;
}

bool takes_once(uint32_t intid)
{
	uint32_t iar = take();

	if (gic_intid(iar) >= 1020)
		return false;
	gic_eoi(iar);
	return gic_intid(iar) == intid && takes_nothing();
}

void prepare(uint32_t intid, uint8_t priority)
{
	gic_set_priority(intid, priority);
	gic_enable(intid);
}

void clean_up(void)
{
	for (uint32_t i = FIRST_IRQ; i < FIRST_IRQ + nr_free(); i++) {
		gic_disable(i);
		gic_clear_pending(i);
		gic_put_bit(GICD_ICACTIVER, i);
		gic_set_priority(i, 0xa0);
	}
}

void guest_main(void)
{
	check_reset_values();
	gic_init();
	check_registers();
	if (machine.gic_version == 3)
		check_redistributors();
	check_delivery();
	check_order();
	check_nesting();
	check_two_steps();
	check_level();
	check_handler();
	smp_start();
	check_sgis();
	if (machine.nr_cpus > 1) {
		check_routing();
		check_remote_state();
		check_remote_deactivation();
		check_no_target();
	}
}
