// SPDX-License-Identifier: BSD-2-Clause
/*
 * Spilled interrupts, and how they are completed.
 *
 * The guest completes interrupts in the opposite order of their priorities (IHI
 * 0048, 3.3.1; IHI 0069, 4.8). The hardware counts an EOI that finds no list
 * register, and tells (VGIC_MAINT_LRENP). Whose EOI it was is seen from the active
 * priorities: no two interrupts have the same one, and that of the completed
 * interrupt is gone. The EOI need not be a spilled interrupt's: a register may
 * have deactivated its interrupt before.
 *
 * With EOImode 1 the guest deactivates interrupts in any order, by ICC_DIR_EL1
 * or GICC_DIR, which are trapped as long as something is spilled.
 */
#include "vdev/vgic_spill.h"

#include "vdev/vgic_irq.h"
#include "vdev/vgic_lr.h"

#define NO_BIT 0xff /* vgic_irq.active_bit: none of the active priorities */

/*
 * Which of the active priorities is that of an interrupt that was acknowledged at `priority`:
 * the next at or above it, for the guest's binary point may have grouped it with better ones.
 * NO_BIT: none.
 */
static uint8_t active_bit(uint32_t active, uint8_t priority)
{
	uint32_t above = active & (uint32_t)((UINT64_C(2) << (priority >> 3)) - 1);

	if (above == 0 || priority == VGIC_NEVER_ACKNOWLEDGED)
		return NO_BIT;
	return (uint8_t)(31 - __builtin_clz(above));
}

/* Puts it behind those of higher and of its own priority. */
static void insert(struct vgic_queue *spilled, struct vgic_irq *irq)
{
	struct vgic_irq *at = spilled->first;

	if (!at || irq->active_priority < at->active_priority) {
		vgic_queue_push(spilled, irq);
		spilled->first = irq;
		return;
	}
	do
		at = at->next;
	while (at != spilled->first && at->active_priority <= irq->active_priority);
	irq->next = at;
	irq->prev = at->prev;
	at->prev->next = irq;
	at->prev = irq;
}

void vgic_spill(struct vgic_cpu *cpu, struct vgic_irq *irq, uint8_t priority)
{
	irq->spilled = true;
	irq->active = true;
	irq->active_priority = priority;
	irq->active_bit = NO_BIT;
	if (priority != VGIC_NEVER_ACKNOWLEDGED)
		irq->active_bit = active_bit(cpu->vgic->lr->active_priorities(cpu), priority);
	insert(&cpu->spilled, irq);
}

void vgic_unspill(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	vgic_queue_remove(&cpu->spilled, irq);
	irq->spilled = false;
}

void vgic_forget_acknowledged(struct vgic_cpu *cpu)
{
	struct vgic_irq *irq = cpu->spilled.first;

	if (!irq)
		return;
	do
		irq->active_priority = VGIC_NEVER_ACKNOWLEDGED;
	while ((irq = irq->next) != cpu->spilled.first);
}

/* The active priorities that are not of interrupts in list registers. */
static uint32_t outer_priorities(const struct vgic_cpu *cpu)
{
	uint32_t active = cpu->vgic->lr->active_priorities(cpu);

	for (unsigned int used = cpu->used; used; used &= used - 1) {
		struct vgic_lr lr;
		uint8_t bit;

		vgic_lr_read(cpu, (unsigned int)__builtin_ctz(used), &lr);
		if (!(lr.state & VGIC_LR_ACTIVE))
			continue;
		bit = active_bit(active, lr.priority);
		if (bit != NO_BIT)
			active &= ~(1u << bit);
	}
	return active;
}

void vgic_fold_spilled(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = cpu->spilled.first, *next;
	uint32_t active;
	bool last;

	if (vgic->lr->eoi_count() == 0)
		return;
	vgic_lr_maintain(cpu); /* counts from 0 again */
	/* A guest that deactivates by a step of its own has not done so by an EOI. */
	if (vgic->lr->two_steps())
		return;
	active = outer_priorities(cpu);
	do {
		next = irq->next;
		last = next == cpu->spilled.first;
		/* No interrupt behind these has been acknowledged. */
		if (irq->active_priority == VGIC_NEVER_ACKNOWLEDGED)
			break;
		if (irq->active_bit != NO_BIT && !(active >> irq->active_bit & 1))
			vgic_deactivate(vgic, irq);
		irq = next;
	} while (!last);
}
