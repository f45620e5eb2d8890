// SPDX-License-Identifier: BSD-2-Clause
/*
 * Delivery to CPU 0, which masks interrupts and looks for itself.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define IRQ_A FIRST_IRQ
#define IRQ_B (FIRST_IRQ + 1)
#define IRQ_C (FIRST_IRQ + 2)

static uint8_t running(void)
{
	return gic_running_priority() & GIC_PRIORITY_MASK;
}

static void check_one(void)
{
	uint32_t iar;

	check(takes_nothing(), "nothing is pending at first");
	gic_eoi(GIC_SPURIOUS);
	check_equal(gic_running_priority(), 0xff, "the idle priority");

	prepare(IRQ_A, 0x80);
	gic_set_pending(IRQ_A);
	check(gic_is_pending(IRQ_A) && !gic_is_active(IRQ_A), "an SPI is pending");
	check_equal(gic_intid(gic_highest_pending()), IRQ_A, "HPPIR has it");
	iar = take();
	check_equal(gic_intid(iar), IRQ_A, "it is acknowledged");
	check(!gic_is_pending(IRQ_A) && gic_is_active(IRQ_A), "and active then");
	check_equal(running(), 0x80, "its priority is running");
	check(takes_nothing(), "it comes once");
	gic_eoi(iar);
	check(!gic_is_pending(IRQ_A) && !gic_is_active(IRQ_A), "and is over after its end");
	check_equal(gic_running_priority(), 0xff, "the CPU is idle again");
	check(takes_nothing(), "nothing is left");
}

static void check_not_delivered(void)
{
	gic_disable(IRQ_A);
	gic_set_pending(IRQ_A);
	check(gic_is_pending(IRQ_A) && takes_nothing(), "disabled: pending, not delivered");
	gic_enable(IRQ_A);
	check(takes_once(IRQ_A), "delivered when enabled");

	gic_set_mask(0);
	gic_set_pending(IRQ_A);
	gic_disable(IRQ_A);
	gic_set_mask(0xff);
	check(takes_nothing() && gic_is_pending(IRQ_A), "disabled while it was on its way");
	gic_enable(IRQ_A);
	gic_clear_pending(IRQ_A);
	check(takes_nothing() && !gic_is_pending(IRQ_A), "made not pending while on its way");

	gic_set_pending(IRQ_A);
	mmio_write32(gic_distributor() + GICD_CTLR,
		     machine.gic_version == 3 ? GICD_CTLR_ARE_NS : 0);
	check(takes_nothing(), "the distributor is off: not delivered");
	mmio_write32(gic_distributor() + GICD_CTLR,
		     machine.gic_version == 3 ? GICD_CTLR_ARE_NS | 3 : 1);
	check(takes_once(IRQ_A), "and on: delivered");

	gic_enable_interface(false);
	gic_set_pending(IRQ_A);
	check(takes_nothing(), "the interface is off: not delivered");
	gic_enable_interface(true);
	check(takes_once(IRQ_A), "and on: delivered");
}

static void check_mask(void)
{
	gic_set_mask(0x80);
	check_equal(gic_get_mask() & GIC_PRIORITY_MASK, 0x80, "the mask can be read back");
	gic_set_pending(IRQ_A);
	check(takes_nothing(), "a priority equal to the mask is masked");
	gic_set_mask(0x80 + GIC_PRIORITY_STEP);
	check(takes_once(IRQ_A), "a higher one is not");
	gic_set_mask(0);
	gic_set_priority(IRQ_A, 0);
	gic_set_pending(IRQ_A);
	check(takes_nothing(), "mask 0 masks everything");
	gic_set_mask(0xff);
	check(takes_once(IRQ_A), "and no longer");
	gic_set_priority(IRQ_A, 0x80);
}

static void check_preemption(void)
{
	uint32_t a, b;

	prepare(IRQ_B, 0x40);
	prepare(IRQ_C, 0xc0);
	gic_set_pending(IRQ_A);
	a = take();
	gic_set_pending(IRQ_C);
	check(takes_nothing(), "a lower priority does not preempt");
	gic_set_priority(IRQ_C, 0x80);
	check(takes_nothing(), "nor does an equal one");
	gic_set_pending(IRQ_B);
	b = take();
	check_equal(gic_intid(b), IRQ_B, "a higher one does");
	check_equal(running(), 0x40, "and is running");
	gic_eoi(b);
	check_equal(running(), 0x80, "the one before goes on");
	gic_eoi(a);
	check(takes_once(IRQ_C), "the one that waited comes at last");
	clean_up();
}

/*
 * One bit of group priority: bit 7 (GICC_BPR 6; ICC_BPR1_EL1 7). Never 8 or another multiple of
 * it: QEMU 7.2 keeps the lower three bits of what a guest writes to ICC_BPR1_EL1, takes the
 * resulting 0 for impossible, and aborts ("icv_gprio_mask: Assertion `bpr > 0' failed").
 */
