// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/pl031.c: the emulated clock, with the test as the counter, the interrupt
 * line and the timer.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/pl031.h"
#include "lib/bits.h"
#include "vdev/pl031.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#define HZ UINT64_C(62500000)
#define DATE 1700000000u

#define INTID 41u

static struct pl031 rtc;
static struct vgic the_vgic;
static uint64_t counter;
static bool line;
static uint64_t deadline; /* UINT64_MAX: none */
static struct vcpu *armed_by;

static uint64_t now(void)
{
	return counter;
}

/* The interrupt line, in the vGIC's place */
void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool level)
{
	ATF_REQUIRE_EQ(vgic, &the_vgic);
	ATF_REQUIRE_EQ(cpu, 0);
	ATF_REQUIRE_EQ(intid, INTID);
	ATF_REQUIRE(level != line);
	line = level;
}

static void arm(struct pl031 *r, struct vcpu *vcpu, uint64_t when)
{
	ATF_REQUIRE_EQ(r, &rtc);
	ATF_REQUIRE(when > counter);
	deadline = when;
	armed_by = vcpu;
}

static const struct pl031_ops ops = {.now = now, .arm = arm};

static void set_up(void)
{
	line = false;
	deadline = UINT64_MAX;
	counter = 5 * HZ + HZ / 2;
	struct vdev *devices = NULL;

	pl031_init(&rtc, &ops, HZ, DATE);
	vdev_attach(&rtc.vdev, &devices, &the_vgic, INTID);
}

static uint64_t read_size(unsigned int offset, uint8_t size)
{
	struct mmio_access access = {.offset = offset, .size = size, .value = ~UINT64_C(0)};

	ATF_REQUIRE_EQ(pl031_access(NULL, &rtc, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&rtc.lock));
	return access.value;
}

static uint64_t get(unsigned int offset)
{
	return read_size(offset, 4);
}

/* vCPUs are told apart by their addresses alone. */
static void set_by(uintptr_t vcpu, unsigned int offset, uint32_t value)
{
	struct mmio_access access = {.offset = offset, .size = 4, .value = value, .write = true};

	ATF_REQUIRE_EQ(pl031_access((struct vcpu *)vcpu, &rtc, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&rtc.lock));
}

static void set(unsigned int offset, uint32_t value)
{
	set_by(64, offset, value);
}

ATF_TC_WITHOUT_HEAD(time);
ATF_TC_BODY(time, tc)
{
	set_up();
	ATF_CHECK_EQ(get(PL031_DR), DATE);
	counter += HZ / 2;
	ATF_CHECK_EQ(get(PL031_DR), DATE + 1);
	counter += 3 * HZ - 1;
	ATF_CHECK_EQ(get(PL031_DR), DATE + 3);
	ATF_CHECK_EQ(read_size(PL031_DR + 1, 1), (DATE + 3) >> 8 & 0xff);
	ATF_CHECK_EQ(read_size(PL031_DR + 2, 2), (DATE + 3) >> 16);
	/* it cannot be written, and it is set by the load register */
	set(PL031_DR, 7);
	ATF_CHECK_EQ(get(PL031_DR), DATE + 3);
	set(PL031_LR, 0xfffffffe);
	ATF_CHECK_EQ(get(PL031_LR), 0xfffffffe);
	ATF_CHECK_EQ(get(PL031_DR), 0xfffffffe);
	counter += 3 * HZ;
	ATF_CHECK_EQ(get(PL031_DR), 1);
	/* on, always */
	ATF_CHECK_EQ(get(PL031_CR), 1);
	set(PL031_CR, 0);
	ATF_CHECK_EQ(get(PL031_CR), 1);
}

ATF_TC_WITHOUT_HEAD(identification);
ATF_TC_BODY(identification, tc)
{
	static const uint8_t expected[] = {0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

	set_up();
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++)
		ATF_CHECK_EQ(get(PL031_ID + 4 * i), expected[i]);
	ATF_CHECK_EQ(get(PL031_ID - 4), 0);
	ATF_CHECK_EQ(get(0x20), 0);
}

ATF_TC_WITHOUT_HEAD(wide);
ATF_TC_BODY(wide, tc)
{
	struct mmio_access access = {.offset = 0, .size = 8};

	set_up();
	ATF_CHECK_EQ(pl031_access(NULL, &rtc, &access), MMIO_FAULT);
	access = (struct mmio_access){.offset = 2, .size = 4};
	ATF_CHECK_EQ(pl031_access(NULL, &rtc, &access), MMIO_FAULT);
}

