/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a back end is: the hardware's virtual interface of one GIC version, with
 * its list registers, behind a table of functions. vgic_gich.c is the GICv2's,
 * vgic_ich.c the GICv3's; the unit tests bring a model.
 */
#pragma once

#include "arm64/gic.h"
#include "lib/types.h"

struct vgic_cpu;

#define VGIC_MAX_LRS 16u
#define VGIC_LEVELS 32u /* five bits of priority, as every GIC with virtualization has */

/* A list register in a form that both GIC versions share. */
enum vgic_lr_state {
	VGIC_LR_INVALID = 0,
	VGIC_LR_PENDING = 1,
	VGIC_LR_ACTIVE = 2,
	VGIC_LR_PENDING_ACTIVE = 3,
};

struct vgic_lr {
	uint32_t intid;
	uint32_t pintid; /* physical INTID, if hw */
	uint8_t state;	 /* enum vgic_lr_state */
	uint8_t priority;
	uint8_t source; /* v2 SGIs: the vCPU that sent it */
	bool hw;	/* deactivation goes through to the physical interrupt */
	bool eoi;	/* maintenance interrupt when it becomes invalid by EOI */
	bool group1;
};

/* Why the hardware wants a maintenance interrupt, and what it says happened. */
#define VGIC_MAINT_UNDERFLOW 1u	 /* none or one list register still valid */
#define VGIC_MAINT_NO_PENDING 2u /* no list register is pending */
#define VGIC_MAINT_LRENP 4u	 /* an EOI found no list register */
#define VGIC_MAINT_TRAP_DIR 8u	 /* trap writes of ICC_DIR_EL1 (v3 only) */

/*
 * The hardware's list registers, of the vCPU that is loaded on this CPU.
 * Filled in by vgic_gich.c and vgic_ich.c; by a model in unit tests.
 */
struct vgic_lr_ops {
	void (*read)(unsigned int n, struct vgic_lr *lr);
	void (*write)(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr);
	/* What was written last, once more; the list register is empty. */
	void (*again)(const struct vgic_cpu *cpu, unsigned int n);
	/* The same if it is empty; nothing if it is pending; false if it is active. */
	bool (*again_unless_active)(const struct vgic_cpu *cpu, unsigned int n);
	uint64_t (*empty)(void);		   /* ELRSR: bit n: list register n is invalid */
	void (*set_maintenance)(uint32_t reasons); /* VGIC_MAINT_*, also clears EOIcount */
	/* EOIs that found no list register; QEMU 7.2 counts those of EOImode 1 too. */
	unsigned int (*eoi_count)(void);
	/*
	 * The active priorities (ICH_AP0R, AP1R; GICH_APR), in the hardware or as saved. Bit n: an
	 * interrupt of group priority 8 * n has been acknowledged and its priority not dropped.
	 */
	uint32_t (*active_priorities)(const struct vgic_cpu *cpu);
	bool (*two_steps)(
	    void); /* the guest's EOImode is 1: an EOI drops the priority, and no more */
	/* All other state of the virtual interface, at a world switch. */
	void (*save)(struct vgic_cpu *cpu);
	void (*load)(struct vgic_cpu *cpu);
	void (*reset)(struct vgic_cpu *cpu); /* saved state := reset values */
};

/* What GICH_HCR and ICH_HCR_EL2 have in common, for these reasons. The count of EOIs becomes 0. */
static inline uint64_t vgic_hcr(uint32_t reasons)
{
	return ICH_HCR_EN | (reasons & VGIC_MAINT_UNDERFLOW ? ICH_HCR_UIE : 0) |
	       (reasons & VGIC_MAINT_NO_PENDING ? ICH_HCR_NPIE : 0) |
	       (reasons & VGIC_MAINT_LRENP ? ICH_HCR_LRENPIE : 0);
}
