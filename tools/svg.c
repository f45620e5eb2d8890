// SPDX-License-Identifier: BSD-2-Clause
/*
 * See svg.h. Colours follow the viewer's preference for light or dark. No text is on
 * another: what would be longer than its place is cut, and whole in a tooltip.
 */
#include "tools/svg.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NR_COLOURS 8
#define LEAD 34.0

static const char style[] =
    "<style>\n"
    "  svg { font: 12px sans-serif; }\n"
    "  .bg { fill: #ffffff; } text { fill: #1c1e21; } .dim { fill: #5b6168; }\n"
    "  .title { font-size: 18px; font-weight: bold; }\n"
    "  .head { font-size: 14px; font-weight: bold; } .name { font-weight: bold; }\n"
    "  .mono { font-family: monospace; font-size: 11px; white-space: pre; }\n"
    "  .box { stroke: #5b6168; stroke-width: 0.6; }\n"
    "  .part { fill: #ffffff; fill-opacity: 0.45; stroke: #5b6168; stroke-width: 0.4; }\n"
    "  .lead { stroke: #9aa0a6; stroke-width: 0.8; fill: none; }\n"
    "  .free { fill: #f1f3f4; } .bulkhead { fill: #b5bac0; } .reserved { fill: #d9cdb8; }\n"
    "  .c0 { fill: #a8c8f0; } .c1 { fill: #f5c99a; } .c2 { fill: #b3dfb0; }\n"
    "  .c3 { fill: #eab0bd; } .c4 { fill: #cdbdea; } .c5 { fill: #a9dcd9; }\n"
    "  .c6 { fill: #e6dd8e; } .c7 { fill: #d6b89f; }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .bg { fill: #16181b; } text { fill: #e8eaed; } .dim { fill: #a3a9b0; }\n"
    "    .box { stroke: #a3a9b0; } .lead { stroke: #6b7178; }\n"
    "    .part { fill: #000000; fill-opacity: 0.35; stroke: #a3a9b0; }\n"
    "    .free { fill: #26292d; } .bulkhead { fill: #565b61; } .reserved { fill: #5d5340; }\n"
    "    .c0 { fill: #2c5280; } .c1 { fill: #80521f; } .c2 { fill: #2f6430; }\n"
    "    .c3 { fill: #7d3344; } .c4 { fill: #564085; } .c5 { fill: #1f6663; }\n"
    "    .c6 { fill: #6b611a; } .c7 { fill: #64462d; }\n"
    "  }\n"
    "</style>\n";

void svg_escape(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '"')
			fputs("&quot;", f);
		else
			fputc(*text < ' ' || *text > '~' ? '?' : *text, f);
	}
}

void svg_text(FILE *f, double x, double y, const char *class, unsigned int max, const char *fmt,
	      ...)
{
	char line[1024], shown[1024];
	va_list args;
	bool cut;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	cut = max > 2 && strlen(line) > max;
	snprintf(shown, sizeof(shown), "%.*s%s", cut ? (int)max - 2 : (int)sizeof(shown) - 1, line,
		 cut ? ".." : "");
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	if (cut) {
		fputs("<title>", f);
		svg_escape(f, line);
		fputs("</title>", f);
	}
	svg_escape(f, shown);
	fputs("</text>\n", f);
}

void svg_box(FILE *f, const struct svg_box *box)
{
	fprintf(f, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.6f\"%s%s",
		box->class, box->x, box->y, box->width, box->height, box->data ? " " : "",
		box->data ? box->data : "");
	if (!box->title) {
		fputs("/>\n", f);
		return;
	}
	fputs("><title>", f);
	svg_escape(f, box->title);
	fputs("</title></rect>\n", f);
}

const char *svg_colour(unsigned int vm, const char *owner, const char *what)
{
	static const char *const colours[NR_COLOURS] = {"box c0", "box c1", "box c2", "box c3",
							"box c4", "box c5", "box c6", "box c7"};

	if (vm != 0)
		return colours[(vm - 1) % NR_COLOURS];
	if (owner)
		return "box bulkhead";
	return what && strncmp(what, "reserved", 8) == 0 ? "box reserved" : "box free";
}

