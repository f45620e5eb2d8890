// SPDX-License-Identifier: BSD-2-Clause
/*
 * core/timer.c: ticks and microseconds, at the counter's usual frequencies, after years too.
 */
#include "core/timer.h"

#include <atf-c.h>

#include "arm64/sysreg.h"

#define GHZ UINT64_C(1000000000)
#define YEAR_S UINT64_C(31557600)

static void set_frequency(uint64_t hz)
{
	fake_sysreg_reset();
	write_sysreg(cntfrq_el0, hz);
}

ATF_TC_WITHOUT_HEAD(ticks);
ATF_TC_BODY(ticks, tc)
{
	set_frequency(62500000);
	ATF_CHECK_EQ(timer_ticks(0), 0);
	ATF_CHECK_EQ(timer_ticks(1), 63); /* 62.5, rounded up */
	ATF_CHECK_EQ(timer_ticks(1000000), 62500000);
	set_frequency(GHZ);
	ATF_CHECK_EQ(timer_ticks(100 * YEAR_S * 1000000), 100 * YEAR_S * GHZ);
}

ATF_TC_WITHOUT_HEAD(us);
ATF_TC_BODY(us, tc)
{
	set_frequency(62500000);
	ATF_CHECK_EQ(timer_us(62), 0);
	ATF_CHECK_EQ(timer_us(63), 1);
	ATF_CHECK_EQ(timer_us(62500000), 1000000);
	/* 2^64 / 1000000 ticks are less */
	ATF_CHECK_EQ(timer_us(100 * 3600 * UINT64_C(62500000)), 100 * 3600 * UINT64_C(1000000));
	set_frequency(GHZ);
	ATF_CHECK_EQ(timer_us(100 * YEAR_S * GHZ + 1999), 100 * YEAR_S * 1000000 + 1);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, ticks);
	ATF_TP_ADD_TC(tp, us);
	return atf_no_error();
}
