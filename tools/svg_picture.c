// SPDX-License-Identifier: BSD-2-Clause
/*
 * See svg_picture.h. Columns are as wide as their texts, between bounds: a longer text is cut, and
 * whole in a tooltip.
 */
#include "tools/svg_picture.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"

#define LLU(value) ((unsigned long long)(value))

#define TITLE_Y 36.0
#define HEADS_Y 112.0	   /* of the columns */
#define TOP 128.0	   /* where the columns begin */
#define LEAST_HEIGHT 380.0 /* of physical memory */
#define BANDS 100.0	   /* between physical memory and VMs */
#define TIES 80.0	   /* between VMs and CPUs */
#define SIZE_CHARS 10	   /* of a size, with a gap before it */
#define GUEST_CHARS 20	   /* "device tree 1024 KiB" */
#define PORT_CHARS 14	   /* an address */
#define LEAST_NAME 12
#define MOST_NAME 40 /* characters of a name or label */

const char *picture_colour(unsigned int vm)
{
	static const char *const colours[SVG_COLOURS] = {"c0", "c1", "c2", "c3",
							 "c4", "c5", "c6", "c7"};

	return colours[(vm - 1) % SVG_COLOURS];
}

void picture_range(char *text, size_t size, uint64_t base, uint64_t bytes)
{
	snprintf(text, size, "0x%llx-0x%llx", LLU(base), LLU(base + bytes - 1));
}

/* How many characters the longest of these ranges has. */
static unsigned int range_chars(const struct svg_stack *stack)
{
	unsigned int most = 0;

	for (unsigned int i = 0; i < stack->nr; i++) {
		char text[64];

		picture_range(text, sizeof(text), stack->list[i].base, stack->list[i].size);
		most = MAX(most, (unsigned int)strlen(text));
	}
	return most;
}

/* ---- Columns ---- */

static double wide(unsigned int chars)
{
	return (double)(long)(chars * SVG_CHAR + 0.5);
}

static void measure(struct picture *p)
{
	unsigned int label = LEAST_NAME, name = LEAST_NAME, range = 0, device = 24;

	for (unsigned int i = 0; i < p->physical.nr; i++)
		label = MAX(label, (unsigned int)strlen(p->physical.list[i].name));
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++) {
		name = MAX(name, (unsigned int)strlen(p->vms[v].config->name));
		range = MAX(range, range_chars(&p->vms[v].memory));
	}
	for (unsigned int i = 0; i < p->devices->nr; i++)
		if (p->devices->list[i].owner)
			device = MAX(device, (unsigned int)strlen(p->devices->list[i].path));
	label = MIN(label, MOST_NAME);
	name = MIN(name, MOST_NAME);
	device = MIN(device, MOST_NAME);
	p->sizes_end = PICTURE_MARGIN + wide(range_chars(&p->physical) + SIZE_CHARS);
	p->bar_x = p->sizes_end + 2 * PICTURE_PAD;
	p->bar_width = wide(label) + 2 * PICTURE_PAD;
	p->vms_x = p->bar_x + p->bar_width + BANDS;
	p->guest_width = wide(GUEST_CHARS) + 2 * PICTURE_PAD;
	p->vms_width = p->guest_width + wide(range + PORT_CHARS) + 4 * PICTURE_PAD;
	p->right_x = p->vms_x + p->vms_width + TIES;
	p->right_width = MAX(wide(name + 8) + 70, wide(device) + 2 * PICTURE_PAD);
	p->width = p->right_x + p->right_width + PICTURE_MARGIN;
}

