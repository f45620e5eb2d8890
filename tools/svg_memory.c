// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical memory in the picture: all banks in one column, each piece with its owner in it and its
 * addresses and size beside it; and the bands to the VMs.
 */
#include <string.h>

#include "lib/bits.h"
#include "tools/svg_picture.h"

#define LEAST 18.0 /* of a piece: a line of text */
#define MOST 160.0
#define MOST_SHARE 0.3 /* of all: and no more than this */
#define AVERAGE 27.0   /* of all pieces at least: so that sizes can be told apart */
#define AXIS 6.0       /* between the axis and its column */

static const char *class_of(const struct owned_memory *piece)
{
	if (piece->vm != 0)
		return picture_colour(piece->vm);
	if (piece->owner)
		return "bulkhead";
	return strncmp(piece->what, "reserved", 8) == 0 ? "reserved" : "free";
}

static void describe(struct svg_stripe *s, const struct owned_memory *piece)
{
	char range[64], size[32];

	if (piece->vm != 0)
		snprintf(s->name, sizeof(s->name), "%s%s%s", piece->owner, piece->what ? ": " : "",
			 piece->what ? piece->what : "");
	else
		snprintf(s->name, sizeof(s->name), "%s%s%s", piece->owner ? piece->owner : "",
			 piece->owner ? ": " : "", piece->what);
	picture_range(range, sizeof(range), s->base, s->size);
	map_size(size, sizeof(size), s->size);
	snprintf(s->title, sizeof(s->title), "%s, %s, %s", s->name, range, size);
}

void picture_build_memory(struct picture *p)
{
	for (unsigned int i = 0; i < p->memory->nr; i++) {
		const struct owned_memory *piece = &p->memory->list[i];
		struct svg_stripe stripe = {.base = piece->range.base, .size = piece->range.size};

		stripe.class = class_of(piece);
		describe(&stripe, piece);
		svg_stack_add(&p->physical, &stripe, "no memory");
	}
}

double picture_place_memory(struct picture *p, double y, double height)
{
	double total = MAX(height, AVERAGE * p->physical.nr);

	svg_stack_fit(&p->physical, total, LEAST, MIN(MOST, MOST_SHARE * total));
	return svg_stack_place(&p->physical, y);
}

/* ---- Drawing ---- */

void picture_axis(FILE *f, const struct svg_stripe *stripe, double x)
{
	if (stripe->fit == SVG_GAP)
		return;
	fprintf(f, "<path class=\"axis%s\" d=\"M%.1f %.1f V%.1f\"/>\n",
		stripe->fit == SVG_ENLARGED ? " enlarged" : "", x, stripe->y + 1,
		stripe->y + stripe->height - 1);
}

/* Of guests' memory too, which is never cut. */
static bool is_enlarged(const struct picture *p)
{
	unsigned int n = svg_stack_count(&p->physical, SVG_ENLARGED);

	for (unsigned int v = 0; v < p->system->config.nr_vms; v++)
		n += svg_stack_count(&p->vms[v].memory, SVG_ENLARGED);
	return n != 0;
}

double picture_draw_legend(FILE *f, const struct picture *p, double y)
{
	struct svg_stripe sample = {.fit = SVG_ENLARGED, .y = y + 10, .height = 12};
	bool enlarged = is_enlarged(p), cut = svg_stack_count(&p->physical, SVG_CUT) != 0;
	double x = PICTURE_MARGIN;

	if (enlarged) {
		picture_axis(f, &sample, x + 2);
		svg_text(f, x + 10, y + 20, "dim", 0, "larger than to scale");
		x += 10 + 23 * SVG_CHAR;
	}
	if (cut) {
		svg_zigzag(f, x, y + 16, 24);
		svg_text(f, x + 30, y + 20, "dim", 0, "cut short");
	}
	return enlarged || cut ? y + 24 : y;
}

static void draw_stripe(FILE *f, const struct picture *p, const struct svg_stripe *s)
{
	const char *class = s->fit == SVG_GAP ? "dim" : "";
	double middle = s->y + s->height / 2 + 4;
	char range[64], size[32];

	picture_range(range, sizeof(range), s->base, s->size);
	map_size(size, sizeof(size), s->size);
	svg_text(f, PICTURE_MARGIN, middle, class, 0, "%s", range);
	svg_text(f, p->sizes_end, middle, s->fit == SVG_GAP ? "end dim" : "end", 0, "%s", size);
	picture_axis(f, s, p->bar_x - AXIS);
	if (s->fit == SVG_GAP) {
		svg_zigzag(f, p->bar_x, s->y + 2, p->bar_width);
		svg_zigzag(f, p->bar_x, s->y + s->height - 2, p->bar_width);
	} else {
		svg_box(f, &(struct svg_box){s->class, p->bar_x, s->y, p->bar_width, s->height,
					     s->title, s->size});
	}
	if (s->fit == SVG_CUT) {
		svg_zigzag(f, p->bar_x - 2, s->y + s->height * 3 / 4, p->bar_width + 4);
		svg_zigzag(f, p->bar_x - AXIS - 4, s->y + s->height * 3 / 4, 8);
	}
	svg_text(f, p->bar_x + p->bar_width / 2, middle,
		 s->fit == SVG_GAP ? "middle dim" : "middle name",
		 svg_room(p->bar_width - PICTURE_PAD), "%s", s->name);
}

void picture_draw_memory(FILE *f, const struct picture *p)
{
	svg_open(f, "memory", NULL);
	for (unsigned int i = 0; i < p->physical.nr; i++)
		draw_stripe(f, p, &p->physical.list[i]);
	svg_close(f);
}

/* ---- Bands ---- */

static void draw_band(FILE *f, const struct picture *p, const struct picture_vm *vm,
		      const struct vm_memory *m)
{
	char there[64], here[64], title[256];

	picture_range(there, sizeof(there), m->ipa.v, m->size);
	picture_range(here, sizeof(here), m->pa.v, m->size);
	snprintf(title, sizeof(title), "%s has %s at %s%s", vm->config->name, here, there,
		 m->ipa.v == m->pa.v ? ", the same address" : "");
	svg_band(f, &(struct svg_band){
			.class = picture_colour(vm->config->id),
			.x = p->bar_x + p->bar_width,
			.top = svg_stack_at(&p->physical, m->pa.v),
			.bottom = svg_stack_at(&p->physical, m->pa.v + m->size),
			.to_x = p->vms_x,
			.to_top = svg_stack_at(&vm->memory, m->ipa.v),
			.to_bottom = svg_stack_at(&vm->memory, m->ipa.v + m->size),
			.title = title,
		    });
}

void picture_draw_bands(FILE *f, const struct picture *p)
{
	svg_open(f, "bands", NULL);
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++)
		for (unsigned int i = 0; i < p->vms[v].config->nr_memory; i++)
			draw_band(f, p, &p->vms[v], &p->vms[v].config->memory[i]);
	svg_close(f);
}