static void check_binary_point(void)
{
	uint32_t a, b;

	prepare(IRQ_A, 0xa0);
	prepare(IRQ_B, 0x90);
	prepare(IRQ_C, 0x40);
	gic_set_binary_point(machine.gic_version == 3 ? 7 : 6);
	gic_set_pending(IRQ_A);
	a = take();
	gic_set_pending(IRQ_B);
	check(takes_nothing(), "binary point: subpriorities do not preempt");
	gic_set_pending(IRQ_C);
	b = take();
	check_equal(gic_intid(b), IRQ_C, "binary point: groups do");
	gic_eoi(b);
	gic_eoi(a);
	/* Among those that wait the subpriority counts. */
	gic_set_pending(IRQ_A);
	a = take();
	check_equal(gic_intid(a), IRQ_B, "binary point: subpriorities give the order");
	gic_eoi(a);
	check(takes_once(IRQ_A), "and the other one follows");
	gic_set_binary_point(0);
	clean_up();
}

static void check_pending_and_active(void)
{
	uint32_t iar;

	prepare(IRQ_A, 0x80);
	prepare(IRQ_B, 0x80);
	gic_set_pending(IRQ_A);
	iar = take();
	gic_set_pending(IRQ_A);
	check(gic_is_pending(IRQ_A) && gic_is_active(IRQ_A), "an active edge is pending again");
	check(takes_nothing(), "but waits for the first one's end");
	gic_eoi(iar);
	check(takes_once(IRQ_A), "and comes a second time");

	gic_set_pending(IRQ_A);
	iar = take();
	gic_set_pending(IRQ_A);
	gic_clear_pending(IRQ_A);
	check(!gic_is_pending(IRQ_A) && gic_is_active(IRQ_A), "taken back while active");
	gic_eoi(iar);
	check(takes_nothing(), "it does not come a second time");

	/* Active by a write: as good as acknowledged, but without a priority. */
	gic_put_bit(GICD_ISACTIVER, IRQ_B);
	gic_set_pending(IRQ_B);
	check(gic_is_active(IRQ_B) && takes_nothing(), "made active: not delivered");
	gic_put_bit(GICD_ICACTIVER, IRQ_B);
	check(takes_once(IRQ_B), "made inactive: delivered");

	/* Deactivated through the distributor, while its priority runs. */
	gic_set_pending(IRQ_B);
	iar = take();
	gic_put_bit(GICD_ICACTIVER, IRQ_B);
	check(!gic_is_active(IRQ_B), "made inactive before its end");
	gic_eoi(iar);
	gic_set_pending(IRQ_B);
	check(takes_once(IRQ_B), "it can come again");
	clean_up();
}

/* v2, where it has groups: an interrupt of a group that is off. */
static void check_groups(void)
{
	uint8_t *reg = gic_distributor() + GICD_IGROUPR + (size_t)(IRQ_A / 32) * 4;
	uint32_t old = mmio_read32(reg), bit = (uint32_t)BIT(IRQ_A % 32);

	prepare(IRQ_A, 0x80);
	mmio_write32(reg, old ^ bit);
	if (mmio_read32(reg) == old)
		return; /* one group only */
	if (machine.gic_version == 2) {
		gic_set_pending(IRQ_A);
		check(takes_nothing(), "group 1, which is off: not delivered");
		mmio_write32(reg, old);
		check(takes_once(IRQ_A), "and in group 0: delivered");
	} else {
		/* Group 0 is off at the CPU: ICC_IGRPEN0_EL1 has never been set. */
		gic_set_pending(IRQ_A);
		check(takes_nothing(), "group 0, which is off: not delivered");
		mmio_write32(reg, old);
		check(takes_once(IRQ_A), "and in group 1: delivered");
	}
	clean_up();
}

void check_delivery(void)
{
	check_one();
	check_not_delivered();
	check_mask();
	check_preemption();
	check_binary_point();
	check_pending_and_active();
	check_groups();
}
