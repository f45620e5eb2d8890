/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boxes below each other in a column of the picture, each as near to what it belongs to as the
 * others allow.
 */
#pragma once

struct svg_item {
	double wanted; /* where its middle should be */
	double height;
	double y; /* where it begins */
};

/*
 * Sets each item's y: in their order, at least `gap` apart, from `top` on, and up to `bottom` if
 * there is room for all. An item is where it is wanted if that is possible, else below it, or
 * above it where it would be beyond `bottom`. Returns where the last one ends; `top` if there is
 * none.
 */
double svg_spread(struct svg_item *items, unsigned int n, double top, double bottom, double gap);
