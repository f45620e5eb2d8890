// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic_forward.c: interrupts that stand for physical ones: devices' SPIs,
 * and the virtual timer. The hardware is a model, vgic_model.h.
 */
#include "tests/unit/vgic_fixture.h"

#define SPI 40u

/* The guest completes it without EL2's noticing; the device goes on. */
ATF_TC_WITHOUT_HEAD(forwarded);
ATF_TC_BODY(forwarded, tc)
{
	FOR_BOTH(version)
	{
		unsigned int exits;

		set_up_hw(version, 1, 4);
		line(HW, true);
		ATF_CHECK(phys_of(HW)->active);
		ATF_CHECK_EQ(model_ack(0), HW);
		exits = cpus[0].maintenances;
		phys_of(HW)->line = false;
		model_eoi(0, HW);
		ATF_CHECK(!phys_of(HW)->active);
		ATF_CHECK_EQ(cpus[0].maintenances, exits);
		nothing(0);
		/* again, with the list register still as it was; and with the line high for long */
		line(HW, true);
		for (int i = 0; i < 5; i++)
			take(0, HW);
		ATF_CHECK_EQ(model_ack(0), HW);
		line(HW, false);
		model_eoi(0, HW);
		nothing(0);
		ATF_CHECK(!phys_of(HW)->active);
		/* by edges: one while the first is handled */
		line(HW_EDGE, true);
		ATF_CHECK_EQ(model_ack(0), HW_EDGE);
		line(HW_EDGE, true);
		nothing(0);
		model_eoi(0, HW_EDGE);
		model_settle();
		take(0, HW_EDGE);
		nothing(0);
		ATF_CHECK(!phys_of(HW_EDGE)->active);
	}
}

ATF_TC_WITHOUT_HEAD(deactivated_by_el2);
ATF_TC_BODY(deactivated_by_el2, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 1, 4);
		line(HW_EL2, true);
		ATF_CHECK_EQ(model_ack(0), HW_EL2);
		ATF_CHECK(!cpus[0].hw.lr[vgic.spis[HW_EL2 - 32].lr].hw);
		line(HW_EL2, false);
		ATF_CHECK(phys_of(HW_EL2)->active);
		model_eoi(0, HW_EL2);
		ATF_CHECK(!phys_of(HW_EL2)->active);
		nothing(0);
		line(HW_EL2, true);
		take(0, HW_EL2);
		take(0, HW_EL2);
		line(HW_EL2, false);
		/* behind one that software made pending */
		take(0, HW_EL2);
		pend(HW_EL2);
		line(HW_EL2, true);
		ATF_CHECK_EQ(model_ack(0), HW_EL2);
		line(HW_EL2, false);
		model_eoi(0, HW_EL2);
		ATF_CHECK(!phys_of(HW_EL2)->active);
		nothing(0);
	}
}

/* Software makes a forwarded interrupt pending, before and while the physical one is. */
ATF_TC_WITHOUT_HEAD(forwarded_and_software);
ATF_TC_BODY(forwarded_and_software, tc)
{
	static const uint32_t intids[] = {HW, HW_EDGE, HW_EL2};

	FOR_BOTH(version)
	{
		for (unsigned int i = 0; i < 3; i++) {
			uint32_t intid = intids[i];

			set_up_hw(version, 1, 2);
			pend(intid);
			line(intid, true);
			ATF_CHECK_EQ(model_ack(0), intid);
			line(intid, false);
			model_eoi(0, intid);
			nothing(0);
			ATF_CHECK(!phys_of(intid)->active);

			line(intid, true);
			ATF_CHECK_EQ(model_ack(0), intid);
			pend(intid);
			nothing(0);
			line(intid, false);
			model_eoi(0, intid);
			take(0, intid);
			nothing(0);
			ATF_CHECK(!phys_of(intid)->active);

			/* the physical one fires while the other is handled */
			pend(intid);
			ATF_CHECK_EQ(model_ack(0), intid);
			line(intid, true);
			line(intid, false);
			nothing(0);
			model_eoi(0, intid);
			model_settle();
			/* an edge has come, a level has gone */
			if (phys_of(intid)->edge)
				take(0, intid);
			nothing(0);
			ATF_CHECK(!phys_of(intid)->active);
		}
	}
}