double svg_labels(FILE *f, const struct svg_label *labels, unsigned int n, double x, double top,
		  double bottom, unsigned int max)
{
	double *y = calloc(n + 1, sizeof(*y)), end = top;

	if (!y)
		abort();
	for (unsigned int i = 0; i < n; i++) {
		y[i] = labels[i].at > end + SVG_LINE / 2 ? labels[i].at : end + SVG_LINE / 2;
		end = y[i] + SVG_LINE / 2;
	}
	/* those that have been moved beyond the end go up again, if there is room */
	if (bottom < top + n * SVG_LINE)
		bottom = top + n * SVG_LINE;
	for (unsigned int i = n; i-- > 0;) {
		double lowest = i + 1 == n ? bottom - SVG_LINE / 2 : y[i + 1] - SVG_LINE;

		if (y[i] > lowest)
			y[i] = lowest;
	}
	for (unsigned int i = 0; i < n; i++) {
		fprintf(f, "<path class=\"lead\" d=\"M%.1f %.2f L%.1f %.2f L%.1f %.2f\"/>\n", x,
			labels[i].at, x + LEAD - 12, y[i], x + LEAD - 4, y[i]);
		svg_text(f, x + LEAD, y[i] + 4, "mono", max, "%s", labels[i].text);
	}
	end = n != 0 ? y[n - 1] + SVG_LINE / 2 : top;
	free(y);
	return end;
}

/* ---- All ---- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static double draw_legend(FILE *f, double y)
{
	static const char *const what[] = {"Bulkhead's", "reserved by firmware", "nobody's"};
	const char *classes[] = {svg_colour(0, OWNER_BULKHEAD, NULL),
				 svg_colour(0, NULL, "reserved"), svg_colour(0, NULL, NULL)};
	double x = SVG_MARGIN;

	for (unsigned int i = 0; i < 3; i++) {
		svg_box(f, &(struct svg_box){classes[i], x, y - 10, 12, 12, NULL, NULL});
		svg_text(f, x + 18, y, "mono", 0, "%s", what[i]);
		x += 40 + (double)strlen(what[i]) * SVG_CHAR;
	}
	return y + 30;
}

static double draw(FILE *f, const struct tool_options *options, const struct tool_system *system,
		   const struct owned_memories *memory, const struct owned_devices *devices)
{
	const unsigned int max = (unsigned int)((SVG_WIDTH - 2 * SVG_MARGIN) / SVG_CHAR);
	double y;

	svg_text(f, SVG_MARGIN, 36, "title", 90, "%s", base_of(options->file));
	svg_text(f, SVG_MARGIN, 58, "mono dim", max, "on %s: %u CPUs, GICv%u",
		 base_of(options->host), system->host.nr_cpus, system->host.gic.version);
	svg_text(f, SVG_MARGIN, 74, "mono dim", max, "assumed: %s", memory->assumed);
	y = draw_legend(f, 100);
	y = svg_banks(f, &system->host, memory, y);
	y = svg_vms(f, system, devices, y);
	y = svg_cpus(f, system, y);
	return svg_devices(f, devices, y);
}

bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices)
{
	char *body = NULL, *all = NULL;
	size_t body_size = 0, all_size = 0;
	FILE *f = open_memstream(&body, &body_size);
	double height;
	bool ok;

	if (!f)
		abort();
	/* how high it is, is known at the end */
	height = draw(f, options, system, memory, devices);
	fclose(f);
	f = open_memstream(&all, &all_size);
	if (!f)
		abort();
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
		"viewBox=\"0 0 %d %.0f\" xml:space=\"preserve\">\n%s<rect class=\"bg\" "
		"width=\"%d\" height=\"%.0f\"/>\n",
		SVG_WIDTH, height, SVG_WIDTH, height, style, SVG_WIDTH, height);
	fwrite(body, 1, body_size, f);
	fputs("</svg>\n", f);
	fclose(f);
	ok = tool_write_file(options->svg,
			     &(struct tool_blob){.data = (uint8_t *)all, .size = all_size});
	free(body);
	free(all);
	return ok;
}
