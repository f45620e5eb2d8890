// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic.c and vdev/vgic_lr.c: a vCPU that leaves its CPU with whatever is
 * in its list registers, and resets. The hardware is a model, vgic_model.h.
 */
#include "tests/unit/vgic_fixture.h"

#define SPI 40u

ATF_TC_WITHOUT_HEAD(world_switch);
ATF_TC_BODY(world_switch, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 1, 4);
		/* active, active and pending, pending, empty again; one forwarded */
		for (uint32_t i = 0; i < 4; i++) {
			model_set_priority(0, SPI + i, (uint8_t)(0x80 - i * 8));
			pend(SPI + i);
			if (i != 2)
				ATF_REQUIRE_EQ(model_ack(0), SPI + i);
			else
				model_set_bit(0, 0, GICD_ICENABLER, SPI + i);
		}
		pend(SPI + 1);
		model_set_bit(0, 0, GICD_ISENABLER, SPI + 2);
		model_eoi(0, SPI + 3);
		for (int i = 0; i < 3; i++) {
			model_save(0);
			ATF_CHECK(model_empty() == 0xf);
			model_check();
			if (i == 1)
				line(HW, true);
			model_load(0);
			model_check();
		}
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI + 3));
		take(0, HW);
		line(HW, false);
		model_settle();
		ATF_CHECK_EQ(model_ack(0), HW);
		model_eoi(0, HW);
		take(0, SPI + 2);
		model_eoi(0, SPI + 1);
		take(0, SPI + 1);
		model_eoi(0, SPI);
		nothing(0);
		ATF_CHECK_EQ(cpus[0].hw.apr, 0);
	}
}

/* The maintenance interrupt for the EOI of what has no list register does not come in time. */
ATF_TC_WITHOUT_HEAD(eoi_right_before_world_switch);
ATF_TC_BODY(eoi_right_before_world_switch, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 1);
		for (uint32_t i = 0; i < 3; i++) {
			model_set_priority(0, SPI + i, (uint8_t)(0x80 - i * 8));
			pend(SPI + i);
			ATF_REQUIRE_EQ(model_ack(0), SPI + i);
		}
		model_eoi_only(0, SPI + 2);
		model_eoi_only(0, SPI + 1);
		model_save(0);
		model_load(0);
		for (uint32_t i = 0; i < 3; i++)
			ATF_CHECK_EQ(model_bit(0, 0, GICD_ISACTIVER, SPI + i), i == 0);
		model_eoi(0, SPI);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
		nothing(0);
	}
}

/* Changes to what is in list registers of a vCPU that is not loaded. */
ATF_TC_WITHOUT_HEAD(changes_while_saved);
ATF_TC_BODY(changes_while_saved, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 2, 4);
		for (uint32_t i = 0; i < 4; i++) {
			model_set_target(0, SPI + i, 1);
			model_set_edge(0, SPI + i, true);
			model_set_priority(0, SPI + i, (uint8_t)(0x80 - i * 8));
		}
		model_set_priority(0, HW, 0x40);
		model_set_target(0, HW, 1);
		pend(SPI);
		ATF_CHECK_EQ(model_ack(1), SPI);
		pend(SPI + 1);
		line(HW, true);
		ATF_CHECK_EQ(model_ack(1), HW);
		pend(SPI + 2);
		model_save(1);
		line(HW, false);
		model_set_bit(0, 0, GICD_ICACTIVER, HW);
		model_set_bit(0, 0, GICD_ICACTIVER, SPI);
		model_set_bit(0, 0, GICD_ICPENDR, SPI + 1);
		model_set_bit(0, 0, GICD_ISACTIVER, SPI + 2);
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
		ATF_CHECK(!model_bit(0, 0, GICD_ISPENDR, SPI + 1));
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI + 2));
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI + 2));
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, HW));
		ATF_CHECK(!phys_of(HW)->active);
		ATF_CHECK(!vgic_has_pending(&cpus[1].vgic));
		model_line(0, SPI + 1, true);
		ATF_CHECK(vgic_has_pending(&cpus[1].vgic));
		model_load(1);
		model_eoi(1, HW);
		model_eoi(1, SPI);
		take(1, SPI + 1);
		nothing(1);
		model_set_bit(0, 0, GICD_ICACTIVER, SPI + 2);
		model_settle();
		take(1, SPI + 2);
		nothing(1);
	}
}

/* What a vCPU that is away had taken, another one completes, and gets what comes then. */
ATF_TC_WITHOUT_HEAD(completed_for_another);
ATF_TC_BODY(completed_for_another, tc)
{
	FOR_BOTH(version)
	{
		for (int dir = 0; dir < 2; dir++) {
			model_start_enabled(version, 2, 2);
			model_enable(0, true);
			model_set_target(0, SPI, 1);
			pend(SPI);
			ATF_CHECK_EQ(model_ack(1), SPI);
			model_save(1);
			model_set_target(0, SPI, 0);
			pend(SPI);
			nothing(0);
			here = &cpus[0];
			if (!dir)
				model_set_bit(0, 0, GICD_ICACTIVER, SPI);
			else if (version == 3)
				vgic_v3_write_dir(&cpus[0].vgic, SPI);
			else
				model_dir(0, SPI);
			model_settle();
			ATF_CHECK_EQ(model_ack(0), SPI);
		}
	}
}