/* The guest's distributor takes it back: the physical one may come again. */
ATF_TC_WITHOUT_HEAD(forwarded_by_register);
ATF_TC_BODY(forwarded_by_register, tc)
{
	static const uint32_t intids[] = {HW, HW_EDGE, HW_EL2};

	FOR_BOTH(version)
	{
		for (unsigned int i = 0; i < 3; i++) {
			uint32_t intid = intids[i];

			set_up_hw(version, 2, 1);
			for (unsigned int by = 0; by < 2; by++) {
				/* in the list register; queued; disabled */
				for (int where = 0; where < 3; where++) {
					if (where == 1) {
						model_set_priority(0, intid, 0x80);
						pend(SPI);
					} else if (where == 2) {
						model_set_bit(by, 0, GICD_ICENABLER, intid);
						model_settle();
					}
					line(intid, true);
					phys_of(intid)->line = false;
					model_set_bit(by, 0, GICD_ICPENDR, intid);
					model_settle();
					ATF_CHECK(!model_bit(by, 0, GICD_ISPENDR, intid));
					ATF_CHECK(!phys_of(intid)->active);
					if (where == 1)
						take(0, SPI);
					model_set_bit(by, 0, GICD_ISENABLER, intid);
					nothing(0);
				}
				/* deactivated by ICACTIVER, here and spilled */
				for (int spill = 0; spill < 2; spill++) {
					line(intid, true);
					ATF_CHECK_EQ(model_ack(0), intid);
					if (spill) {
						model_set_priority(0, intid, 0x80);
						pend(SPI);
					}
					line(intid, false);
					ATF_CHECK(phys_of(intid)->active);
					model_set_bit(by, 0, GICD_ICACTIVER, intid);
					model_settle();
					ATF_CHECK(!phys_of(intid)->active);
					if (!spill)
						model_eoi(0, intid);
					else
						cpus[0].hw.apr = 0;
					if (spill)
						take(0, SPI);
					nothing(0);
				}
				/* made active before it comes */
				model_set_bit(by, 0, GICD_ISACTIVER, intid);
				model_settle();
				line(intid, true);
				nothing(0);
				line(intid, false);
				model_set_bit(by, 0, GICD_ICACTIVER, intid);
				model_settle();
				if (phys_of(intid)->edge)
					take(0, intid);
				nothing(0);
				ATF_CHECK(!phys_of(intid)->active);
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(forwarded_and_nested);
ATF_TC_BODY(forwarded_and_nested, tc)
{
	FOR_BOTH(version)
	{
		for (int eoimode = 0; eoimode < 2; eoimode++) {
			set_up_hw(version, 1, 1);
			model_enable(0, eoimode);
			model_set_priority(0, HW, 0x80);
			line(HW, true);
			ATF_CHECK_EQ(model_ack(0), HW);
			pend(SPI);
			ATF_CHECK(vgic.spis[HW - 32].spilled);
			ATF_CHECK_EQ(model_ack(0), SPI);
			line(HW, false);
			model_eoi(0, SPI);
			if (eoimode)
				model_dir(0, SPI);
			ATF_CHECK(phys_of(HW)->active);
			model_eoi(0, HW);
			if (eoimode)
				model_dir(0, HW);
			ATF_CHECK(!phys_of(HW)->active);
			nothing(0);
		}
	}
}

/* Gives way, software makes it pending, is back in a list register: it comes once more. */
ATF_TC_WITHOUT_HEAD(forwarded_and_spilled);
ATF_TC_BODY(forwarded_and_spilled, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 1, 2);
		model_set_priority(0, HW, 0x80);
		model_set_priority(0, SPI, 0x70);
		line(HW, true);
		ATF_CHECK_EQ(model_ack(0), HW);
		line(HW, false);
		pend(SPI);
		ATF_CHECK_EQ(model_ack(0), SPI);
		pend(SPI + 1);
		ATF_CHECK_EQ(model_ack(0), SPI + 1);
		ATF_REQUIRE(vgic.spis[HW - 32].spilled);
		pend(HW);
		model_eoi(0, SPI + 1);
		model_eoi(0, SPI);
		vgic_flush(&cpus[0].vgic);
		ATF_REQUIRE(!vgic.spis[HW - 32].spilled);
		nothing(0);
		model_eoi(0, HW);
		ATF_CHECK(!phys_of(HW)->active);
		take(0, HW);
		nothing(0);
	}
}

ATF_TC_WITHOUT_HEAD(routed);
ATF_TC_BODY(routed, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 2, 2);
		model_set_target(0, HW, 1);
		ATF_CHECK_EQ(model_routed[HW + 1], &cpus[1].vgic);
		line(HW, true);
		nothing(0);
		ATF_CHECK_EQ(model_ack(1), HW);
		/* away while it is active */
		model_set_target(0, HW, 0);
		ATF_CHECK_EQ(model_routed[HW + 1], &cpus[0].vgic);
		model_eoi(1, HW);
		ATF_CHECK(!phys_of(HW)->active);
		nothing(1);
		take(0, HW);
		/* a reset routes it back */
		model_set_target(0, HW, 1);
		model_save(0);
		model_save(1);
		vgic_reset(&vgic);
		ATF_CHECK_EQ(model_routed[HW + 1], &cpus[0].vgic);
		ATF_CHECK_EQ(model_routed[HW_EDGE + 1], NULL);
	}
}

