// SPDX-License-Identifier: BSD-2-Clause
/*
 * List registers: folding what the hardware did with them into the interrupts'
 * state, and filling them from the queues, highest priority first.
 *
 * They are looked at only when something asks for it: a change of what is in
 * one, a guest's question, a maintenance interrupt, a world switch, or want of
 * a free one. So most of those whose interrupts are over still stand for them,
 * and serve for the next of the same number: what was written is written
 * again (vgic_lr_may_repeat()).
 *
 * When they run out, what is pending and of lowest priority goes back to its
 * queue, for something better. If all are active, the active one of lowest
 * priority is spilled to memory. The guest completes interrupts in the
 * opposite order of their priorities (IHI 0048, 3.3.1; IHI 0069, 4.8). A
 * completion that finds no list register is counted by the hardware, which tells;
 * whose it was is seen from the active priorities: no two interrupts have the
 * same one, and the completed one's is gone. It need not be of a spilled one: a
 * register may have deactivated the interrupt before. With EOImode 1 the order is
 * free, so that deactivations are trapped as long as something is spilled.
 *
 * A list register with the HW bit is never pending and active at once (IHI
 * 0069, ICH_LR<n>_EL2.HW).
 */
#include "arm64/atomic.h"
#include "lib/assert.h"
#include "vdev/vgic_core.h"

/* Sets what the hardware is to tell; what it has counted is 0 then. */
static void maintain(const struct vgic_cpu *cpu)
{
	cpu->vgic->lr->set_maintenance(cpu->maintenance | cpu->vgic->always);
}

static void lr_read(struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	if (cpu->loaded)
		cpu->vgic->lr->read(n, lr);
	else
		*lr = cpu->lrs[n];
}

static void lr_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	if (cpu->lr_irq[n])
		cpu->lr_irq[n]->lr_again = false;
	if (cpu->loaded)
		cpu->vgic->lr->write(cpu, n, lr);
	else
		cpu->lrs[n] = *lr;
}

static void lr_free(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_irq *irq = cpu->lr_irq[n];

	cpu->used &= (uint16_t) ~(1u << n);
	cpu->dirty &= (uint16_t) ~(1u << n);
	cpu->lines &= (uint16_t) ~(1u << n);
	cpu->lr_irq[n] = NULL;
	irq->lr = VGIC_NO_LR;
	irq->lr_pending = false;
	irq->lr_again = false;
}

/*
 * Which of the active priorities is that of an interrupt that was acknowledged at `priority`:
 * its group's, the next at or above it whatever the binary point; or VGIC_NO_BIT.
 */
static uint8_t active_bit(uint32_t active, uint8_t priority)
{
	uint32_t above = active & (uint32_t)((UINT64_C(2) << (priority >> 3)) - 1);

	if (above == 0 || priority == VGIC_NEVER_ACKNOWLEDGED)
		return VGIC_NO_BIT;
	return (uint8_t)(31 - __builtin_clz(above));
}

/* Takes an interrupt out of its list register, whose contents are `lr`, with its state. */
static void lr_retract(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	static const struct vgic_lr empty;
	struct vgic_irq *irq = cpu->lr_irq[n];

	lr_write(cpu, n, &empty);
	lr_free(cpu, n);
	if (lr->state & VGIC_LR_PENDING) {
		if (irq->lr_latch)
			irq->latch = true;
		if (irq->lr_source_valid)
			irq->sources |= (uint8_t)(1u << lr->source);
	}
	irq->active = lr->state & VGIC_LR_ACTIVE;
	if (irq->active) {
		irq->active_priority = lr->priority;
		irq->active_bit = active_bit(cpu->vgic->lr->active_priorities(cpu), lr->priority);
		vgic_spill(cpu, irq);
	} else {
		vgic_update(cpu->vgic, irq);
	}
	if (!irq->active && !vgic_is_pending(irq))
		vgic_release_hw(cpu->vgic, irq);
}

/* The guest is done with it. */
static void fold_completed(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_irq *irq = cpu->lr_irq[n];

	lr_free(cpu, n);
	irq->active = false;
	irq->deactivate = false;
	/* With the HW bit, the hardware deactivated the physical one too. */
	if (irq->lr_hw) {
		irq->hw_active = irq->hw_again;
		irq->line = irq->line && irq->hw_again;
	} else {
		vgic_release_hw(cpu->vgic, irq);
	}
	if (irq->activate) {
		irq->activate = false;
		irq->active_priority = VGIC_NEVER_ACKNOWLEDGED;
		vgic_spill(cpu, irq);
	}
	vgic_update(cpu->vgic, irq);
}

/* What the guest asked of its distributor concerning an interrupt in a list register. */
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
				lr_write(cpu, n, lr);
				fold_completed(cpu, n);
				return true;
			}
			lr_write(cpu, n, lr);
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

/* Something comes after what is in the list register: have a look when that is done. */
static bool wants_eoi(const struct vgic_irq *irq)
{
	return !irq->lr_hw &&
	       (irq->latch || (!irq->edge && irq->line) || irq->sources || irq->hw_active);
}

