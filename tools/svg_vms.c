// SPDX-License-Identifier: BSD-2-Clause
/*
 * VMs in the picture: a box for each, with its name in it. At its left edge is its memory, with
 * what boot loads into it; at its right edge are its vCPUs and its devices, where the guest has
 * them.
 */
#include <stdlib.h>

#include "fdt/model.h"
#include "lib/bits.h"
#include "tools/svg_picture.h"

#define LLU(value) ((unsigned long long)(value))

#define LEAST 16.0	/* of a piece of a guest's memory */
#define MOST 64.0	/* of the largest one of all guests, to which all are to scale */
#define MOST_BRIEF 18.0 /* the same where boxes are brief */
#define MAX_DETAILED                                                                               \
	12 /* VMs: with more, each box is brief: what is in their memory is left out               \
	    */
#define HEADER 22.0
#define GAP 12.0 /* between boxes */
#define AXIS 6.0 /* between the memory and its axis */
#define MAX_PARTS (IMAGE_MAX_SEGMENTS + 2)

/* ---- A guest's memory ---- */

struct part {
	uint64_t base, size;
	const char *name;
};

static void add_part(struct part *parts, unsigned int *n, uint64_t base, uint64_t size,
		     const char *name)
{
	unsigned int i = (*n)++;

	for (; i > 0 && parts[i - 1].base > base; i--)
		parts[i] = parts[i - 1];
	parts[i] = (struct part){base, size, name};
}

/* What boot puts into a VM's memory, by address. */
static unsigned int find_parts(const struct vm_config *vm, struct part parts[MAX_PARTS])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < vm->image.nr_segments; i++) {
		const struct image_segment *s = &vm->image.segments[i];

		/* an Image's header says how much it needs beyond the file */
		bool header = vm->image.nr_segments == 1 && !vm->firmware;

		add_part(parts, &n, s->ipa.v, header ? vm->image.end.v - s->ipa.v : s->mem_size,
			 vm->firmware ? "firmware" : "kernel");
	}
	if (vm->initrd.size != 0)
		add_part(parts, &n, vm->initrd_ipa.v, vm->initrd.size, "initrd");
	if (vm->dtb_max != 0)
		add_part(parts, &n, vm->dtb_ipa.v, vm->dtb_max, "device tree");
	return n;
}

/* A stripe up to `end`, which says that it has `size` bytes. */
static void add_stripe(struct picture_vm *vm, const char *class, uint64_t base, uint64_t end,
		       uint64_t size, const char *name)
{
	struct svg_stripe s = {.base = base, .size = end - base, .class = class};
	char text[32], range[64];

	map_size(text, sizeof(text), size);
	picture_range(range, sizeof(range), base, size);
	snprintf(s.name, sizeof(s.name), "%s %s", name, text);
	snprintf(s.title, sizeof(s.title), "%s: %s, %s, %s", vm->config->name, name, range, text);
	svg_stack_add(&vm->memory, &s, "gap");
}

/* A range and, between its rest, what is loaded into it. */
static void add_range(struct picture_vm *vm, const struct vm_memory *m, const struct part *parts,
		      unsigned int nr_parts)
{
	static const char *const loose[SVG_COLOURS] = {"loose c0", "loose c1", "loose c2",
						       "loose c3", "loose c4", "loose c5",
						       "loose c6", "loose c7"};
	const char *class = loose[(vm->config->id - 1) % SVG_COLOURS];
	const char *rest = m->rom ? "flash" : "RAM";
	uint64_t from = m->ipa.v;

	for (unsigned int i = 0; i < nr_parts; i++) {
		uint64_t base = parts[i].base, end = base + parts[i].size;

		if (!range_within(base, parts[i].size, m->ipa.v, m->size) || base < from)
			continue;
		/* the rest of a page is not worth a stripe */
		end = MIN(ALIGN_UP(end, PAGE_SIZE), m->ipa.v + m->size);
		if (i + 1 < nr_parts && parts[i + 1].base > base)
			end = MIN(end, parts[i + 1].base);
		add_stripe(vm, class, from, base, base - from, rest);
		add_stripe(vm, picture_colour(vm->config->id), base, end, parts[i].size,
			   parts[i].name);
		from = end;
	}
	add_stripe(vm, class, from, m->ipa.v + m->size, m->ipa.v + m->size - from, rest);
}

