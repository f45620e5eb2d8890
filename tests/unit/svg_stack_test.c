// SPDX-License-Identifier: BSD-2-Clause
/*
 * tools/svg_stack.c: heights between their bounds, in the order of sizes; places that rise with
 * addresses; gaps and overlaps; and a random run of all of it.
 */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/types.h"
#include "tools/svg_stack.h"

#define LEAST 18.0
#define MOST 160.0

static void add(struct svg_stack *stack, uint64_t base, uint64_t size)
{
	svg_stack_add(stack, &(struct svg_stripe){.base = base, .size = size}, "nothing");
}

static double height_of(const struct svg_stack *stack)
{
	const struct svg_stripe *last = &stack->list[stack->nr - 1];

	return last->y + last->height - stack->list[0].y;
}

/* What holds of every stack. */
static void check(const struct svg_stack *stack)
{
	double y = stack->list[0].y;

	for (unsigned int i = 0; i < stack->nr; i++) {
		const struct svg_stripe *s = &stack->list[i];

		ATF_REQUIRE_EQ_MSG(y, s->y, "stripe %u begins at %f, not %f", i, s->y, y);
		y += s->height;
		if (i != 0)
			ATF_REQUIRE(s->base == s[-1].base + s[-1].size);
		if (s->fit == SVG_GAP) {
			ATF_REQUIRE_EQ(SVG_GAP_HEIGHT, s->height);
			continue;
		}
		ATF_REQUIRE(s->height >= LEAST && s->height <= MOST);
		ATF_REQUIRE_EQ((double)(long)s->height, s->height);
		for (unsigned int k = 0; k < i; k++) {
			const struct svg_stripe *other = &stack->list[k];

			if (other->fit == SVG_GAP)
				continue;
			if (other->size < s->size)
				ATF_REQUIRE(other->height <= s->height);
			if (other->size > s->size)
				ATF_REQUIRE(other->height >= s->height);
		}
	}
}

ATF_TC_WITHOUT_HEAD(fits);
ATF_TC_BODY(fits, tc)
{
	struct svg_stack stack = {.nr = 0};
	double end;

	(void)tc;
	add(&stack, 0x40000000, MIB(2));
	add(&stack, 0x40200000, MIB(254));
	add(&stack, 0x50000000, MIB(256));
	add(&stack, 0x60000000, MIB(1536));
	svg_stack_fit(&stack, 400, LEAST, MOST);
	end = svg_stack_place(&stack, 700);
	ATF_CHECK_EQ(700 + height_of(&stack), end);
	check(&stack);
	ATF_CHECK_MSG(height_of(&stack) > 397 && height_of(&stack) < 403, "%f", height_of(&stack));
	ATF_CHECK_EQ(SVG_ENLARGED, stack.list[0].fit);
	ATF_CHECK_EQ(LEAST, stack.list[0].height);
	ATF_CHECK_EQ(SVG_TO_SCALE, stack.list[1].fit);
	ATF_CHECK_EQ(SVG_TO_SCALE, stack.list[2].fit);
	ATF_CHECK_EQ(SVG_CUT, stack.list[3].fit);
	ATF_CHECK_EQ(MOST, stack.list[3].height);
	ATF_CHECK_EQ(1, svg_stack_count(&stack, SVG_CUT));
	ATF_CHECK_EQ(MIB(1536), svg_stack_largest(&stack));
	svg_stack_free(&stack);
	ATF_CHECK_EQ(0, stack.nr);
}

ATF_TC_WITHOUT_HEAD(bounds);
ATF_TC_BODY(bounds, tc)
{
	struct svg_stack stack = {.nr = 0};

	(void)tc;
	/* without a stripe there is nothing to do */
	svg_stack_fit(&stack, 400, LEAST, MOST);
	ATF_CHECK_EQ(5, svg_stack_place(&stack, 5));
	ATF_CHECK_EQ(0, svg_stack_largest(&stack));
	/* more height than they can have: the largest one has all it can, and is to scale */
	add(&stack, 0, 4096);
	add(&stack, 4096, 4096);
	svg_stack_fit(&stack, 4000, LEAST, MOST);
	svg_stack_place(&stack, 0);
	check(&stack);
	ATF_CHECK_EQ(2 * MOST, height_of(&stack));
	ATF_CHECK_EQ(2, svg_stack_count(&stack, SVG_TO_SCALE));
	/* less than they need: all have the least, of which the largest one is to scale */
	add(&stack, 8192, 1);
	svg_stack_fit(&stack, 1, LEAST, MOST);
	svg_stack_place(&stack, 0);
	check(&stack);
	ATF_CHECK_EQ(3 * LEAST, height_of(&stack));
	ATF_CHECK_EQ(SVG_ENLARGED, stack.list[2].fit);
	svg_stack_free(&stack);
}

