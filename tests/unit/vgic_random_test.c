// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic*.c under long random sequences of everything that devices, guests
 * and world switches do, against a GIC without list registers (vgic_ref.h).
 * With every change seen at once, the guest must be given exactly the best
 * interrupt there is; with changes that arrive late, none that it may not
 * have. In the end, everything that is pending must come, once.
 */
#include <stdlib.h>

#include "tests/unit/vgic_ref.h"

#define STEPS 16000

static bool prompt; /* every change is seen at once */
static bool eoimode1;

static unsigned int rnd(unsigned int n)
{
	return (unsigned int)random() % n;
}

static uint32_t any_irq(void)
{
	return ref_ids[rnd(ARRAY_SIZE(ref_ids))];
}

/* True if vCPU c would be given an interrupt for a line that is low. */
static bool has_dropped_line(unsigned int c)
{
	REF_FOR_EACH(intid)
	if (ref_phys(c, intid) && ref_cpus[c].given[intid] && !ref_is_wanted(c, intid))
		return true;
	return false;
}

static void settle(void)
{
	struct model_cpu *was = here;

	model_settle();
	ref_follow();
	/* Nobody says that a physical line has dropped. All else must have been said. */
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		if (!cpus[c].vgic.loaded || !has_dropped_line(c))
			continue;
		here = &cpus[c];
		vgic_flush(&cpus[c].vgic);
		cpus[c].flushes++;
	}
	here = was;
	model_settle();
	ref_follow();
}

/* ---- Devices ---- */

static void device_line(void)
{
	uint32_t intid = any_irq();
	unsigned int c = rnd(model_nr_cpus);
	struct ref_irq *irq = ref(c, intid);
	struct model_phys *p = ref_phys(c, intid);

	if (intid < VGIC_NR_SGIS)
		return;
	if (p) {
		p->line = !p->line;
		p->latch |= p->edge && p->line;
		if (rnd(2))
			model_fire();
		return;
	}
	irq->line = !irq->line;
	if (irq->line && irq->edge)
		ref_latch(c, intid);
	vgic_set_line(&vgic, c, intid, irq->line);
}

/* ---- The guest at its CPU interface ---- */

static void guest_ack(unsigned int c)
{
	unsigned int best = ref_best(c), priority = MODEL_IDLE;
	int n = model_best(&cpus[c].hw);
	uint32_t iar;

	if (n >= 0)
		priority = cpus[c].hw.lr[n].priority;
	if (prompt)
		ATF_REQUIRE_MSG(priority == best, "vCPU %u: priority %#x instead of %#x", c,
				priority, best);
	iar = model_ack(c);
	if (iar != MODEL_SPURIOUS)
		ref_ack(c, iar, priority);
}

static void guest_eoi(unsigned int c)
{
	struct ref_cpu *cpu = &ref_cpus[c];
	struct ref_taken taken;

	if (cpu->depth == 0)
		return;
	taken = cpu->stack[--cpu->depth];
	if (!eoimode1 && !taken.inactive)
		ref(c, taken.iar & 0x3ff)->active = false;
	else if (!taken.inactive)
		cpu->dropped[cpu->nr_dropped++] = taken;
	model_eoi(c, taken.iar);
}

static void guest_dir(unsigned int c)
{
	struct ref_cpu *cpu = &ref_cpus[c];
	unsigned int n, by = rnd(model_nr_cpus);
	uint32_t iar;

	if (cpu->nr_dropped == 0)
		return;
	n = rnd(cpu->nr_dropped);
	iar = cpu->dropped[n].iar;
	cpu->dropped[n] = cpu->dropped[--cpu->nr_dropped];
	ref(c, iar & 0x3ff)->active = false;
	/* An SPI may be deactivated by anybody. */
	if ((iar & 0x3ff) >= VGIC_NR_PRIVATE && cpus[by].vgic.loaded)
		model_dir(by, iar);
	else
		model_dir(c, iar);
}

static void guest_mask(unsigned int c)
{
	cpus[c].hw.vmcr &= ~(uint32_t)ICH_VMCR_PMR;
	cpus[c].hw.vmcr |= (uint32_t)FIELD_PREP(ICH_VMCR_PMR, rnd(4) ? 0xff : rnd(256));
}

/* ---- The guest's registers ---- */

static void guest_sgi(unsigned int c)
{
	unsigned int to = rnd(model_nr_cpus), sgi = rnd(3);
	struct ref_irq *irq = ref(to, sgi);

	if (vgic.version == 3) {
		ref_latch(to, sgi);
	} else {
		irq->sources |= (uint8_t)(1u << c);
		irq->source_when[c] = now;
	}
	model_send_sgi(c, to, sgi);
}

