/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVG: text, boxes and lines. Positions are in px from the top left corner. Classes get their
 * colours in svg_style.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Labels are monospaced: so that what fits is known without the font. The widest usual one: */
#define SVG_CHAR 6.7
/* From a line of text to the next */
#define SVG_LINE 15.0

/* The style sheet, with colours for light and for dark. */
extern const char svg_style[];

/* The number of colours for VMs: classes c0, c1, ... */
#define SVG_COLOURS 8

/* Text as XML has it. */
void svg_escape(FILE *f, const char *text);

/*
 * A line of text with its baseline at y. With `max` not 0 no more characters than that: a longer
 * one is cut, and has all of it in a tooltip. The class `end` has x at its right end, `middle` in
 * its middle.
 */
void svg_text(FILE *f, double x, double y, const char *class, unsigned int max, const char *fmt,
	      ...) __attribute__((format(printf, 6, 7)));

/* The same, cut at its beginning: of a path the end says the most. */
void svg_text_tail(FILE *f, double x, double y, const char *class, unsigned int max,
		   const char *text);

struct svg_box {
	const char *class;
	double x, y, width, height;
	const char *title; /* a tooltip, or NULL */
	uint64_t size;	   /* in bytes, for programs that read the picture; 0: has none */
};

void svg_box(FILE *f, const struct svg_box *box);

/* Groups, for programs that read the picture. `vm` may be NULL. */
void svg_open(FILE *f, const char *class, const char *vm);
void svg_close(FILE *f);

/* A band from a part of a column's right edge to a part of another one's left edge. */
struct svg_band {
	const char *class;
	double x, top, bottom;
	double to_x, to_top, to_bottom;
	const char *title;
};

void svg_band(FILE *f, const struct svg_band *band);

/* A line from one column to another, with a dot where it begins. */
void svg_tie(FILE *f, const char *class, double x, double y, double to_x, double to_y,
	     const char *title);

/* A zigzag from side to side: something has been left out here. */
void svg_zigzag(FILE *f, double x, double y, double width);

/* How many characters fit. */
unsigned int svg_room(double width);