ATF_TC_WITHOUT_HEAD(gaps);
ATF_TC_BODY(gaps, tc)
{
	struct svg_stack stack = {.nr = 0};

	(void)tc;
	add(&stack, 0x1000, 0x1000);
	add(&stack, 0x8000000000, 0x1000);
	/* begins within the last one: only what is behind it is new */
	add(&stack, 0x8000000800, 0x1000);
	add(&stack, 0x8000000000, 0x10);
	add(&stack, 0x8000001800, 0);
	ATF_REQUIRE_EQ(4, stack.nr);
	ATF_CHECK_EQ(SVG_GAP, stack.list[1].fit);
	ATF_CHECK_STREQ("nothing", stack.list[1].name);
	ATF_CHECK_EQ(0x8000000000 - 0x2000, stack.list[1].size);
	ATF_CHECK_EQ(0x8000001000, stack.list[3].base);
	ATF_CHECK_EQ(0x800, stack.list[3].size);
	ATF_CHECK_EQ(0x1000, svg_stack_largest(&stack));
	svg_stack_scale(&stack, 1, LEAST, MOST);
	svg_stack_place(&stack, 0);
	check(&stack);
	svg_stack_free(&stack);
}

ATF_TC_WITHOUT_HEAD(places);
ATF_TC_BODY(places, tc)
{
	struct svg_stack stack = {.nr = 0};

	(void)tc;
	ATF_CHECK_EQ(0, svg_stack_at(&stack, 5));
	add(&stack, 100, 100);
	add(&stack, 300, 20);
	svg_stack_scale(&stack, 1, LEAST, MOST);
	ATF_CHECK_EQ(1000 + 100 + SVG_GAP_HEIGHT + 20, svg_stack_place(&stack, 1000));
	ATF_CHECK_EQ(1000, svg_stack_at(&stack, 0));
	ATF_CHECK_EQ(1000, svg_stack_at(&stack, 100));
	ATF_CHECK_EQ(1050, svg_stack_at(&stack, 150));
	ATF_CHECK_EQ(1100, svg_stack_at(&stack, 200));
	ATF_CHECK_EQ(1100 + SVG_GAP_HEIGHT / 2, svg_stack_at(&stack, 250));
	ATF_CHECK_EQ(1100 + SVG_GAP_HEIGHT, svg_stack_at(&stack, 300));
	ATF_CHECK_EQ(1120 + SVG_GAP_HEIGHT, svg_stack_at(&stack, 320));
	ATF_CHECK_EQ(1120 + SVG_GAP_HEIGHT, svg_stack_at(&stack, UINT64_MAX));
	svg_stack_free(&stack);
}

ATF_TC_WITHOUT_HEAD(at_random);
ATF_TC_BODY(at_random, tc)
{
	(void)tc;
	srandom(1);
	for (unsigned int run = 0; run < 2000; run++) {
		struct svg_stack stack = {.nr = 0};
		uint64_t base = 0, before = 0;
		double last = 0, total;

		for (long n = random() % 40; n >= 0; n--) {
			uint64_t size = (uint64_t)(random() % 4095 + 1) << random() % 32;

			if (random() % 4 == 0)
				base += (uint64_t)random() << random() % 10;
			add(&stack, base, size);
			base += size;
		}
		total = (double)(random() % 3000);
		svg_stack_fit(&stack, total, LEAST, MOST);
		svg_stack_place(&stack, 100);
		check(&stack);
		for (uint64_t i = 0; i <= 64; i++) {
			uint64_t address = base / 64 * i;
			double y = svg_stack_at(&stack, address);

			ATF_REQUIRE_MSG(y >= last, "%#llx is at %f, %#llx at %f",
					(unsigned long long)before, last,
					(unsigned long long)address, y);
			last = y;
			before = address;
		}
		svg_stack_free(&stack);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, fits);
	ATF_TP_ADD_TC(tp, bounds);
	ATF_TP_ADD_TC(tp, gaps);
	ATF_TP_ADD_TC(tp, places);
	ATF_TP_ADD_TC(tp, at_random);
	return atf_no_error();
}
