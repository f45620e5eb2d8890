// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic_check.c: a vGIC in which an interrupt stands in each place is sound;
 * with one thing changed, the rule that this breaks is named. Each rule of
 * vgic_state.h is broken at least once.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "lib/panic.h"
#include "tests/unit/vgic_fixture.h"
#include "vdev/vgic_irq.h"

#define IDLE 60u    /* vCPU 0's: disabled, by level */
#define QUEUED 61u  /* vCPU 0's: waits */
#define LATER 62u   /* the same, behind it */
#define LISTED 63u  /* vCPU 0's: pending in its only list register */
#define SPILLED 64u /* vCPU 1's: active; so is the next one, with a higher priority */
#define SAVED 66u   /* vCPU 1's, which is not loaded: pending in its only list register */

static struct vgic_irq *irq_of(uint32_t intid)
{
	return vgic_get(&vgic, &cpus[0].vgic, intid);
}

static void set_up(unsigned int version)
{
	set_up_hw(version, 2, 1);
	for (uint32_t i = SPILLED; i <= SAVED; i++) {
		model_set_target(0, i, 1);
		model_set_edge(0, i, true);
		model_set_priority(0, i, (uint8_t)(0x80 - 8 * (i - SPILLED)));
		pend(i);
		if (i != SAVED)
			ATF_REQUIRE_EQ(model_ack(1), i);
	}
	model_save(1);
	model_set_bit(0, 0, GICD_ICENABLER, IDLE);
	for (uint32_t i = QUEUED; i <= LISTED; i++) {
		model_set_edge(0, i, true);
		model_set_priority(0, i, i == LISTED ? 0x40 : 0x80);
	}
	pend(LISTED);
	pend(QUEUED);
	pend(LATER);
	model_check();
	ATF_REQUIRE(irq_of(QUEUED)->next == irq_of(LATER) && irq_of(LISTED)->lr == 0);
	ATF_REQUIRE(irq_of(SPILLED)->spilled && irq_of(SPILLED + 1)->spilled);
	ATF_REQUIRE(irq_of(SAVED)->lr == 0 && !cpus[1].vgic.loaded);
}

/* A change that breaks a rule, of one GIC version (or both: 0); change n is done if it fits. */
#define BREAK(name, of, ...)                                                                       \
	if (nr++ == n && (!(of) || (of) == vgic.version)) {                                        \
		*rule = VGIC_RULE_##name;                                                          \
		__VA_ARGS__;                                                                       \
	}

