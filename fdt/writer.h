/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a device tree node by node, with libfdt's sequential interface, and
 * joins another tree's nodes to it on the way: what the user adds to a guest's
 * tree. A node of that tree joins the node of the same name at the same place:
 * its properties replace those of the same name, and what only it has is added.
 */
#pragma once

#include "lib/bits.h"
#include "lib/types.h"

/* Of nodes, the root included */
#define WRITER_DEPTH 16
#define WRITER_MAX_CELLS 16

/* A GIC's interrupt specifier: type and flags (the kernel's binding arm,gic.yaml) */
#define IRQ_SPI 0
#define IRQ_PPI 1
#define IRQ_EDGE_RISING 1
#define IRQ_LEVEL_HIGH 4
#define IRQ_LEVEL_LOW 8

struct writer {
	void *fdt;
	int err;		  /* libfdt's; the first one sticks */
	unsigned int depth;	  /* of open nodes */
	const void *blob;	  /* where the joined tree is */
	int joined[WRITER_DEPTH]; /* the node that joins each open one, or negative */
	/* Nodes of the blob that have joined one, and are not to be added beside it */
	int found[64];
	unsigned int nr_found;
};

/* Begins a tree in size bytes at buf. `joined`, a node of the blob, joins the root; -1: none. */
void writer_init(struct writer *w, void *buf, size_t size, const void *blob, int joined);

/* Ends the tree: its size, or -ENOSPC if it was too large, or too deep. */
int writer_finish(struct writer *w);

/* Begins a node, in the one that is open; ends it, after its properties and nodes. */
void writer_begin(struct writer *w, const char *name);
void writer_end(struct writer *w);

/* The same with a unit address. */
void writer_begin_at(struct writer *w, const char *name, uint64_t address);

/* Properties of the open node; not after a node in it. */
void writer_bytes(struct writer *w, const char *name, const void *data, size_t size);
void writer_string(struct writer *w, const char *name, const char *value);

/* n is at most WRITER_MAX_CELLS. */
void writer_cells(struct writer *w, const char *name, const uint32_t *values, size_t n);

#define WRITER_CELLS(w, name, ...)                                                                 \
	writer_cells(w, name, (const uint32_t[]){__VA_ARGS__},                                     \
		     ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})))
