// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic.c and vdev/vgic_lr.c: what becomes of an interrupt from its line
 * to the guest's EOI, and what its registers do to it on the way. The hardware
 * is a model, vgic_model.h. With too few list registers: vgic_lr_test.c.
 */
#include "tests/unit/vgic_fixture.h"

#define SPI 40u
#define OTHER 41u

ATF_TC_WITHOUT_HEAD(level);
ATF_TC_BODY(level, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		nothing(0);
		model_line(0, SPI, true);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		ATF_CHECK_EQ(model_ack(0), SPI);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		/* still high: pending, but not delivered before this one is done */
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		nothing(0);
		model_eoi(0, SPI);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
		ATF_CHECK_EQ(model_ack(0), SPI);
		model_line(0, SPI, false);
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, SPI));
		model_eoi(0, SPI);
		nothing(0);
	}
}

ATF_TC_WITHOUT_HEAD(level_retracted);
ATF_TC_BODY(level_retracted, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		model_line(0, SPI, true);
		model_line(0, SPI, false);
		nothing(0);
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, SPI));
		/* taken in the moment before the kick: it was high */
		model_line(0, SPI, true);
		vgic_set_line(&vgic, 0, SPI, false);
		ATF_CHECK_EQ(model_ack(0), SPI);
		model_settle();
		model_eoi(0, SPI);
		nothing(0);
	}
}

/* The line rises while the interrupt, which software had made pending, is on its way. */
ATF_TC_WITHOUT_HEAD(level_rises_late);
ATF_TC_BODY(level_rises_late, tc)
{
	FOR_BOTH(version)
	{
		/* pending, active, active and pending */
		for (int when = 0; when < 3; when++) {
			model_start_enabled(version, 1, 4);
			pend(SPI);
			if (when >= 1)
				ATF_REQUIRE_EQ(model_ack(0), SPI);
			if (when == 2)
				pend(SPI);
			model_line(0, SPI, true);
			if (when == 0)
				ATF_REQUIRE_EQ(model_ack(0), SPI);
			model_eoi(0, SPI);
			if (when == 2)
				take(0, SPI);
			take(0, SPI);
			model_line(0, SPI, false);
			nothing(0);
		}
	}
}

ATF_TC_WITHOUT_HEAD(edge);
ATF_TC_BODY(edge, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		model_set_edge(0, SPI, true);
		model_line(0, SPI, true);
		model_line(0, SPI, false);
		/* two edges before the first is taken are one */
		model_line(0, SPI, true);
		ATF_CHECK_EQ(model_ack(0), SPI);
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, SPI));
		nothing(0);
		/* one while it is active is another */
		model_line(0, SPI, false);
		model_line(0, SPI, true);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		nothing(0);
		model_eoi(0, SPI);
		take(0, SPI);
		nothing(0);
		/* nobody has to look at its end */
		ATF_CHECK_EQ(cpus[0].maintenances, 0);
		/* taken back by the guest, while active */
		model_line(0, SPI, false);
		model_line(0, SPI, true);
		ATF_CHECK_EQ(model_ack(0), SPI);
		pend(SPI);
		model_set_bit(0, 0, GICD_ICPENDR, SPI);
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, SPI));
		model_eoi(0, SPI);
		nothing(0);
	}
}

ATF_TC_WITHOUT_HEAD(disabled_on_the_way);
ATF_TC_BODY(disabled_on_the_way, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		pend(SPI);
		model_set_bit(0, 0, GICD_ICENABLER, SPI);
		nothing(0);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		model_set_bit(0, 0, GICD_ISENABLER, SPI);
		ATF_CHECK_EQ(model_ack(0), SPI);
		/* active and pending: what is pending must not come while it is disabled */
		pend(SPI);
		model_set_bit(0, 0, GICD_ICENABLER, SPI);
		model_eoi(0, SPI);
		nothing(0);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		model_set_bit(0, 0, GICD_ISENABLER, SPI);
		take(0, SPI);
		/* disabled first, pending then */
		pend(SPI);
		ATF_CHECK_EQ(model_ack(0), SPI);
		model_set_bit(0, 0, GICD_ICENABLER, SPI);
		pend(SPI);
		model_eoi(0, SPI);
		nothing(0);
		model_set_bit(0, 0, GICD_ISENABLER, SPI);
		take(0, SPI);
		nothing(0);
	}
}

