/*
 * See svg.h. Memory is to scale, over all banks; labels stand beside it, apart
 * from each other, with lines to their pieces. CPUs are divided by those who
 * share them. Colours follow the viewer's preference for light or dark.
 */
#include "tools/svg.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"

#define LLU(value) ((unsigned long long)(value))

#define WIDTH 1210
#define TOP 84
#define MEMORY_HEIGHT 600.0
#define BAR_X 30
#define BAR_WIDTH 110
#define LABEL_X 262
#define LABEL_STEP 17.0
#define BANK_GAP 22.0
#define RIGHT_X 660
#define CPU_WIDTH 126
#define CPU_HEIGHT 44
#define CPUS_IN_ROW 4
#define MAX_CPUS_SHOWN 64
#define NR_COLOURS 8

static const char style[] =
    "<style>\n"
    "  svg { font: 12px sans-serif; }\n"
    "  .bg { fill: #ffffff; } text { fill: #1c1e21; } .dim { fill: #5b6168; }\n"
    "  h1, .title { font-size: 18px; font-weight: bold; } .head { font-size: 14px; font-weight: "
    "bold; }\n"
    "  .mono { font-family: monospace; font-size: 11px; }\n"
    "  rect.box { stroke: #5b6168; stroke-width: 0.6; } .lead { stroke: #9aa0a6; stroke-width: "
    "0.8; fill: none; }\n"
    "  .free { fill: #f1f3f4; } .bulkhead { fill: #b5bac0; } .reserved { fill: #d9cdb8; }\n"
    "  .c0 { fill: #a8c8f0; } .c1 { fill: #f5c99a; } .c2 { fill: #b3dfb0; } .c3 { fill: #eab0bd; "
    "}\n"
    "  .c4 { fill: #cdbdea; } .c5 { fill: #a9dcd9; } .c6 { fill: #e6dd8e; } .c7 { fill: #d6b89f; "
    "}\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .bg { fill: #16181b; } text { fill: #e8eaed; } .dim { fill: #a3a9b0; }\n"
    "    rect.box { stroke: #a3a9b0; } .lead { stroke: #6b7178; }\n"
    "    .free { fill: #26292d; } .bulkhead { fill: #565b61; } .reserved { fill: #5d5340; }\n"
    "    .c0 { fill: #2c5280; } .c1 { fill: #80521f; } .c2 { fill: #2f6430; } .c3 { fill: #7d3344; "
    "}\n"
    "    .c4 { fill: #564085; } .c5 { fill: #1f6663; } .c6 { fill: #6b611a; } .c7 { fill: #64462d; "
    "}\n"
    "  }\n"
    "</style>\n";

/* ---- Text ---- */

/* As printf(), with what XML wants escaped. */
static void text(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void text(FILE *f, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (const char *c = line; *c; c++) {
		if (*c == '&')
			fputs("&amp;", f);
		else if (*c == '<')
			fputs("&lt;", f);
		else if (*c == '>')
			fputs("&gt;", f);
		else
			fputc(*c, f);
	}
}

static void begin_text(FILE *f, double x, double y, const char *class)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
}

static void end_text(FILE *f)
{
	fputs("</text>\n", f);
}

static const char *colour_of(unsigned int vm, const char *owner, const char *what)
{
	static const char *const colours[NR_COLOURS] = {"c0", "c1", "c2", "c3",
							"c4", "c5", "c6", "c7"};

	if (vm != 0)
		return colours[(vm - 1) % NR_COLOURS];
	if (owner)
		return "bulkhead";
	return what && strncmp(what, "reserved", 8) == 0 ? "reserved" : "free";
}

static void describe(char *label, size_t size, const struct owned_memory *p)
{
	char bytes[32];

	map_size(bytes, sizeof(bytes), p->range.size);
	if (p->vm != 0)
		snprintf(label, size, "%#llx  %s, %s, as %#llx", LLU(p->range.base), p->owner,
			 bytes, LLU(p->ipa));
	else
		snprintf(label, size, "%#llx  %s%s%s, %s", LLU(p->range.base),
			 p->owner ? p->owner : "", p->owner ? ": " : "", p->what, bytes);
}

/* ---- Memory ---- */

/* Where an address is in the picture: banks one below the other, each to the same scale. */
static double y_of(const struct host *host, double scale, unsigned int bank, uint64_t address)
{
	double y = TOP + 40;

	for (unsigned int b = 0; b < bank; b++)
		y += (double)host->ram[b].size * scale + BANK_GAP;
	return y + (double)(address - host->ram[bank].base) * scale;
}