/* Does change n and tells which rule it breaks. Returns how many changes there are. */
static unsigned int break_rule(unsigned int n, enum vgic_rule *rule)
{
	struct vgic_cpu *first = &cpus[0].vgic, *second = &cpus[1].vgic;
	struct vgic_irq *idle = irq_of(IDLE), *queued = irq_of(QUEUED), *later = irq_of(LATER);
	struct vgic_irq *listed = irq_of(LISTED), *saved = irq_of(SAVED), *hw = irq_of(HW);
	struct vgic_irq *spilled = irq_of(SPILLED), *above = irq_of(SPILLED + 1);
	struct vgic_irq *sgi = irq_of(3), *ppi = irq_of(20);
	unsigned int nr = 0;

	*rule = VGIC_NR_RULES;
	/* clang-format off */
	BREAK(ONE_PLACE,      0, queued->lr = 0)
	BREAK(ONE_PLACE,      0, spilled->moving = true)
	BREAK(ONE_PLACE,      0, idle->spilled = true)
	BREAK(ONE_PLACE,      0, idle->prev = idle)
	BREAK(QUEUED,         0, queued->enabled = false)
	BREAK(QUEUED,         0, queued->active = true)
	BREAK(QUEUED,         0, queued->nowhere = true)
	BREAK(QUEUED,         0, queued->latch = false)
	BREAK(QUEUED,         0, queued->priority = 0x10)
	BREAK(LISTED,         0, first->used = 0)
	BREAK(LISTED,         0, first->lr_irq[0] = idle)
	BREAK(LISTED,         0, listed->lr = 1)
	BREAK(LISTED_WHY,     0, listed->lr_pending = listed->lr_latch = false)
	BREAK(SPILLED,        0, spilled->active = false)
	BREAK(SPILLED,        0, second->spilled.first = NULL)
	BREAK(ACTIVE,         0, idle->active = true)
	BREAK(MOVING,         0, idle->moving = true; vgic_queue_push(&first->moving, idle))
	BREAK(MOVING,         0, idle->moving = true; idle->target = 1; idle->next = idle->prev = idle)
	BREAK(OWNER,          0, idle->target = 1)
	BREAK(DELIVERED,      0, idle->enabled = idle->latch = true)
	BREAK(DELIVERED,      0, vgic.enable_group0 = false)
	BREAK(LR_ONLY,        0, idle->lr_pending = true)
	BREAK(LR_ONLY,        0, idle->lr_latch = true)
	BREAK(LR_ONLY,        0, idle->lr_hw = true)
	BREAK(LR_ONLY,        0, idle->lr_source_valid = true)
	BREAK(LR_ONLY,        0, idle->lr_again = true)
	BREAK(LR_ONLY,        0, idle->hw_again = true)
	BREAK(LR_ONLY,        0, idle->activate = true)
	BREAK(LR_ONLY,        0, idle->deactivate = true)
	BREAK(LR_LATCH,       0, listed->active = true; listed->lr_pending = false)
	BREAK(LR_HW,          0, listed->lr_hw = true)
	BREAK(LR_HW,          0, listed->hw = true; listed->hw_active = listed->lr_hw = listed->by_el2 = true)
	BREAK(LR_HW,          0, listed->hw = true; listed->hw_active = listed->lr_hw = listed->active = true)
	BREAK(LR_SOURCE,      0, listed->lr_source_valid = true)
	BREAK(LR_AGAIN,       0, listed->lr_again = first->resync = true; first->dirty = 1)
	BREAK(LR_AGAIN,       0, saved->lr_again = true)
	BREAK(HW_AGAIN,       0, listed->hw_again = true)
	BREAK(ASKED,          0, listed->activate = true)
	BREAK(ASKED,          0, listed->deactivate = true)
	BREAK(FORWARDED,      0, idle->sampled = true)
	BREAK(FORWARDED,      0, idle->by_el2 = true)
	BREAK(FORWARDED,      0, idle->hw_active = true)
	BREAK(SAMPLED_LINE,   0, hw->line = true; hw->enabled = false)
	BREAK(SAMPLED_LINE,   0, hw->edge = hw->line = hw->hw_active = true)
	BREAK(HW_WHY,         0, hw->hw_active = true)
	BREAK(PRIVATE,        0, ppi->target = 1; ppi->owner = 1)
	BREAK(PRIVATE,        0, ppi->nowhere = true)
	BREAK(SGI,            0, sgi->edge = false)
	BREAK(SGI,            0, sgi->hw = true)
	BREAK(SGI,            0, sgi->line = true)
	BREAK(SGI,            2, sgi->enabled = false)
	BREAK(SOURCES,        0, idle->sources = 1)
	BREAK(PRIORITY,       0, idle->priority = 0x41)
	BREAK(PRIORITY,       0, idle->active_priority = 0x41)
	BREAK(LEVELS,         0, first->levels |= 1)
	BREAK(LEVELS,         0, first->levels = 0)
	BREAK(QUEUES,         0, later->prev = later)
	BREAK(SPILLED_ORDER,  0, above->active_priority = 0x88)
	BREAK(MOVING_LIST,    0, idle->moving = true; idle->target = 1; vgic_queue_push(&first->moving, idle))
	BREAK(USED,           0, first->used |= 2)
	BREAK(USED,           0, second->lr_irq[1] = saved)
	BREAK(LR_MASKS,       0, first->dirty = 2; first->resync = true)
	BREAK(LR_MASKS,       0, first->lines = 1)
	BREAK(RESYNC,         0, listed->lr_again = false; first->dirty = 1)
	BREAK(RESYNC,         0, first->sync_request = true)
	BREAK(HEARD,          0, first->maintenance = 0)
	BREAK(SAVED,          0, second->lrs[0].state = VGIC_LR_INVALID)
	BREAK(SAVED,          0, second->lrs[0].intid = IDLE)
	BREAK(SAVED,          0, second->lrs[0].hw = true)
	BREAK(HW_PRIVATE,     0, first->hw_private = 0)
	/* clang-format on */
	return nr;
}

