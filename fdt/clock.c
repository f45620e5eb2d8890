// SPDX-License-Identifier: BSD-2-Clause
/*
 * See clock.h. A rate is known if a node asks for it (assigned-clock-rates), if the
 * clock is fixed, or if the clock is a fixed multiple of one of these.
 */
#include "fdt/clock.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/refs.h"
#include "fdt/reg.h"
#include "fdt/tree.h"

#define MAX_FACTORS 8

/* The rate, in a list of rates, of the clock with these cells in the list of clocks beside it. */
static uint32_t assigned_rate(const void *dtb, int node, const void *clock, unsigned int cells)
{
	static const struct ref ref = {REF_CLOCK, 0, "#clock-cells"};
	int len = 0, rates_len = 0, provider;
	const fdt32_t *list = fdt_getprop(dtb, node, "assigned-clocks", &len);
	const fdt32_t *rates = fdt_getprop(dtb, node, "assigned-clock-rates", &rates_len);
	unsigned int left = (unsigned int)len / 4, used;

	if (!list)
		return 0;
	for (int i = 0; i < rates_len / 4 && ref_next(dtb, &ref, list, left, &provider, &used);
	     i++, list += used, left -= used)
		if (used == cells && memcmp(list, clock, (size_t)cells * 4) == 0)
			return fdt32_ld(rates + i);
	return 0;
}

uint32_t clock_frequency(const void *dtb, int user, int provider, const void *clock,
			 unsigned int cells)
{
	uint64_t factor = 1, divisor = 1;
	int len;

	for (int i = 0; provider > 0 && i < MAX_FACTORS; i++) {
		uint32_t hertz = assigned_rate(dtb, user, clock, cells);

		if (hertz == 0)
			hertz = assigned_rate(dtb, provider, clock, cells);
		if (hertz == 0)
			hertz = reg_get_u32(dtb, provider, "clock-frequency", 0);
		if (hertz != 0)
			return (uint32_t)(hertz * factor / divisor);
		if (fdt_node_check_compatible(dtb, provider, "fixed-factor-clock") != 0)
			break;
		factor = factor * reg_get_u32(dtb, provider, "clock-mult", 1) & UINT32_MAX;
		divisor = divisor * reg_get_u32(dtb, provider, "clock-div", 1) & UINT32_MAX;
		user = provider;
		clock = fdt_getprop(dtb, user, "clocks", &len);
		if (!clock || len < 4 || divisor == 0)
			break;
		cells = (unsigned int)len / 4;
		provider = tree_find_phandle(dtb, fdt32_ld((const fdt32_t *)clock));
	}
	return 0;
}