static void guest_sgi_pending(unsigned int c)
{
	unsigned int sgi = rnd(3), bits = rnd(1u << model_nr_cpus);
	struct ref_irq *irq = ref(c, sgi);
	bool set = rnd(2);

	if (vgic.version == 3)
		return;
	if (!set)
		irq->sources &= (uint8_t)~bits;
	else
		irq->sources |= (uint8_t)bits;
	for (unsigned int i = 0; set && i < model_nr_cpus; i++)
		if (bits >> i & 1)
			irq->source_when[i] = now;
	model_access(c, (set ? GICD_SPENDSGIR : GICD_CPENDSGIR) + sgi, 1, true, bits);
}

/* Of a private interrupt of another vCPU only with a GICv3 */
static unsigned int any_owner(unsigned int c)
{
	return vgic.version == 3 ? rnd(model_nr_cpus) : c;
}

static void guest_pend(unsigned int c)
{
	uint32_t intid = any_irq();
	unsigned int of = any_owner(c);
	bool set = rnd(2);

	if (vgic.version == 2 && intid < VGIC_NR_SGIS)
		return;
	if (set)
		ref_latch(of, intid);
	else
		ref(of, intid)->latch = false;
	model_set_bit(c, of, set ? GICD_ISPENDR : GICD_ICPENDR, intid);
}

/* Something that is better than what the vCPU is at, so that handlers nest. */
static void guest_urgent(unsigned int c)
{
	unsigned int running = ref_running(c);
	uint32_t intid = any_irq();
	struct ref_irq *irq = ref(c, intid);

	if (intid < VGIC_NR_PRIVATE || irq->active || irq->target != c)
		return;
	/* There is nothing better than the best: back to the others then. */
	irq->priority = (uint8_t)(running >= 8 ? running - 8 : 0x80 + rnd(14) * 8);
	model_set_priority(c, intid, irq->priority);
	ref_latch(c, intid);
	model_set_bit(c, c, GICD_ISPENDR, intid);
}

static void guest_activate(unsigned int c)
{
	uint32_t intid = any_irq();
	unsigned int of = any_owner(c);
	struct ref_irq *irq = ref(of, intid);

	/* What is in flight cannot be told from what comes after. */
	settle();
	/* An EOI to come would be that of this one, or not, by where it stands. */
	if (!irq->active && ref_is_taken(of, intid))
		return;
	/* What a register made active is lost to the other steps: not too often. */
	if (!irq->active && rnd(6))
		return;
	model_set_bit(c, of, irq->active ? GICD_ICACTIVER : GICD_ISACTIVER, intid);
	if (irq->active)
		ref_forget(of, intid);
	else
		irq->active = true;
	settle();
}

static void guest_configure(unsigned int c)
{
	uint32_t intid = any_irq();
	unsigned int of = any_owner(c);
	struct ref_irq *irq = ref(of, intid);
	uint32_t reg = model_reg(of, intid, 0);

	switch (rnd(8)) {
	case 0:
	case 1:
		if (vgic.version == 2 && intid < VGIC_NR_SGIS)
			return;
		irq->enabled = !irq->enabled || rnd(3);
		model_set_bit(c, of, irq->enabled ? GICD_ISENABLER : GICD_ICENABLER, intid);
		return;
	case 2:
	case 3:
	case 4:
		irq->priority = (uint8_t)(rnd(8) ? rnd(30) * 8 : 0xf8);
		model_access(c, reg + GICD_IPRIORITYR + intid, 1, true, irq->priority);
		return;
	case 5:
		irq->group1 = !irq->group1;
		reg += GICD_IGROUPR + intid / 32 * 4;
		model_access(c, reg, 4, true, model_access(c, reg, 4, false, 0) ^ 1u << intid % 32);
		return;
	case 6:
		/* a GICv2 with one CPU has no targets */
		if (intid < VGIC_NR_PRIVATE || (model_nr_cpus == 1 && vgic.version == 2))
			return;
		irq->target = (uint8_t)(rnd(6) ? rnd(model_nr_cpus) : MODEL_NOBODY);
		model_set_target(c, intid, irq->target);
		return;
	default:
		if (rnd(4))
			return;
		ref_groups[0] = rnd(6);
		ref_groups[1] = rnd(6);
		model_access(c, GICD_CTLR, 4, true,
			     (ref_groups[0] ? 1u : 0) | (ref_groups[1] ? 2u : 0));
		return;
	}
}

