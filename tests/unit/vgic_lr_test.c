// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic_lr.c with fewer list registers than interrupts: which of them are
 * delivered first, and completions of those that had to give way. The hardware
 * is a model, vgic_model.h.
 */
#include "tests/unit/vgic_fixture.h"

#define SPI 40u
#define OTHER 41u

/* Many pending, few list registers: in the order of priorities, first come first served. */
ATF_TC_WITHOUT_HEAD(priorities);
ATF_TC_BODY(priorities, tc)
{
	FOR_BOTH(version)
	{
		for (unsigned int lrs = 1; lrs <= VGIC_MAX_LRS; lrs++) {
			model_start_enabled(version, 1, lrs);
			/* each better than those before, in pairs */
			for (uint32_t i = 0; i < 60; i++) {
				model_set_priority(0, SPI + i, (uint8_t)(0xf0 - i / 2 * 8));
				model_set_edge(0, SPI + i, true);
				model_line(0, SPI + i, true);
				model_check();
			}
			for (uint32_t i = 0; i < 60; i++) {
				uint32_t intid = model_ack(0);

				ATF_REQUIRE_EQ((intid - SPI) / 2, (59 - i) / 2);
				model_eoi(0, intid);
				model_check();
			}
			nothing(0);
			ATF_CHECK_EQ(cpus[0].vgic.levels, 0);
			ATF_CHECK_EQ(cpus[0].hw.reasons, 0);
		}
	}
}

/* Interrupted again and again, deeper than there are list registers; and all the way back. */
static void nest(unsigned int version, unsigned int lrs, bool eoimode1, bool keep_line)
{
	model_start_enabled(version, 1, lrs);
	model_enable(0, eoimode1);
	for (uint32_t i = 0; i < 30; i++) {
		model_set_priority(0, SPI + i, (uint8_t)(0xf0 - i * 8));
		model_line(0, SPI + i, true);
		ATF_REQUIRE_EQ(model_ack(0), SPI + i);
		if (!keep_line)
			model_line(0, SPI + i, false);
		model_check();
	}
	for (uint32_t i = 30; i-- > 0;) {
		ATF_REQUIRE(model_bit(0, 0, GICD_ISACTIVER, SPI + i));
		model_line(0, SPI + i, false);
		model_eoi(0, SPI + i);
		ATF_REQUIRE_EQ(model_bit(0, 0, GICD_ISACTIVER, SPI + i), eoimode1);
		model_settle();
		model_check();
	}
	/* any order will do */
	for (uint32_t i = 0; eoimode1 && i < 30; i++) {
		model_dir(0, SPI + i * 7 % 30);
		ATF_REQUIRE(!model_bit(0, 0, GICD_ISACTIVER, SPI + i * 7 % 30));
		model_check();
	}
	nothing(0);
	ATF_CHECK_EQ(cpus[0].vgic.spilled.first, NULL);
	ATF_CHECK_EQ(cpus[0].hw.apr, 0);
	ATF_CHECK_EQ(cpus[0].hw.reasons, 0);
}

ATF_TC_WITHOUT_HEAD(nested);
ATF_TC_BODY(nested, tc)
{
	FOR_BOTH(version)
	for (unsigned int lrs = 1; lrs <= VGIC_MAX_LRS; lrs++)
		for (int variant = 0; variant < 4; variant++)
			nest(version, lrs, variant & 1, variant & 2);
}

/*
 * ICACTIVER has ended an interrupt whose EOI is still to come. That EOI drops the
 * priority, and ends no other one, whether the ended one was in a list register or
 * not; nor does the end of one that comes in between.
 */
static void end_by_register(unsigned int version, unsigned int lrs, unsigned int depth,
			    unsigned int ended, bool again)
{
	model_start_enabled(version, 1, lrs);
	for (uint32_t i = 0; i < depth; i++) {
		model_set_priority(0, SPI + i, (uint8_t)(0xf0 - i * 8));
		pend(SPI + i);
		ATF_REQUIRE_EQ(model_ack(0), SPI + i);
	}
	model_set_bit(0, 0, GICD_ICACTIVER, SPI + ended);
	if (again) { /* and comes once more, before its first handler is over */
		model_set_priority(0, SPI + ended, 0);
		pend(SPI + ended);
		take(0, SPI + ended);
	}
	for (uint32_t i = depth; i-- > 0;) {
		model_eoi(0, SPI + i);
		model_settle();
		model_check();
		for (uint32_t k = 0; k < depth; k++)
			ATF_REQUIRE_EQ_MSG(model_bit(0, 0, GICD_ISACTIVER, SPI + k),
					   k < i && k != ended, "%u of %u, ended %u, at %u", k,
					   depth, ended, i);
	}
	nothing(0);
	ATF_CHECK_EQ(cpus[0].hw.reasons, 0);
}

