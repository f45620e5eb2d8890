/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The picture of who owns what: physical memory on the left, the VMs in the middle, CPUs and
 * devices on the right, with a tie for everything that a VM has; and devices of nobody below. What
 * is where is decided first (build, measure, place), then all is drawn.
 */
#pragma once

#include "tools/owners.h"
#include "tools/svg.h"
#include "tools/svg_spread.h"
#include "tools/svg_stack.h"

#define PICTURE_MARGIN 24.0
#define PICTURE_PAD 6.0 /* between a box's edge and text */

/* A VM's box: its name, its memory at the left edge, and at the right one its ports. */
struct picture_vm {
	const struct vm_config *config;
	struct svg_stack memory; /* as the guest sees it */
	double y, height;
	double port; /* the middle of the first port: vCPUs, then devices, SVG_LINE apart */
};

struct picture {
	const struct tool_system *system;
	const struct owned_memories *memory;
	const struct owned_devices *devices;

	struct svg_stack physical;
	struct picture_vm *vms;

	/* The columns, by what is in them */
	double sizes_end; /* physical memory: sizes end here, addresses begin at the margin */
	double bar_x, bar_width;
	double vms_x, vms_width;
	double guest_width; /* of the memory in a VM's box */
	double right_x, right_width;
	double width;
};

/* Writes options->svg. False after saying why not. */
bool svg_write(const struct tool_options *options, const struct tool_system *system,
	       const struct owned_memories *memory, const struct owned_devices *devices);

/* The class of a VM's colour, by its number from 1. */
const char *picture_colour(unsigned int vm);

/* "0x40000000-0x401fffff" */
void picture_range(char *text, size_t size, uint64_t base, uint64_t bytes);

/* The line beside an address column: full, or dotted where it is larger than to scale. */
void picture_axis(FILE *f, const struct svg_stripe *stripe, double x);

/* ---- svg_memory.c: physical memory ---- */

void picture_build_memory(struct picture *p);
/* Fits it into so much height. Returns where it ends. */
double picture_place_memory(struct picture *p, double y, double height);
/* What breaks the scale. Returns where that ends: at y if nothing does. */
double picture_draw_legend(FILE *f, const struct picture *p, double y);
void picture_draw_memory(FILE *f, const struct picture *p);
/* From physical memory to the VMs that have it. */
void picture_draw_bands(FILE *f, const struct picture *p);

/* ---- svg_vms.c: the VMs ---- */

void picture_build_vms(struct picture *p);
double picture_place_vms(struct picture *p, double y);
void picture_draw_vms(FILE *f, const struct picture *p);

/* ---- svg_right.c: CPUs and devices ---- */

/* A CPU with its vCPUs, or the devices of an owner */
struct picture_block {
	double wanted; /* where its middle should be: beside its VM */
	double height;
	unsigned int number; /* which one, for draw() */
	void (*draw)(FILE *f, const struct picture *p, unsigned int number, double y);
	unsigned int order; /* in which it was added */
};

struct picture_blocks {
	struct picture_block *list;
	unsigned int nr;
};

void picture_add_block(struct picture_blocks *blocks, const struct picture_block *block);
/* Draws all and the ties to the VMs, from `top` to `bottom` if there is room; returns the end. */
double picture_draw_right(FILE *f, const struct picture *p, double top, double bottom);

/* ---- svg_cpus.c ---- */

/* CPUs that have a vCPU; those that have none, which are one block. */
void picture_add_cpus(struct picture_blocks *blocks, const struct picture *p);
void picture_add_idle(struct picture_blocks *blocks, const struct picture *p);

/* ---- svg_devices.c ---- */

/* Devices of VMs; of Bulkhead. */
void picture_add_devices(struct picture_blocks *blocks, const struct picture *p);
void picture_add_own_devices(struct picture_blocks *blocks, const struct picture *p);
/* Devices of nobody, over all columns; returns where they end. */
double picture_draw_unused(FILE *f, const struct picture *p, double y);
