/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state behind vdev/vgic.h: what a VM's and a vCPU's interrupt state is
 * made of.
 *
 * Each vCPU's lock guards its private interrupts, its list registers and
 * queues, and those SPIs whose owner it is. What a VM's distributor is set to
 * changes under all locks, or one after the other (vgic_set_groups()).
 */
#pragma once

#include "arm64/lock.h"
#include "lib/types.h"
#include "vdev/vgic.h"

#define VGIC_NO_LR 0xff

struct vgic_irq {
	/* In the target's queue of its priority, circular; next is NULL while in none */
	struct vgic_irq *next;
	struct vgic_irq *prev;
	uint64_t router; /* v3: GICD_IROUTER, as written */
	uint16_t intid;
	uint16_t pintid;
	uint8_t priority;	 /* as the guest wrote it, top five bits */
	uint8_t active_priority; /* if active: with which it was acknowledged */
	uint8_t target;		 /* vCPU index */
	uint8_t lr;		 /* in the target's list register, or VGIC_NO_LR */
	uint8_t owner;		 /* vCPU whose lock guards it, and which holds it, if any does */
	uint8_t targets;	 /* v2: GICD_ITARGETSR, as written */
	uint8_t sources;	 /* v2 SGIs: vCPUs that sent it, not delivered yet */
	uint8_t lr_source;

	bool enabled : 1;
	bool latch : 1;	 /* pending by an edge, by software, by hardware */
	bool line : 1;	 /* the level that a device drives; a physical one's as last seen */
	bool active : 1; /* as last known, if in a list register */
	bool edge : 1;
	bool group1 : 1;
	bool hw : 1;		  /* is a forwarded physical interrupt */
	bool sampled : 1;	  /* by level: its line can be looked at */
	bool by_el2 : 1;	  /* no HW bit: EL2 deactivates the physical interrupt */
	bool hw_active : 1;	  /* the physical one is active on behalf of this one */
	bool hw_again : 1;	  /* it fired again: what is in the list register is over */
	bool lr_latch : 1;	  /* what is pending in the list register came from the latch */
	bool lr_pending : 1;	  /* the list register was last known to be pending */
	bool spilled : 1;	  /* active, in no list register */
	bool moving : 1;	  /* on its way to another owner */
	bool nowhere : 1;	  /* routed to nobody: waits until it is routed to somebody */
	bool deactivate : 1;	  /* to be made inactive in its list register */
	bool activate : 1;	  /* to be made active in its list register */
	bool lr_hw : 1;		  /* the list register has the HW bit */
	bool lr_source_valid : 1; /* the list register has an SGI with a sender */
	/*
	 * What was written to its list register last made it pending, and nothing of the
	 * interrupt has changed since: the same can be written once more.
	 */
	bool lr_again : 1;

	uint8_t active_bit; /* if spilled: which of the active priorities is its own */
};

/* A circular list of interrupts, the first one in front */
struct vgic_queue {
	struct vgic_irq *first;
};

struct vgic_cpu {
	struct vgic *vgic;
	struct lock lock;
	unsigned int id;
	uint64_t mpidr;
	uint64_t sgi1r_self; /* v3: what a write of ICC_SGI1R_EL1 says if it is to itself alone */
	struct vgic_irq *private_irqs; /* VGIC_NR_PRIVATE */

	/* What can be delivered and is in no list register; levels is read without the lock */
	uint32_t hw_private; /* private interrupts that are forwarded ones */
	uint32_t levels;
	struct vgic_queue queue[VGIC_LEVELS];
	struct vgic_queue spilled; /* active, in no list register: highest priority first */
	struct vgic_queue moving;  /* SPIs that go to another owner when the lock is released */

	/* List registers; the owner CPU's */
	bool loaded;
	bool sync_request; /* another vCPU wants to know what is in our list registers */
	uint32_t asked;	   /* we wait for such answers: about interrupts from this one on, less 1 */
	bool resync;	/* there is something to do before the next entry; read without the lock */
	bool waiting;	/* what is queued may have been so for long: lines are looked at again */
	uint16_t used;	/* stand for an interrupt, perhaps one that is over */
	uint16_t dirty; /* of these: something of the interrupt has changed */
	uint16_t lines; /* of these: the interrupt is sampled */
	uint32_t maintenance; /* what was set last */
	struct vgic_irq *lr_irq[VGIC_MAX_LRS];
	struct vgic_lr lrs[VGIC_MAX_LRS]; /* while not loaded */
	uint64_t lr_raw[VGIC_MAX_LRS];	  /* as written last; the back end's */

	/* The virtual CPU interface while not loaded; the back end's */
	uint32_t vmcr;
	uint32_t apr[8]; /* v2: one; v3: AP0R0-3, AP1R0-3 */
};

struct vgic {
	unsigned int version;
	unsigned int nr_cpus;
	unsigned int nr_irqs;
	unsigned int nr_lrs;
	const struct vgic_lr_ops *lr;
	const struct vgic_host_ops *host;
	struct vgic_cpu **cpus;
	struct vgic_irq *spis;
	uint32_t always; /* VGIC_MAINT_*, of all vCPUs at all times */
	bool enable_group0;
	bool enable_group1;
};

/* The interrupt with this INTID, as seen by `cpu`; NULL if there is none. */
static inline struct vgic_irq *vgic_get(struct vgic *vgic, struct vgic_cpu *cpu, uint32_t intid)
{
	if (intid < VGIC_NR_PRIVATE)
		return &cpu->private_irqs[intid];
	if (intid < vgic->nr_irqs)
		return &vgic->spis[intid - VGIC_NR_PRIVATE];
	return NULL;
}
