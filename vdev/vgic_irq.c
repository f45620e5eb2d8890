// SPDX-License-Identifier: BSD-2-Clause
/*
 * The state machine of one interrupt. vgic_state.h has its diagram.
 *
 * An interrupt that can be delivered (pending, enabled, its group on, not
 * active) waits in its target's queue for its priority, or is in one of that
 * vCPU's list registers. Queues are first come, first served within a priority;
 * entering, leaving and finding the best take constant time.
 *
 * List registers are hardware of the CPU where their vCPU is loaded. A change of
 * an interrupt that is in one is only noted here, sets the vCPU's resync flag
 * and kicks it; vgic_flush() on that CPU does the rest (vgic_lr.c). So there is
 * one place where list registers change, and a vCPU that is on its way into the
 * guest anyhow, the usual case, is not kicked at all.
 *
 * An interrupt is guarded by the lock of one vCPU, its owner. A private one's
 * owner is its own vCPU. An SPI's is its target; or, when its target has changed
 * while a list register held it, the vCPU with that list register, until it is
 * done with it. So a vCPU waits for nobody to deal with its own timer and its
 * own list registers.
 */
#include "vdev/vgic_irq.h"

#include "vdev/vgic_forward.h"
#include "vdev/vgic_lr.h"
#include "vdev/vgic_spill.h"

static unsigned int level_of(const struct vgic_irq *irq)
{
	return irq->priority >> 3;
}

void vgic_queue_push(struct vgic_queue *queue, struct vgic_irq *irq)
{
	struct vgic_irq *first = queue->first;

	if (!first) {
		irq->next = irq->prev = irq;
		queue->first = irq;
		return;
	}
	irq->next = first;
	irq->prev = first->prev;
	first->prev->next = irq;
	first->prev = irq;
}

void vgic_queue_remove(struct vgic_queue *queue, struct vgic_irq *irq)
{
	if (irq->next == irq) {
		queue->first = NULL;
	} else {
		irq->next->prev = irq->prev;
		irq->prev->next = irq->next;
		if (queue->first == irq)
			queue->first = irq->next;
	}
	irq->next = irq->prev = NULL;
}

struct vgic_cpu *vgic_lock_irq(struct vgic *vgic, const struct vgic_irq *irq)
{
	for (;;) {
		struct vgic_cpu *cpu = vgic->cpus[atomic_load(&irq->owner)];

		lock_acquire(&cpu->lock);
		/* With the lock held it stays; before, it may have gone to another owner. */
		if (vgic_owner(vgic, irq) == cpu)
			return cpu;
		lock_release(&cpu->lock);
	}
}

struct vgic_cpu *vgic_relock_irq(struct vgic *vgic, struct vgic_cpu *held,
				 const struct vgic_irq *irq)
{
	if (held) {
		if (vgic_owner(vgic, irq) == held)
			return held;
		vgic_unlock(held);
	}
	return vgic_lock_irq(vgic, irq);
}

void vgic_unqueue(struct vgic *vgic, struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = vgic_owner(vgic, irq);
	struct vgic_queue *queue = &cpu->queue[level_of(irq)];

	if (irq->moving) {
		irq->moving = false;
		vgic_queue_remove(&cpu->moving, irq);
	}
	if (!irq->next || irq->spilled)
		return;
	vgic_queue_remove(queue, irq);
	if (!queue->first)
		cpu->levels &= ~(1u << level_of(irq));
}

static void enqueue(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	vgic_queue_push(&cpu->queue[level_of(irq)], irq);
	cpu->levels |= 1u << level_of(irq);
}

void vgic_resync(struct vgic *vgic, struct vgic_cpu *cpu)
{
	cpu->resync = true;
	vgic->host->kick(cpu);
}

/* The list register that holds the interrupt has to be looked at. */
static void touch_lr(struct vgic *vgic, struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = vgic_owner(vgic, irq);

	irq->lr_again = false;
	cpu->dirty |= (uint16_t)(1u << irq->lr);
	vgic_resync(vgic, cpu);
}