/* A piece may go over the end of its bank if the firmware says so. */
static double height_of(const struct host *host, double scale, const struct owned_memory *p)
{
	const struct range *bank = &host->ram[p->bank];
	uint64_t end = MIN(p->range.base + p->range.size, bank->base + bank->size);

	return end > p->range.base ? (double)(end - p->range.base) * scale : 0;
}

static void draw_piece(FILE *f, const struct owned_memory *p, double y, double height,
		       const char *label)
{
	fprintf(f,
		"<rect class=\"box %s\" x=\"%d\" y=\"%.2f\" width=\"%d\" height=\"%.2f\" "
		"data-owner=\"",
		colour_of(p->vm, p->owner, p->what), BAR_X, y, BAR_WIDTH, height);
	text(f, "%s", p->owner ? p->owner : p->what);
	fprintf(f, "\" data-size=\"%llu\"><title>", LLU(p->range.size));
	text(f, "%s", label);
	fputs("</title></rect>\n", f);
}

/* Returns where the picture goes on below. */
static double draw_memory(FILE *f, const struct host *host, const struct owned_memories *m)
{
	double total = 0, scale, next = TOP + 46;

	for (unsigned int b = 0; b < host->nr_ram; b++)
		total += (double)host->ram[b].size;
	scale = MEMORY_HEIGHT / total;
	begin_text(f, BAR_X, TOP, "head");
	text(f, "Memory, to scale%s",
	     m->assumed ? " (Bulkhead's place as QEMU's boot loader chooses it)" : "");
	end_text(f);
	for (unsigned int b = 0; b < host->nr_ram; b++) {
		char size[32];

		map_size(size, sizeof(size), host->ram[b].size);
		begin_text(f, BAR_X, y_of(host, scale, b, host->ram[b].base) - 6, "mono dim");
		text(f, "bank %u: %#llx, %s", b, LLU(host->ram[b].base), size);
		end_text(f);
	}
	for (unsigned int i = 0; i < m->nr; i++) {
		const struct owned_memory *p = &m->list[i];
		double y = y_of(host, scale, p->bank, p->range.base);
		double height = height_of(host, scale, p), middle = y + height / 2, at;
		char label[200];

		if (height <= 0)
			continue;
		describe(label, sizeof(label), p);
		draw_piece(f, p, y, height, label);
		at = MAX(middle, next);
		next = at + LABEL_STEP;
		fprintf(f, "<path class=\"lead\" d=\"M%d %.2f L%d %.2f L%d %.2f\"/>\n",
			BAR_X + BAR_WIDTH, middle, LABEL_X - 20, at, LABEL_X - 4, at);
		begin_text(f, LABEL_X, at + 4, "mono");
		text(f, "%s", label);
		end_text(f);
	}
	return MAX(next, TOP + 60 + MEMORY_HEIGHT + BANK_GAP * host->nr_ram);
}

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
		     double y)
{
	unsigned int shares = count_shares(config, cpu), n = 0;

	begin_text(f, x, y - 4, "mono dim");
	text(f, "CPU %u%s", cpu, shares == 0 ? ": idle" : "");
	end_text(f);
	if (shares == 0)
		fprintf(
		    f,
		    "<rect class=\"box free\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>\n",
		    x, y, CPU_WIDTH - 10, CPU_HEIGHT);
	for (unsigned int v = 0; v < config->nr_vms; v++) {
		const struct vm_config *vm = &config->vms[v];
		double width = (CPU_WIDTH - 10.0) / MAX(shares, 1u), at = x + n * width;

		for (unsigned int i = 0; i < vm->nr_cpus; i++) {
			if (vm->cpus[i] != cpu)
				continue;
			n++;
			fprintf(f,
				"<rect class=\"box %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				"height=\"%d\" data-cpu=\"%u\"><title>",
				colour_of(vm->id, NULL, NULL), at, y, width, CPU_HEIGHT, cpu);
			text(f, "%s vCPU %u: 1/%u of CPU %u", vm->name, i, shares, cpu);
			fputs("</title></rect>\n", f);
			/* as many characters as there is room for */
			begin_text(f, at + 4, y + 18, "mono");
			text(f, "%.*s", (int)(width / 7), vm->name);
			end_text(f);
			begin_text(f, at + 4, y + 34, "mono");
			text(f, "%.*s%u", (int)MAX(width / 7 - 2, 1.0), "vCPU ", i);
			end_text(f);
		}
	}
}