/* True if the interrupt, if pending, may be so in this list register, as it is. */
static bool fits(const struct vgic_cpu *cpu, const struct vgic_irq *irq, const struct vgic_lr *lr)
{
	const struct vgic *vgic = cpu->vgic;

	/* An SPI that has been routed to another vCPU, or to none, meanwhile goes there. */
	return irq->enabled && !irq->nowhere &&
	       (irq->group1 ? vgic->enable_group1 : vgic->enable_group0) &&
	       irq->target == cpu->id && irq->priority == lr->priority && irq->group1 == lr->group1;
}

static void fold_pending(struct vgic_cpu *cpu, unsigned int n, struct vgic_lr *lr)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = cpu->lr_irq[n];

	irq->active = false;
	irq->lr_pending = true;
	/* A physical line that dropped before the guest took the interrupt: it never was. */
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
		/* the physical one came after software had made it pending */
		lr->hw = irq->lr_hw = true;
		lr->pintid = irq->pintid;
		lr->eoi = false;
		lr_write(cpu, n, lr);
	} else if (wants_eoi(irq) && !lr->eoi) {
		lr->eoi = true;
		lr_write(cpu, n, lr);
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
		/* software made it pending: from here on it is the guest's alone */
		vgic_give_back_hw(cpu, irq);
		lr->hw = false;
	}
	/* What may not be delivered as soon as this is done, and as it is, waits outside. */
	irq->lr_pending = again && fits(cpu, irq, lr);
	irq->lr_latch = irq->lr_pending;
	irq->latch = again && !irq->lr_pending;
	lr->state = irq->lr_pending ? VGIC_LR_PENDING_ACTIVE : VGIC_LR_ACTIVE;
	lr->eoi |= wants_eoi(irq);
	if (lr->state != old.state || lr->eoi != old.eoi || lr->hw != old.hw)
		lr_write(cpu, n, lr);
}

static void fold(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_lr lr;

	lr_read(cpu, n, &lr);
	if (lr.state == VGIC_LR_INVALID) {
		/* EISR, and with it the maintenance interrupt, stays as long as this is there. */
		if (lr.eoi)
			lr_write(cpu, n, &(struct vgic_lr){0});
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

/* The active priorities that are not of interrupts in list registers. */
static uint32_t outer_priorities(struct vgic_cpu *cpu)
{
	uint32_t active = cpu->vgic->lr->active_priorities(cpu);

	for (unsigned int used = cpu->used; used; used &= used - 1) {
		struct vgic_lr lr;
		uint8_t bit;

		lr_read(cpu, (unsigned int)__builtin_ctz(used), &lr);
		if (!(lr.state & VGIC_LR_ACTIVE))
			continue;
		bit = active_bit(active, lr.priority);
		if (bit != VGIC_NO_BIT)
			active &= ~(1u << bit);
	}
	return active;
}

static __attribute__((noinline)) void fold_spilled(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = cpu->spilled.first, *next;
	uint32_t active;
	bool last;

	if (vgic->lr->eoi_count() == 0)
		return;
	maintain(cpu); /* counts from 0 again */
	/* A guest that deactivates by a step of its own has not done so by an EOI. */
	if (vgic->lr->two_steps())
		return;
	active = outer_priorities(cpu);
	do {
		next = irq->next;
		last = next == cpu->spilled.first;
		/* behind these, none has been acknowledged */
		if (irq->active_priority == VGIC_NEVER_ACKNOWLEDGED)
			break;
		if (irq->active_bit != VGIC_NO_BIT && !(active >> irq->active_bit & 1))
			vgic_deactivate(vgic, irq);
		irq = next;
	} while (!last);
}

/* Completions that found no list register: of spilled ones whose priority is not active. */
static inline void fold_eoi_count(struct vgic_cpu *cpu)
{
	if (cpu->spilled.first && cpu->loaded)
		fold_spilled(cpu);
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
	fold_eoi_count(cpu);
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
		irq->lr_source_valid = false;
		if (irq->sources) {
			lr.source = (uint8_t)__builtin_ctz(irq->sources);
			irq->lr_source = lr.source;
			irq->sources &= (uint8_t)(irq->sources - 1);
			irq->lr_source_valid = true;
		}
	} else {
		/* the guest's EOI says who sent the SGI that it acknowledged */
		lr.source = irq->lr_source;
	}
	irq->lr = (uint8_t)n;
	irq->lr_hw = lr.hw;
	lr.eoi = wants_eoi(irq);
	irq->hw_again = false;
	irq->lr_pending = state == VGIC_LR_PENDING;
	cpu->lr_irq[n] = irq;
	cpu->used |= (uint16_t)(1u << n);
	if (irq->sampled)
		cpu->lines |= (uint16_t)(1u << n);
	lr_write(cpu, n, &lr);
	/* A sender is one of many, and what comes after it another. */
	irq->lr_again = state == VGIC_LR_PENDING && !lr.eoi;
}

/*
 * Makes room for something of priority `level`: the pending list register of
 * lowest priority that is worse, else, if nothing at all is pending, the
 * active one that was acknowledged at the lowest priority. Returns its number, or -1.
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
		return -1; /* what is there is better, or came first */
	return pending >= 0 ? pending : active;
}