void vgic_update(struct vgic *vgic, struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = vgic_owner(vgic, irq);
	bool deliverable;

	lock_assert_held(&cpu->lock);
	if (irq->lr != VGIC_NO_LR) {
		touch_lr(vgic, irq);
		return;
	}
	if (irq->spilled || irq->moving)
		return;
	if (irq->target != irq->owner) {
		vgic_unqueue(vgic, irq);
		irq->moving = true;
		vgic_queue_push(&cpu->moving, irq);
		return;
	}
	deliverable = vgic_is_deliverable(vgic, irq);
	if (deliverable && !irq->next) {
		enqueue(cpu, irq);
		vgic_resync(vgic, cpu);
	} else if (!deliverable && irq->next) {
		vgic_unqueue(vgic, irq);
	}
}

void vgic_move_out(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq;

	lock_assert_held(&cpu->lock);
	while ((irq = cpu->moving.first)) {
		struct vgic_cpu *target = vgic->cpus[irq->target];

		vgic_queue_remove(&cpu->moving, irq);
		irq->moving = false;
		atomic_store(&irq->owner, (uint8_t)target->id);
		lock_release(&cpu->lock);
		lock_acquire(&target->lock);
		/*
		 * Between the two locks, somebody else may have routed it to a third vCPU, and
		 * sees to it then.
		 */
		if (irq->owner == target->id && irq->target == target->id) {
			vgic_follow_line(vgic, irq);
			vgic_update(vgic, irq);
		}
		lock_release(&target->lock);
		lock_acquire(&cpu->lock);
	}
}

void vgic_clear_pending(struct vgic *vgic, struct vgic_irq *irq)
{
	irq->latch = false;
	irq->sources = 0;
	irq->lr_latch = false;
	vgic_update(vgic, irq);
	if (irq->lr != VGIC_NO_LR || irq->active || !irq->hw_active)
		return;
	vgic_follow_line(vgic, irq);
	if (!vgic_is_pending(irq))
		vgic_release_hw(vgic, irq);
	else if (irq->intid < VGIC_NR_PRIVATE)
		vgic_resync(vgic, vgic_owner(vgic, irq)); /* flush looks at its line */
}

void vgic_deactivate(struct vgic *vgic, struct vgic_irq *irq)
{
	if (irq->lr != VGIC_NO_LR) {
		irq->deactivate = true;
		irq->activate = false;
		touch_lr(vgic, irq);
		return;
	}
	if (!irq->active)
		return;
	if (irq->spilled)
		vgic_unspill(vgic_owner(vgic, irq), irq);
	irq->active = false;
	vgic_release_hw(vgic, irq);
	vgic_update(vgic, irq);
}

void vgic_deactivate_by_guest(struct vgic *vgic, struct vgic_irq *irq)
{
	struct vgic_cpu *owner = vgic_lock_irq(vgic, irq);

	vgic_deactivate(vgic, irq);
	vgic_sync_absent(vgic, irq);
	vgic_unlock(owner);
}

void vgic_activate(struct vgic *vgic, struct vgic_irq *irq)
{
	if (irq->lr != VGIC_NO_LR) {
		irq->activate = true;
		touch_lr(vgic, irq);
		return;
	}
	if (irq->active)
		return;
	vgic_unqueue(vgic, irq);
	vgic_spill(vgic_owner(vgic, irq), irq, VGIC_NEVER_ACKNOWLEDGED);
	vgic_resync(vgic, vgic_owner(vgic, irq));
}

void vgic_set_target(struct vgic *vgic, struct vgic_irq *irq, unsigned int target)
{
	if (irq->target == target && !irq->nowhere)
		return;
	vgic_unqueue(vgic, irq);
	irq->nowhere = false;
	if (irq->target != target) {
		irq->target = (uint8_t)target; /* the owner changes when the lock is released */
		if (irq->hw)
			vgic->host->route(vgic->cpus[target], irq->pintid);
	}
	vgic_follow_line(vgic, irq);
	vgic_update(vgic, irq);
	vgic_sync_absent(vgic, irq);
}

void vgic_set_no_target(struct vgic *vgic, struct vgic_irq *irq)
{
	irq->nowhere = true;
	vgic_update(vgic, irq);
	vgic_sync_absent(vgic, irq);
}

void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool high)
{
	struct vgic_irq *irq = vgic_get(vgic, vgic->cpus[cpu], intid);
	struct vgic_cpu *owner;

	if (!irq)
		return;
	owner = vgic_lock_irq(vgic, irq);
	if (irq->line != high) {
		irq->line = high;
		if (irq->edge && high)
			irq->latch = true;
		vgic_update(vgic, irq);
	}
	vgic_unlock(owner);
}
