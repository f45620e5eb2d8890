// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rules of vgic_state.h, as conditions. Each table below has a row for each
 * rule of its kind: a rule without a row is taken for broken, so that none can
 * be forgotten.
 */
#include "vdev/vgic_check.h"

#include "lib/bits.h"
#include "lib/panic.h"

static const char *const texts[] = {
#define TEXT(name, text) [VGIC_RULE_##name] = text,
    VGIC_RULES(TEXT, TEXT)
#undef TEXT
};

const char *vgic_rule_text(enum vgic_rule rule)
{
	return texts[rule];
}

/* "If a, then b." */
static bool implies(bool a, bool b)
{
	return !a || b;
}

/* ---- Lists ---- */

static bool is_in(const struct vgic *vgic, const struct vgic_queue *list,
		  const struct vgic_irq *wanted)
{
	const struct vgic_irq *irq = list->first;

	/* A broken list need not end. */
	for (unsigned int n = 0; irq && n < vgic->nr_irqs; n++) {
		if (irq == wanted)
			return true;
		irq = irq->next;
		if (irq == list->first)
			break;
	}
	return false;
}

/* A member of one of the vCPU's lists, and what comes before it. */
typedef bool member_check(const struct vgic_cpu *cpu, const struct vgic_queue *list,
			  const struct vgic_irq *irq, const struct vgic_irq *before);

static bool is_queued(const struct vgic_cpu *cpu, const struct vgic_queue *list,
		      const struct vgic_irq *irq, const struct vgic_irq *before)
{
	(void)before;
	return list == &cpu->queue[irq->priority >> 3] && !irq->spilled && !irq->moving &&
	       irq->lr == VGIC_NO_LR;
}

static bool is_spilled(const struct vgic_cpu *cpu, const struct vgic_queue *list,
		       const struct vgic_irq *irq, const struct vgic_irq *before)
{
	(void)cpu;
	return irq->spilled &&
	       (irq == list->first || before->active_priority <= irq->active_priority);
}

static bool is_moving(const struct vgic_cpu *cpu, const struct vgic_queue *list,
		      const struct vgic_irq *irq, const struct vgic_irq *before)
{
	(void)cpu;
	(void)list;
	(void)before;
	return irq->moving;
}

/* True if the list goes round in both directions, and each member is the vCPU's and passes. */
static bool is_sound(const struct vgic_cpu *cpu, const struct vgic_queue *list, member_check *check)
{
	const struct vgic_irq *irq = list->first;

	if (!irq)
		return true;
	for (unsigned int n = 0; n < cpu->vgic->nr_irqs; n++) {
		if (!irq->prev || irq->prev->next != irq || irq->owner != cpu->id ||
		    !check(cpu, list, irq, irq->prev))
			return false;
		irq = irq->next;
		if (irq == list->first)
			return true;
	}
	return false;
}

/* ---- Interrupts ---- */

static bool is_v2_sgi(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->version == 2 && irq->intid < VGIC_NR_SGIS;
}

static void check_place(const struct vgic *vgic, const struct vgic_irq *irq, bool at_rest,
			bool *holds)
{
	const struct vgic_cpu *owner = vgic_owner(vgic, irq);
	bool listed = irq->lr != VGIC_NO_LR, linked = irq->next && irq->prev;
	bool queued = linked && !irq->spilled && !irq->moving;
	bool alive = irq->enabled && !irq->active && !irq->nowhere && vgic_is_pending(irq);

	holds[VGIC_RULE_ONE_PLACE] = listed + linked <= 1 && irq->spilled + irq->moving <= 1 &&
				     !irq->next == !irq->prev &&
				     implies(irq->spilled || irq->moving, linked);
	holds[VGIC_RULE_QUEUED] =
	    implies(queued, alive && is_in(vgic, &owner->queue[irq->priority >> 3], irq));
	holds[VGIC_RULE_LISTED] =
	    !listed ||
	    (irq->lr < vgic->nr_lrs && owner->used >> irq->lr & 1 && owner->lr_irq[irq->lr] == irq);
	holds[VGIC_RULE_LISTED_WHY] = implies(listed, irq->lr_pending || irq->active);
	holds[VGIC_RULE_SPILLED] =
	    implies(irq->spilled, irq->active && is_in(vgic, &owner->spilled, irq));
	holds[VGIC_RULE_ACTIVE] = implies(irq->active, listed || irq->spilled);
	holds[VGIC_RULE_MOVING] =
	    implies(irq->moving, irq->target != irq->owner && is_in(vgic, &owner->moving, irq));
	holds[VGIC_RULE_OWNER] = listed || irq->spilled || irq->moving || irq->target == irq->owner;
	holds[VGIC_RULE_DELIVERED] =
	    !at_rest || listed || irq->spilled || vgic_is_deliverable(vgic, irq) == queued;
}

