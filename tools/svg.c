// SPDX-License-Identifier: BSD-2-Clause
/*
 * See svg.h.
 */
#include "tools/svg.h"

#include <stdarg.h>
#include <string.h>

#define ELLIPSIS ".."
#define TOOTH 4.0 /* of a zigzag: half its width, and its height */
#define DOT 2.5

void svg_escape(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else if (*text == '"')
			fputs("&quot;", f);
		else
			fputc(*text < ' ' || *text > '~' ? '?' : *text, f);
	}
}

static void put_title(FILE *f, const char *title)
{
	fputs("<title>", f);
	svg_escape(f, title);
	fputs("</title>", f);
}

static void put_text(FILE *f, double x, double y, const char *class, const char *all,
		     const char *shown)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	if (strcmp(all, shown) != 0)
		put_title(f, all);
	svg_escape(f, shown);
	fputs("</text>\n", f);
}

void svg_text(FILE *f, double x, double y, const char *class, unsigned int max, const char *fmt,
	      ...)
{
	char all[1024], shown[1024];
	va_list args;
	bool cut;

	va_start(args, fmt);
	vsnprintf(all, sizeof(all), fmt, args);
	va_end(args);
	cut = max > strlen(ELLIPSIS) && strlen(all) > max;
	snprintf(shown, sizeof(shown), "%.*s%s",
		 cut ? (int)(max - strlen(ELLIPSIS)) : (int)sizeof(shown) - 1, all,
		 cut ? ELLIPSIS : "");
	put_text(f, x, y, class, all, shown);
}

void svg_text_tail(FILE *f, double x, double y, const char *class, unsigned int max,
		   const char *text)
{
	char shown[1024];
	size_t length = strlen(text);
	bool cut = max > strlen(ELLIPSIS) && length > max;

	snprintf(shown, sizeof(shown), "%s%s", cut ? ELLIPSIS : "",
		 cut ? text + length - (max - strlen(ELLIPSIS)) : text);
	put_text(f, x, y, class, text, shown);
}

void svg_box(FILE *f, const struct svg_box *box)
{
	fprintf(f, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"",
		box->class, box->x, box->y, box->width, box->height);
	if (box->size != 0)
		fprintf(f, " data-size=\"%llu\"", (unsigned long long)box->size);
	if (!box->title) {
		fputs("/>\n", f);
		return;
	}
	fputc('>', f);
	put_title(f, box->title);
	fputs("</rect>\n", f);
}

void svg_open(FILE *f, const char *class, const char *vm)
{
	fprintf(f, "<g class=\"%s\"", class);
	if (vm) {
		fputs(" data-vm=\"", f);
		svg_escape(f, vm);
		fputc('"', f);
	}
	fputs(">\n", f);
}

void svg_close(FILE *f)
{
	fputs("</g>\n", f);
}

void svg_band(FILE *f, const struct svg_band *b)
{
	double middle = (b->x + b->to_x) / 2;

	fprintf(f,
		"<path class=\"band %s\" d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f L%.1f %.1f "
		"C%.1f %.1f %.1f %.1f %.1f %.1f Z\">",
		b->class, b->x, b->top, middle, b->top, middle, b->to_top, b->to_x, b->to_top,
		b->to_x, b->to_bottom, middle, b->to_bottom, middle, b->bottom, b->x, b->bottom);
	put_title(f, b->title);
	fputs("</path>\n", f);
}

void svg_tie(FILE *f, const char *class, double x, double y, double to_x, double to_y,
	     const char *title)
{
	double middle = (x + to_x) / 2;

	fprintf(f, "<path class=\"tie %s\" d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\">", class,
		x, y, middle, y, middle, to_y, to_x, to_y);
	put_title(f, title);
	fprintf(f, "</path>\n<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
		class, x, y, DOT);
}

/* Two lines, with the background between them. */
void svg_zigzag(FILE *f, double x, double y, double width)
{
	unsigned int teeth = (unsigned int)(width / (2 * TOOTH) + 0.5);
	double half = width / (2 * (teeth ? teeth : 1));

	for (unsigned int line = 0; line < 2; line++) {
		fprintf(f, "<path class=\"%s\" d=\"M%.1f %.1f", line == 0 ? "gash" : "torn", x, y);
		for (unsigned int i = 1; i <= 2 * teeth; i++)
			fprintf(f, " L%.1f %.1f", x + i * half, i % 2 == 0 ? y : y - TOOTH);
		if (line == 0) {
			for (unsigned int i = 2 * teeth + 1; i-- > 0;)
				fprintf(f, " L%.1f %.1f", x + i * half,
					(i % 2 == 0 ? y : y - TOOTH) + TOOTH);
			fputs(" Z", f);
		} else {
			fprintf(f, " M%.1f %.1f", x, y + TOOTH);
			for (unsigned int i = 1; i <= 2 * teeth; i++)
				fprintf(f, " L%.1f %.1f", x + i * half,
					(i % 2 == 0 ? y : y - TOOTH) + TOOTH);
		}
		fputs("\"/>\n", f);
	}
}

unsigned int svg_room(double width)
{
	return width < SVG_CHAR ? 1 : (unsigned int)(width / SVG_CHAR);
}
