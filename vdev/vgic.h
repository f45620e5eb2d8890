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
#include "vdev/vgic_backend.h"

struct vgic;
struct vgic_cpu;
struct vgic_irq;
struct vcpu;

#define VGIC_NR_SGIS 16u
#define VGIC_NR_PRIVATE 32u

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
int vgic_cpu_init(struct vgic *vgic, struct vgic_cpu *cpu, unsigned int id, struct arena *arena);

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
