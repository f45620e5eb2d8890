// SPDX-License-Identifier: BSD-2-Clause
/*
 * See svg_stack.h.
 */
#include "tools/svg_stack.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS 100 /* of the search for a scale: more than a double has bits */

static uint64_t end_of(const struct svg_stack *stack)
{
	if (stack->nr == 0)
		return 0;
	return stack->list[stack->nr - 1].base + stack->list[stack->nr - 1].size;
}

static struct svg_stripe *append(struct svg_stack *stack, const struct svg_stripe *stripe)
{
	struct svg_stripe *more = realloc(stack->list, (stack->nr + 1) * sizeof(*more));

	if (!more)
		abort();
	stack->list = more;
	more[stack->nr] = *stripe;
	return &more[stack->nr++];
}

void svg_stack_add(struct svg_stack *stack, const struct svg_stripe *stripe, const char *gap)
{
	struct svg_stripe added = *stripe;
	uint64_t end = end_of(stack);

	if (added.base < end) {
		if (added.size <= end - added.base)
			return;
		added.size -= end - added.base;
		added.base = end;
	}
	if (added.size == 0)
		return;
	if (stack->nr != 0 && added.base > end) {
		struct svg_stripe *between =
		    append(stack, &(struct svg_stripe){.base = end, .size = added.base - end});

		between->fit = SVG_GAP;
		snprintf(between->name, sizeof(between->name), "%s", gap);
	}
	added.fit = SVG_TO_SCALE;
	append(stack, &added);
}

/* ---- Heights ---- */

static double height_of(const struct svg_stripe *stripe, double scale, double least, double most)
{
	double height = (double)stripe->size * scale;

	if (stripe->fit == SVG_GAP)
		return SVG_GAP_HEIGHT;
	if (height < least)
		return least;
	return height > most ? most : height;
}

void svg_stack_scale(struct svg_stack *stack, double scale, double least, double most)
{
	for (unsigned int i = 0; i < stack->nr; i++) {
		struct svg_stripe *s = &stack->list[i];
		double height = (double)s->size * scale;

		s->height = (double)(long)(height_of(s, scale, least, most) + 0.5);
		if (s->fit == SVG_GAP)
			continue;
		/* rounding is no break of the scale */
		if (height < least - 0.5)
			s->fit = SVG_ENLARGED;
		else
			s->fit = height > most + 0.5 ? SVG_CUT : SVG_TO_SCALE;
	}
}

static double sum_of(const struct svg_stack *stack, double scale, double least, double most)
{
	double sum = 0;

	for (unsigned int i = 0; i < stack->nr; i++)
		sum += height_of(&stack->list[i], scale, least, most);
	return sum;
}

void svg_stack_fit(struct svg_stack *stack, double total, double least, double most)
{
	uint64_t largest = svg_stack_largest(stack), smallest = largest;
	double low, high;

	if (largest == 0)
		return;
	for (unsigned int i = 0; i < stack->nr; i++)
		if (stack->list[i].fit != SVG_GAP && stack->list[i].size < smallest)
			smallest = stack->list[i].size;
	/* below the one all have the least height, above the other all the greatest */
	low = least / (double)largest;
	high = most / (double)smallest;
	for (unsigned int i = 0; i < STEPS; i++) {
		double scale = (low + high) / 2;

		if (sum_of(stack, scale, least, most) < total)
			low = scale;
		else
			high = scale;
	}
	svg_stack_scale(stack, high, least, most);
}

uint64_t svg_stack_largest(const struct svg_stack *stack)
{
	uint64_t largest = 0;

	for (unsigned int i = 0; i < stack->nr; i++)
		if (stack->list[i].fit != SVG_GAP && stack->list[i].size > largest)
			largest = stack->list[i].size;
	return largest;
}

unsigned int svg_stack_count(const struct svg_stack *stack, enum svg_fit fit)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < stack->nr; i++)
		n += stack->list[i].fit == fit;
	return n;
}

/* ---- Places ---- */

double svg_stack_place(struct svg_stack *stack, double y)
{
	for (unsigned int i = 0; i < stack->nr; i++) {
		stack->list[i].y = y;
		y += stack->list[i].height;
	}
	return y;
}

double svg_stack_at(const struct svg_stack *stack, uint64_t address)
{
	double y = 0;

	for (unsigned int i = 0; i < stack->nr; i++) {
		const struct svg_stripe *s = &stack->list[i];

		if (address < s->base)
			return s->y;
		if (address - s->base < s->size)
			return s->y + s->height * ((double)(address - s->base) / (double)s->size);
		y = s->y + s->height;
	}
	return y;
}

void svg_stack_free(struct svg_stack *stack)
{
	free(stack->list);
	*stack = (struct svg_stack){.nr = 0};
}