/* Ways to have an interrupt wait, and what ends that. */
enum mask { DISABLED, GROUP_OFF, BY_PRIORITY, NOBODY, OTHER_VCPU, NR_MASKS };

static void mask(unsigned int by, uint32_t intid, enum mask how, bool masked)
{
	switch (how) {
	case DISABLED:
		model_set_bit(by, 0, masked ? GICD_ICENABLER : GICD_ISENABLER, intid);
		break;
	case GROUP_OFF:
		model_access(by, GICD_CTLR, 4, true, masked ? 2 : 3);
		break;
	case BY_PRIORITY: /* in its list register all the time */
		cpus[0].hw.vmcr &= ~(uint32_t)ICH_VMCR_PMR;
		cpus[0].hw.vmcr |= (uint32_t)FIELD_PREP(ICH_VMCR_PMR, masked ? 0 : 0xff);
		break;
	case NOBODY:
		model_set_target(by, intid, masked ? MODEL_NOBODY : 0);
		break;
	default: /* it waits for a vCPU that does not run, and is routed away from there */
		if (masked)
			model_save(1);
		model_set_target(by, intid, masked ? 1 : 0);
		if (!masked)
			model_load(1);
		break;
	}
	model_settle();
}

/* The device drops its line before the guest has taken the interrupt: there is none. */
ATF_TC_WITHOUT_HEAD(line_drops);
ATF_TC_BODY(line_drops, tc)
{
	static const uint32_t intids[] = {HW, HW_EL2};

	FOR_BOTH(version)
	for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++)
		for (enum mask how = 0; how < NR_MASKS; how++)
			for (int looks = 0; looks < 2; looks++) {
				uint32_t intid = intids[i];

				set_up_hw(version, 2, 2);
				for (int round = 0; round < 3; round++) {
					mask(0, intid, how, true);
					line(intid, true);
					ATF_REQUIRE(phys_of(intid)->active);
					ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, intid));
					line(intid, false);
					/* of the mask at the CPU's side EL2 hears nothing */
					if (looks || how == BY_PRIORITY)
						ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, intid));
					mask(0, intid, how, false);
					nothing(0);
					nothing(1);
					ATF_CHECK(!phys_of(intid)->active);
					/* and the next one is not lost */
					line(intid, true);
					ATF_CHECK_EQ(model_ack(0), intid);
					line(intid, false);
					model_eoi(0, intid);
					nothing(0);
				}
			}
}

/* What a register says while the interrupt is active is the line's level, as it is then. */
ATF_TC_WITHOUT_HEAD(line_while_active);
ATF_TC_BODY(line_while_active, tc)
{
	static const uint32_t intids[] = {HW, HW_EL2, MODEL_TIMER_PPI};

	FOR_BOTH(version)
	for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++)
		for (int spill = 0; spill < 2; spill++) {
			uint32_t intid = intids[i];
			struct model_phys *p =
			    intid == MODEL_TIMER_PPI ? &cpus[0].timer : phys_of(intid);

			set_up_hw(version, 1, 1);
			model_set_priority(0, intid, 0x80);
			p->line = true;
			model_settle();
			ATF_CHECK_EQ(model_ack(0), intid);
			if (spill)
				pend(SPI);
			for (int high = 0; high < 4; high++) {
				p->line = high & 1;
				ATF_CHECK_EQ_MSG(model_bit(0, 0, GICD_ISPENDR, intid), high & 1,
						 "%u %d %d", intid, spill, high);
				ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, intid));
			}
			if (spill)
				take(0, SPI);
			model_eoi(0, intid);
			model_settle();
			ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, intid));
			ATF_CHECK_EQ(model_ack(0), intid);
			p->line = false;
			model_eoi(0, intid);
			nothing(0);
			ATF_CHECK(!p->active);
		}
}