ATF_TC_WITHOUT_HEAD(ended_by_register);
ATF_TC_BODY(ended_by_register, tc)
{
	FOR_BOTH(version)
	for (unsigned int lrs = 1; lrs <= 4; lrs++)
		for (unsigned int depth = 1; depth < 8; depth++)
			for (unsigned int ended = 0; ended < depth; ended++)
				for (int again = 0; again < 2; again++)
					end_by_register(version, lrs, depth, ended, again);
}

/* The end of a spilled one is seen also if another has its priority by then. */
ATF_TC_WITHOUT_HEAD(priority_taken_over);
ATF_TC_BODY(priority_taken_over, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 2);
		for (uint32_t i = 0; i < 4; i++) {
			model_set_priority(0, SPI + i, (uint8_t)(0x80 - i * 8));
			pend(SPI + i);
			ATF_REQUIRE_EQ(model_ack(0), SPI + i);
		}
		ATF_REQUIRE(vgic.spis[SPI - 32].spilled && vgic.spis[SPI + 1 - 32].spilled);
		model_set_priority(0, SPI + 4, 0x78); /* as SPI + 1 */
		model_eoi_only(0, SPI + 3);
		model_eoi_only(0, SPI + 2);
		pend(SPI + 4);
		/* the end of SPI + 1, and another's beginning, before EL2 hears of it */
		model_eoi_only(0, SPI + 1);
		ATF_REQUIRE_EQ(model_ack_only(0), SPI + 4);
		model_maintain(0);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI + 1));
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI + 4));
		model_eoi(0, SPI + 4);
		model_eoi(0, SPI);
		nothing(0);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
	}
}

/* With EOImode 1, an SPI is deactivated by another vCPU than has taken it. */
ATF_TC_WITHOUT_HEAD(deactivated_by_another);
ATF_TC_BODY(deactivated_by_another, tc)
{
	FOR_BOTH(version)
	for (int where = 0; where < 3; where++) {
		model_start_enabled(version, 2, 1);
		model_enable(0, true);
		model_enable(1, true);
		model_set_priority(0, SPI, 0x80);
		pend(SPI);
		ATF_REQUIRE_EQ(model_ack(0), SPI);
		model_eoi(0, SPI);
		if (where == 1) { /* spilled */
			model_set_priority(0, OTHER, 0x40);
			pend(OTHER);
			ATF_REQUIRE_EQ(model_ack(0), OTHER);
			ATF_REQUIRE(vgic.spis[SPI - 32].spilled);
		} else if (where == 2) {
			model_save(0);
		}
		model_dir(1, SPI);
		model_settle();
		ATF_CHECK(!model_bit(1, 1, GICD_ISACTIVER, SPI));
		if (where == 2)
			model_load(0);
		else if (where == 1)
			model_eoi(0, OTHER);
		pend(SPI);
		take(0, SPI);
		model_dir(0, SPI);
		nothing(0);
	}
}

/* With EOImode 0, ICC_DIR_EL1 does nothing. */
ATF_TC_WITHOUT_HEAD(dir_without_eoimode);
ATF_TC_BODY(dir_without_eoimode, tc)
{
	model_start_enabled(3, 2, 2);
	pend(SPI);
	ATF_REQUIRE_EQ(model_ack(0), SPI);
	here = &cpus[0];
	vgic_v3_write_dir(&cpus[0].vgic, SPI);
	model_exit(0);
	ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
	model_eoi(0, SPI);
	ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
}