/* What the registers say about an interrupt is what it is. */
static void compare(unsigned int c, unsigned int of, uint32_t intid)
{
	const struct ref_irq *irq = ref(of, intid);
	bool pending = ref_is_pending(irq);

	ATF_REQUIRE_EQ_MSG(model_bit(c, of, GICD_ISACTIVER, intid), irq->active, "%u", intid);
	ATF_REQUIRE_EQ_MSG(model_bit(c, of, GICD_ISENABLER, intid), irq->enabled, "%u", intid);
	/* A timer that is not in the hardware has no line: what counts is that it is due. */
	if (intid != MODEL_TIMER_PPI || cpus[of].vgic.loaded)
		ATF_REQUIRE_EQ_MSG(model_bit(c, of, GICD_ISPENDR, intid), pending, "%u", intid);
	if (vgic.version == 2 && intid < VGIC_NR_SGIS)
		ATF_REQUIRE_EQ(model_access(c, GICD_SPENDSGIR + intid, 1, false, 0), irq->sources);
}

static void guest_read(unsigned int c)
{
	uint32_t intid = any_irq();
	unsigned int of = any_owner(c);

	if (prompt)
		compare(c, of, intid);
	else
		model_bit(c, of, rnd(2) ? GICD_ISPENDR : GICD_ISACTIVER, intid);
}

/* ---- World switches ---- */

static void switch_vcpu(unsigned int c)
{
	if (!cpus[c].vgic.loaded) {
		model_load(c);
		return;
	}
	model_save(c);
	if (rnd(8))
		return;
	/* Reset: the interrupts that it had taken stay active until somebody deactivates them. */
	vgic_reset_cpu(&cpus[c].vgic);
	model_enable(c, eoimode1);
	ref_cpus[c].depth = ref_cpus[c].nr_dropped = 0;
}

/* ---- One step, and the end ---- */

static void step(bool busy)
{
	unsigned int c = rnd(model_nr_cpus), what = rnd(100);

	/* At times, the guest begins much and completes little. */
	if (busy && what >= 40 && what < 72 && cpus[c].vgic.loaded) {
		if (what < 56)
			guest_urgent(c);
		else
			guest_ack(c);
		return;
	}
	if (what < 20) {
		device_line();
	} else if (what < (cpus[c].vgic.loaded ? 22 : 40)) {
		switch_vcpu(c);
	} else if (!cpus[c].vgic.loaded) {
		return;
	} else if (what < 47) {
		guest_ack(c);
	} else if (what < 66) {
		guest_eoi(c);
	} else if (what < 72) {
		guest_dir(c);
	} else if (what < 74) {
		guest_mask(c);
	} else if (what < 80) {
		guest_sgi(c);
	} else if (what < 81) {
		guest_sgi_pending(c);
	} else if (what < 84) {
		guest_pend(c);
	} else if (what < 86) {
		guest_activate(c);
	} else if (what < 93) {
		guest_configure(c);
	} else if (what < 97) {
		guest_read(c);
	} else {
		model_exit(c);
	}
}

/* Everything is seen: what the registers say, what would wake, what is physically active. */
static void check_all(void)
{
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		bool any = false;

		REF_FOR_EACH(intid)
		{
			compare(c, c, intid);
			any |= ref_is_deliverable(c, intid);
			if (intid >= VGIC_NR_PRIVATE && phys[intid + 1].active)
				ATF_REQUIRE(ref(c, intid)->active || ref_is_pending(ref(c, intid)));
		}
		here = &cpus[c];
		ATF_REQUIRE_EQ(vgic_has_pending(&cpus[c].vgic), any);
		if (cpus[c].timer.active)
			ATF_REQUIRE(ref(c, MODEL_TIMER_PPI)->active ||
				    ref_is_pending(ref(c, MODEL_TIMER_PPI)));
	}
}

/* The guest takes what there is; its devices are content then. */
static void take_all(unsigned int c)
{
	for (unsigned int i = 0; ref_best(c) != MODEL_IDLE; i++) {
		uint32_t intid;

		ATF_REQUIRE_MSG(i < 200, "interrupts for ever");
		guest_ack(c);
		intid = ref_cpus[c].stack[ref_cpus[c].depth - 1].iar & 0x3ff;
		if (intid == MODEL_TIMER_PPI)
			cpus[c].timer.line = false;
		else if (ref_phys(c, intid))
			phys[intid + 1].line = false;
		else if (intid >= VGIC_NR_SGIS)
			vgic_set_line(&vgic, c, intid, ref(c, intid)->line = false);
		guest_eoi(c);
		guest_dir(c);
		settle();
	}
}