/* Software's own is another thing than the line: it stays when the line drops, and the reverse. */
ATF_TC_WITHOUT_HEAD(line_and_software);
ATF_TC_BODY(line_and_software, tc)
{
	static const uint32_t intids[] = {HW, HW_EL2};

	FOR_BOTH(version)
	for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++)
		for (enum mask how = 0; how < OTHER_VCPU; how++) {
			uint32_t intid = intids[i];

			set_up_hw(version, 2, 2);
			mask(0, intid, how, true);
			line(intid, true);
			pend(intid);
			line(intid, false);
			ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, intid));
			line(intid, true);
			model_set_bit(0, 0, GICD_ICPENDR, intid);
			ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, intid));
			line(intid, false);
			ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, intid));
			pend(intid);
			mask(0, intid, how, false);
			take(0, intid);
			nothing(0);
			ATF_CHECK(!phys_of(intid)->active);
			/* once for both */
			line(intid, true);
			pend(intid);
			ATF_CHECK_EQ(model_ack(0), intid);
			line(intid, false);
			model_eoi(0, intid);
			nothing(0);
			ATF_CHECK(!phys_of(intid)->active);
		}
}

/* It waits for a list register for long, and is over when one is free. */
ATF_TC_WITHOUT_HEAD(line_drops_in_queue);
ATF_TC_BODY(line_drops_in_queue, tc)
{
	FOR_BOTH(version)
	{
		unsigned int samples;

		set_up_hw(version, 1, 1);
		model_set_priority(0, HW, 0x80);
		pend(SPI);
		line(HW, true);
		line(HW, false);
		take(0, SPI);
		nothing(0);
		ATF_CHECK(!phys_of(HW)->active);
		/* What was taken just now is not looked at. */
		samples = model_samples;
		line(HW, true);
		for (int round = 0; round < 4; round++) {
			ATF_CHECK_EQ(model_ack(0), HW);
			model_eoi(0, HW);
			model_fire();
			model_exit(0);
		}
		ATF_CHECK_EQ(model_samples, samples);
	}
}

/* As edges, if the guest wants it so: what has come stays, whatever the line does. */
ATF_TC_WITHOUT_HEAD(level_as_edges);
ATF_TC_BODY(level_as_edges, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 1, 2);
		model_set_edge(0, HW, true);
		model_set_bit(0, 0, GICD_ICENABLER, HW);
		line(HW, true);
		line(HW, false);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, HW));
		model_set_bit(0, 0, GICD_ISENABLER, HW);
		take(0, HW);
		nothing(0);
		ATF_CHECK(!phys_of(HW)->active);
		/* changed while it waits, in a list register and out of it: pending, once */
		for (int enabled = 0; enabled < 2; enabled++) {
			model_set_edge(0, HW, false);
			model_set_bit(0, 0, enabled ? GICD_ISENABLER : GICD_ICENABLER, HW);
			line(HW, true);
			model_set_edge(0, HW, true);
			line(HW, false);
			ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, HW));
			model_set_bit(0, 0, GICD_ISENABLER, HW);
			take(0, HW);
			nothing(0);
			ATF_CHECK(!phys_of(HW)->active);
		}
	}
}