static void check_lr(const struct vgic *vgic, const struct vgic_irq *irq, bool *holds)
{
	const struct vgic_cpu *owner = vgic_owner(vgic, irq);
	bool listed = irq->lr != VGIC_NO_LR;
	bool dirty = listed && owner->dirty >> irq->lr & 1;

	holds[VGIC_RULE_LR_ONLY] =
	    listed || !(irq->lr_pending || irq->lr_latch || irq->lr_hw || irq->lr_source_valid ||
			irq->lr_again || irq->hw_again || irq->activate || irq->deactivate);
	holds[VGIC_RULE_LR_LATCH] = implies(irq->lr_latch, irq->lr_pending);
	holds[VGIC_RULE_LR_HW] = implies(irq->lr_hw, irq->hw_active && !irq->by_el2 &&
							 !(irq->active && irq->lr_pending));
	holds[VGIC_RULE_LR_SOURCE] = implies(irq->lr_source_valid, is_v2_sgi(vgic, irq));
	holds[VGIC_RULE_LR_AGAIN] = implies(irq->lr_again, owner->loaded && !dirty);
	holds[VGIC_RULE_HW_AGAIN] = implies(irq->hw_again, irq->lr_hw);
	holds[VGIC_RULE_ASKED] = implies(irq->activate || irq->deactivate, dirty);
}

static void check_identity(const struct vgic *vgic, const struct vgic_irq *irq, bool *holds)
{
	bool private = irq->intid < VGIC_NR_PRIVATE, sgi = irq->intid < VGIC_NR_SGIS;

	holds[VGIC_RULE_FORWARDED] =
	    implies(irq->sampled || irq->by_el2 || irq->hw_active, irq->hw);
	holds[VGIC_RULE_SAMPLED_LINE] =
	    implies(irq->hw && irq->line, irq->hw_active && vgic_follows_line(irq));
	holds[VGIC_RULE_HW_WHY] =
	    implies(irq->hw_active && !private,
		    irq->active || irq->lr != VGIC_NO_LR || vgic_is_pending(irq));
	holds[VGIC_RULE_PRIVATE] =
	    implies(private, irq->target == irq->owner && !irq->nowhere &&
				 irq == vgic_get_private(vgic_owner(vgic, irq), irq->intid));
	holds[VGIC_RULE_SGI] =
	    implies(sgi, irq->edge && !irq->hw && !irq->line) &&
	    implies(is_v2_sgi(vgic, irq), irq->enabled && !irq->latch && !irq->lr_latch);
	holds[VGIC_RULE_SOURCES] =
	    implies(irq->sources != 0, is_v2_sgi(vgic, irq) && !(irq->sources >> vgic->nr_cpus));
	holds[VGIC_RULE_PRIORITY] = (irq->priority & 7) == 0 && (irq->active_priority & 7) == 0;
}

/* ---- vCPUs ---- */

static bool lr_is_sound(const struct vgic_cpu *cpu, unsigned int n)
{
	const struct vgic_irq *irq = cpu->lr_irq[n];

	if (!(cpu->used >> n & 1))
		return !irq;
	return n < cpu->vgic->nr_lrs && irq && irq->lr == n && irq->owner == cpu->id;
}

/* The saved contents of a list register that nothing has touched are those that are known. */
static bool is_saved(const struct vgic_cpu *cpu, unsigned int n)
{
	const struct vgic_irq *irq = cpu->lr_irq[n];
	const struct vgic_lr *lr = &cpu->lrs[n];

	if (cpu->loaded || !irq || cpu->dirty >> n & 1)
		return true;
	return lr->intid == irq->intid && lr->hw == irq->lr_hw &&
	       lr->state ==
		   (irq->active ? VGIC_LR_ACTIVE : 0) + (irq->lr_pending ? VGIC_LR_PENDING : 0);
}

static void check_lists(const struct vgic_cpu *cpu, bool at_rest, bool *holds)
{
	holds[VGIC_RULE_LEVELS] = holds[VGIC_RULE_QUEUES] = true;
	for (unsigned int n = 0; n < VGIC_LEVELS; n++) {
		if ((cpu->levels >> n & 1) != (cpu->queue[n].first != NULL))
			holds[VGIC_RULE_LEVELS] = false;
		if (!is_sound(cpu, &cpu->queue[n], is_queued))
			holds[VGIC_RULE_QUEUES] = false;
	}
	holds[VGIC_RULE_SPILLED_ORDER] = is_sound(cpu, &cpu->spilled, is_spilled);
	holds[VGIC_RULE_MOVING_LIST] =
	    is_sound(cpu, &cpu->moving, is_moving) && !(at_rest && cpu->moving.first);
}

