// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory in the picture: the machine's banks, and what each VM sees. Both are to
 * scale, each to one scale for all; labels stand beside the boxes, so that small
 * ones have room for theirs.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "tools/svg.h"

#define LLU(value) ((unsigned long long)(value))

#define BANK_HEIGHT 460.0
#define BANK_WIDTH 110.0
#define BANKS_IN_ROW 2
#define VM_HEIGHT 170.0
#define VM_WIDTH 64.0
#define VMS_IN_ROW 3
#define LEAD 34.0
#define MAX_PARTS (IMAGE_MAX_SEGMENTS + 2)

/* Characters beside a box */
static unsigned int room(double column, double box)
{
	return (unsigned int)((column - box - LEAD - 16) / SVG_CHAR);
}

static struct svg_label *new_labels(unsigned int n)
{
	struct svg_label *labels = calloc(n + 1, sizeof(*labels));

	if (!labels)
		abort();
	return labels;
}

/* ---- Banks ---- */

static void describe_piece(char *label, const struct owned_memory *p)
{
	char size[32];

	map_size(size, sizeof(size), p->range.size);
	if (p->vm != 0)
		snprintf(label, SVG_MAX_LABEL, "%#-11llx %9s  %s, at %#llx there",
			 LLU(p->range.base), size, p->owner, LLU(p->ipa));
	else
		snprintf(label, SVG_MAX_LABEL, "%#-11llx %9s  %s%s%s", LLU(p->range.base), size,
			 p->owner ? p->owner : "", p->owner ? ": " : "", p->what);
}

static double draw_bank(FILE *f, const struct host *host, const struct owned_memories *m,
			unsigned int bank, double scale, double x, double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / BANKS_IN_ROW;
	const struct range *ram = &host->ram[bank];
	struct svg_label *labels = new_labels(m->nr);
	double height = (double)ram->size * scale, end;
	unsigned int n = 0;
	char size[32], data[256];

	map_size(size, sizeof(size), ram->size);
	svg_text(f, x, y, "mono dim", room(column, 0), "bank %u: %#llx, %s", bank, LLU(ram->base),
		 size);
	y += 8;
	for (unsigned int i = 0; i < m->nr; i++) {
		const struct owned_memory *p = &m->list[i];
		double top = y + (double)(p->range.base - ram->base) * scale;
		double tall = (double)p->range.size * scale;

		if (p->bank != bank)
			continue;
		describe_piece(labels[n].text, p);
		labels[n].at = top + tall / 2;
		snprintf(data, sizeof(data),
			 "data-bank=\"%u\" data-owner=\"%s\" data-size=\"%llu\"", bank,
			 p->owner ? p->owner : p->what, LLU(p->range.size));
		svg_box(f, &(struct svg_box){svg_colour(p->vm, p->owner, p->what), x, top,
					     BANK_WIDTH, tall, data, labels[n].text});
		n++;
	}
	end = svg_labels(f, labels, n, x + BANK_WIDTH, y, y + height, room(column, BANK_WIDTH));
	free(labels);
	return MAX(end, y + height);
}

double svg_banks(FILE *f, const struct host *host, const struct owned_memories *m, double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / BANKS_IN_ROW;
	double end = y;
	uint64_t largest = 1;

	svg_text(f, SVG_MARGIN, y, "head", 0, "Physical memory, to scale");
	y += 24;
	for (unsigned int b = 0; b < host->nr_ram; b++)
		largest = MAX(largest, host->ram[b].size);
	for (unsigned int b = 0; b < host->nr_ram; b++) {
		unsigned int place = b % BANKS_IN_ROW;
		double bottom;

		if (place == 0 && b != 0)
			y = end + 28;
		bottom = draw_bank(f, host, m, b, BANK_HEIGHT / (double)largest,
				   SVG_MARGIN + place * column, y);
		end = MAX(end, bottom);
	}
	return end + 40;
}

/* ---- VMs ---- */

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

/* What boot puts into a VM's first memory, by address. */
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

