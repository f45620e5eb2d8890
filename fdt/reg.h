/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading `reg` and `interrupts` of the host's tree (Devicetree Specification
 * 2.3 and 2.4). The tree comes from firmware: every length is checked.
 */
#pragma once

#include "lib/types.h"

/*
 * Checks the blob as a whole. Returns 0 or a libfdt error. After a 0, libfdt's
 * functions for reading the blob stay within it, and a walk through the blob takes
 * time that is linear in its size.
 */
int reg_check_tree(const void *dtb, uint64_t size);

/* The value of n cells (0 to 2). */
uint64_t reg_cells(const void *cells, unsigned int n);

/* The value of a property with one or two cells. False, and *value as it was, for any other. */
bool reg_get_u64(const void *dtb, int node, const char *property, uint64_t *value);

/* The value of a property with one cell; `otherwise` if it has another size, or is not there. */
uint32_t reg_get_u32(const void *dtb, int node, const char *property, uint32_t otherwise);

/*
 * How many entries the node's `reg` has: 0 without reg; -EINVAL if reg is not made
 * of whole entries, as the parent's #address-cells and #size-cells have them.
 */
int reg_count(const void *dtb, int node);

/*
 * Entry n of the node's `reg`, translated to a physical address through the
 * `ranges` of all its parents. Returns 0; -ENOENT if there is no such entry;
 * -EINVAL if it cannot be translated.
 */
int reg_get(const void *dtb, int node, unsigned int n, struct range *range);

/* The GIC's view of an interrupt specifier */
struct reg_irq {
	uint32_t intid;
	bool edge;
	int controller; /* the node whose interrupt it is: not necessarily the GIC's */
};

/* An interrupt as its controller counts it */
struct reg_specifier {
	int controller; /* node */
	const void *cells;
	unsigned int nr_cells;
};

/*
 * Entry n of the node's `interrupts`, or `interrupts-extended`, behind all
 * `interrupt-map`s. Returns 0; -ENOENT if there is no such entry; -EINVAL if it
 * makes no sense.
 */
int reg_get_specifier(const void *dtb, int node, unsigned int n, struct reg_specifier *specifier);

/*
 * The same for a GIC's (three cells or more: type, number, flags): -EINVAL also
 * if it cannot be one.
 */
int reg_get_irq(const void *dtb, int node, unsigned int n, struct reg_irq *irq);

/* True unless the node's `status` says that it is not to be used. */
bool reg_is_available(const void *dtb, int node);

/* True if one of the node's compatible strings is in the list, which ends with NULL. */
bool reg_is_compatible(const void *dtb, int node, const char *const *compatibles);