static void quiesce(void)
{
	for (unsigned int c = 0; c < model_nr_cpus; c++)
		if (!cpus[c].vgic.loaded)
			model_load(c);
	settle();
	check_all();
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		model_enable(c, eoimode1);
		while (ref_cpus[c].depth)
			guest_eoi(c);
		while (ref_cpus[c].nr_dropped)
			guest_dir(c);
	}
	settle();
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		REF_FOR_EACH(intid)
		{
			struct ref_irq *irq = ref(c, intid);

			if (irq->target == MODEL_NOBODY)
				model_set_target(c, intid, irq->target = 0);
			irq->priority &= 0x78;
			model_access(c, model_reg(c, intid, GICD_IPRIORITYR) + intid, 1, true,
				     irq->priority);
			irq->enabled = true;
			model_set_bit(c, c, GICD_ISENABLER, intid);
			if (irq->active)
				model_set_bit(c, c, GICD_ICACTIVER, intid);
			irq->active = false;
		}
	}
	ref_groups[0] = ref_groups[1] = true;
	model_access(0, GICD_CTLR, 4, true, 3);
	settle();
	check_all();
	prompt = true;
	for (unsigned int c = 0; c < model_nr_cpus; c++)
		take_all(c);
	check_all();
	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		ATF_REQUIRE_EQ(cpus[c].vgic.levels, 0);
		ATF_REQUIRE_EQ(cpus[c].hw.reasons, vgic.always);
		ATF_REQUIRE_EQ(cpus[c].vgic.spilled.first, NULL);
		ATF_REQUIRE_EQ(model_ack(c), MODEL_SPURIOUS);
		ATF_REQUIRE(!cpus[c].timer.active && !cpus[c].timer.line);
	}
}

static void run(unsigned int version, unsigned int nr_cpus, unsigned int nr_lrs, bool mode1,
		bool at_once, unsigned int seed)
{
	fprintf(stderr, "GICv%u, %u vCPUs, %u list registers, EOImode %u, %s, seed %u\n", version,
		nr_cpus, nr_lrs, mode1, at_once ? "prompt" : "late", seed);
	srandom(seed);
	model_start_enabled(version, nr_cpus, nr_lrs);
	prompt = at_once;
	eoimode1 = mode1;
	model_map_hw(HW, false, VGIC_HW_SAMPLED);
	model_map_hw(HW_EDGE, true, 0);
	model_map_hw(HW_EL2, false, VGIC_HW_SAMPLED | VGIC_HW_BY_EL2);
	vgic_map_hw(&vgic, MODEL_TIMER_PPI, MODEL_TIMER_PINTID, VGIC_HW_SAMPLED);
	ref_start();
	REF_FOR_EACH(intid)
	if (intid >= VGIC_NR_PRIVATE && ref(0, intid)->edge)
		model_set_edge(0, intid, true);
	for (unsigned int c = 0; c < nr_cpus; c++)
		model_enable(c, mode1);
	for (unsigned int i = 0; i < STEPS; i++) {
		step(i & 128);
		ref_follow();
		if (prompt)
			settle();
		model_check();
	}
	quiesce();
}

static void run_all(unsigned int version, bool at_once)
{
	static const unsigned int lrs[] = {1, 2, 4, 16};

	for (unsigned int nr_cpus = 1; nr_cpus <= 4; nr_cpus++)
		for (unsigned int l = 0; l < ARRAY_SIZE(lrs); l++)
			for (unsigned int mode = 0; mode < 2; mode++)
				run(version, nr_cpus, lrs[l], mode, at_once,
				    nr_cpus * 8 + l * 2 + mode);
}

ATF_TC_WITHOUT_HEAD(v2_prompt);
ATF_TC_BODY(v2_prompt, tc)
{
	run_all(2, true);
}

ATF_TC_WITHOUT_HEAD(v2_late);
ATF_TC_BODY(v2_late, tc)
{
	run_all(2, false);
}

ATF_TC_WITHOUT_HEAD(v3_prompt);
ATF_TC_BODY(v3_prompt, tc)
{
	run_all(3, true);
}

ATF_TC_WITHOUT_HEAD(v3_late);
ATF_TC_BODY(v3_late, tc)
{
	run_all(3, false);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, v2_prompt);
	ATF_TP_ADD_TC(tp, v2_late);
	ATF_TP_ADD_TC(tp, v3_prompt);
	ATF_TP_ADD_TC(tp, v3_late);
	return atf_no_error();
}
