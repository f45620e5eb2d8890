// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPUs in the picture: a row for each vCPU that runs there, in its VM's colour and tied to it.
 */
#include <string.h>

#include "lib/bits.h"
#include "tools/svg_picture.h"

#define ROW 18.0
#define CELL 58.0 /* at the right edge: which CPU, and whether it is shared */

static unsigned int count_vcpus(const struct system_config *config, unsigned int cpu)
{
	unsigned int n = 0;

	for (unsigned int v = 0; v < config->nr_vms; v++)
		for (unsigned int i = 0; i < config->vms[v].nr_cpus; i++)
			n += config->vms[v].cpus[i] == cpu;
	return n;
}

static void draw_row(FILE *f, const struct picture *p, const struct picture_vm *vm,
		     unsigned int vcpu, double y)
{
	const char *colour = picture_colour(vm->config->id);
	double width = p->right_width - CELL;
	char title[160];

	snprintf(title, sizeof(title), "%s: vCPU %u runs on CPU %u", vm->config->name, vcpu,
		 vm->config->cpus[vcpu]);
	svg_tie(f, colour, p->vms_x + p->vms_width, vm->port + vcpu * SVG_LINE, p->right_x,
		y + ROW / 2, title);
	svg_box(f, &(struct svg_box){colour, p->right_x, y, width, ROW, title, 0});
	svg_text(f, p->right_x + PICTURE_PAD, y + 13, "", svg_room(width - 2 * PICTURE_PAD),
		 "%s vCPU %u", vm->config->name, vcpu);
}

static void draw_cpu(FILE *f, const struct picture *p, unsigned int cpu, double y)
{
	double x = p->right_x + p->right_width - CELL;
	unsigned int vcpus = count_vcpus(&p->system->config, cpu);

	svg_open(f, "cpu", NULL);
	svg_box(f, &(struct svg_box){"free", x, y, CELL, vcpus * ROW, NULL, 0});
	svg_text(f, x + CELL / 2, y + 13, "middle name", 0, "CPU %u", cpu);
	if (vcpus > 1)
		svg_text(f, x + CELL / 2, y + ROW + 13, "middle", 0, "shared");
	for (unsigned int v = 0; v < p->system->config.nr_vms; v++) {
		const struct picture_vm *vm = &p->vms[v];

		for (unsigned int i = 0; i < vm->config->nr_cpus; i++) {
			if (vm->config->cpus[i] != cpu)
				continue;
			draw_row(f, p, vm, i, y);
			y += ROW;
		}
	}
	svg_close(f);
}

void picture_add_cpus(struct picture_blocks *blocks, const struct picture *p)
{
	for (unsigned int cpu = 0; cpu < p->system->host.nr_cpus; cpu++) {
		unsigned int n = 0;
		double sum = 0;

		for (unsigned int v = 0; v < p->system->config.nr_vms; v++)
			for (unsigned int i = 0; i < p->vms[v].config->nr_cpus; i++) {
				if (p->vms[v].config->cpus[i] != cpu)
					continue;
				sum += p->vms[v].port + i * SVG_LINE;
				n++;
			}
		if (n == 0)
			continue;
		picture_add_block(blocks, &(struct picture_block){.wanted = sum / n,
								  .height = n * ROW,
								  .number = cpu,
								  .draw = draw_cpu});
	}
}

/* ---- CPUs without a vCPU ---- */

/* The next run of them, from *first on. False if there is none. */
static bool next_idle(const struct tool_system *system, unsigned int *first, unsigned int *last)
{
	unsigned int nr = system->host.nr_cpus;

	while (*first < nr && count_vcpus(&system->config, *first) != 0)
		(*first)++;
	*last = *first;
	while (*last + 1 < nr && count_vcpus(&system->config, *last + 1) == 0)
		(*last)++;
	return *first < nr;
}

/* Their numbers, in as many lines as that needs: writes them if f is not NULL, or else counts. */
static unsigned int list_idle(FILE *f, const struct picture *p, double y)
{
	const unsigned int room = svg_room(p->right_width - 2 * PICTURE_PAD);
	unsigned int lines = 0, runs = 0, first = 0, last = 0;
	char line[256] = "idle: CPU";
	size_t n = strlen(line);

	while (next_idle(p->system, &first, &last)) {
		char run[32];
		size_t length = (size_t)snprintf(run, sizeof(run), first == last ? " %u" : " %u-%u",
						 first, last);

		if (n + length > MIN(room, sizeof(line) - 1)) {
			if (f)
				svg_text(f, p->right_x + PICTURE_PAD, y + 13 + lines * SVG_LINE, "",
					 0, "%s", line);
			lines++;
			n = 0;
		}
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s", run + (n == 0));
		first = last + 1;
		runs++;
	}
	if (runs == 0)
		return 0;
	if (f)
		svg_text(f, p->right_x + PICTURE_PAD, y + 13 + lines * SVG_LINE, "", 0, "%s", line);
	return lines + 1;
}

static void draw_idle(FILE *f, const struct picture *p, unsigned int lines, double y)
{
	svg_open(f, "idle", NULL);
	svg_box(f, &(struct svg_box){"free", p->right_x, y, p->right_width,
				     ROW + (lines - 1) * SVG_LINE, NULL, 0});
	list_idle(f, p, y);
	svg_close(f);
}

void picture_add_idle(struct picture_blocks *blocks, const struct picture *p)
{
	unsigned int lines = list_idle(NULL, p, 0);

	if (lines != 0)
		picture_add_block(blocks,
				  &(struct picture_block){.height = ROW + (lines - 1) * SVG_LINE,
							  .number = lines,
							  .draw = draw_idle});
}
