/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For vgic_random_test.c: a GIC as the manuals describe it, without list
 * registers (IHI 0048, 3.2.4 and 3.3; IHI 0069, 4.1 and 4.8): an interrupt is
 * pending, active, enabled, of a group, a priority and a target, and the best
 * that is deliverable is delivered.
 *
 * A vCPU that runs sees a change when it leaves the guest and its list
 * registers are filled anew. So each vCPU has the set of what it may be given,
 * taken at that moment, and when that was: what became pending after it stays
 * pending when the guest takes the interrupt. A physical level counts then as it
 * was when EL2 took the interrupt or looked at the line.
 */
#pragma once

#include "tests/unit/vgic_fixture.h"

#define REF_NR_CPUS 4u
#define REF_PPI 20u
#define REF_DEPTH 33u

struct ref_irq {
	bool latch;
	bool line;
	bool edge;
	bool enabled;
	bool group1;
	bool active;
	uint8_t priority;
	uint8_t target;
	uint8_t sources; /* v2 SGIs */
	uint64_t when;	 /* of the latch */
	uint64_t source_when[REF_NR_CPUS];
	unsigned int fired, seen_high; /* as last seen */
	bool fresh; /* a physical level was high when EL2 saw it, after the last flush */
};

/* What a guest acknowledged, and has not completed */
struct ref_taken {
	uint32_t iar;
	uint8_t priority;
	bool inactive; /* a register has deactivated it */
};

struct ref_cpu {
	uint64_t flushed;
	unsigned int flushes; /* as last seen */
	bool given[MODEL_NR_IRQS];
	struct ref_taken stack[REF_DEPTH];
	unsigned int depth;
	struct ref_taken dropped[MODEL_NR_IRQS]; /* EOImode 1: priority dropped, not deactivated */
	unsigned int nr_dropped;
};

/* The interrupts that are in play: SGIs, a line, the timer, SPIs by level and by edges, physical */
static const uint32_t ref_ids[] = {
    0,	1,  2,	REF_PPI, MODEL_TIMER_PPI, 32,	 33, 34, 35, 36, 37, 38, 40, 41, 42,
    43, 44, 45, HW,	 HW_EDGE,	  HW_EL2};
#define REF_FIRST_EDGE 40u
#define REF_FOR_EACH(intid)                                                                        \
	for (const uint32_t *r_ = ref_ids; r_ < ref_ids + ARRAY_SIZE(ref_ids); r_++)               \
		for (uint32_t intid = *r_, once_ = 1; once_; once_ = 0)

static struct ref_irq ref_private[REF_NR_CPUS][VGIC_NR_PRIVATE], ref_spis[MODEL_NR_IRQS];
static struct ref_cpu ref_cpus[REF_NR_CPUS];
static bool ref_groups[2];
static uint64_t now;

static inline struct ref_irq *ref(unsigned int c, uint32_t intid)
{
	return intid < VGIC_NR_PRIVATE ? &ref_private[c][intid] : &ref_spis[intid];
}

static inline bool ref_is_pending(const struct ref_irq *irq)
{
	return irq->latch || (!irq->edge && irq->line) || irq->sources;
}

/* True if c could be given the interrupt, once it is not active. */
static inline bool ref_is_wanted(unsigned int c, uint32_t intid)
{
	const struct ref_irq *irq = ref(c, intid);

	return ref_is_pending(irq) && irq->enabled && ref_groups[irq->group1] && irq->target == c;
}

/* The physical interrupt behind one of c's, if there is one. */
static inline struct model_phys *ref_phys(unsigned int c, uint32_t intid)
{
	struct model_phys *p = intid == MODEL_TIMER_PPI ? &cpus[c].timer : &phys[intid + 1];

	return p->intid ? p : NULL;
}

/* c's list registers are filled anew: what it may be given from now on. */
static inline void ref_give(unsigned int c, uint32_t intid)
{
	struct ref_irq *irq = ref(c, intid);
	bool line = irq->line;

	irq->line |= irq->fresh;
	ref_cpus[c].given[intid] = ref_is_wanted(c, intid);
	irq->line = line;
	if (irq->target == c)
		irq->fresh = false;
}

static inline bool ref_is_deliverable(unsigned int c, uint32_t intid)
{
	return ref_is_wanted(c, intid) && !ref(c, intid)->active;
}

static inline void ref_latch(unsigned int c, uint32_t intid)
{
	ref(c, intid)->latch = true;
	ref(c, intid)->when = now;
}

