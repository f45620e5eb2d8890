// SPDX-License-Identifier: BSD-2-Clause
/*
 * List registers: folding what the hardware did with them into the interrupts'
 * state, and filling them from the queues, highest priority first.
 *
 * They are looked at only when something asks for it: a change of an interrupt
 * that is in one, a guest's question, a maintenance interrupt, a world switch, or
 * want of a free one. So most list registers whose interrupts are over still
 * stand for them, and serve for the next of the same number: their last contents
 * are written once more (vgic_lr_may_repeat()).
 *
 * When they run out, the pending interrupt of lowest priority goes back to its
 * queue, to make room for something better. If all are active, the active one of
 * lowest priority is spilled (vgic_spill.c).
 *
 * A list register with the HW bit is never pending and active at once (IHI
 * 0069, ICH_LR<n>_EL2.HW).
 */
#include "vdev/vgic_lr.h"

#include "arm64/atomic.h"
#include "vdev/vgic_check.h"
#include "vdev/vgic_forward.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_spill.h"

/* List register n does not stand for an interrupt any more. */
static inline void lr_free(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_irq *irq = cpu->lr_irq[n];

	cpu->used &= (uint16_t) ~(1u << n);
	cpu->dirty &= (uint16_t) ~(1u << n);
	cpu->lines &= (uint16_t) ~(1u << n);
	cpu->lr_irq[n] = NULL;
	irq->lr = VGIC_NO_LR;
	irq->lr_pending = irq->lr_latch = irq->lr_hw = irq->lr_source_valid = false;
	irq->lr_again = irq->hw_again = irq->activate = irq->deactivate = false;
}

/* Takes an interrupt out of its list register, whose contents are `lr`, with its state. */
static void lr_retract(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	static const struct vgic_lr empty;
	struct vgic_irq *irq = cpu->lr_irq[n];

	if (lr->state & VGIC_LR_PENDING) {
		if (irq->lr_latch)
			irq->latch = true;
		if (irq->lr_source_valid)
			irq->sources |= (uint8_t)(1u << lr->source);
	}
	vgic_lr_write(cpu, n, &empty);
	lr_free(cpu, n);
	irq->active = false;
	if (lr->state & VGIC_LR_ACTIVE) {
		vgic_spill(cpu, irq, lr->priority);
		return;
	}
	vgic_update(cpu->vgic, irq);
	if (!vgic_is_pending(irq))
		vgic_release_hw(cpu->vgic, irq);
}

/* The guest has completed the interrupt of list register n. */
static void fold_completed(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_irq *irq = cpu->lr_irq[n];
	bool hw = irq->lr_hw, again = irq->hw_again, activate = irq->activate;

	lr_free(cpu, n);
	irq->active = false;
	/* With the HW bit, the hardware deactivated the physical one too, before it came again. */
	if (hw) {
		irq->hw_active = again;
		irq->line = irq->line && again;
	}
	/* If it has come again, a register may have taken that back. */
	if (irq->hw_active && (!hw || !vgic_is_pending(irq)))
		vgic_release_hw(cpu->vgic, irq);
	if (activate)
		vgic_spill(cpu, irq, VGIC_NEVER_ACKNOWLEDGED);
	vgic_update(cpu->vgic, irq);
}

/*
 * Does what a register asked about the interrupt of list register n. Returns true if the list
 * register does not stand for it any more.
 */
static bool fold_requests(struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	struct vgic_irq *irq = cpu->lr_irq[n];

	if (irq->deactivate) {
		irq->deactivate = false;
		if (lr->state & VGIC_LR_ACTIVE) {
			if (lr->hw)
				vgic_give_back_hw(cpu, irq);
			lr->state &= (uint8_t)~VGIC_LR_ACTIVE;
			if (lr->state == VGIC_LR_INVALID) {
				vgic_lr_write(cpu, n, lr);
				fold_completed(cpu, n);
				return true;
			}
			vgic_lr_write(cpu, n, lr);
		}
	}
	if (irq->activate) {
		irq->activate = false;
		if (lr->state & VGIC_LR_ACTIVE)
			return false;
		lr->state |= VGIC_LR_ACTIVE;
		lr->priority = VGIC_NEVER_ACKNOWLEDGED;
		lr_retract(cpu, n, lr);
		return true;
	}
	return false;
}