ATF_TC_WITHOUT_HEAD(group_disabled_on_the_way);
ATF_TC_BODY(group_disabled_on_the_way, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		model_set_bit(0, 0, GICD_IGROUPR, OTHER);
		pend(SPI);
		pend(OTHER);
		model_access(0, GICD_CTLR, 4, true, 2);
		take(0, OTHER);
		nothing(0);
		model_access(0, GICD_CTLR, 4, true, 1);
		pend(OTHER);
		take(0, SPI);
		nothing(0);
		/* from one group into the other, while in a list register */
		model_set_bit(0, 0, GICD_ISPENDR, SPI);
		model_access(0, GICD_IGROUPR + SPI / 32 * 4, 4, true, UINT32_MAX);
		nothing(0);
		model_access(0, GICD_CTLR, 4, true, 3);
		take(0, SPI);
		take(0, OTHER);
		/* active and pending */
		pend(SPI);
		ATF_CHECK_EQ(model_ack(0), SPI);
		pend(SPI);
		model_access(0, GICD_CTLR, 4, true, 1);
		model_eoi(0, SPI);
		nothing(0);
		model_access(0, GICD_CTLR, 4, true, 3);
		take(0, SPI);
	}
}

ATF_TC_WITHOUT_HEAD(priority_changes);
ATF_TC_BODY(priority_changes, tc)
{
	FOR_BOTH(version)
	{
		for (unsigned int lrs = 1; lrs <= 4; lrs++) {
			model_start_enabled(version, 1, lrs);
			for (uint32_t i = 0; i < 3; i++) {
				model_set_priority(0, SPI + i, (uint8_t)(0x40 + i * 8));
				pend(SPI + i);
			}
			model_set_priority(0, SPI, 0x58);
			model_set_priority(0, SPI + 2, 0x10);
			model_check();
			take(0, SPI + 2);
			take(0, SPI + 1);
			take(0, SPI);
			/* active and pending */
			pend(SPI);
			ATF_CHECK_EQ(model_ack(0), SPI);
			pend(SPI);
			model_set_priority(0, SPI, 0x60);
			model_set_priority(0, OTHER, 0x80);
			pend(OTHER);
			model_set_priority(0, SPI, 0x90);
			model_eoi(0, SPI);
			take(0, OTHER);
			take(0, SPI);
			nothing(0);
		}
	}
}

ATF_TC_WITHOUT_HEAD(retargeted);
ATF_TC_BODY(retargeted, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 2, 2);
		/* queued, pending in the other's list register */
		pend(SPI);
		model_set_target(0, SPI, 1);
		nothing(0);
		take(1, SPI);
		/* active there, pending again: comes here when it is done there */
		pend(SPI);
		ATF_CHECK_EQ(model_ack(1), SPI);
		model_set_target(0, SPI, 0);
		nothing(0);
		pend(SPI);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		nothing(0);
		model_eoi(1, SPI);
		nothing(1);
		take(0, SPI);
		/* pending and active there already */
		ATF_REQUIRE(!model_bit(0, 0, GICD_ISPENDR, SPI));
		pend(SPI);
		ATF_CHECK_EQ(model_ack(0), SPI);
		pend(SPI);
		model_set_target(1, SPI, 1);
		model_settle();
		model_eoi(0, SPI);
		nothing(0);
		take(1, SPI);
		/* in the list register of one that is not loaded */
		pend(SPI);
		model_save(1);
		model_set_target(0, SPI, 0);
		model_settle();
		take(0, SPI);
		model_load(1);
		model_settle();
		nothing(1);
	}
}

ATF_TC_WITHOUT_HEAD(active_by_register);
ATF_TC_BODY(active_by_register, tc)
{
	FOR_BOTH(version)
	{
		for (unsigned int lrs = 1; lrs <= 3; lrs++) {
			model_start_enabled(version, 2, lrs);
			/* nothing of it pending; queued or in a list register; by another vCPU */
			for (unsigned int by = 0; by < 2; by++) {
				model_set_bit(by, 0, GICD_ISACTIVER, SPI);
				ATF_CHECK(model_bit(by, 0, GICD_ISACTIVER, SPI));
				pend(SPI);
				nothing(0);
				ATF_CHECK(model_bit(1, 0, GICD_ISPENDR, SPI));
				model_set_bit(by, 0, GICD_ICACTIVER, SPI);
				model_settle();
				ATF_CHECK(!model_bit(by, 0, GICD_ISACTIVER, SPI));
				model_set_bit(by, 0, GICD_ISACTIVER, SPI);
				model_settle();
				ATF_CHECK(model_bit(1, 0, GICD_ISPENDR, SPI));
				nothing(0);
				/* the last word counts */
				model_set_bit(1, 0, GICD_ICACTIVER, SPI);
				model_set_bit(1, 0, GICD_ISACTIVER, SPI);
				model_set_bit(1, 0, GICD_ICACTIVER, SPI);
				model_settle();
				ATF_CHECK(!model_bit(by, 0, GICD_ISACTIVER, SPI));
				take(0, SPI);
				nothing(0);
			}
			/* what the guest is handling */
			pend(SPI);
			ATF_CHECK_EQ(model_ack(0), SPI);
			model_set_bit(1, 0, GICD_ICACTIVER, SPI);
			model_settle();
			ATF_CHECK(!model_bit(1, 0, GICD_ISACTIVER, SPI));
			model_eoi(0, SPI);
			nothing(0);
		}
	}
}