static int by_address(const void *a, const void *b)
{
	const struct vm_memory *const *x = a, *const *y = b;

	return (*x)->ipa.v < (*y)->ipa.v ? -1 : (*x)->ipa.v > (*y)->ipa.v;
}

static void build_vm(struct picture_vm *vm, bool detailed)
{
	const struct vm_memory **sorted = calloc(vm->config->nr_memory + 1, sizeof(const void *));
	struct part parts[MAX_PARTS];
	unsigned int nr_parts = detailed ? find_parts(vm->config, parts) : 0;

	if (!sorted)
		abort();
	for (unsigned int i = 0; i < vm->config->nr_memory; i++)
		sorted[i] = &vm->config->memory[i];
	qsort(sorted, vm->config->nr_memory, sizeof(const void *), by_address);
	for (unsigned int i = 0; i < vm->config->nr_memory; i++)
		add_range(vm, sorted[i], parts, nr_parts);
	free(sorted);
}

void picture_build_vms(struct picture *p)
{
	const struct system_config *config = &p->system->config;
	bool detailed = config->nr_vms <= MAX_DETAILED;
	double most = detailed ? MOST : MOST_BRIEF;
	uint64_t largest = 1;

	p->vms = calloc(config->nr_vms + 1, sizeof(*p->vms));
	if (!p->vms)
		abort();
	for (unsigned int v = 0; v < config->nr_vms; v++) {
		p->vms[v].config = &config->vms[v];
		build_vm(&p->vms[v], detailed);
		largest = MAX(largest, svg_stack_largest(&p->vms[v].memory));
	}
	for (unsigned int v = 0; v < config->nr_vms; v++)
		svg_stack_scale(&p->vms[v].memory, most / (double)largest, LEAST, most);
}

/* ---- Emulated devices ---- */

#define EMULATED_LINES 4

/* A VM's models with the address of each one's first device, in lines of so many characters. */
static unsigned int list_emulated(const struct vm_config *vm, unsigned int room,
				  char lines[EMULATED_LINES][128])
{
	static const char *const names[MODEL_COUNT] = {
#define MODEL(id, name) [MODEL_##id] = #name,
	    FOR_EACH_MODEL(MODEL)
#undef MODEL
	};
	unsigned int line = 0;
	size_t n = (size_t)snprintf(lines[0], sizeof(lines[0]), "emulated:");

	room = MIN(room, (unsigned int)sizeof(lines[0]) - 1);
	for (unsigned int id = 0; id < MODEL_COUNT; id++) {
		const struct vm_emulated *dev = model_find(vm, id);
		char text[64];
		size_t length;

		if (!dev)
			continue;
		length =
		    (size_t)snprintf(text, sizeof(text), " %s@%llx", names[id], LLU(dev->base.v));
		if (n + length > room && line + 1 < EMULATED_LINES) {
			line++;
			n = 0;
		}
		snprintf(lines[line] + n, sizeof(lines[0]) - n, "%s", text + (n == 0));
		n += length - (n == 0);
	}
	return line + 1;
}

/* ---- Places ---- */

double picture_place_vms(struct picture *p, double y)
{
	const unsigned int room = svg_room(p->vms_width - 2 * PICTURE_PAD);

	for (unsigned int v = 0; v < p->system->config.nr_vms; v++) {
		struct picture_vm *vm = &p->vms[v];
		double top = y + HEADER + PICTURE_PAD, end;
		char lines[EMULATED_LINES][128];

		vm->y = y;
		end = svg_stack_place(&vm->memory, top);
		vm->port = top + SVG_LINE / 2;
		end = MAX(end, top + SVG_LINE * (vm->config->nr_cpus + vm->config->nr_devices));
		vm->height = end + PICTURE_PAD - y;
		if (p->system->config.nr_vms <= MAX_DETAILED)
			vm->height +=
			    list_emulated(vm->config, room, lines) * SVG_LINE + PICTURE_PAD;
		y += vm->height + GAP;
	}
	return y - GAP;
}

