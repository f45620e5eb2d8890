/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's clock: a PL031 whose alarm goes by the timer of the vCPU that has set it, for a timer is
 * its CPU's.
 */
#pragma once

#include "core/timer.h"
#include "vdev/pl031.h"

struct rtc_alarm {
	struct timer timer;
	struct rtc *rtc;
};

struct rtc {
	struct pl031 pl031;
	struct rtc_alarm *alarms; /* one for each vCPU */
};

/* For pl031_init(). */
extern const struct pl031_ops rtc_ops;

/* For timer_init() of an alarm. */
void rtc_alarm(struct timer *timer);
