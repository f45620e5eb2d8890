/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared by the parts of the system description's parser.
 */
#pragma once

#include "fdt/system.h"
#include "fdt/value.h"

#define SYSTEM_PATH_MAX 80

struct parser {
	const void *blob;
	uint64_t size;
	const struct host *host;
	struct arena *arena;
	struct diag *diag;
	struct system_config *config;
	int images, labels, schedule; /* offsets of /images, /host and /schedule, or negative */
	unsigned int address_cells, size_cells; /* of the root: for memory@ nodes */
	int err;				/* -ENOMEM once parser_alloc() has failed */
};

/* arena_alloc(); if it fails, this is reported, and is what system_parse() returns. */
void *parser_alloc(struct parser *p, size_t count, size_t size);

/* Reports every property of the node that is not among the names, a list that ends with NULL. */
void check_property_names(struct parser *p, int node, const char *path, const char *const *names);

/* The name in the list that `name` was probably meant to be, or NULL. */
const char *check_similar(const char *name, const char *const *names);

/* ---- fdt/value.c: none of these functions asks for a property that is not there ---- */

/*
 * Reports a property whose value is not of its kind, or which is missing: shows the value,
 * says what is wanted ("a list of CPUs"), and what to write ("cpus = <0 1>;").
 */
void wrong_value(struct parser *p, int node, const char *path, const char *property,
		 enum value_base base, const char *wanted, const char *mend);

/* Returns true if the node has a property that says all by being there. Reports a value of it. */
bool get_flag(struct parser *p, int node, const char *path, const char *property);

/* Returns the property if it is one string; NULL, after reporting it, if it is anything else. */
const char *get_string(struct parser *p, int node, const char *path, const char *property);

/*
 * Returns the place of the property's string among the names, a list that ends with NULL. Returns
 * -1 if the property is not there, or is none of them, which is reported.
 */
int get_choice(struct parser *p, int node, const char *path, const char *property,
	       const char *const *names);

/* Returns true if the property is an address, in as many cells as the root's #address-cells say. */
bool is_address(const struct parser *p, int node, const char *property);

/* Reads such an address. Returns false after reporting what is there in its place. */
bool get_address(struct parser *p, int node, const char *path, const char *property,
		 uint64_t *address);

/* ---- The parts of a description ---- */

/* Parses one VM; *vm is zeroed, its name and path are set. */
void parse_vm(struct parser *p, int node, struct vm_config *vm);

/*
 * Returns true if a value in the place of an image's bytes is text, of the length of a file's
 * name.
 */
bool is_image_name(const void *value, int len);

/* Returns true if the bytes (NULL: none) are not known to be something else than an image. */
bool is_image_data(const struct parser *p, const void *data, int len);

/* Parses the nodes in a VM's node: its memory. */
void parse_memory(struct parser *p, int node, struct vm_config *vm);

/* Parses a VM's `kernel`, `initrd` and `dtb`, after its memory. */
void parse_images(struct parser *p, int node, struct vm_config *vm);

/* Places a VM's initrd and device tree in its memory, beside the kernel, whose place is known. */
void place_images(struct parser *p, int node, struct vm_config *vm);

/* Parses a VM's `passthrough` and `passthrough-at`, after its memory and console. */
void parse_passthrough(struct parser *p, int node, struct vm_config *vm);

/* Parses a VM's `priority` and `budget`. */
void parse_share(struct parser *p, int node, struct vm_config *vm);

/* Parses /schedule, after the VMs, and checks what their budgets are together. */
void parse_schedule(struct parser *p);

/* The devices of all VMs against each other, and against what is Bulkhead's. */
void check_devices(struct parser *p);