/* ---- Drawing ---- */

static void draw_guest_memory(FILE *f, const struct picture *p, const struct picture_vm *vm)
{
	for (unsigned int i = 0; i < vm->memory.nr; i++) {
		const struct svg_stripe *s = &vm->memory.list[i];
		double middle = s->y + s->height / 2 + 4;
		char text[64];

		if (s->fit == SVG_GAP) {
			svg_zigzag(f, p->vms_x, s->y + 2, p->guest_width);
			svg_zigzag(f, p->vms_x, s->y + s->height - 2, p->guest_width);
			map_size(text, sizeof(text), s->size);
			svg_text(f, p->vms_x + PICTURE_PAD, middle, "dim", 0, "%s %s", s->name,
				 text);
			continue;
		}
		svg_box(f, &(struct svg_box){s->class, p->vms_x, s->y, p->guest_width, s->height,
					     s->title, s->size});
		svg_text(f, p->vms_x + PICTURE_PAD, middle, "", 0, "%s", s->name);
		picture_axis(f, s, p->vms_x + p->guest_width + AXIS);
		picture_range(text, sizeof(text), s->base, s->size);
		svg_text(f, p->vms_x + p->guest_width + 2 * PICTURE_PAD, middle, "", 0, "%s", text);
	}
}

/* Where the guest has a device, or the vCPU's number. */
static void draw_ports(FILE *f, const struct picture *p, const struct picture_vm *vm)
{
	double x = p->vms_x + p->vms_width - PICTURE_PAD - 4, y = vm->port + 4;

	for (unsigned int i = 0; i < vm->config->nr_cpus; i++) {
		svg_text(f, x, y, "end", 0, "vCPU %u", i);
		y += SVG_LINE;
	}
	for (unsigned int i = 0; i < p->devices->nr; i++) {
		const struct owned_device *d = &p->devices->list[i];

		if (d->vm != vm->config->id)
			continue;
		svg_text(f, x, y, "end", 0, "0x%llx", LLU(d->reg.base + d->offset));
		y += SVG_LINE;
	}
}

static void draw_emulated(FILE *f, const struct picture *p, const struct picture_vm *vm)
{
	const unsigned int room = svg_room(p->vms_width - 2 * PICTURE_PAD);
	char lines[EMULATED_LINES][128];
	unsigned int n = list_emulated(vm->config, room, lines);

	for (unsigned int i = 0; i < n; i++)
		svg_text(f, p->vms_x + PICTURE_PAD,
			 vm->y + vm->height - PICTURE_PAD - 3 - (n - 1 - i) * SVG_LINE, "dim", room,
			 "%s", lines[i]);
}

static void draw_vm(FILE *f, const struct picture *p, const struct picture_vm *vm)
{
	const char *colour = picture_colour(vm->config->id);
	char frame[32];

	snprintf(frame, sizeof(frame), "frame %s", colour);
	svg_open(f, "vm", vm->config->name);
	svg_box(f, &(struct svg_box){colour, p->vms_x, vm->y, p->vms_width, HEADER, NULL, 0});
	svg_text(f, p->vms_x + PICTURE_PAD, vm->y + 15, "name",
		 svg_room(p->vms_width - 2 * PICTURE_PAD) - 9, "%s", vm->config->name);
	svg_text(f, p->vms_x + p->vms_width - PICTURE_PAD, vm->y + 15, "end", 0, "VMID %u",
		 vm->config->id);
	draw_guest_memory(f, p, vm);
	draw_ports(f, p, vm);
	if (p->system->config.nr_vms <= MAX_DETAILED)
		draw_emulated(f, p, vm);
	svg_box(f, &(struct svg_box){frame, p->vms_x, vm->y, p->vms_width, vm->height, NULL, 0});
	svg_close(f);
}

void picture_draw_vms(FILE *f, const struct picture *p)
{
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++)
		draw_vm(f, p, &p->vms[v]);
}
