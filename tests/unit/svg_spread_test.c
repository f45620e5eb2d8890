// SPDX-License-Identifier: BSD-2-Clause
/*
 * tools/svg_spread.c: boxes are where they are wanted, or as near as those before and behind allow.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "lib/bits.h"
#include "tools/svg_spread.h"

#define GAP 6.0

ATF_TC_WITHOUT_HEAD(where_wanted);
ATF_TC_BODY(where_wanted, tc)
{
	struct svg_item items[] = {{.wanted = 150, .height = 20}, {.wanted = 300, .height = 40}};

	(void)tc;
	ATF_CHECK_EQ(320, svg_spread(items, 2, 100, 400, GAP));
	ATF_CHECK_EQ(140, items[0].y);
	ATF_CHECK_EQ(280, items[1].y);
	ATF_CHECK_EQ(100, svg_spread(items, 0, 100, 400, GAP));
}

ATF_TC_WITHOUT_HEAD(in_the_way);
ATF_TC_BODY(in_the_way, tc)
{
	struct svg_item items[] = {{.wanted = 0, .height = 20}, {.wanted = 110, .height = 20}};

	(void)tc;
	/* above the top is no place; the next one has to be below */
	ATF_CHECK_EQ(146, svg_spread(items, 2, 100, 400, GAP));
	ATF_CHECK_EQ(100, items[0].y);
	ATF_CHECK_EQ(126, items[1].y);
	/* at the end they go up */
	items[0].wanted = items[1].wanted = 500;
	ATF_CHECK_EQ(400, svg_spread(items, 2, 100, 400, GAP));
	ATF_CHECK_EQ(354, items[0].y);
	ATF_CHECK_EQ(380, items[1].y);
	/* and beyond it, if there is no room */
	ATF_CHECK_EQ(146, svg_spread(items, 2, 100, 110, GAP));
	ATF_CHECK_EQ(100, items[0].y);
}

ATF_TC_WITHOUT_HEAD(at_random);
ATF_TC_BODY(at_random, tc)
{
	(void)tc;
	srandom(1);
	for (unsigned int run = 0; run < 10000; run++) {
		struct svg_item items[20];
		unsigned int n = (unsigned int)random() % 20 + 1;
		double top = (double)(random() % 100), bottom = (double)(random() % 1000);
		double needed = -GAP, end;

		for (unsigned int i = 0; i < n; i++) {
			items[i] = (struct svg_item){.wanted = (double)(random() % 1000),
						     .height = (double)(random() % 50 + 1)};
			needed += items[i].height + GAP;
		}
		end = svg_spread(items, n, top, bottom, GAP);
		ATF_REQUIRE(items[0].y >= top);
		ATF_REQUIRE(end <= MAX(bottom, top + needed));
		for (unsigned int i = 1; i < n; i++)
			ATF_REQUIRE(items[i].y >= items[i - 1].y + items[i - 1].height + GAP);
		ATF_REQUIRE_EQ(end, items[n - 1].y + items[n - 1].height);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, where_wanted);
	ATF_TP_ADD_TC(tp, in_the_way);
	ATF_TP_ADD_TC(tp, at_random);
	return atf_no_error();
}
