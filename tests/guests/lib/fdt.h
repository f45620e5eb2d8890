/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a flattened device tree (Devicetree Specification 0.4, chapter 5), as
 * far as a guest needs to: it trusts the tree.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One property and where it stands: "/cpus/cpu@0". */
struct fdt_property {
	const char *path;
	const char *name;
	const uint8_t *value;
	uint32_t size;
};

/* Calls visit() for each property, in the tree's order. */
void fdt_walk(const void *dtb, void (*visit)(const struct fdt_property *property, void *arg),
	      void *arg);

/* The tree's size in bytes; 0 if there is no tree. */
uint32_t fdt_size(const void *dtb);

/* The number in `cells` cells from cell n of the property on. */
uint64_t fdt_number(const struct fdt_property *property, unsigned int n, unsigned int cells);
