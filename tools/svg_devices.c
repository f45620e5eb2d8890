// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices in the picture: those of VMs, tied to them, and Bulkhead's own; and as a list, devices
 * of nobody.
 */
#include <string.h>

#include "lib/bits.h"
#include "tools/svg_picture.h"

#define LLU(value) ((unsigned long long)(value))

#define BOX 34.0 /* two lines */
#define GAP 4.0
#define HEADING 20.0 /* of an owner's devices */
#define COLUMNS 3
#define MAX_NAMES 4096

/* "0xa003e00, 512 B, SPI 47, 48" */
static void describe(char *text, size_t size, const struct owned_device *d)
{
	char bytes[32];
	bool first = true;
	size_t n;

	map_size(bytes, sizeof(bytes), d->reg.size);
	n = (size_t)snprintf(text, size, "0x%llx, %s", LLU(d->reg.base), bytes);
	for (unsigned int i = 0; i < d->nr_irqs && n < size; i++) {
		if (d->irqs[i] < 32)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%u", first ? ", SPI " : ", ",
				      d->irqs[i] - 32);
		first = false;
	}
}

/* ---- Of somebody ---- */

static void draw_device(FILE *f, const struct picture *p, const struct owned_device *d,
			const char *class, double y)
{
	const unsigned int room = svg_room(p->right_width - 2 * PICTURE_PAD);
	char text[1024], title[1400];

	describe(text, sizeof(text), d);
	snprintf(title, sizeof(title), "%s: %s, %s", d->owner, d->path, text);
	svg_box(f, &(struct svg_box){class, p->right_x, y, p->right_width, BOX, title, 0});
	svg_text_tail(f, p->right_x + PICTURE_PAD, y + 14, "", room, d->path);
	svg_text(f, p->right_x + PICTURE_PAD, y + 14 + SVG_LINE - 1, "", room, "%s", text);
}

/* How many an owner has: a VM, by its number from 1, or 0, Bulkhead. */
static unsigned int count(const struct picture *p, unsigned int vm)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->devices->nr; i++)
		n += p->devices->list[i].owner && p->devices->list[i].vm == vm;
	return n;
}

static void draw_owned(FILE *f, const struct picture *p, unsigned int number, double y)
{
	const struct picture_vm *vm = number != 0 ? &p->vms[number - 1] : NULL;
	const char *class = vm ? picture_colour(number) : "bulkhead";
	const char *owner = vm ? vm->config->name : OWNER_BULKHEAD;
	double port = vm ? vm->port + vm->config->nr_cpus * SVG_LINE : 0;

	svg_open(f, "devices", vm ? owner : NULL);
	svg_text(f, p->right_x, y + 13, "name", svg_room(p->right_width), "Devices of %s", owner);
	y += HEADING;
	for (unsigned int i = 0; i < p->devices->nr; i++) {
		const struct owned_device *d = &p->devices->list[i];
		char title[320];

		if (!d->owner || d->vm != number)
			continue;
		if (vm) {
			snprintf(title, sizeof(title), "%s has %s at 0x%llx", owner, d->path,
				 LLU(d->reg.base + d->offset));
			svg_tie(f, class, p->vms_x + p->vms_width, port, p->right_x, y + BOX / 2,
				title);
		}
		draw_device(f, p, d, class, y);
		port += SVG_LINE;
		y += BOX + GAP;
	}
	svg_close(f);
}

static void add_owned(struct picture_blocks *blocks, const struct picture *p, unsigned int vm,
		      double port)
{
	unsigned int n = count(p, vm);

	if (n == 0)
		return;
	picture_add_block(blocks, &(struct picture_block){
				      .wanted = port + (n - 1) * SVG_LINE / 2,
				      .height = HEADING + n * (BOX + GAP) - GAP,
				      .number = vm,
				      .draw = draw_owned,
				  });
}

void picture_add_devices(struct picture_blocks *blocks, const struct picture *p)
{
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++)
		add_owned(blocks, p, p->vms[v].config->id,
			  p->vms[v].port + p->vms[v].config->nr_cpus * SVG_LINE);
}

void picture_add_own_devices(struct picture_blocks *blocks, const struct picture *p)
{
	add_owned(blocks, p, 0, 0);
}

/* ---- Of nobody ---- */

/* A line for one device, or for several that are alike: then with all names in a tooltip. */
static void draw_alike(FILE *f, const struct picture *p, unsigned int first, unsigned int n,
		       double x, double y, unsigned int room)
{
	const struct owned_device *d = &p->devices->list[first];
	char names[MAX_NAMES] = "", text[1024], irq[32] = "";
	size_t len = 0;

	for (unsigned int i = first; n > 1 && i < first + n && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					i == first ? "" : " ", p->devices->list[i].path);
	if (n > 1)
		snprintf(text, sizeof(text), "%s and %u more like it", d->path, n - 1);
	else
		snprintf(text, sizeof(text), "%s", d->path);
	if (n == 1 && d->nr_irqs != 0 && d->irqs[0] >= 32)
		snprintf(irq, sizeof(irq), ", SPI %u%s", d->irqs[0] - 32,
			 d->nr_irqs > 1 ? ", .." : "");
	svg_open(f, "unused", NULL);
	if (n > 1) {
		fputs("<title>", f);
		svg_escape(f, names);
		fputs("</title>", f);
	}
	svg_text(f, x, y, "", room, "0x%llx %s%s", LLU(d->reg.base), text, irq);
	svg_close(f);
}

double picture_draw_unused(FILE *f, const struct picture *p, double y)
{
	const double column = (p->width - 2 * PICTURE_MARGIN) / COLUMNS;
	unsigned int total = 0, shown = 0, rows;

	for (unsigned int i = 0; i < p->devices->nr; i += owners_alike(p->devices, i))
		total += !p->devices->list[i].owner;
	if (total == 0)
		return y;
	y += 2 * HEADING;
	svg_text(f, PICTURE_MARGIN, y, "head", 0, "Devices that nobody has");
	y += 22;
	rows = (total + COLUMNS - 1) / COLUMNS;
	for (unsigned int i = 0, n; i < p->devices->nr; i += n) {
		unsigned int place = shown / rows, row = shown % rows;

		n = owners_alike(p->devices, i);
		if (p->devices->list[i].owner)
			continue;
		draw_alike(f, p, i, n, PICTURE_MARGIN + place * column, y + row * SVG_LINE,
			   svg_room(column - 2 * PICTURE_PAD));
		shown++;
	}
	return y + (rows - 1) * SVG_LINE;
}