/* True if something comes after what is in the list register, and has to be seen to then. */
static inline bool wants_eoi(const struct vgic_irq *irq)
{
	return !irq->lr_hw && (vgic_is_pending(irq) || irq->hw_active);
}

/* True if the interrupt, if pending, may be so in this list register, as it is. */
static bool fits(const struct vgic_cpu *cpu, const struct vgic_irq *irq, const struct vgic_lr *lr)
{
	/* An SPI that has been routed to another vCPU, or to none, meanwhile goes there. */
	return irq->enabled && !irq->nowhere && vgic_group_is_on(cpu->vgic, irq) &&
	       irq->target == cpu->id && irq->priority == lr->priority && irq->group1 == lr->group1;
}

static void fold_pending(struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = cpu->lr_irq[n];

	irq->active = false;
	irq->lr_pending = true;
	/* If a physical line has dropped before the guest took the interrupt, it never was. */
	vgic_sample(vgic, irq);
	if (!fits(cpu, irq, lr) ||
	    (!irq->lr_latch && !(!irq->edge && irq->line) && !irq->lr_source_valid)) {
		lr_retract(cpu, n, lr);
		return;
	}
	/* A second edge before the first is taken is one; so is a vCPU's second SGI. */
	if (irq->lr_source_valid)
		irq->sources &= (uint8_t) ~(1u << lr->source);
	if (irq->latch) {
		irq->latch = false;
		irq->lr_latch = true;
	}
	if (irq->hw_active && !lr->hw && !irq->by_el2) {
		/* The physical one came after software had made it pending. */
		lr->hw = irq->lr_hw = true;
		lr->pintid = irq->pintid;
		lr->eoi = false;
		vgic_lr_write(cpu, n, lr);
	} else if (wants_eoi(irq) && !lr->eoi) {
		lr->eoi = true;
		vgic_lr_write(cpu, n, lr);
	}
}

static void fold_active(struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	struct vgic_irq *irq = cpu->lr_irq[n];
	const struct vgic_lr old = *lr;
	bool again = irq->latch || (lr->state == VGIC_LR_PENDING_ACTIVE && irq->lr_latch);

	irq->active = true;
	irq->active_priority = lr->priority;
	if (again && lr->hw) {
		/* Software made it pending, too: from here on it is the guest's alone. */
		vgic_give_back_hw(cpu, irq);
		lr->hw = false;
	}
	/* It is pending here only if it may be delivered, as it is, as soon as this is done. */
	irq->lr_pending = again && fits(cpu, irq, lr);
	irq->lr_latch = irq->lr_pending;
	irq->latch = again && !irq->lr_pending;
	lr->state = irq->lr_pending ? VGIC_LR_PENDING_ACTIVE : VGIC_LR_ACTIVE;
	lr->eoi |= wants_eoi(irq);
	if (lr->state != old.state || lr->eoi != old.eoi || lr->hw != old.hw)
		vgic_lr_write(cpu, n, lr);
}

static void fold(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_lr lr;

	vgic_lr_read(cpu, n, &lr);
	if (lr.state == VGIC_LR_INVALID) {
		/* EISR, and with it the maintenance interrupt, stays as long as the EOI bit. */
		if (lr.eoi)
			vgic_lr_write(cpu, n, &(struct vgic_lr){0});
		fold_completed(cpu, n);
		return;
	}
	if (fold_requests(cpu, n, &lr))
		return;
	if (lr.state & VGIC_LR_ACTIVE)
		fold_active(cpu, n, &lr);
	else
		fold_pending(cpu, n, &lr);
}

