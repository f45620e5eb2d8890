/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties that name other nodes by their phandles: which these are, and
 * where in them the phandles stand. A tree does not say so, the bindings do.
 */
#pragma once

#include "lib/types.h"

enum ref_kind {
	REF_NONE,
	REF_CLOCK,  /* clocks */
	REF_SUPPLY, /* ...-supply */
	REF_OTHER,
	REF_UNUSED, /* for who has the clock controller: assigned-clocks and the like */
};

struct ref {
	enum ref_kind kind;
	unsigned int args; /* cells behind each phandle */
	char cells[32];	   /* the provider's property that says how many there are, if one does */
};

/* In the place of a number of cells: all that follow. */
#define REF_REST 0x10000u

/* Finds out what references a property of this name holds. */
void ref_of(const char *property, struct ref *ref);

/*
 * The property that a ...-names property has the names for, into the size bytes
 * at `named`: empty if the property is no such one.
 */
void ref_named(const char *property, char *named, size_t size);

/*
 * The entry at the `left` cells at `cells`: the provider's node (0 for an empty
 * entry, negative if no node has the phandle), and how many cells it takes.
 * False at the end, and if what is left is no entry.
 */
bool ref_next(const void *dtb, const struct ref *ref, const void *cells, unsigned int left,
	      int *provider, unsigned int *used);
