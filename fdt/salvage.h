/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what is left of a damaged device tree. Often that is enough to find the
 * console, on which the damage is then reported. The result serves no other purpose.
 */
#pragma once

#include "lib/types.h"

/*
 * Makes a tree with a sound structure of the tokens that still make sense among `size` bytes at
 * dtb. Nodes and properties may be missing, or a level too high; their values may be wrong.
 * Returns the new tree's size in bytes, and writes the tree if that is at most `room`; 0 if no
 * tree is to be seen.
 */
size_t salvage_tree(const void *dtb, size_t size, void *out, size_t room);