static void fold_some(struct vgic_cpu *cpu, unsigned int which)
{
	while (which) {
		unsigned int n = (unsigned int)__builtin_ctz(which);

		which &= which - 1;
		cpu->dirty &= (uint16_t) ~(1u << n);
		fold(cpu, n);
	}
}

void vgic_sync(struct vgic_cpu *cpu)
{
	vgic_fold_eoi_count(cpu);
	fold_some(cpu, cpu->used);
	cpu->sync_request = false;
}

static void lr_fill(struct vgic_cpu *cpu, unsigned int n, struct vgic_irq *irq, uint8_t state)
{
	struct vgic_lr lr = {
	    .intid = irq->intid,
	    .pintid = irq->pintid,
	    .state = state,
	    .priority = state == VGIC_LR_ACTIVE ? irq->active_priority : irq->priority,
	    .hw = irq->hw_active && !irq->by_el2,
	    .group1 = irq->group1,
	};

	if (state == VGIC_LR_PENDING) {
		irq->lr_latch = irq->latch;
		irq->latch = false;
		if (irq->sources) {
			lr.source = (uint8_t)__builtin_ctz(irq->sources);
			irq->lr_source = lr.source;
			irq->sources &= (uint8_t)(irq->sources - 1);
			irq->lr_source_valid = true;
		}
	} else {
		/* The guest's EOI says who sent the SGI that it acknowledged. */
		lr.source = irq->lr_source;
	}
	irq->lr = (uint8_t)n;
	irq->lr_hw = lr.hw;
	lr.eoi = wants_eoi(irq);
	irq->lr_pending = state == VGIC_LR_PENDING;
	cpu->lr_irq[n] = irq;
	cpu->used |= (uint16_t)(1u << n);
	if (irq->sampled)
		cpu->lines |= (uint16_t)(1u << n);
	vgic_lr_write(cpu, n, &lr);
	/* With the EOI bit something comes after it, for which this would not be right. */
	irq->lr_again = state == VGIC_LR_PENDING && !lr.eoi;
}

/*
 * Which list register, of all that are in use, is to be emptied for an interrupt of priority
 * `level`: the pending one of lowest priority, if that is lower than `level`; or, if none is
 * pending, the active one that was acknowledged at the lowest priority. Returns its number, or
 * -1 if the pending ones are better, or came first.
 */
static int evict(struct vgic_cpu *cpu, unsigned int level)
{
	int pending = -1, active = -1;
	unsigned int n;

	for (n = 0; n < cpu->vgic->nr_lrs; n++) {
		const struct vgic_irq *irq = cpu->lr_irq[n];

		if (irq->active) {
			if (active < 0 ||
			    irq->active_priority > cpu->lr_irq[active]->active_priority)
				active = (int)n;
		} else if (pending < 0 || irq->priority > cpu->lr_irq[pending]->priority) {
			pending = (int)n;
		}
	}
	if (pending >= 0 && cpu->lr_irq[pending]->priority >> 3 <= level)
		return -1;
	return pending >= 0 ? pending : active;
}

void vgic_make_room(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_lr lr;

	vgic_lr_read(cpu, n, &lr);
	lr_retract(cpu, n, &lr);
}

static int free_lr(const struct vgic_cpu *cpu)
{
	unsigned int free = ~(unsigned int)cpu->used & ((1u << cpu->vgic->nr_lrs) - 1);

	return free ? __builtin_ctz(free) : -1;
}

/* A free list register, if need be one whose interrupt turns out to be over; or -1. */
static int find_lr(struct vgic_cpu *cpu, bool *synced)
{
	int n = free_lr(cpu);

	if (n < 0 && !*synced) {
		vgic_sync(cpu);
		*synced = true;
		n = free_lr(cpu);
	}
	return n;
}