static void check_lrs(const struct vgic_cpu *cpu, bool *holds)
{
	uint16_t lines = 0;
	uint32_t hw_private = 0;

	holds[VGIC_RULE_USED] = holds[VGIC_RULE_SAVED] = true;
	for (unsigned int n = 0; n < VGIC_MAX_LRS; n++) {
		if (!lr_is_sound(cpu, n))
			holds[VGIC_RULE_USED] = false;
		if (!is_saved(cpu, n))
			holds[VGIC_RULE_SAVED] = false;
		if (cpu->lr_irq[n] && cpu->lr_irq[n]->sampled)
			lines |= (uint16_t)(1u << n);
	}
	for (uint32_t n = 0; n < VGIC_NR_PRIVATE; n++)
		hw_private |= (uint32_t)vgic_get_private(cpu, n)->hw << n;
	holds[VGIC_RULE_LR_MASKS] = !(cpu->dirty & ~cpu->used) && cpu->lines == lines;
	holds[VGIC_RULE_HW_PRIVATE] = cpu->hw_private == hw_private;
	holds[VGIC_RULE_RESYNC] = implies(cpu->dirty || cpu->sync_request, cpu->resync);
	holds[VGIC_RULE_HEARD] =
	    !cpu->loaded || cpu->resync ||
	    (implies(cpu->levels != 0, cpu->maintenance & VGIC_MAINT_NO_PENDING) &&
	     implies(cpu->spilled.first, cpu->maintenance & VGIC_MAINT_LRENP));
}

/* ---- All of them ---- */

/* Rules first to last; true if they hold. */
static bool all_hold(const bool *holds, enum vgic_rule first, enum vgic_rule last,
		     struct vgic_fault *fault)
{
	for (enum vgic_rule rule = first; rule <= last; rule++) {
		if (!holds[rule]) {
			fault->rule = rule;
			return false;
		}
	}
	return true;
}

/* True if nothing has happened to the interrupt, as to most: it cannot break a rule by itself. */
static bool is_blank(const struct vgic_irq *irq)
{
	return !irq->next && !irq->prev && irq->lr == VGIC_NO_LR && irq->target == irq->owner &&
	       !(irq->latch | irq->line | irq->active | irq->hw_active | irq->sources |
		 irq->lr_pending | irq->lr_latch | irq->lr_hw | irq->lr_source_valid |
		 irq->lr_again | irq->hw_again | irq->activate | irq->deactivate | irq->spilled |
		 irq->moving);
}

static bool check_irq(const struct vgic *vgic, const struct vgic_irq *irq, bool at_rest,
		      struct vgic_fault *fault)
{
	bool holds[VGIC_NR_RULES] = {false};

	if (!at_rest && is_blank(irq))
		return true;
	fault->intid = irq->intid;
	check_place(vgic, irq, at_rest, holds);
	check_lr(vgic, irq, holds);
	check_identity(vgic, irq, holds);
	return all_hold(holds, 0, VGIC_RULE_LEVELS - 1, fault);
}

static bool check_cpu(struct vgic_cpu *cpu, bool at_rest, struct vgic_fault *fault)
{
	const struct vgic *vgic = cpu->vgic;
	bool holds[VGIC_NR_RULES] = {false};

	fault->cpu = cpu->id;
	for (uint32_t i = 0; i < VGIC_NR_PRIVATE; i++)
		if (!check_irq(vgic, vgic_get_private(cpu, i), at_rest, fault))
			return false;
	for (uint32_t i = VGIC_NR_PRIVATE; i < vgic->nr_irqs; i++) {
		const struct vgic_irq *irq = vgic_get_spi(vgic, i);

		/* With the lock held, SPIs of this vCPU stay so. Others may change hands. */
		if (*(const volatile uint8_t *)&irq->owner == cpu->id &&
		    !check_irq(vgic, irq, at_rest, fault))
			return false;
	}
	fault->intid = VGIC_NO_INTID;
	check_lists(cpu, at_rest, holds);
	check_lrs(cpu, holds);
	return all_hold(holds, VGIC_RULE_LEVELS, VGIC_NR_RULES - 1, fault);
}

bool vgic_check_cpu(struct vgic_cpu *cpu, struct vgic_fault *fault)
{
	lock_assert_held(&cpu->lock);
	return check_cpu(cpu, false, fault);
}

bool vgic_check(struct vgic *vgic, struct vgic_fault *fault)
{
	for (unsigned int c = 0; c < vgic->nr_cpus; c++)
		if (!check_cpu(vgic->cpus[c], true, fault))
			return false;
	return true;
}

#ifdef BULKHEAD_DEBUG

void vgic_assert_rules(struct vgic_cpu *cpu)
{
	struct vgic_fault fault;

	if (vgic_check_cpu(cpu, &fault))
		return;
	if (fault.intid == VGIC_NO_INTID)
		panic("vGIC of vCPU %u: %s", fault.cpu, vgic_rule_text(fault.rule));
	panic("vGIC of vCPU %u: interrupt %u: %s", fault.cpu, fault.intid,
	      vgic_rule_text(fault.rule));
}

#endif
