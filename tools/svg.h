/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A picture of who owns what, as SVG. Its parts, one below the other, each begin at
 * a height `y` and return where the next one may.
 */
#pragma once

#include "tools/owners.h"

#define SVG_WIDTH 1240
#define SVG_MARGIN 30
/* Of the labels, which are monospaced: so that what fits is known without the font */
#define SVG_CHAR 6.7
#define SVG_LINE 16.0

/* A size in the largest unit that fits. */
void map_size(char *text, size_t size, uint64_t bytes);

/* Writes options->svg. False after saying why not. */
bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices);

/* ---- svg.c: for the parts ---- */

/* Text as XML has it. */
void svg_escape(FILE *f, const char *text);

/* A line of text; with `max` not 0, no more characters than that, then with all in a tooltip. */
void svg_text(FILE *f, double x, double y, const char *class, unsigned int max, const char *fmt,
	      ...) __attribute__((format(printf, 6, 7)));

struct svg_box {
	const char *class;
	double x, y, width, height;
	const char *data;  /* more attributes */
	const char *title; /* a tooltip */
};

void svg_box(FILE *f, const struct svg_box *box);

/* The class that colours what a VM (from 1), or else an owner or nobody, has. */
const char *svg_colour(unsigned int vm, const char *owner, const char *what);

#define SVG_MAX_LABEL 160

/* A label beside a box, with a line to the middle of it */
struct svg_label {
	double at;
	char text[SVG_MAX_LABEL];
};

/* Labels by height, moved apart, down and then up; returns the lower end of the last one. */
double svg_labels(FILE *f, const struct svg_label *labels, unsigned int n, double x, double top,
		  double bottom, unsigned int max);

/* ---- The parts ---- */

/* svg_memory.c */
double svg_banks(FILE *f, const struct host *host, const struct owned_memories *m, double y);
double svg_vms(FILE *f, const struct tool_system *system, const struct owned_devices *devices,
	       double y);

/* svg_devices.c */
double svg_cpus(FILE *f, const struct tool_system *system, double y);
double svg_devices(FILE *f, const struct owned_devices *devices, double y);