/* One range of a VM's memory, with what is in it. */
static double draw_range(FILE *f, const struct vm_config *vm, unsigned int index, double scale,
			 double x, double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / VMS_IN_ROW;
	const struct vm_memory *m = &vm->memory[index];
	struct part parts[MAX_PARTS];
	struct svg_label *labels = new_labels(MAX_PARTS + 1);
	unsigned int nr_parts = find_parts(vm, parts), n = 0;
	double height = (double)m->size * scale, end;
	char data[128], size[32];

	map_size(size, sizeof(size), m->size);
	snprintf(labels[n].text, SVG_MAX_LABEL, "%#llx %s, physical %#llx", LLU(m->ipa.v), size,
		 LLU(m->pa.v));
	snprintf(data, sizeof(data), "data-vm=\"%s\" data-size=\"%llu\"", vm->name, LLU(m->size));
	svg_box(f, &(struct svg_box){svg_colour(vm->id, NULL, NULL), x, y, VM_WIDTH, height, data,
				     labels[n].text});
	labels[n++].at = y;
	for (unsigned int i = 0; i < nr_parts; i++) {
		const struct part *p = &parts[i];
		double top = y + (double)(p->base - m->ipa.v) * scale;
		double tall = (double)p->size * scale;

		if (!range_within(p->base, p->size, m->ipa.v, m->size))
			continue;
		map_size(size, sizeof(size), p->size);
		snprintf(labels[n].text, SVG_MAX_LABEL, "%#llx %s, %s", LLU(p->base), p->name,
			 size);
		svg_box(f, &(struct svg_box){"part", x + VM_WIDTH / 3, top, VM_WIDTH * 2 / 3, tall,
					     NULL, labels[n].text});
		labels[n++].at = top + tall / 2;
	}
	end = svg_labels(f, labels, n, x + VM_WIDTH, y, y + height, room(column, VM_WIDTH));
	free(labels);
	return MAX(end, y + height) + 6;
}

/* As "3, 4, 5", cut if there are too many. */
static void list_irqs(char *text, size_t size, const struct owned_device *d)
{
	size_t n = 0;

	*text = '\0';
	for (unsigned int i = 0; i < d->nr_irqs && n < size; i++)
		if (d->irqs[i] >= 32)
			n += (size_t)snprintf(text + n, size - n, "%s%u", n ? ", " : "  SPI ",
					      d->irqs[i] - 32);
}

static double draw_vm(FILE *f, const struct vm_config *vm, const struct owned_devices *devices,
		      double scale, double x, double y)
{
	const unsigned int max = room((SVG_WIDTH - 2.0 * SVG_MARGIN) / VMS_IN_ROW, 0) + 4;
	char list[512];
	size_t n = 0;

	svg_box(f,
		&(struct svg_box){svg_colour(vm->id, NULL, NULL), x, y - 10, 12, 12, NULL, NULL});
	svg_text(f, x + 18, y, "mono name", max - 3, "%s", vm->name);
	*list = '\0';
	for (unsigned int i = 0; i < vm->nr_cpus && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, " %u", vm->cpus[i]);
	svg_text(f, x, y + SVG_LINE, "mono dim", max, "VMID %u, %u vCPU%s on CPU%s%s", vm->id,
		 vm->nr_cpus, vm->nr_cpus == 1 ? "" : "s", vm->nr_cpus == 1 ? "" : "s", list);
	y += SVG_LINE + 12;
	for (unsigned int i = 0; i < vm->nr_memory; i++)
		y = draw_range(f, vm, i, scale, x, y);
	for (unsigned int i = 0; i < devices->nr; i++) {
		const struct owned_device *d = &devices->list[i];

		if (d->vm != vm->id)
			continue;
		list_irqs(list, sizeof(list), d);
		svg_text(f, x, y + 10, "mono", max, "%#llx %s%s", LLU(d->reg.base), d->path, list);
		y += SVG_LINE;
	}
	return y;
}

double svg_vms(FILE *f, const struct tool_system *system, const struct owned_devices *devices,
	       double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / VMS_IN_ROW;
	double end = y;
	uint64_t largest = 1;

	svg_text(f, SVG_MARGIN, y, "head", 0, "VMs: memory as they see it, to scale, and devices");
	y += 26;
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		for (unsigned int i = 0; i < system->config.vms[v].nr_memory; i++)
			largest = MAX(largest, system->config.vms[v].memory[i].size);
	for (unsigned int v = 0; v < system->config.nr_vms; v++) {
		unsigned int place = v % VMS_IN_ROW;
		double bottom;

		if (place == 0 && v != 0)
			y = end + 30;
		bottom = draw_vm(f, &system->config.vms[v], devices, VM_HEIGHT / (double)largest,
				 SVG_MARGIN + place * column, y);
		end = MAX(end, bottom);
	}
	return end + 40;
}
