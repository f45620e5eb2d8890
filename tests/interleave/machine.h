/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine of a few CPUs around the real vcpu.c, vm.c, smp.c, psci.c, exit.c,
 * irq.c, both timer.c, the scheduler and the vGIC: each CPU is a thread of
 * explore.h. It has the physical GIC, counters and timers, list registers, and
 * guests, which are lists of simple operations.
 *
 * What is checked at every step is in machine_check(); what is checked of a
 * guest is in its operations.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/interleave/explore.h"

#define MACHINE_MAX_CPUS 3u
#define MACHINE_MAX_VMS 2u

/*
 * What a guest does. Its program counter is four times the operation's index,
 * so that CPU_ON names one.
 */
enum op_code {
	OP_BEGIN,      /* vCPU 0: the VM is as new; counts a life */
	OP_ON,	       /* CPU_ON of vCPU a at operation b: SUCCESS, or if c: until SUCCESS */
	OP_OFF,	       /* CPU_OFF */
	OP_WAIT_OFF,   /* AFFINITY_INFO until vCPU a is OFF */
	OP_WAIT_ON,    /* the same until it is ON */
	OP_RESET,      /* SYSTEM_RESET, in the first a lives; nothing later */
	OP_SYSTEM_OFF, /* SYSTEM_OFF */
	OP_CRASH,      /* vm_crash() */
	OP_TIMER,      /* arms the virtual timer, to be due in a ticks */
	OP_TAKE, /* waits in WFI for an interrupt, which is INTID a if a, and acknowledges it */
	OP_TAKE_NATIVE, /* the same, by looking again and again */
	OP_EOI,		/* ends the interrupt that was taken last */
	OP_SGI,		/* to vCPU a */
	OP_POKE,	/* makes PPI 25 of vCPU a pending if b, or takes it back */
	OP_SUSPEND,	/* CPU_SUSPEND: returns sometime */
	OP_JUMP,	/* to operation a */
	OP_WORK,	/* nothing, a times */
	OP_FP,		/* uses FP registers */
	OP_DEAD,	/* no vCPU gets here */
};

struct op {
	uint8_t code;
	uint8_t a, b, c;
};

/* How a VM may end */
enum { MACHINE_OFF = 1, MACHINE_CRASHED = 2 };

struct machine_vm {
	unsigned int cpus[MACHINE_MAX_CPUS]; /* homes of its vCPUs */
	unsigned int nr_cpus;
	const struct op *program; /* vCPU 0 begins at 0 */
	unsigned int ends;	  /* MACHINE_*: ways in which it may */
	unsigned int lives;	  /* so many at least */
};

struct machine {
	unsigned int nr_cpus;
	unsigned int nr_vms;
	struct machine_vm vms[MACHINE_MAX_VMS];
	unsigned int gic_version;
	bool explore_boot; /* also how the CPUs start; else only from there on */
};

/* The machine's program, to be explored. */
const struct explore_program *machine_program(const struct machine *machine);

/* Kicks that the CPU got from a VM while it ran another one, in the last run. */
unsigned int machine_kicks(unsigned int cpu);