ATF_TC_WITHOUT_HEAD(alarm_now);
ATF_TC_BODY(alarm_now, tc)
{
	set_up();
	set(PL031_MR, DATE);
	ATF_CHECK_EQ(get(PL031_MR), DATE);
	ATF_CHECK_EQ(get(PL031_RIS), 1);
	ATF_CHECK_EQ(get(PL031_MIS), 0);
	ATF_CHECK(!line);
	set(PL031_IMSC, 1);
	ATF_CHECK_EQ(get(PL031_IMSC), 1);
	ATF_CHECK_EQ(get(PL031_MIS), 1);
	ATF_CHECK(line);
	set(PL031_ICR, 2);
	ATF_CHECK(line);
	set(PL031_ICR, 1);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(get(PL031_RIS), 0);
	ATF_CHECK_EQ(deadline, UINT64_MAX);
}

ATF_TC_WITHOUT_HEAD(alarm_later);
ATF_TC_BODY(alarm_later, tc)
{
	set_up();
	set(PL031_IMSC, 1);
	set(PL031_MR, DATE + 10);
	ATF_CHECK_EQ(deadline, 15 * HZ);
	counter = deadline - 1;
	pl031_tick(&rtc);
	ATF_CHECK(!line);
	counter = deadline;
	pl031_tick(&rtc);
	ATF_CHECK(line);
	ATF_CHECK_EQ(get(PL031_DR), DATE + 10);
	/* once */
	set(PL031_ICR, 1);
	pl031_tick(&rtc);
	ATF_CHECK(!line);
}

/* A later alarm by another vCPU: what the first one's timer says is not it. */
ATF_TC_WITHOUT_HEAD(alarm_moved);
ATF_TC_BODY(alarm_moved, tc)
{
	uint64_t first;

	set_up();
	set(PL031_IMSC, 1);
	set_by(64, PL031_MR, DATE + 10);
	first = deadline;
	set_by(128, PL031_MR, DATE + 20);
	ATF_CHECK_EQ(armed_by, (struct vcpu *)128);
	counter = first;
	pl031_tick(&rtc);
	ATF_CHECK(!line);
	/* setting the clock moves it, too */
	set_by(64, PL031_LR, DATE + 19);
	ATF_CHECK_EQ(deadline, first + HZ);
	counter = deadline;
	pl031_tick(&rtc);
	ATF_CHECK(line);
}

/* The match is behind the clock: one that wraps gets there, a counter that would not is not asked.
 */
ATF_TC_WITHOUT_HEAD(alarm_past);
ATF_TC_BODY(alarm_past, tc)
{
	set_up();
	set(PL031_MR, DATE - 1);
	ATF_CHECK_EQ(get(PL031_RIS), 0);
	ATF_CHECK_EQ(deadline, (5 + UINT64_C(0xffffffff)) * HZ);
	deadline = UINT64_MAX;
	pl031_init(&rtc, &ops, UINT64_C(0xffffffff) * 4, DATE);
	set(PL031_MR, DATE - 1);
	ATF_CHECK_EQ(deadline, UINT64_MAX);
	counter = UINT64_MAX;
	pl031_tick(&rtc);
	ATF_CHECK_EQ(get(PL031_RIS), 0);
}

ATF_TC_WITHOUT_HEAD(restart);
ATF_TC_BODY(restart, tc)
{
	set_up();
	set(PL031_LR, 1000);
	set(PL031_IMSC, 1);
	set(PL031_MR, 1000);
	ATF_CHECK(line);
	set(PL031_MR, 1010);
	vdev_reset_all(&rtc.vdev);
	ATF_CHECK(!line);
	counter = deadline;
	pl031_tick(&rtc);
	ATF_CHECK_EQ(get(PL031_RIS), 0);
	ATF_CHECK_EQ(get(PL031_IMSC), 0);
	ATF_CHECK_EQ(get(PL031_MR), 0);
	ATF_CHECK_EQ_MSG(get(PL031_DR), 1010, "the time stays");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, time);
	ATF_TP_ADD_TC(tp, identification);
	ATF_TP_ADD_TC(tp, wide);
	ATF_TP_ADD_TC(tp, alarm_now);
	ATF_TP_ADD_TC(tp, alarm_later);
	ATF_TP_ADD_TC(tp, alarm_moved);
	ATF_TP_ADD_TC(tp, alarm_past);
	ATF_TP_ADD_TC(tp, restart);
	return atf_no_error();
}
