/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state machine of one interrupt, for the vGIC's own files: what it needs
 * to be delivered, in whose queue it waits, and who is told. Everything here is
 * called with the lock of the interrupt's owner held, but for the functions
 * that take it.
 */
#pragma once

#include "arm64/atomic.h"
#include "vdev/vgic_state.h"

/* ---- Owners and their locks ---- */

/* Interrupts go to their targets, which own them from here on; with the lock of `cpu` held. */
void vgic_move_out(struct vgic_cpu *cpu);

/*
 * Releases a vCPU's lock, and moves the interrupts whose target has turned out to be another vCPU:
 * no two locks are ever held at once.
 */
static inline void vgic_unlock(struct vgic_cpu *cpu)
{
	if (__builtin_expect(cpu->moving.first != NULL, 0))
		vgic_move_out(cpu);
	lock_release(&cpu->lock);
}

/* Takes the lock that guards the interrupt. Returns whose it is. */
struct vgic_cpu *vgic_lock_irq(struct vgic *vgic, const struct vgic_irq *irq);

/* The same, while `held` (or nothing: NULL) is locked, which is released if it is another's. */
struct vgic_cpu *vgic_relock_irq(struct vgic *vgic, struct vgic_cpu *held,
				 const struct vgic_irq *irq);

/* ---- Changes ---- */

/*
 * To be called after any change of the interrupt: queues it, or takes it out of
 * its queue, or has the list register that holds it looked at again; and kicks
 * the vCPU that has to know.
 */
void vgic_update(struct vgic *vgic, struct vgic_irq *irq);

/* Takes it out of its queue, if it is in one: before its priority changes. */
void vgic_unqueue(struct vgic *vgic, struct vgic_irq *irq);

/* There is something to do for a vCPU before it runs on: has it flushed. */
void vgic_resync(struct vgic *vgic, struct vgic_cpu *cpu);

/* ICPENDR: drops what was latched, and the physical interrupt with it if its line is low. */
void vgic_clear_pending(struct vgic *vgic, struct vgic_irq *irq);

/* ISACTIVER: makes it active, without its having been delivered. */
void vgic_activate(struct vgic *vgic, struct vgic_irq *irq);

/* ICACTIVER, and GICC_DIR or ICC_DIR_EL1 where they trap: makes it inactive. */
void vgic_deactivate(struct vgic *vgic, struct vgic_irq *irq);

/* The same for a guest's access that is about this interrupt alone. Takes the lock. */
void vgic_deactivate_by_guest(struct vgic *vgic, struct vgic_irq *irq);

/* Routes an SPI to a vCPU; its owner changes when the lock is released. */
void vgic_set_target(struct vgic *vgic, struct vgic_irq *irq, unsigned int target);

/* Routes an SPI to nobody: it stays with its owner, and is not delivered. */
void vgic_set_no_target(struct vgic *vgic, struct vgic_irq *irq);

/* ---- Lists ---- */

/* Appends an interrupt to a list that it is not in. */
void vgic_queue_push(struct vgic_queue *queue, struct vgic_irq *irq);
void vgic_queue_remove(struct vgic_queue *queue, struct vgic_irq *irq);
