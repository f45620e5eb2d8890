/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual interrupt controller: one core of interrupt state, two faces
 * for guests (GICv2: IHI 0048, GICv3: IHI 0069) and two back ends that put
 * interrupts into list registers (GICH, ICH). This header is what the rest of
 * the hypervisor uses. The files:
 *
 *   vgic_state.h     what there is to know of an interrupt: diagram, flags, rules, look-up
 *   vgic_check.c     whether the rules hold
 *   vgic.c           a vGIC is made, and reset
 *   vgic_irq.c       the state machine of one interrupt: what is pending, who is told
 *   vgic_lr.c        list registers, filled and looked at
 *   vgic_spill.c     active interrupts for which there was no list register
 *   vgic_switch.c    the world switch
 *   vgic_forward.c   interrupts that stand for physical ones
 *   vgic_sgi.c       SGIs: vCPUs interrupt each other
 *   vgic_dist.c      the distributor's registers, as rows
 *   vgic_v2.c        the guest's face of a GICv2, vgic_v3.c: of a GICv3
 *   vgic_gich.c      the back end of a GICv2, vgic_ich.c: of a GICv3 (vgic_backend.h)
 *
 * Locking: each vCPU's vgic_cpu.lock guards its interrupts, and no two are held
 * at once but for a reset. Of the state that is guarded, list registers are
 * touched only by the CPU on which their vCPU is loaded, if it is.
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
	 * `cpu` has something new to deliver or to look at: makes its vCPU call
	 * vgic_flush() soon, waking it or its physical CPU if needed. Called
	 * with vgic_cpu.lock held; must not take locks that come before it.
	 */
	void (*kick)(struct vgic_cpu *cpu);
	/* Deactivates a physical interrupt; a private one is the calling CPU's. */
	void (*deactivate)(uint32_t pintid);
	/* The guest routed an SPI to this vCPU: routes the physical one to the vCPU's home. */
	void (*route)(struct vgic_cpu *cpu, uint32_t pintid);
	/*
	 * The level of a physical interrupt's line, which nobody reports while the
	 * interrupt is active. Called only for interrupts that are mapped with
	 * VGIC_HW_SAMPLED, with the lock of `cpu`, their owner, held. For private
	 * ones called on the CPU where `cpu` is loaded, or leaves just now; for
	 * SPIs anywhere.
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
 * Makes the vGIC of a VM with nr_cpus vCPUs and INTIDs 0 to nr_irqs - 1 (a
 * multiple of 32, at most 1020 rounded down to one). `version` is 2 or 3;
 * nr_lrs is what the hardware has. Memory comes from the arena. Boot only.
 * Returns 0 or -ENOMEM.
 */
int vgic_init(struct vgic *vgic, unsigned int version, unsigned int nr_cpus, unsigned int nr_irqs,
	      unsigned int nr_lrs, const struct vgic_lr_ops *lr, const struct vgic_host_ops *host,
	      struct arena *arena);

/*
 * Attaches the part of vCPU `id`, for each of them before anything else is done with the vGIC. The
 * vCPU's affinity is guest_mpidr(id). Boot only. Returns 0 or -ENOMEM.
 */
int vgic_cpu_init(struct vgic *vgic, struct vgic_cpu *cpu, unsigned int id, struct arena *arena);

/* Makes all as after a reset; deactivates physical interrupts. No vCPU of the VM may be loaded. */
void vgic_reset(struct vgic *vgic);

#define VGIC_HW_SAMPLED                                                                            \
	1u		  /* by level, and vgic_host_ops.sample() tells it; all private ones are   \
			   */
#define VGIC_HW_BY_EL2 2u /* EL2 deactivates the physical interrupt, no list register does */

/* intid (of all vCPUs if private) is the forwarded physical interrupt pintid. Boot only. */
void vgic_map_hw(struct vgic *vgic, uint32_t intid, uint32_t pintid, unsigned int flags);

/*
 * The physical interrupt behind intid, of vCPU `cpu` if it is private, was acknowledged at EL2, and
 * its priority has been dropped. On any CPU.
 */
void vgic_inject_hw(struct vgic *vgic, unsigned int cpu, uint32_t intid);

/*
 * The same of a private interrupt, for the vCPU that is loaded on this CPU and ran until now. (A
 * vCPU that waits would perhaps not be woken.)
 */
void vgic_inject_hw_private(struct vgic_cpu *cpu, uint32_t intid);

/* The same of an SPI of the VM, whichever vCPU of the VM it is routed to. */
void vgic_inject_hw_spi(struct vgic_cpu *cpu, uint32_t intid);

/*
 * An emulated device or timer drives its line, of vCPU `cpu` if intid is private. If the guest has
 * configured it by edges, a rising line makes it pending, else a high one. No such intid: nothing.
 */
void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool high);

/*
 * Before the guest is entered, if vgic_needs_flush() says so: learns what was completed, and puts
 * into list registers what can be delivered, highest priority first. On the CPU where the vCPU is
 * loaded.
 */
void vgic_flush(struct vgic_cpu *cpu);

/* Takes no lock: whatever changes the answer is followed by vgic_host_ops.kick(). */
bool vgic_needs_flush(const struct vgic_cpu *cpu);

/* The maintenance interrupt was taken while `cpu` was loaded here. Flushes, too. */
void vgic_maintenance(struct vgic_cpu *cpu);

/* World switch: moves list registers and virtual interface out of the hardware, and back. */
void vgic_save(struct vgic_cpu *cpu);
void vgic_load(struct vgic_cpu *cpu);

/* The vCPU comes out of reset: its CPU interface is as new. It is not loaded. */
void vgic_reset_cpu(struct vgic_cpu *cpu);

/*
 * True if the physical interrupt behind a private one is active, or is to be so when the vCPU is
 * loaded: the guest has not deactivated it.
 */
bool vgic_hw_private_active(struct vgic_cpu *cpu, uint32_t intid);

/*
 * True if the vCPU, were it waiting in WFI, would wake: an enabled interrupt is pending. Its
 * priority mask does not count: it may wake for nothing. For a vCPU that is loaded on this CPU, or
 * on none.
 */
bool vgic_has_pending(struct vgic_cpu *cpu);