/* What is spilled becomes pending again, and comes when it is done. */
ATF_TC_WITHOUT_HEAD(spilled_and_pending);
ATF_TC_BODY(spilled_and_pending, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 1);
		model_set_priority(0, SPI, 0x80);
		model_set_edge(0, SPI, true);
		model_set_priority(0, OTHER, 0x40);
		model_set_edge(0, OTHER, true);
		model_line(0, SPI, true);
		ATF_REQUIRE_EQ(model_ack(0), SPI);
		model_line(0, OTHER, true);
		ATF_REQUIRE(vgic.spis[SPI - 32].spilled);
		model_line(0, SPI, false);
		model_line(0, SPI, true);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		take(0, OTHER);
		/* back in its list register, or counted: it is delivered once more either way */
		model_eoi(0, SPI);
		take(0, SPI);
		nothing(0);
	}
}

/* The guest changes the priorities of what it is handling: completed in the old order. */
ATF_TC_WITHOUT_HEAD(spilled_priority_changes);
ATF_TC_BODY(spilled_priority_changes, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 1);
		for (uint32_t i = 0; i < 4; i++) {
			model_set_priority(0, SPI + i, (uint8_t)(0x80 - i * 8));
			pend(SPI + i);
			ATF_REQUIRE_EQ(model_ack(0), SPI + i);
		}
		for (uint32_t i = 0; i < 4; i++)
			model_set_priority(0, SPI + i, (uint8_t)(0x10 + i * 8));
		/* and makes one active that was never delivered */
		model_set_bit(0, 0, GICD_ISACTIVER, SPI + 4);
		for (uint32_t i = 4; i-- > 0;) {
			model_eoi(0, SPI + i);
			for (uint32_t k = 0; k < 4; k++)
				ATF_CHECK_EQ(model_bit(0, 0, GICD_ISACTIVER, SPI + k), k < i);
			ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI + 4));
		}
		model_set_bit(0, 0, GICD_ICACTIVER, SPI + 4);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI + 4));
		nothing(0);
	}
}

/* EOIs of nothing, before anything is spilled: not taken for those of what is spilled later. */
ATF_TC_WITHOUT_HEAD(stray_eois);
ATF_TC_BODY(stray_eois, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 1);
		model_set_priority(0, SPI, 0x80);
		model_eoi(0, 99);
		model_eoi(0, 98);
		pend(SPI);
		ATF_REQUIRE_EQ(model_ack(0), SPI);
		pend(OTHER);
		ATF_REQUIRE(vgic.spis[SPI - 32].spilled);
		ATF_CHECK_EQ(model_ack(0), OTHER);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		model_eoi(0, OTHER);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		model_eoi(0, SPI);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
	}
}

/* An active SGI gives way and comes back: the hardware tells it by its sender. */
ATF_TC_WITHOUT_HEAD(v2_sgi_spilled);
ATF_TC_BODY(v2_sgi_spilled, tc)
{
	uint32_t iar;

	model_start_enabled(2, 4, 1);
	model_set_priority(1, 5, 0x80);
	model_send_sgi(3, 1, 5);
	model_settle();
	iar = model_ack(1);
	ATF_REQUIRE_EQ(iar, 3u << 10 | 5);
	model_set_target(0, SPI, 1);
	pend(SPI);
	ATF_REQUIRE(vgic_get_private(&cpus[1].vgic, 5)->spilled);
	take(1, SPI);
	model_exit(1);
	here = &cpus[1];
	vgic_flush(&cpus[1].vgic);
	ATF_REQUIRE_EQ(vgic_get_private(&cpus[1].vgic, 5)->lr, 0);
	model_eoi(1, iar);
	ATF_CHECK(!model_bit(1, 1, GICD_ISACTIVER, 5));
	nothing(1);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, priorities);
	ATF_TP_ADD_TC(tp, nested);
	ATF_TP_ADD_TC(tp, ended_by_register);
	ATF_TP_ADD_TC(tp, priority_taken_over);
	ATF_TP_ADD_TC(tp, deactivated_by_another);
	ATF_TP_ADD_TC(tp, dir_without_eoimode);
	ATF_TP_ADD_TC(tp, spilled_and_pending);
	ATF_TP_ADD_TC(tp, spilled_priority_changes);
	ATF_TP_ADD_TC(tp, stray_eois);
	ATF_TP_ADD_TC(tp, v2_sgi_spilled);
	return atf_no_error();
}
