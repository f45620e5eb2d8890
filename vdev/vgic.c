// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vGIC's state machine: what is pending, where it waits, who is told.
 *
 * An interrupt that can be delivered (pending, enabled, its group enabled, not
 * active) waits in its target vCPU's queue for its priority, or is in one of
 * that vCPU's list registers. Queues are first come, first served within a
 * priority; entering, leaving and finding the best take constant time.
 *
 * List registers are hardware of the CPU where their vCPU is loaded. Whatever
 * changes an interrupt that is in one only notes it, sets the vCPU's resync
 * flag and kicks it; vgic_flush() on that CPU does the rest (vgic_lr.c). So
 * there is one place where list registers change, and a vCPU that is on its
 * way into the guest anyhow, the usual case, is not kicked at all.
 *
 * An interrupt is guarded by the lock of one vCPU, its owner: a private one's
 * is its own, an SPI's is its target; or who held it before its target
 * changed, until that vCPU's list register is done with it. So what a vCPU
 * has to do with its own timer and its own list registers waits for nobody.
 */
#include "vdev/vgic_core.h"

#include "fdt/guest.h"
#include "lib/assert.h"
#include "lib/errno.h"

static unsigned int level_of(const struct vgic_irq *irq)
{
	return irq->priority >> 3;
}

static bool group_enabled(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return irq->group1 ? vgic->enable_group1 : vgic->enable_group0;
}

static void queue_push(struct vgic_queue *queue, struct vgic_irq *irq)
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

static void queue_remove(struct vgic_queue *queue, struct vgic_irq *irq)
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
		/* it cannot go away from here any more, but may have before */
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
		queue_remove(&cpu->moving, irq);
	}
	if (!irq->next || irq->spilled)
		return;
	queue_remove(queue, irq);
	if (!queue->first)
		cpu->levels &= ~(1u << level_of(irq));
}

static void enqueue(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	queue_push(&cpu->queue[level_of(irq)], irq);
	cpu->levels |= 1u << level_of(irq);
}

/* Active interrupts without a list register, highest priority in front. */
void vgic_spill(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	struct vgic_irq *at = cpu->spilled.first;

	irq->spilled = true;
	irq->active = true;
	if (!at || irq->active_priority < at->active_priority) {
		queue_push(&cpu->spilled, irq);
		cpu->spilled.first = irq;
		return;
	}
	do
		at = at->next;
	while (at != cpu->spilled.first && at->active_priority <= irq->active_priority);
	irq->next = at;
	irq->prev = at->prev;
	at->prev->next = irq;
	at->prev = irq;
}

void vgic_unspill(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	queue_remove(&cpu->spilled, irq);
	irq->spilled = false;
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
		queue_push(&cpu->moving, irq);
		return;
	}
	deliverable = irq->enabled && !irq->active && !irq->nowhere && vgic_is_pending(irq) &&
		      group_enabled(vgic, irq);
	if (deliverable && !irq->next) {
		enqueue(cpu, irq);
		vgic_resync(vgic, cpu);
	} else if (!deliverable && irq->next) {
		vgic_unqueue(vgic, irq);
	}
}

