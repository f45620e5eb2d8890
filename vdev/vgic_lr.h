/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers, for the vGIC's own files; with the vCPU's lock held.
 */
#pragma once

#include "vdev/vgic_state.h"

/* The contents of a list register: the hardware's, if the vCPU is loaded (here), else the saved. */
static inline void vgic_lr_read(const struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	if (cpu->loaded)
		cpu->vgic->lr->read(n, lr);
	else
		*lr = cpu->lrs[n];
}

static inline void vgic_lr_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	if (cpu->lr_irq[n])
		cpu->lr_irq[n]->lr_again = false;
	if (cpu->loaded)
		cpu->vgic->lr->write(cpu, n, lr);
	else
		cpu->lrs[n] = *lr;
}

/* Sets the reasons for maintenance interrupts. The hardware's count of EOIs becomes 0. */
static inline void vgic_lr_maintain(const struct vgic_cpu *cpu)
{
	cpu->vgic->lr->set_maintenance(cpu->maintenance | cpu->vgic->always);
}

/*
 * Learns what became of all interrupts in the vCPU's list registers. On the CPU where it is
 * loaded, or while it is not loaded.
 */
void vgic_sync(struct vgic_cpu *cpu);

/*
 * After a register was written: does what was asked about an interrupt in the list register
 * of a vCPU that does not run, perhaps for long.
 */
static inline void vgic_sync_absent(struct vgic *vgic, const struct vgic_irq *irq)
{
	if (irq->lr != VGIC_NO_LR && !vgic_owner(vgic, irq)->loaded)
		vgic_sync(vgic_owner(vgic, irq));
}

/* Takes the interrupt out of a list register, with the state that it has there. */
void vgic_make_room(struct vgic_cpu *cpu, unsigned int n);

/* True if its list register, once empty, can make it pending again, and nothing better waits. */
static inline bool vgic_lr_may_repeat(const struct vgic_cpu *cpu, const struct vgic_irq *irq)
{
	return irq->lr_again && cpu->maintenance == 0;
}

/* An interrupt that may repeat has done so: pending by its latch, or by a GICv2's sender. */
static inline void vgic_lr_repeated(struct vgic_irq *irq, bool latch)
{
	irq->active = false;
	irq->lr_pending = true;
	irq->lr_latch = latch;
}
