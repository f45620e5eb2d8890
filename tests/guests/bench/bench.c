// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bench guest: what it is asked for in bootargs (all that one CPU can
 * measure, if nothing), one line for each operation, and power off.
 *
 *	cpus		SGIs to other CPUs
 *	share		the switch to another VM on this CPU, which does the same
 *	decode		an access that has to be decoded; some hypervisors give up
 *	spis=N		as many SPIs are enabled before
 *	idle		sleeps for ever, while others measure
 *	native		there is no hypervisor
 */
#include "tests/guests/bench/bench.h"

#define NS_PER_S 1000000000

uint64_t bench_scale;

/* Those that nobody raises, from the last one downwards. */
static void enable_spis(unsigned int n)
{
	unsigned int last = MIN(gic_nr_irqs(), 1020u) - 1;

	for (unsigned int i = 0; i < n && last - i >= GIC_FIRST_SPI + 32; i++)
		gic_enable(last - i);
}

void guest_main(void)
{
	uint64_t entry = counter();
	struct fault fault;

	bench_scale = NS_PER_S / read_sysreg(cntfrq_el0);
	print("BENCH-START gic %u, cpus %u, counter %llu\n", machine.gic_version, machine.nr_cpus,
	      (unsigned long long)entry);
	/* Xen's GICv2 has no GICD_CPENDSGIR: a write faults. */
	CATCH(fault, gic_init());
	write_sysreg(vbar_el1, (uintptr_t)bench_vectors);
	isb();
	if (machine_has("idle")) {
		for (;;)
			wfi();
	}
	enable_spis((unsigned int)machine_number("spis", 0));
	if (machine_has("cpus")) {
		gic_enable(BENCH_SGI);
		bench_cpus();
	} else if (machine_has("share")) {
		bench_share();
	} else {
		bench_traps();
		bench_interrupts();
	}
	if (machine_has("decode"))
		bench_operation("mmio_decode", op_read32_post,
				(uintptr_t)gic_distributor() + GICD_TYPER, 0);
	print("BENCH-DONE\n");
	psci_system_off();
}