static void make_room(struct vgic_cpu *cpu, unsigned int n)
{
	struct vgic_lr lr;

	lr_read(cpu, n, &lr);
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
		int n = find_lr(cpu, &synced); /* which may find something better */
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
			make_room(cpu, (unsigned int)n);
		}
		vgic_unqueue(cpu->vgic, irq);
		lr_fill(cpu, (unsigned int)n, irq, VGIC_LR_PENDING);
	}
	while (cpu->spilled.first) {
		int n = find_lr(cpu, &synced);
		struct vgic_irq *irq = cpu->spilled.first;

		/* what was found to be over may be this one */
		if (n < 0 || !irq)
			return;
		vgic_unspill(cpu, irq);
		lr_fill(cpu, (unsigned int)n, irq, VGIC_LR_ACTIVE);
		/* it may have become pending meanwhile */
		fold(cpu, (unsigned int)n);
	}
}

static void set_maintenance(struct vgic_cpu *cpu)
{
	uint32_t reasons = 0;

	/*
	 * What waits is of no higher priority than what is pending in list registers, which
	 * are all in use: "none or one" is no news if there is only one.
	 */
	if (cpu->levels)
		reasons |=
		    VGIC_MAINT_NO_PENDING | (cpu->vgic->nr_lrs > 1 ? VGIC_MAINT_UNDERFLOW : 0);
	if (cpu->spilled.first)
		reasons |= VGIC_MAINT_LRENP | VGIC_MAINT_TRAP_DIR;
	if (reasons != cpu->maintenance) {
		cpu->maintenance = reasons;
		maintain(cpu);
	}
	cpu->waiting = cpu->levels != 0;
}

static void flush_locked(struct vgic_cpu *cpu)
{
	unsigned int which = cpu->dirty;

	cpu->resync = false;
	/* A question is about all of them; what has not been touched is as it was, or over. */
	if (cpu->sync_request) {
		which = cpu->used;
		vgic_sample_private(cpu);
	}
	/* What is pending because a line was high: it may have dropped. What is over may stay. */
	if (cpu->lines)
		which |= cpu->lines & ~(unsigned int)cpu->vgic->lr->empty();
	fold_eoi_count(cpu);
	fold_some(cpu, which);
	cpu->sync_request = false;
	vgic_release_private(cpu);
	fill(cpu);
	cpu->resync = false; /* set by our own folding: it is done */
	set_maintenance(cpu);
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

/* Something is over, and did not say what. */
void vgic_maintenance(struct vgic_cpu *cpu)
{
	lock_acquire(&cpu->lock);
	vgic_sync(cpu);
	flush_locked(cpu);
	vgic_unlock(cpu);
}

void vgic_save(struct vgic_cpu *cpu)
{
	static const struct vgic_lr empty;
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	fold_eoi_count(cpu);
	for (unsigned int n = 0; n < vgic->nr_lrs; n++) {
		if (!(cpu->used & 1u << n))
			continue;
		vgic->lr->read(n, &cpu->lrs[n]);
		vgic->lr->write(cpu, n, &empty);
		cpu->lr_irq[n]->lr_again = false;
		/* The timer is in the hardware still, and its line as the guest left it. */
		if (cpu->lrs[n].state != VGIC_LR_INVALID && cpu->lr_irq[n]->intid < VGIC_NR_PRIVATE)
			vgic_sample(vgic, cpu->lr_irq[n]);
	}
	vgic->lr->save(cpu);
	cpu->loaded = false;
	vgic_sync(cpu);
	vgic_release_private(cpu);
	vgic_unlock(cpu);
}

void vgic_load(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	vgic->lr->load(cpu);
	cpu->loaded = true;
	for (unsigned int n = 0; n < vgic->nr_lrs; n++)
		if (cpu->used & 1u << n)
			vgic->lr->write(cpu, n, &cpu->lrs[n]);
	cpu->maintenance = 0;
	maintain(cpu);
	cpu->resync = true;
	cpu->waiting = true;
	vgic_unlock(cpu);
}

void vgic_reset_cpu(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq;

	lock_acquire(&cpu->lock);
	ASSERT(!cpu->loaded);
	vgic_sync(cpu);
	for (unsigned int n = 0; n < vgic->nr_lrs; n++)
		if (cpu->used & 1u << n)
			make_room(cpu, n);
	/* They stay active, but the interface has forgotten them: no EOI is meant for them. */
	irq = cpu->spilled.first;
	if (irq) {
		do
			irq->active_priority = VGIC_NEVER_ACKNOWLEDGED;
		while ((irq = irq->next) != cpu->spilled.first);
	}
	vgic->lr->reset(cpu);
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