ATF_TC_WITHOUT_HEAD(v2_sgi_sources);
ATF_TC_BODY(v2_sgi_sources, tc)
{
	for (unsigned int lrs = 1; lrs <= 3; lrs++) {
		unsigned int seen = 0;

		model_start_enabled(2, 4, lrs);
		for (unsigned int from = 0; from < 4; from++) {
			model_send_sgi(from, 1, 5);
			model_send_sgi(from, 1, 5);
		}
		model_settle();
		ATF_CHECK_EQ(model_access(1, GICD_SPENDSGIR + 5, 1, false, 0), 0xf);
		for (int i = 0; i < 4; i++) {
			uint32_t iar = model_ack(1);

			ATF_REQUIRE_EQ(iar & 0x3ff, 5);
			seen |= 1u << (iar >> 10);
			ATF_CHECK_EQ(model_access(1, GICD_CPENDSGIR + 5, 1, false, 0),
				     0xfu & ~seen);
			/* again from the one that is being handled: another one, later */
			if (i == 0) {
				model_send_sgi(iar >> 10, 1, 5);
				model_settle();
				model_access(1, GICD_CPENDSGIR + 5, 1, true, 1u << (iar >> 10));
			}
			/* in between, something better, which takes its list register */
			if (lrs == 1) {
				model_set_priority(1, 5, 0x80);
				pend(SPI);
				model_set_target(0, SPI, 1);
				model_settle();
				if (i == 0)
					nothing(1);
			}
			model_eoi(1, iar);
			if (lrs == 1)
				take(1, SPI);
		}
		ATF_CHECK_EQ(seen, 0xf);
		nothing(1);
	}
}

ATF_TC_WITHOUT_HEAD(v3_sgi);
ATF_TC_BODY(v3_sgi, tc)
{
	model_start_enabled(3, 3, 2);
	model_send_sgi(0, 2, 7);
	model_send_sgi(1, 2, 7);
	model_settle();
	nothing(0);
	nothing(1);
	ATF_CHECK(model_bit(0, 2, GICD_ISPENDR, 7));
	ATF_CHECK_EQ(model_ack(2), 7);
	model_send_sgi(2, 2, 7);
	nothing(2);
	ATF_CHECK(model_bit(1, 2, GICD_ISPENDR, 7));
	ATF_CHECK(model_bit(1, 2, GICD_ISACTIVER, 7));
	model_eoi(2, 7);
	take(2, 7);
	nothing(2);
}

ATF_TC_WITHOUT_HEAD(has_pending);
ATF_TC_BODY(has_pending, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 2, 1);
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		model_line(0, SPI, true);
		ATF_CHECK(vgic_has_pending(&cpus[0].vgic));
		ATF_CHECK(!vgic_has_pending(&cpus[1].vgic));
		ATF_CHECK_EQ(model_ack(0), SPI);
		/* the line is high, but nothing can come before this one is done */
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		pend(SPI);
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
		pend(OTHER);
		ATF_CHECK(vgic_has_pending(&cpus[0].vgic));
		model_save(0);
		ATF_CHECK(vgic_has_pending(&cpus[0].vgic));
		model_set_bit(1, 0, GICD_ICENABLER, OTHER);
		ATF_CHECK(!vgic_has_pending(&cpus[0].vgic));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, level);
	ATF_TP_ADD_TC(tp, level_retracted);
	ATF_TP_ADD_TC(tp, level_rises_late);
	ATF_TP_ADD_TC(tp, edge);
	ATF_TP_ADD_TC(tp, disabled_on_the_way);
	ATF_TP_ADD_TC(tp, group_disabled_on_the_way);
	ATF_TP_ADD_TC(tp, priority_changes);
	ATF_TP_ADD_TC(tp, retargeted);
	ATF_TP_ADD_TC(tp, active_by_register);
	ATF_TP_ADD_TC(tp, v2_sgi_sources);
	ATF_TP_ADD_TC(tp, v3_sgi);
	ATF_TP_ADD_TC(tp, has_pending);
	return atf_no_error();
}