static double draw_cpus(FILE *f, const struct tool_system *system, double y)
{
	unsigned int shown = 0, hidden = 0, row = 0;

	begin_text(f, RIGHT_X, y, "head");
	text(f, "CPUs");
	end_text(f);
	y += 26;
	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++) {
		if (system->host.nr_cpus > MAX_CPUS_SHOWN &&
		    count_shares(&system->config, cpu) == 0) {
			hidden++;
			continue;
		}
		row = shown / CPUS_IN_ROW;
		draw_cpu(f, &system->config, cpu, RIGHT_X + shown % CPUS_IN_ROW * CPU_WIDTH,
			 y + row * (CPU_HEIGHT + 24.0));
		shown++;
	}
	y += (row + 1) * (CPU_HEIGHT + 24.0);
	if (hidden != 0) {
		begin_text(f, RIGHT_X, y, "dim");
		text(f, "and %u CPUs that are idle", hidden);
		end_text(f);
		y += LABEL_STEP;
	}
	return y + 14;
}

/* ---- Devices ---- */

static double draw_devices_of(FILE *f, const struct owned_devices *devices, unsigned int vm,
			      const char *owner, double y)
{
	fprintf(f, "<rect class=\"box %s\" x=\"%d\" y=\"%.1f\" width=\"12\" height=\"12\"/>\n",
		colour_of(vm, owner, NULL), RIGHT_X, y - 10);
	begin_text(f, RIGHT_X + 18, y, "");
	text(f, "%s", owner);
	end_text(f);
	y += LABEL_STEP;
	for (unsigned int i = 0; i < devices->nr; i++) {
		const struct owned_device *d = &devices->list[i];

		if (!d->owner || d->vm != vm || strcmp(d->owner, owner) != 0)
			continue;
		begin_text(f, RIGHT_X + 18, y, "mono");
		text(f, "%#llx  %.48s", LLU(d->reg.base), d->path);
		for (unsigned int k = 0; k < d->nr_irqs && d->irqs[k] >= 32; k++)
			text(f, "%s %u", k ? "," : "  SPI", d->irqs[k] - 32);
		end_text(f);
		y += LABEL_STEP;
	}
	return y + 6;
}

static double draw_devices(FILE *f, const struct tool_system *system,
			   const struct owned_devices *devices, double y)
{
	unsigned int left = 0;

	begin_text(f, RIGHT_X, y, "head");
	text(f, "Devices");
	end_text(f);
	y = draw_devices_of(f, devices, 0, OWNER_BULKHEAD, y + 24);
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		y = draw_devices_of(f, devices, system->config.vms[v].id,
				    system->config.vms[v].name, y);
	for (unsigned int i = 0; i < devices->nr; i++)
		left += !devices->list[i].owner;
	begin_text(f, RIGHT_X, y, "dim");
	text(f, "%u other devices of the machine are nobody's", left);
	end_text(f);
	return y + LABEL_STEP;
}

/* ---- All ---- */

static double draw(FILE *f, const struct tool_options *options, const struct tool_system *system,
		   const struct owned_memories *memory, const struct owned_devices *devices)
{
	double left, right;

	begin_text(f, BAR_X, 36, "title");
	text(f, "%s",
	     strrchr(options->file, '/') ? strrchr(options->file, '/') + 1 : options->file);
	end_text(f);
	begin_text(f, BAR_X, 56, "dim");
	text(f, "on %s: %u CPUs, GICv%u",
	     strrchr(options->host, '/') ? strrchr(options->host, '/') + 1 : options->host,
	     system->host.nr_cpus, system->host.gic.version);
	end_text(f);
	left = draw_memory(f, &system->host, memory);
	right = draw_devices(f, system, devices, draw_cpus(f, system, TOP));
	return MAX(left, right) + 20;
}

bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices)
{
	FILE *body = tmpfile(), *f = fopen(options->svg, "w");
	double height;
	int c;
	bool ok = body && f;

	if (ok) {
		/* the height is known at the end */
		height = draw(body, options, system, memory, devices);
		fprintf(f,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
			"viewBox=\"0 0 %d %.0f\">\n%s"
			"<rect class=\"bg\" width=\"%d\" height=\"%.0f\"/>\n",
			WIDTH, height, WIDTH, height, style, WIDTH, height);
		rewind(body);
		while ((c = fgetc(body)) != EOF)
			fputc(c, f);
		fputs("</svg>\n", f);
		ok = !ferror(f);
	}
	if (body)
		fclose(body);
	if (f && fclose(f) != 0)
		ok = false;
	if (!ok)
		perror(options->svg);
	return ok;
}