static void fill(struct vgic_cpu *cpu)
{
	bool synced = false;

	while (cpu->levels) {
		int n = find_lr(cpu, &synced); /* may queue something better */
		unsigned int level = (unsigned int)__builtin_ctz(cpu->levels);
		struct vgic_irq *irq = cpu->queue[level].first;

		if (cpu->waiting) {
			vgic_follow_line(cpu->vgic, irq);
			if (!irq->next)
				continue;
		}
		if (n < 0) {
			n = evict(cpu, level);
			if (n < 0)
				return;
			vgic_make_room(cpu, (unsigned int)n);
		}
		vgic_unqueue(cpu->vgic, irq);
		lr_fill(cpu, (unsigned int)n, irq, VGIC_LR_PENDING);
	}
	while (cpu->spilled.first) {
		int n = find_lr(cpu, &synced);
		struct vgic_irq *irq = cpu->spilled.first;

		/* It may have turned out to be over. */
		if (n < 0 || !irq)
			return;
		vgic_unspill(cpu, irq);
		lr_fill(cpu, (unsigned int)n, irq, VGIC_LR_ACTIVE);
		/* It may have become pending while it was spilled. */
		fold(cpu, (unsigned int)n);
	}
}

static void set_maintenance(struct vgic_cpu *cpu)
{
	uint32_t reasons = 0;

	/*
	 * The interrupts that wait are of no higher priority than those in list registers, all of
	 * which are in use. Underflow is "none or one is valid": no news if there is only one.
	 */
	if (cpu->levels)
		reasons |=
		    VGIC_MAINT_NO_PENDING | (cpu->vgic->nr_lrs > 1 ? VGIC_MAINT_UNDERFLOW : 0);
	if (cpu->spilled.first)
		reasons |= VGIC_MAINT_LRENP | VGIC_MAINT_TRAP_DIR;
	if (reasons != cpu->maintenance) {
		cpu->maintenance = reasons;
		vgic_lr_maintain(cpu);
	}
	cpu->waiting = cpu->levels != 0;
}

static void flush_locked(struct vgic_cpu *cpu)
{
	unsigned int which = cpu->dirty;

	cpu->resync = false;
	/* A question is about all list registers, also those that nothing has touched. */
	if (cpu->sync_request) {
		which = cpu->used;
		vgic_sample_private(cpu);
	}
	/* A line may have dropped since its interrupt became pending; if it is over, it may stay.
	 */
	if (cpu->lines)
		which |= cpu->lines & ~(unsigned int)cpu->vgic->lr->empty();
	vgic_fold_eoi_count(cpu);
	fold_some(cpu, which);
	cpu->sync_request = false;
	vgic_release_private(cpu);
	fill(cpu);
	cpu->resync = false; /* folding has set it, and filling has done what that asks for */
	set_maintenance(cpu);
	vgic_assert_rules(cpu);
}

void vgic_flush(struct vgic_cpu *cpu)
{
	lock_acquire(&cpu->lock);
	flush_locked(cpu);
	vgic_unlock(cpu);
}

bool vgic_needs_flush(const struct vgic_cpu *cpu)
{
	return atomic_load_relaxed(&cpu->resync);
}

/* An interrupt is over. The hardware does not say which. */
void vgic_maintenance(struct vgic_cpu *cpu)
{
	lock_acquire(&cpu->lock);
	vgic_sync(cpu);
	flush_locked(cpu);
	vgic_unlock(cpu);
}

bool vgic_has_pending(struct vgic_cpu *cpu)
{
	bool pending;

	lock_acquire(&cpu->lock);
	vgic_sync(cpu);
	pending = cpu->levels != 0;
	for (unsigned int n = 0; !pending && n < cpu->vgic->nr_lrs; n++)
		pending =
		    (cpu->used & 1u << n) && cpu->lr_irq[n]->lr_pending && !cpu->lr_irq[n]->active;
	vgic_unlock(cpu);
	return pending;
}
