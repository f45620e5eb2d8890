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
	bool hw;	/* the HW bit: deactivation goes through to the physical interrupt */
	bool eoi;	/* the EOI bit: a maintenance interrupt when an EOI makes it invalid */
	bool group1;
};

/* Reasons for the hardware's maintenance interrupt, and one for a trap */
#define VGIC_MAINT_UNDERFLOW 1u	 /* none or one list register still valid */
#define VGIC_MAINT_NO_PENDING 2u /* no list register is pending */
#define VGIC_MAINT_LRENP 4u	 /* an EOI found no list register */
#define VGIC_MAINT_TRAP_DIR 8u	 /* trap writes of ICC_DIR_EL1 (v3 only) */

/*
 * The virtual interface of the vCPU that is loaded on this CPU. n: a list register that there is.
 */
struct vgic_lr_ops {
	void (*read)(unsigned int n, struct vgic_lr *lr);
	void (*write)(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr);
	/* Writes once more what was written last. The list register is empty. */
	void (*again)(const struct vgic_cpu *cpu, unsigned int n);
	/* The same if it is empty, and nothing if it is pending: true. If it is active: false. */
	bool (*again_unless_active)(const struct vgic_cpu *cpu, unsigned int n);
	uint64_t (*empty)(void);		   /* ELRSR; bit n: list register n is invalid */
	void (*set_maintenance)(uint32_t reasons); /* VGIC_MAINT_*; also makes EOIcount 0 */
	/* EOIs that found no list register; QEMU 7.2 counts those of EOImode 1 too. */
	unsigned int (*eoi_count)(void);
	/*
	 * The active priorities (ICH_AP0R, AP1R; GICH_APR), in the hardware or as saved. Bit n: an
	 * interrupt of group priority 8 * n has been acknowledged and its priority not dropped.
	 */
	uint32_t (*active_priorities)(const struct vgic_cpu *cpu);
	bool (*two_steps)(
	    void); /* the guest's EOImode is 1: an EOI drops the priority, and no more */
	/*
	 * All other state of the virtual interface, at a world switch. load() empties all list
	 * registers.
	 */
	void (*save)(struct vgic_cpu *cpu);
	void (*load)(struct vgic_cpu *cpu);
	void (*reset)(struct vgic_cpu *cpu); /* the saved state is as after a reset */
};

/* What GICH_HCR and ICH_HCR_EL2 have in common, for these reasons. The count of EOIs becomes 0. */
static inline uint64_t vgic_hcr(uint32_t reasons)
{
	return ICH_HCR_EN | (reasons & VGIC_MAINT_UNDERFLOW ? ICH_HCR_UIE : 0) |
	       (reasons & VGIC_MAINT_NO_PENDING ? ICH_HCR_NPIE : 0) |
	       (reasons & VGIC_MAINT_LRENP ? ICH_HCR_LRENPIE : 0);
}