ATF_TC_WITHOUT_HEAD(reset_of_one_cpu);
ATF_TC_BODY(reset_of_one_cpu, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 2, 2);
		model_set_target(0, SPI, 1);
		model_set_target(0, SPI + 1, 1);
		model_set_target(0, SPI + 2, 1);
		model_set_priority(0, SPI, 0x80);
		pend(SPI);
		ATF_CHECK_EQ(model_ack(1), SPI);
		pend(SPI + 1);
		model_save(1);
		/* asked for, and not done yet */
		model_set_bit(0, 0, GICD_ICACTIVER, SPI);
		vgic_reset_cpu(&cpus[1].vgic);
		model_check();
		ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
		model_load(1);
		ATF_CHECK_EQ(cpus[1].hw.apr, 0);
		nothing(1);
		model_enable(1, false);
		take(1, SPI + 1);
		pend(SPI);
		ATF_CHECK_EQ(model_ack(1), SPI);
		pend(SPI);
		/* What was active stays so until it is deactivated; EOIs are not meant for it. */
		model_save(1);
		vgic_reset_cpu(&cpus[1].vgic);
		model_load(1);
		model_enable(1, false);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		model_set_priority(0, SPI, 0);
		model_set_priority(0, SPI + 2, 0x80);
		pend(SPI + 2);
		ATF_CHECK_EQ(model_ack(1), SPI + 2);
		pend(SPI + 1);
		ATF_CHECK_EQ(model_ack(1), SPI + 1);
		model_line(1, 20, true);
		nothing(1);
		model_eoi(1, SPI + 1);
		take(1, 20);
		model_eoi(1, SPI + 2);
		ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
		model_line(1, 20, false);
		model_settle();
		if (model_ack(1) == 20)
			model_eoi(1, 20);
		model_set_bit(0, 0, GICD_ICACTIVER, SPI);
		model_settle();
		take(1, SPI);
		nothing(1);
	}
}

ATF_TC_WITHOUT_HEAD(reset);
ATF_TC_BODY(reset, tc)
{
	FOR_BOTH(version)
	{
		set_up_hw(version, 2, 1);
		/* one of each: queued, pending, spilled; forwarded ones */
		model_set_priority(0, HW, 0x80);
		line(HW, true);
		ATF_CHECK_EQ(model_ack(0), HW);
		line(HW_EL2, true);
		line(HW_EDGE, true);
		pend(SPI);
		model_send_sgi(0, 1, 3);
		cpus[1].timer.line = true;
		model_line(1, 20, true);
		model_line(0, SPI + 1, true);
		model_set_bit(0, 0, GICD_IGROUPR, SPI);
		model_set_target(0, SPI, 1);
		model_save(0);
		model_save(1);
		cpus[1].timer.line = false;
		phys_of(HW)->line = phys_of(HW_EL2)->line = phys_of(HW_EDGE)->line = false;
		vgic_reset(&vgic);
		model_check();
		for (uint32_t i = VGIC_NR_PRIVATE; i < MODEL_NR_IRQS; i++)
			ATF_CHECK(!phys[i].active);
		model_load(0);
		model_load(1);
		ATF_CHECK_EQ(model_access(0, GICD_CTLR, 4, false, 0) & 3, 0);
		for (unsigned int c = 0; c < 2; c++) {
			ATF_CHECK_EQ(model_running(&cpus[c].hw), MODEL_IDLE);
			ATF_CHECK(!vgic_has_pending(&cpus[c].vgic));
			model_enable(c, false);
			for (uint32_t i = 0; i < MODEL_NR_IRQS; i++) {
				ATF_CHECK(!model_bit(c, c, GICD_ISPENDR, i));
				ATF_CHECK(!model_bit(c, c, GICD_ISACTIVER, i));
				ATF_CHECK(!model_bit(c, c, GICD_IGROUPR, i));
				ATF_CHECK_EQ(model_bit(c, c, GICD_ISENABLER, i),
					     version == 2 && i < VGIC_NR_SGIS);
			}
		}
		model_access(0, GICD_CTLR, 4, true, 3);
		nothing(0);
		nothing(1);
		/* and it works again */
		model_set_bit(0, 0, GICD_ISENABLER, HW);
		line(HW, true);
		ATF_CHECK_EQ(model_ack(0), HW);
		line(HW, false);
		model_eoi(0, HW);
		nothing(0);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, world_switch);
	ATF_TP_ADD_TC(tp, eoi_right_before_world_switch);
	ATF_TP_ADD_TC(tp, changes_while_saved);
	ATF_TP_ADD_TC(tp, completed_for_another);
	ATF_TP_ADD_TC(tp, reset_of_one_cpu);
	ATF_TP_ADD_TC(tp, reset);
	return atf_no_error();
}
