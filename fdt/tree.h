/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device tree as a whole: is the blob sound, and where in it is what.
 *
 * libfdt finds things by walking through the tree from its beginning, and a
 * walk through the tree of a machine takes some hundred thousand
 * instructions. So one walk of our own notes the nodes of the host's tree,
 * and looking for one of them is looking at a table.
 */
#pragma once

#include "lib/arena.h"
#include "lib/types.h"

/* Deeper trees are not those of machines. */
#define TREE_MAX_DEPTH 16

/*
 * Checks the structure block of a blob whose header is sound: 0 or a libfdt
 * error. After this, libfdt's functions for reading it stay within it.
 */
int tree_check(const void *dtb);

/*
 * Notes the nodes of a checked tree, in memory of the arena. One tree at a time:
 * for all others, and if the arena is too small, the functions below ask
 * libfdt, with the same answers. Boot only.
 */
void tree_index(const void *dtb, struct arena *arena);

/* The offset of the node with this path, which begins with '/', or a libfdt error. */
int tree_find_path(const void *dtb, const char *path, unsigned int len);

/* The same with a phandle. */
int tree_find_phandle(const void *dtb, uint32_t phandle);

/* The largest phandle of all, or 0. */
uint32_t tree_max_phandle(const void *dtb);

/* The first node after `node` (-1: of all) that is compatible with a string, or an error. */
int tree_find_compatible(const void *dtb, int node, const char *compatible);

/* The first node after `node` (-1: of all) whose device_type is "memory", or an error. */
int tree_find_memory(const void *dtb, int node);

/*
 * The nodes from the root down to this one. Returns the node's depth, or
 * -EINVAL if there is no such node or it is deeper than TREE_MAX_DEPTH.
 */
int tree_ancestors(const void *dtb, int node, int path[TREE_MAX_DEPTH + 1]);