/* What physical interrupts have done, and which list registers have been filled. */
static inline void ref_follow(void)
{
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		REF_FOR_EACH(intid)
		{
			const struct model_phys *p = ref_phys(c, intid);
			struct ref_irq *irq = ref(c, intid);

			if (!p)
				continue;
			irq->line = p->line && !p->edge;
			irq->fresh |= p->seen_high != irq->seen_high;
			irq->seen_high = p->seen_high;
			if (p->fired == irq->fired)
				continue;
			irq->fired = p->fired;
			if (p->edge)
				ref_latch(c, intid);
			else
				irq->fresh = true;
		}
	}
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		struct ref_cpu *cpu = &ref_cpus[c];

		/* For these, it is as if there had been a flush. */
		for (uint32_t intid = 0; intid < MODEL_NR_IRQS; intid++) {
			struct ref_irq *irq = ref(c, intid);

			if (!cpus[c].repeated[intid])
				continue;
			cpus[c].repeated[intid] = false;
			irq->when = 0;
			irq->source_when[c] = 0;
			ref_give(c, intid);
		}
		if (cpu->flushes == cpus[c].flushes)
			continue;
		cpu->flushes = cpus[c].flushes;
		cpu->flushed = now;
		REF_FOR_EACH(intid)
		ref_give(c, intid);
	}
	now++;
}

static inline unsigned int ref_running(unsigned int c)
{
	const struct ref_cpu *cpu = &ref_cpus[c];

	return cpu->depth ? cpu->stack[cpu->depth - 1].priority : MODEL_IDLE;
}

/* The best priority that c could be given now, or MODEL_IDLE. */
static inline unsigned int ref_best(unsigned int c)
{
	unsigned int limit = (unsigned int)FIELD_GET(ICH_VMCR_PMR, cpus[c].hw.vmcr) & 0xf8;
	unsigned int best = MODEL_IDLE;

	if (limit > ref_running(c))
		limit = ref_running(c);
	REF_FOR_EACH(intid)
	if (ref_is_deliverable(c, intid) && ref(c, intid)->priority < limit &&
	    ref(c, intid)->priority < best)
		best = ref(c, intid)->priority;
	return best;
}

/* c has acknowledged an interrupt. `priority`: what the list register said. */
static inline void ref_ack(unsigned int c, uint32_t iar, unsigned int priority)
{
	struct ref_cpu *cpu = &ref_cpus[c];
	uint32_t intid = iar & 0x3ff, source = iar >> 10;
	struct ref_irq *irq = ref(c, intid);

	ATF_REQUIRE_MSG(cpu->given[intid], "vCPU %u: %u out of nowhere", c, intid);
	ATF_REQUIRE_MSG(!irq->active, "vCPU %u: %u is active already", c, intid);
	ATF_REQUIRE(priority < ref_running(c) && cpu->depth < REF_DEPTH);
	cpu->given[intid] = false;
	irq->active = true;
	if (irq->when <= cpu->flushed)
		irq->latch = false;
	if (irq->source_when[source] <= cpu->flushed)
		irq->sources &= (uint8_t) ~(1u << source);
	cpu->stack[cpu->depth++] = (struct ref_taken){iar, (uint8_t)priority, false};
}

/* True if somebody has to write EOIR for it, or DIR. */
static inline bool ref_is_taken(unsigned int c, uint32_t intid)
{
	for (unsigned int i = 0; i < model_nr_cpus; i++) {
		if (intid < VGIC_NR_PRIVATE && i != c)
			continue;
		for (unsigned int k = 0; k < ref_cpus[i].depth; k++)
			if ((ref_cpus[i].stack[k].iar & 0x3ff) == intid)
				return true;
	}
	return false;
}

/* It has been deactivated by a register: nobody has to do it again. */
static inline void ref_forget(unsigned int c, uint32_t intid)
{
	ref(c, intid)->active = false;
	for (unsigned int i = 0; i < model_nr_cpus; i++) {
		struct ref_cpu *cpu = &ref_cpus[i];

		if (intid < VGIC_NR_PRIVATE && i != c)
			continue;
		for (unsigned int k = 0; k < cpu->depth; k++)
			if ((cpu->stack[k].iar & 0x3ff) == intid)
				cpu->stack[k].inactive = true;
		for (unsigned int k = 0; k < cpu->nr_dropped; k++)
			if ((cpu->dropped[k].iar & 0x3ff) == intid)
				cpu->dropped[k--] = cpu->dropped[--cpu->nr_dropped];
	}
}

static inline void ref_start(void)
{
	memset(ref_private, 0, sizeof(ref_private));
	memset(ref_spis, 0, sizeof(ref_spis));
	memset(ref_cpus, 0, sizeof(ref_cpus));
	ref_groups[0] = ref_groups[1] = true;
	now = 1;
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		REF_FOR_EACH(intid)
		{
			struct ref_irq *irq = ref(c, intid);

			irq->enabled = true;
			irq->edge = intid < VGIC_NR_SGIS || intid == HW_EDGE ||
				    (intid >= REF_FIRST_EDGE && intid < HW);
			irq->target = intid < VGIC_NR_PRIVATE ? (uint8_t)c : 0;
		}
	}
}
