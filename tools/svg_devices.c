// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPUs in the picture, each divided among those who share it, and the devices that
 * no VM has.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "tools/svg.h"

#define LLU(value) ((unsigned long long)(value))

#define CPUS_IN_ROW 6
#define CPU_GAP 12.0
#define CPU_SHARE 18.0 /* the least height, so that there is room for its text */
#define MAX_IDLE_SHOWN 64
#define COLUMNS 3
#define MAX_NAMES 4096

/* ---- CPUs ---- */

static unsigned int count_shares(const struct system_config *config, unsigned int cpu)
{
	unsigned int n = 0;

	for (unsigned int v = 0; v < config->nr_vms; v++)
		for (unsigned int i = 0; i < config->vms[v].nr_cpus; i++)
			n += config->vms[v].cpus[i] == cpu;
	return n;
}

static void draw_cpu(FILE *f, const struct system_config *config, unsigned int cpu, double x,
		     double y, double height)
{
	const double width = (SVG_WIDTH - 2.0 * SVG_MARGIN) / CPUS_IN_ROW - CPU_GAP;
	const unsigned int max = (unsigned int)((width - 8) / SVG_CHAR);
	unsigned int shares = count_shares(config, cpu), n = 0;
	char data[64], title[128];

	svg_text(f, x, y - 5, "mono dim", max, "CPU %u%s", cpu, shares == 0 ? ": idle" : "");
	if (shares == 0)
		svg_box(f, &(struct svg_box){"box free", x, y, width, height, NULL, NULL});
	for (unsigned int v = 0; v < config->nr_vms; v++) {
		const struct vm_config *vm = &config->vms[v];

		for (unsigned int i = 0; i < vm->nr_cpus; i++) {
			double share = height / MAX(shares, 1u), at = y + n * share;

			if (vm->cpus[i] != cpu)
				continue;
			n++;
			snprintf(data, sizeof(data), "data-cpu=\"%u\" data-share=\"%u\"", cpu,
				 shares);
			snprintf(title, sizeof(title), "%s vCPU %u: 1/%u of CPU %u", vm->name, i,
				 shares, cpu);
			svg_box(f, &(struct svg_box){svg_colour(vm->id, NULL, NULL), x, at, width,
						     share, data, title});
			if (shares == 1)
				svg_text(f, x + 4, at + share / 2 + 4, "mono", max, "%s vCPU %u",
					 vm->name, i);
			else
				svg_text(f, x + 4, at + share / 2 + 4, "mono", max,
					 "1/%u %s vCPU %u", shares, vm->name, i);
		}
	}
}

double svg_cpus(FILE *f, const struct tool_system *system, double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / CPUS_IN_ROW;
	unsigned int shown = 0, hidden = 0, most = 1, row = 0;
	double height;

	svg_text(f, SVG_MARGIN, y, "head", 0, "CPUs and their shares");
	y += 30;
	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++)
		most = MAX(most, count_shares(&system->config, cpu));
	height = CPU_SHARE * MAX(most, 2u);
	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++) {
		if (system->host.nr_cpus > MAX_IDLE_SHOWN &&
		    count_shares(&system->config, cpu) == 0) {
			hidden++;
			continue;
		}
		row = shown / CPUS_IN_ROW;
		draw_cpu(f, &system->config, cpu, SVG_MARGIN + shown % CPUS_IN_ROW * column,
			 y + row * (height + 26), height);
		shown++;
	}
	y += (row + 1) * (height + 26);
	if (hidden != 0) {
		svg_text(f, SVG_MARGIN, y, "mono dim", 0, "and %u CPUs that are idle", hidden);
		y += SVG_LINE;
	}
	return y + 24;
}

/* ---- Devices ---- */

/* A line for one device, or for several that are alike: then with all names in a tooltip. */
static void draw_device(FILE *f, const struct owned_devices *devices, unsigned int first,
			unsigned int n, double x, double y, unsigned int max)
{
	const struct owned_device *d = &devices->list[first];
	char names[MAX_NAMES] = "", text[512], more[32] = "";
	size_t len = 0;

	for (unsigned int i = first; i < first + n && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					i == first ? "" : " ", devices->list[i].path);
	if (n > 1)
		snprintf(more, sizeof(more), " and %u more", n - 1);
	snprintf(text, sizeof(text), "%#llx %s%s", LLU(d->reg.base), d->path, more);
	if (n == 1 && d->nr_irqs != 0 && d->irqs[0] >= 32) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "  SPI %u%s", d->irqs[0] - 32,
			 d->nr_irqs > 1 ? ", .." : "");
	}
	svg_box(f, &(struct svg_box){svg_colour(0, d->owner, NULL), x, y - 9, 10, 10, NULL, names});
	svg_text(f, x + 16, y, "mono", max - 3, "%s", text);
}

double svg_devices(FILE *f, const struct owned_devices *devices, double y)
{
	const double column = (SVG_WIDTH - 2.0 * SVG_MARGIN) / COLUMNS;
	const unsigned int max = (unsigned int)((column - 10) / SVG_CHAR);
	unsigned int total = 0, shown = 0, rows, n;

	svg_text(f, SVG_MARGIN, y, "head", 0, "Devices that no VM has");
	y += 24;
	for (unsigned int i = 0; i < devices->nr; i += owners_alike(devices, i))
		total += devices->list[i].vm == 0;
	rows = (total + COLUMNS - 1) / COLUMNS;
	for (unsigned int i = 0; i < devices->nr; i += n) {
		unsigned int place = rows ? shown / rows : 0, row = rows ? shown % rows : 0;

		n = owners_alike(devices, i);
		if (devices->list[i].vm != 0)
			continue;
		draw_device(f, devices, i, n, SVG_MARGIN + place * column, y + row * SVG_LINE, max);
		shown++;
	}
	return y + rows * SVG_LINE + 20;
}