/* Interrupts go to their targets, which own them from here on. Called with cpu's lock held. */
void vgic_move_out(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq;

	lock_assert_held(&cpu->lock);
	while ((irq = cpu->moving.first)) {
		struct vgic_cpu *target = vgic->cpus[irq->target];

		queue_remove(&cpu->moving, irq);
		irq->moving = false;
		atomic_store(&irq->owner, (uint8_t)target->id);
		lock_release(&cpu->lock);
		lock_acquire(&target->lock);
		/* If it is to go on from there already, whoever decided so sees to it. */
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
		vgic_resync(vgic, vgic_owner(vgic, irq)); /* its line is looked at there */
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
	irq->active_priority = VGIC_NEVER_ACKNOWLEDGED;
	vgic_spill(vgic_owner(vgic, irq), irq);
	vgic_resync(vgic, vgic_owner(vgic, irq));
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

/* Reset values, but for what boot decided. */
static void reset_irq(struct vgic *vgic, struct vgic_irq *irq, unsigned int intid, unsigned int cpu)
{
	bool hw = irq->hw, sampled = irq->sampled, by_el2 = irq->by_el2;
	uint16_t pintid = irq->pintid;

	/* Private ones have left the hardware with their vCPU, at the world switch. */
	if (irq->hw_active && intid >= VGIC_NR_PRIVATE)
		vgic->host->deactivate(pintid);
	if (irq->hw && irq->target != cpu)
		vgic->host->route(vgic->cpus[cpu], pintid);
	*irq = (struct vgic_irq){
	    .intid = (uint16_t)intid,
	    .pintid = pintid,
	    .hw = hw,
	    .sampled = sampled,
	    .by_el2 = by_el2,
	    .lr = VGIC_NO_LR,
	    .target = (uint8_t)cpu,
	    .owner = (uint8_t)cpu,
	    .targets = (uint8_t)(intid < VGIC_NR_PRIVATE ? 1u << (cpu & 7) : 1u),
	    .edge = intid < VGIC_NR_SGIS,
	    /* v2: SGIs cannot be disabled; v3: they come out of reset disabled */
	    .enabled = intid < VGIC_NR_SGIS && vgic->version == 2,
	};
}

/*
 * Devices may drive their lines meanwhile: all locks are held at once, in the
 * order of the vCPUs. Nobody else holds two.
 */
void vgic_reset(struct vgic *vgic)
{
	for (unsigned int c = 0; c < vgic->nr_cpus; c++)
		lock_acquire_next(&vgic->cpus[c]->lock);
	vgic->enable_group0 = vgic->enable_group1 = false;
	for (unsigned int i = VGIC_NR_PRIVATE; i < vgic->nr_irqs; i++)
		reset_irq(vgic, &vgic->spis[i - VGIC_NR_PRIVATE], i, 0);
	for (unsigned int c = 0; c < vgic->nr_cpus; c++) {
		struct vgic_cpu *cpu = vgic->cpus[c];

		/* What is in the hardware would stay there, for whoever is loaded next. */
		ASSERT(!cpu->loaded);
		for (unsigned int i = 0; i < VGIC_NR_PRIVATE; i++)
			reset_irq(vgic, &cpu->private_irqs[i], i, c);
		cpu->levels = 0;
		cpu->used = cpu->dirty = cpu->lines = 0;
		cpu->sync_request = cpu->resync = false;
		cpu->asked = 0;
		cpu->maintenance = 0;
		cpu->spilled.first = NULL;
		cpu->moving.first = NULL;
		for (unsigned int i = 0; i < VGIC_LEVELS; i++)
			cpu->queue[i].first = NULL;
		vgic->lr->reset(cpu);
	}
	for (unsigned int c = 0; c < vgic->nr_cpus; c++)
		lock_release(&vgic->cpus[c]->lock);
}

int vgic_init(struct vgic *vgic, unsigned int version, unsigned int nr_cpus, unsigned int nr_irqs,
	      unsigned int nr_lrs, const struct vgic_lr_ops *lr, const struct vgic_host_ops *host,
	      struct arena *arena)
{
	*vgic = (struct vgic){
	    .version = version,
	    .nr_cpus = nr_cpus,
	    .nr_irqs = nr_irqs,
	    .nr_lrs = nr_lrs < VGIC_MAX_LRS ? nr_lrs : VGIC_MAX_LRS,
	    /*
	     * An SPI may be deactivated by another vCPU than has acknowledged it, and is in that
	     * one's list registers. The mode in which a guest does so (EOImode 1) can change
	     * behind our back, and in the other one nobody writes ICC_DIR_EL1.
	     */
	    .always = version == 3 && nr_cpus > 1 ? VGIC_MAINT_TRAP_DIR : 0,
	    .lr = lr,
	    .host = host,
	};
	vgic->cpus = arena_alloc(arena, nr_cpus, sizeof(*vgic->cpus));
	vgic->spis = arena_alloc(arena, nr_irqs - VGIC_NR_PRIVATE, sizeof(*vgic->spis));
	if (!vgic->cpus || !vgic->spis)
		return -ENOMEM;
	for (unsigned int i = VGIC_NR_PRIVATE; i < nr_irqs; i++)
		reset_irq(vgic, &vgic->spis[i - VGIC_NR_PRIVATE], i, 0);
	return 0;
}

int vgic_cpu_init(struct vgic *vgic, struct vgic_cpu *cpu, unsigned int id, struct arena *arena)
{
	uint64_t mpidr = guest_mpidr(id);

	*cpu = (struct vgic_cpu){.vgic = vgic,
				 .lock = LOCK_INIT(LOCK_VGIC_CPU, id),
				 .id = id,
				 .mpidr = mpidr,
				 .sgi1r_self = vgic_v3_sgi1r_to(mpidr)};
	cpu->private_irqs = arena_alloc(arena, VGIC_NR_PRIVATE, sizeof(*cpu->private_irqs));
	if (!cpu->private_irqs)
		return -ENOMEM;
	for (unsigned int i = 0; i < VGIC_NR_PRIVATE; i++)
		reset_irq(vgic, &cpu->private_irqs[i], i, id);
	vgic->cpus[id] = cpu;
	vgic->lr->reset(cpu);
	return 0;
}
