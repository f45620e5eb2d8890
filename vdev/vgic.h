/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual interrupt controller: one core of interrupt state, two faces
 * for guests (GICv2: IHI 0048, GICv3: IHI 0069) and two back ends that put
 * interrupts into list registers (GICH, ICH).
 *
 * This header is what the rest of the hypervisor uses. The guest's side is
 * vgic_mmio.h; the hardware's side is struct vgic_lr_ops below.
 *
 * Locking: each vCPU's vgic_cpu.lock guards its interrupts, and no two are held
 * at once but for a reset; vgic_state.h says what is whose. The list registers
 * are touched only by the CPU on which their vCPU is loaded.
 */
#pragma once

#include "arm64/lock.h"
#include "lib/arena.h"
#include "lib/types.h"

struct vgic;
struct vgic_cpu;
struct vgic_irq;
struct vcpu;

#define VGIC_NR_SGIS 16u
#define VGIC_NR_PRIVATE 32u
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
	unsigned int (*eoi_count)(void);	   /* EOIs that found no list register */
	/*
	 * The active priorities (ICH_AP0R, AP1R; GICH_APR), in the hardware or as saved. Bit n: an
	 * interrupt of group priority 8 * n has been acknowledged and its priority not dropped.
	 */
	uint32_t (*active_priorities)(const struct vgic_cpu *cpu);
	bool (*two_steps)(void); /* v3: EOImode 1, priority drop and deactivation apart */
	/* All other state of the virtual interface, at a world switch. */
	void (*save)(struct vgic_cpu *cpu);
	void (*load)(struct vgic_cpu *cpu);
	void (*reset)(struct vgic_cpu *cpu); /* saved state := reset values */
};

/* What the vGIC asks of the rest of the hypervisor. */
struct vgic_host_ops {
	/* The vGIC's part of a vCPU, which vdev knows only by name. */
	struct vgic_cpu *(*cpu_of)(struct vcpu *vcpu);
	/*
	 * `cpu` has something new to deliver or to look at: make its vCPU call
	 * vgic_flush() soon, waking it or its physical CPU if needed. Called
	 * with vgic_cpu.lock held; must not take locks that come before it.
	 */
	void (*kick)(struct vgic_cpu *cpu);
	/* Deactivates physical interrupt pintid (ICC_DIR_EL1/GICC_DIR), on the right CPU's banks.
	 */
	void (*deactivate)(uint32_t pintid);
	/* Makes the physical interrupt active without its having been acknowledged (world switch).
	 */
	void (*set_active)(uint32_t pintid, bool active);
	/* The guest routed SPI intid to vCPU `vcpu`: route the physical one to that vCPU's home. */
	void (*route)(struct vgic_cpu *cpu, uint32_t pintid);
	/*
	 * The level of a physical interrupt's line, which nobody reports while the
	 * interrupt is active. Only called for interrupts mapped with
	 * VGIC_HW_SAMPLED, with `cpu`, their owner's, lock held; for private ones
	 * on the CPU where `cpu` is loaded or leaves just now, for SPIs anywhere.
	 */
	bool (*sample)(struct vgic_cpu *cpu, uint32_t intid, uint32_t pintid);
	/*
	 * The guest on `cpu`, which is loaded here, is about to look at its private
	 * interrupts: emulated devices that drive some bring their lines up to date.
	 * No lock is held.
	 */
	void (*refresh)(struct vgic_cpu *cpu);
};

/*
 * Creates the vGIC of a VM with nr_cpus vCPUs and INTIDs 0 to nr_irqs - 1
 * (a multiple of 32, at most 1024 less the special ones). `version` is 2 or 3;
 * nr_lrs is what the hardware has. Memory comes from the arena. Boot only.
 * Returns 0 or -ENOMEM. The struct vgic_cpus are the vCPUs' own members,
 * attached with vgic_cpu_init().
 */
int vgic_init(struct vgic *vgic, unsigned int version, unsigned int nr_cpus, unsigned int nr_irqs,
	      unsigned int nr_lrs, const struct vgic_lr_ops *lr, const struct vgic_host_ops *host,
	      struct arena *arena);
int vgic_cpu_init(struct vgic *vgic, struct vgic_cpu *cpu, unsigned int id, uint64_t mpidr,
		  struct arena *arena);

/* All state as after reset, forwarded interrupts deactivated. No vCPU of the VM may be loaded. */
void vgic_reset(struct vgic *vgic);

#define VGIC_HW_BY_EL2 2u  /* EL2 deactivates the physical interrupt, not a list register */
#define VGIC_HW_SAMPLED 1u /* by level, and vgic_host_ops.sample tells it; private ones all are */

/* intid (of all vCPUs if private) is the forwarded physical interrupt pintid. Boot only. */
void vgic_map_hw(struct vgic *vgic, uint32_t intid, uint32_t pintid, unsigned int flags);

/* A physical interrupt that was mapped has been acknowledged at EL2 and had its priority dropped.
 */
void vgic_inject_hw(struct vgic *vgic, unsigned int cpu, uint32_t intid);

/*
 * The same of a private interrupt, for the vCPU that is loaded on this CPU and
 * was running just now: one that waits might not be woken.
 */
void vgic_inject_hw_private(struct vgic_cpu *cpu, uint32_t intid);

/* The same of an SPI, which is perhaps another vCPU's of the VM. */
void vgic_inject_hw_spi(struct vgic_cpu *cpu, uint32_t intid);

/* An emulated device or timer drives its line; level-triggered semantics unless the guest says
 * edge. */
void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool high);

/*
 * Before the guest is entered: takes in what list registers finished, puts in
 * what is deliverable, highest priority first. Call when vgic_needs_flush()
 * says so; on the CPU where the vCPU is loaded.
 */
void vgic_flush(struct vgic_cpu *cpu);
bool vgic_needs_flush(
    const struct vgic_cpu *cpu); /* a lockless hint; kick() follows every change */

/* The maintenance interrupt was taken while `cpu` was loaded. */
void vgic_maintenance(struct vgic_cpu *cpu);

/* World switch: moves the list registers and the virtual interface out of and into the hardware. */
void vgic_save(struct vgic_cpu *cpu);
void vgic_load(struct vgic_cpu *cpu);

/* The vCPU comes out of reset: its CPU interface is as new. Not loaded. */
void vgic_reset_cpu(struct vgic_cpu *cpu);

/* A forwarded private interrupt's physical side is active, for the guest has not deactivated it. */
bool vgic_hw_private_active(struct vgic_cpu *cpu, uint32_t intid);

/*
 * True if the vCPU, were it waiting in WFI, would wake: an enabled pending
 * interrupt. Its priority mask does not count: it may wake for nothing.
 * For a vCPU that is loaded on this CPU, or on none.
 */
bool vgic_has_pending(struct vgic_cpu *cpu);