ATF_TC_WITHOUT_HEAD(timer);
ATF_TC_BODY(timer, tc)
{
	FOR_BOTH(version)
	{
		struct model_phys *t = &cpus[0].timer;

		set_up_hw(version, 2, 2);
		t->line = true;
		model_settle();
		ATF_CHECK(t->active);
		ATF_CHECK(vgic_hw_private_active(&cpus[0].vgic, MODEL_TIMER_PPI));
		ATF_CHECK(!vgic_hw_private_active(&cpus[1].vgic, MODEL_TIMER_PPI));
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		ATF_CHECK_EQ(model_ack(0), MODEL_TIMER_PPI);
		t->line = false;
		model_eoi(0, MODEL_TIMER_PPI);
		ATF_CHECK(!t->active);
		nothing(0);
		/* set anew by the guest before it took the interrupt: seen when something exits */
		t->line = true;
		model_settle();
		t->line = false;
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		ATF_CHECK(!t->active);
		nothing(0);
		/* disabled, and read by the guest: as the line is */
		model_set_bit(0, 0, GICD_ICENABLER, MODEL_TIMER_PPI);
		for (int i = 0; i < 3; i++) {
			t->line = true;
			model_settle();
			ATF_CHECK(t->active);
			ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
			t->line = false;
			ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
			ATF_CHECK(!t->active);
		}
		/* made pending by software, it is that */
		model_set_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		model_set_bit(0, 0, GICD_ISENABLER, MODEL_TIMER_PPI);
		take(0, MODEL_TIMER_PPI);
		nothing(0);
	}
}

/* Away while its timer is pending, active, or about to fire. */
ATF_TC_WITHOUT_HEAD(timer_and_world_switch);
ATF_TC_BODY(timer_and_world_switch, tc)
{
	FOR_BOTH(version)
	{
		struct model_phys *t = &cpus[0].timer;

		set_up_hw(version, 1, 2);
		model_save(0);
		t->line = true;
		model_settle();
		ATF_CHECK(vgic_has_pending(&cpus[0].vgic));
		model_load(0);
		ATF_CHECK(t->active);
		model_save(0);
		ATF_CHECK(!t->active);
		ATF_CHECK(vgic_has_pending(&cpus[0].vgic));
		model_load(0);
		ATF_CHECK_EQ(model_ack(0), MODEL_TIMER_PPI);
		model_save(0);
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		model_settle();
		model_load(0);
		ATF_CHECK(t->active);
		t->line = false;
		model_eoi(0, MODEL_TIMER_PPI);
		ATF_CHECK(!t->active);
		nothing(0);
		/* completed right before the switch */
		t->line = true;
		model_settle();
		ATF_CHECK_EQ(model_ack(0), MODEL_TIMER_PPI);
		t->line = false;
		model_eoi(0, MODEL_TIMER_PPI);
		model_save(0);
		ATF_CHECK(!vgic_hw_private_active(&cpus[0].vgic, MODEL_TIMER_PPI));
		t->line = true;
		model_settle();
		model_load(0);
		take(0, MODEL_TIMER_PPI);
	}
}