/* ---- All ---- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void draw_head(FILE *f, const struct tool_options *options, const struct picture *p)
{
	const struct host *host = &p->system->host;
	const unsigned int room = svg_room(p->width - 2 * PICTURE_MARGIN);
	uint64_t bytes = 0;
	char size[32];

	for (unsigned int b = 0; b < host->nr_ram; b++)
		bytes += host->ram[b].size;
	map_size(size, sizeof(size), bytes);
	svg_text(f, PICTURE_MARGIN, TITLE_Y, "title", room / 2, "%s", base_of(options->file));
	svg_text(f, PICTURE_MARGIN, TITLE_Y + 22, "dim", room,
		 "on %s: %u CPU%s, %s of memory, GICv%u", base_of(options->host), host->nr_cpus,
		 host->nr_cpus == 1 ? "" : "s", size, host->gic.version);
	svg_text(f, PICTURE_MARGIN, TITLE_Y + 22 + SVG_LINE, "dim", room, "assumed: %s",
		 p->memory->assumed);
	svg_text(f, PICTURE_MARGIN, HEADS_Y, "head", 0, "Physical memory");
	svg_text(f, p->vms_x, HEADS_Y, "head", 0, "VMs, and memory as they see it");
	svg_text(f, p->right_x, HEADS_Y, "head", 0, "CPUs and devices");
}

/* Returns the height of all. */
static double draw(FILE *f, const struct tool_options *options, struct picture *p)
{
	double end, memory, right;

	picture_build_memory(p);
	picture_build_vms(p);
	measure(p);
	end = picture_place_vms(p, TOP);
	memory = picture_place_memory(p, TOP, MAX(end - TOP, LEAST_HEIGHT));
	draw_head(f, options, p);
	picture_draw_bands(f, p);
	picture_draw_memory(f, p);
	picture_draw_vms(f, p);
	memory = picture_draw_legend(f, p, memory);
	right = picture_draw_right(f, p, TOP, end);
	end = MAX(end, memory);
	return picture_draw_unused(f, p, MAX(end, right)) + PICTURE_MARGIN;
}

/* What the picture shows, for those who hear it: a sentence for each VM. */
static void describe(FILE *f, const struct picture *p)
{
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++) {
		const struct vm_config *vm = &p->system->config.vms[v];
		char size[32];

		fprintf(f, "%s%s has", v ? " " : "", vm->name);
		for (unsigned int i = 0; i < vm->nr_memory; i++) {
			map_size(size, sizeof(size), vm->memory[i].size);
			fprintf(f, "%s %s of memory at %#llx, physical %#llx", i ? "," : "", size,
				LLU(vm->memory[i].ipa.v), LLU(vm->memory[i].pa.v));
		}
		for (unsigned int i = 0; i < vm->nr_cpus; i++)
			fprintf(f, "%s %u",
				i		   ? ","
				: vm->nr_cpus == 1 ? "; CPU"
						   : "; CPUs",
				vm->cpus[i]);
		for (unsigned int i = 0; i < vm->nr_devices; i++) {
			fputs(i ? ", " : "; devices ", f);
			svg_escape(f, vm->devices[i].path);
		}
		fputc('.', f);
	}
}

bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices)
{
	struct picture p = {.system = system, .memory = memory, .devices = devices};
	char *body = NULL, *all = NULL;
	size_t body_size = 0, all_size = 0;
	FILE *f = open_memstream(&body, &body_size);
	double height;
	bool ok;

	if (!f)
		abort();
	/* the height is known at the end */
	height = draw(f, options, &p);
	fclose(f);
	f = open_memstream(&all, &all_size);
	if (!f)
		abort();
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"title desc\">\n"
		"<title id=\"title\">",
		p.width, height, p.width, height);
	svg_escape(f, base_of(options->file));
	fputs(": who owns what</title>\n<desc id=\"desc\">", f);
	describe(f, &p);
	fprintf(f, "</desc>\n%s<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", svg_style,
		p.width, height);
	fwrite(body, 1, body_size, f);
	fputs("</svg>\n", f);
	fclose(f);
	ok = tool_write_file(options->svg,
			     &(struct tool_blob){.data = (uint8_t *)all, .size = all_size});
	svg_stack_free(&p.physical);
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		svg_stack_free(&p.vms[v].memory);
	free(p.vms);
	free(body);
	free(all);
	return ok;
}
