// SPDX-License-Identifier: BSD-2-Clause
/*
 * See rtc.h. pl031.lock guards the clock; a timer is its own CPU's.
 */
#include "vcpu/rtc.h"

#include "vcpu/vcpu.h"

static void arm(struct pl031 *pl031, struct vcpu *vcpu, uint64_t deadline)
{
	struct rtc *rtc = container_of(pl031, struct rtc, pl031);

	timer_start(&rtc->alarms[vcpu->id].timer, deadline);
}

const struct pl031_ops rtc_ops = {
    .now = timer_now,
    .arm = arm,
};

void rtc_alarm(struct timer *timer)
{
	pl031_tick(&container_of(timer, struct rtc_alarm, timer)->rtc->pl031);
}
