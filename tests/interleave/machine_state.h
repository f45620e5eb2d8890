/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the machine share. See machine.h.
 */
#pragma once

#include "drivers/gic.h"
#include "lib/bits.h"
#include "tests/interleave/machine.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vdev/vgic.h"

#define MACHINE_NR_LRS 4u
#define MACHINE_LOAD_STEPS 2u

/* Physical INTIDs */
#define MACHINE_MAINTENANCE 25u
#define MACHINE_HYP_TIMER 26u
#define MACHINE_VTIMER 27u

/* A CPU's hardware, but for its system registers */
struct machine_cpu {
	bool started;
	bool event;	 /* for WFE */
	uint32_t flying; /* SGIs that were sent and have not arrived */
	uint32_t sgis;	 /* pending */
	uint32_t active; /* private interrupts: a bit each */
	struct vgic_lr lr[MACHINE_NR_LRS];
	struct vgic_lr written[MACHINE_NR_LRS]; /* last, to each list register */
	unsigned int kicks;			/* for another VM than the one it ran */
};

/* What a VM's memory has in it, and what is known of its life */
struct machine_guest {
	unsigned int lives;
	unsigned int loaded;		  /* steps of loading in this life */
	unsigned int reports;		  /* of crashes, in this life */
	unsigned int ended;		  /* MACHINE_*: how */
	uint32_t taken[MACHINE_MAX_CPUS]; /* by each vCPU: the interrupt that it took last */
	bool called[MACHINE_MAX_CPUS];	  /* by each vCPU: it looks at the answer next */
	bool gone[MACHINE_MAX_CPUS];	  /* each vCPU: it called what does not return */
};

extern const struct machine *machine;
extern struct machine_cpu machine_cpus[MACHINE_MAX_CPUS];
extern struct machine_guest machine_guests[MACHINE_MAX_VMS];
extern const char *const machine_vm_names[MACHINE_MAX_VMS];

/* The counter; it goes on by itself at every read, and in guests. */
extern uint64_t machine_time;

extern struct gic machine_gic;
extern const struct vgic_lr_ops machine_lr_ops;

/* A system register of any CPU; names are remembered by reference. */
uint64_t *machine_sysreg(unsigned int cpu, const char *name, int *index);
#define SYSREG(cpu, name)                                                                          \
	(*({                                                                                       \
		static int index_ EXPLORE_KEEP;                                                    \
		machine_sysreg(cpu, #name, &index_);                                               \
	}))

static inline struct machine_cpu *machine_self(void)
{
	return &machine_cpus[explore_self()];
}

/* An interrupt could be taken on this CPU; for explore_wait() too: arg is its machine_cpu. */
bool machine_has_interrupt(const void *cpu);
bool machine_has_started(const void *cpu);

/* The distributor's own thread, after those of the CPUs. */
_Noreturn void machine_gic_thread(void);

/* For explore_program.idle: time goes on to what comes first. */
bool machine_idle(void);

/*
 * Outside of a world switch: what is active of forwarded interrupts on this CPU is the
 * loaded vCPU's.
 */
void machine_check_loaded(void);
