/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be read of a device tree that is damaged: enough, often, to find the
 * console and say that it is. Nothing else may be taken from it.
 */
#pragma once

#include "lib/types.h"

/*
 * Makes a tree, whose structure is sound, of what still makes sense among `size` bytes at dtb:
 * nodes and properties are left out, or are a level too high; their values may be wrong. Returns
 * the tree's size, and writes it if there is `room`; 0 if there is no tree to be seen.
 */
size_t salvage_tree(const void *dtb, size_t size, void *out, size_t room);
