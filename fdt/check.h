/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the system description's parser share.
 */
#pragma once

#include "fdt/system.h"

#define SYSTEM_PATH_MAX 80

struct parser {
	const void *blob;
	uint64_t size;
	const struct host *host;
	struct arena *arena;
	struct diag *diag;
	struct system_config *config;
	int images, labels;			/* offsets of /images and /host, or negative */
	unsigned int address_cells, size_cells; /* of the root: for memory@ nodes */
	int err;				/* -ENOMEM once parser_alloc() has failed */
};

/* arena_alloc(); if it fails, this is reported, and is what system_parse() returns. */
void *parser_alloc(struct parser *p, size_t count, size_t size);

/* Reports every property of the node that is not among the names, a list that ends with NULL. */
void check_property_names(struct parser *p, int node, const char *path, const char *const *names);

/* The name in the list that `name` was probably meant to be, or NULL. */
const char *check_similar(const char *name, const char *const *names);

/* Whether the node has a property that says all by being there. A value of it is reported. */
bool get_flag(struct parser *p, int node, const char *path, const char *property);

/*
 * A VM's property that is one terminated string. NULL if it is not there; or if it is not such a
 * string, or longer than a Linux kernel's command line may be, which is reported.
 */
const char *get_string(struct parser *p, int node, const struct vm_config *vm,
		       const char *property);

/* Parses one VM; *vm is zeroed, its name and path are set. */
void parse_vm(struct parser *p, int node, struct vm_config *vm);

/* Parses the nodes in a VM's node: its memory. */
void parse_memory(struct parser *p, int node, struct vm_config *vm);

/* Parses a VM's `kernel`, `initrd` and `dtb`, after its memory. */
void parse_images(struct parser *p, int node, struct vm_config *vm);

/* Places a VM's initrd and device tree in its memory, beside the kernel, whose place is known. */
void place_images(struct parser *p, int node, struct vm_config *vm);

/* Parses a VM's `passthrough` and `passthrough-at`, after its memory and console. */
void parse_passthrough(struct parser *p, int node, struct vm_config *vm);

/* The devices of all VMs against each other, and against what is Bulkhead's. */
void check_devices(struct parser *p);
