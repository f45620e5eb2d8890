// SPDX-License-Identifier: BSD-2-Clause
/*
 * The right column of the picture: CPUs and devices, each beside its VM as far as there is room,
 * and after them the idle CPUs and Bulkhead's devices.
 */
#include <stdlib.h>

#include "tools/svg_picture.h"

#define GAP 8.0

void picture_add_block(struct picture_blocks *blocks, const struct picture_block *block)
{
	struct picture_block *more = realloc(blocks->list, (blocks->nr + 1) * sizeof(*more));

	if (!more)
		abort();
	blocks->list = more;
	blocks->list[blocks->nr] = *block;
	blocks->list[blocks->nr].order = blocks->nr;
	blocks->nr++;
}

static int by_place(const void *a, const void *b)
{
	const struct picture_block *x = a, *y = b;

	if (x->wanted != y->wanted)
		return x->wanted < y->wanted ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Draws blocks from `first` on; returns where they end. */
static double draw(FILE *f, const struct picture *p, const struct picture_blocks *blocks,
		   unsigned int first, double top, double bottom)
{
	unsigned int n = blocks->nr - first;
	struct svg_item *items = calloc(n + 1, sizeof(*items));
	double end;

	if (!items)
		abort();
	for (unsigned int i = 0; i < n; i++)
		items[i] = (struct svg_item){.wanted = blocks->list[first + i].wanted,
					     .height = blocks->list[first + i].height};
	end = svg_spread(items, n, top, bottom, GAP);
	for (unsigned int i = 0; i < n; i++)
		blocks->list[first + i].draw(f, p, blocks->list[first + i].number, items[i].y);
	free(items);
	return end;
}

double picture_draw_right(FILE *f, const struct picture *p, double top, double bottom)
{
	struct picture_blocks blocks = {.nr = 0};
	unsigned int tied;
	double end;

	picture_add_cpus(&blocks, p);
	picture_add_devices(&blocks, p);
	if (blocks.nr != 0)
		qsort(blocks.list, blocks.nr, sizeof(*blocks.list), by_place);
	tied = blocks.nr;
	end = draw(f, p, &blocks, 0, top, bottom);
	/* the others follow, and displace none of these */
	picture_add_idle(&blocks, p);
	picture_add_own_devices(&blocks, p);
	end = draw(f, p, &blocks, tied, tied != 0 ? end + GAP : top, bottom);
	free(blocks.list);
	return end;
}
