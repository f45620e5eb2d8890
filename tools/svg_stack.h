/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses in the picture: a column of stripes, one for each piece of memory. A stripe's
 * height goes by its size, between a least height that has room for a line of text and a
 * greatest height that leaves room for the others. A stripe outside of these bounds breaks
 * the scale, and says so by its `fit`.
 *
 * Heights are in px and whole, so that edges are sharp. A larger stripe is never drawn lower
 * than a smaller one of the same stack, and addresses rise with y.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Of addresses where nothing is: room for a line of text between two zigzags */
#define SVG_GAP_HEIGHT 28.0

enum svg_fit {
	SVG_TO_SCALE,
	SVG_ENLARGED, /* has the least height, which is more than its size is worth */
	SVG_CUT,      /* has the greatest height, which is less */
	SVG_GAP,      /* addresses between two stripes, where nothing is: never to scale */
};

struct svg_stripe {
	uint64_t base, size;
	const char *class; /* of its box */
	char name[96];
	char title[224]; /* its tooltip */
	enum svg_fit fit;
	double y, height;
};

struct svg_stack {
	struct svg_stripe *list; /* by address, without an overlap */
	unsigned int nr;
};

/*
 * Adds a stripe behind all others, with a gap of this name before it if it does not begin where
 * they end. The part of it that overlaps them is left out, and all of it if nothing is left.
 */
void svg_stack_add(struct svg_stack *stack, const struct svg_stripe *stripe, const char *gap);

/* Sets all heights and fits. `scale` is px for each byte; gaps are SVG_GAP_HEIGHT high. */
void svg_stack_scale(struct svg_stack *stack, double scale, double least, double most);

/*
 * The same with the scale by which the stack is as high as `total`, up to rounding: each stripe by
 * less than 1 px. Where the bounds do not allow that, it is as near as can be.
 */
void svg_stack_fit(struct svg_stack *stack, double total, double least, double most);

/* Puts the stripes below each other, from y on. Returns where they end. */
double svg_stack_place(struct svg_stack *stack, double y);

/* The size of its largest stripe that is no gap; 0 if there is none. */
uint64_t svg_stack_largest(const struct svg_stack *stack);

/* How many stripes of this fit there are. */
unsigned int svg_stack_count(const struct svg_stack *stack, enum svg_fit fit);

/* Where an address is, in proportion within its stripe. Of those outside, the nearest end. */
double svg_stack_at(const struct svg_stack *stack, uint64_t address);

void svg_stack_free(struct svg_stack *stack);