/* Turned off while its interrupt is in a list register: over, at the next look or switch. */
ATF_TC_WITHOUT_HEAD(timer_off_in_lr);
ATF_TC_BODY(timer_off_in_lr, tc)
{
	FOR_BOTH(version)
	for (unsigned int other = 0; other < 2; other++) {
		struct model_phys *t = &cpus[0].timer;

		set_up_hw(version, 2, 2);
		/* nothing but an exit for another interrupt */
		t->line = true;
		model_settle();
		t->line = false;
		pend(SPI);
		take(0, SPI);
		nothing(0);
		ATF_CHECK(!t->active);
		/* a switch: nobody is told that it is pending, and its timer can wake it */
		t->line = true;
		model_settle();
		t->line = false;
		model_save(0);
		ATF_CHECK(!vgic_hw_private_active(&cpus[0].vgic, MODEL_TIMER_PPI));
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		if (version == 3)
			ATF_CHECK(!model_bit(1, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		model_load(0);
		nothing(0);
		/* turned off by who has it active, and by who has it active and spilled */
		t->line = true;
		model_settle();
		ATF_CHECK_EQ(model_ack(0), MODEL_TIMER_PPI);
		if (version == 3)
			ATF_CHECK(model_bit(other, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		t->line = false;
		if (version == 3)
			ATF_CHECK(!model_bit(other, 0, GICD_ISPENDR, MODEL_TIMER_PPI));
		model_save(0);
		model_load(0);
		model_eoi(0, MODEL_TIMER_PPI);
		nothing(0);
		ATF_CHECK(!t->active);
	}
}

/* Another vCPU's timer interrupt, while that one is away: not that of the CPU we are on. */
ATF_TC_WITHOUT_HEAD(timer_of_another);
ATF_TC_BODY(timer_of_another, tc)
{
	for (int what = 0; what < 2; what++) {
		set_up_hw(3, 2, 2);
		cpus[0].timer.line = cpus[1].timer.line = true;
		model_settle();
		ATF_CHECK_EQ(model_ack(0), MODEL_TIMER_PPI);
		ATF_CHECK_EQ(model_ack(1), MODEL_TIMER_PPI);
		model_save(1);
		cpus[1].timer.line = false;
		model_set_bit(0, 1, what ? GICD_ISPENDR : GICD_ICACTIVER, MODEL_TIMER_PPI);
		ATF_CHECK_EQ(model_bit(0, 1, GICD_ISACTIVER, MODEL_TIMER_PPI), what);
		ATF_CHECK(cpus[0].timer.active);
		ATF_CHECK_EQ(cpus[0].timer.fired, 1);
		model_load(1);
		model_settle();
		/* not due any more; but what software has made pending is so */
		if (what) {
			model_eoi(1, MODEL_TIMER_PPI);
			ATF_CHECK(model_bit(1, 1, GICD_ISPENDR, MODEL_TIMER_PPI));
			take(1, MODEL_TIMER_PPI);
		}
		ATF_CHECK(!model_bit(1, 1, GICD_ISPENDR, MODEL_TIMER_PPI));
		ATF_CHECK(!cpus[1].timer.active);
		ATF_CHECK(cpus[0].timer.active);
		cpus[1].timer.line = true;
		model_settle();
		ATF_CHECK_EQ(cpus[1].timer.fired, 2);
		cpus[1].hw.apr = 0;
		take(1, MODEL_TIMER_PPI);
		/* the same while it is about to leave */
		cpus[1].hw.apr = 0;
		ATF_CHECK_EQ(model_ack(1), MODEL_TIMER_PPI);
		model_set_bit(0, 1, GICD_ICACTIVER, MODEL_TIMER_PPI);
		cpus[1].timer.line = false;
		model_save(1);
		model_load(1);
		model_settle();
		ATF_CHECK(!cpus[1].timer.active);
		ATF_CHECK(!vgic_hw_private_active(&cpus[1].vgic, MODEL_TIMER_PPI));
	}
}

/*
 * The device's interrupt comes again after the guest has completed the last one, and the guest
 * takes it back by ICPENDR, all before the vCPU looks at the list register of the last one: the
 * physical interrupt must be free to come once more.
 */
ATF_TC_WITHOUT_HEAD(taken_back_after_the_next);
ATF_TC_BODY(taken_back_after_the_next, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 2, 2);
		model_set_target(0, HW_EDGE, 1);
		line(HW_EDGE, true);
		ATF_REQUIRE_EQ(model_ack(1), HW_EDGE);
		/* something has changed: what is in the list register cannot be used once more */
		model_set_priority(0, HW_EDGE, 0x80);
		model_eoi_only(1, HW_EDGE);
		ATF_REQUIRE(!phys_of(HW_EDGE)->active);
		phys_of(HW_EDGE)->latch = true;
		ATF_REQUIRE(model_fire());
		model_set_bit(0, 0, GICD_ICPENDR, HW_EDGE);
		nothing(1);
		ATF_CHECK(!phys_of(HW_EDGE)->active);
		line(HW_EDGE, true);
		take(1, HW_EDGE);
		ATF_CHECK_EQ(phys_of(HW_EDGE)->fired, 3);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, forwarded);
	ATF_TP_ADD_TC(tp, deactivated_by_el2);
	ATF_TP_ADD_TC(tp, forwarded_and_software);
	ATF_TP_ADD_TC(tp, forwarded_by_register);
	ATF_TP_ADD_TC(tp, forwarded_and_nested);
	ATF_TP_ADD_TC(tp, forwarded_and_spilled);
	ATF_TP_ADD_TC(tp, routed);
	ATF_TP_ADD_TC(tp, line_drops);
	ATF_TP_ADD_TC(tp, line_while_active);
	ATF_TP_ADD_TC(tp, line_and_software);
	ATF_TP_ADD_TC(tp, line_drops_in_queue);
	ATF_TP_ADD_TC(tp, level_as_edges);
	ATF_TP_ADD_TC(tp, taken_back_after_the_next);
	ATF_TP_ADD_TC(tp, timer);
	ATF_TP_ADD_TC(tp, timer_and_world_switch);
	ATF_TP_ADD_TC(tp, timer_off_in_lr);
	ATF_TP_ADD_TC(tp, timer_of_another);
	return atf_no_error();
}