ATF_TC_WITHOUT_HEAD(each_rule_is_checked);
ATF_TC_BODY(each_rule_is_checked, tc)
{
	bool broken[VGIC_NR_RULES] = {false};

	FOR_BOTH(version)
	{
		unsigned int nr = 1;

		for (unsigned int n = 0; n < nr; n++) {
			struct vgic_fault fault;
			enum vgic_rule rule;

			set_up(version);
			nr = break_rule(n, &rule);
			if (rule == VGIC_NR_RULES)
				continue; /* another version's */
			broken[rule] = true;
			ATF_REQUIRE_MSG(!vgic_check(&vgic, &fault), "change %u of \"%s\"", n,
					vgic_rule_text(rule));
			ATF_CHECK_MSG(fault.rule == rule, "change %u of \"%s\": \"%s\" of %u", n,
				      vgic_rule_text(rule), vgic_rule_text(fault.rule),
				      fault.intid);
		}
	}
	for (unsigned int rule = 0; rule < VGIC_NR_RULES; rule++)
		ATF_CHECK_MSG(broken[rule], "no change breaks \"%s\"", vgic_rule_text(rule));
}

/* While others are inside the vGIC, what holds at rest only does not count. */
ATF_TC_WITHOUT_HEAD(at_rest);
ATF_TC_BODY(at_rest, tc)
{
	struct vgic_fault fault;

	set_up(3);
	vgic.enable_group0 = false;
	ATF_CHECK(!vgic_check(&vgic, &fault));
	lock_acquire(&cpus[0].vgic.lock);
	ATF_CHECK(vgic_check_cpu(&cpus[0].vgic, &fault));
	irq_of(IDLE)->prev = irq_of(IDLE);
	ATF_CHECK(!vgic_check_cpu(&cpus[0].vgic, &fault));
	ATF_CHECK_EQ(fault.rule, VGIC_RULE_ONE_PLACE);
	ATF_CHECK_EQ(fault.cpu, 0);
	ATF_CHECK_EQ(fault.intid, IDLE);
	lock_release(&cpus[0].vgic.lock);
}

/* ---- Debug builds ---- */

static jmp_buf escape;
static char reason[256];

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	longjmp(escape, 1);
}

/* True if the vGIC's function panics. Once in a test: the lock stays held. */
static bool panics(void (*function)(struct vgic_cpu *cpu), unsigned int c)
{
	here = &cpus[c];
	if (setjmp(escape) != 0)
		return true;
	function(&cpus[c].vgic);
	return false;
}

ATF_TC_WITHOUT_HEAD(a_flush_panics);
ATF_TC_BODY(a_flush_panics, tc)
{
	set_up(3);
	irq_of(LISTED)->lr_source_valid = true;
	ATF_REQUIRE(panics(vgic_flush, 0));
	ATF_CHECK_STREQ(reason, "vGIC of vCPU 0: interrupt 63: lr_source_valid: an SGI of a GICv2");
}

ATF_TC_WITHOUT_HEAD(a_save_panics);
ATF_TC_BODY(a_save_panics, tc)
{
	set_up(3);
	irq_of(IDLE)->active = true;
	ATF_REQUIRE(panics(vgic_save, 0));
	ATF_CHECK_STREQ(reason, "vGIC of vCPU 0: interrupt 60: active: lr or spilled");
}

ATF_TC_WITHOUT_HEAD(a_load_panics);
ATF_TC_BODY(a_load_panics, tc)
{
	set_up(2);
	cpus[1].vgic.levels = 1;
	ATF_REQUIRE(panics(vgic_load, 1));
	ATF_CHECK_STREQ(reason,
			"vGIC of vCPU 1: levels: a bit for each queue with something in it");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, each_rule_is_checked);
	ATF_TP_ADD_TC(tp, at_rest);
	ATF_TP_ADD_TC(tp, a_flush_panics);
	ATF_TP_ADD_TC(tp, a_save_panics);
	ATF_TP_ADD_TC(tp, a_load_panics);
	return atf_no_error();
}
