/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying a device's node, for its two parts: device.c has the nodes, device_refs.c their
 * references to others.
 */
#pragma once

#include "fdt/device.h"

#define MAX_STAND_INS 48
#define MAX_CELLS 96

struct ref;

/* A stand-in for a clock or a regulator */
struct stand_in {
	int provider;	   /* node of the host's tree */
	const void *clock; /* which of its clocks: cells, with the phandle; NULL: a regulator */
	unsigned int cells;
	uint32_t frequency; /* Hz; 0: not known */
};

struct copy {
	struct writer *w;
	const struct vm_config *vm;
	const struct host *host;
	const void *dtb; /* the host's */
	const struct device_phandles *phandles;
	struct diag *diag;		/* NULL: say nothing */
	const struct vm_device *device; /* that is copied just now */
	unsigned int nr_references;
	unsigned int nr_stand_ins;
	struct stand_in stand_ins[MAX_STAND_INS];
};

/* ---- fdt/device.c ---- */

/* Finds the VM's device among the nodes path[1..depth], and where it is; NULL: none is one. */
const struct vm_device *copy_device_in_path(const struct vm_config *vm, const int *path, int depth,
					    int *at);

/* Formats the name of a device's node: in the root, its unit address is where the guest has it. */
void copy_name(const void *dtb, const struct vm_device *device, char *name, size_t size);

/* ---- fdt/device_refs.c ---- */

/* Returns the phandle that a copied node has in the guest's tree; 0: it has none. */
uint32_t copy_phandle(const struct copy *c, int node);

/* Warns that a property of a node refers to another one (0: to nothing), of which `what` is so. */
void copy_warn(const struct copy *c, int node, const char *property, int provider,
	       const char *what);

/* Returns true if the property is a list of names for references that are left out. */
bool copy_leaves_out_names(struct copy *c, int node, const char *property);

/* Writes a property of references as the guest gets it, or leaves it out with a warning. */
void copy_reference(struct copy *c, int node, const char *name, const struct ref *ref,
		    const void *value, unsigned int len);

/* Writes the nodes that stand in for others, in the root. */
void copy_write_stand_ins(struct copy *c);
