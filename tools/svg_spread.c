// SPDX-License-Identifier: BSD-2-Clause
/*
 * See svg_spread.h.
 */
#include "tools/svg_spread.h"

#include "lib/bits.h"

double svg_spread(struct svg_item *items, unsigned int n, double top, double bottom, double gap)
{
	double end = top, needed = 0;

	for (unsigned int i = 0; i < n; i++)
		needed += items[i].height + (i != 0 ? gap : 0);
	bottom = MAX(bottom, top + needed);
	for (unsigned int i = 0; i < n; i++) {
		items[i].y = MAX(items[i].wanted - items[i].height / 2, end);
		end = items[i].y + items[i].height + gap;
	}
	for (unsigned int i = n; i-- > 0;) {
		items[i].y = MIN(items[i].y, bottom - items[i].height);
		bottom = items[i].y - gap;
	}
	return n != 0 ? items[n - 1].y + items[n - 1].height : top;
}
