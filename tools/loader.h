/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a boot loader has in memory when Bulkhead starts: Bulkhead itself, the system description,
 * the machine's tree. Neither of the two trees says where, but for the description sometimes.
 */
#pragma once

#include "tools/tool.h"

enum { LOADED_IMAGE, LOADED_DESCRIPTION, LOADED_TREE, NR_LOADED };

struct loaded {
	struct range ranges[NR_LOADED];
	char assumed[256]; /* why they are there: one line */
};

/*
 * Reads the header of the image that is to be loaded: --image, or the command's own, and --offset.
 * False after reporting why not. Without an image, the header is taken to be Bulkhead's usual one.
 */
bool loader_read_image(const struct tool_options *options, struct tool_image *image);

/* Where QEMU's loader puts the three, beside what firmware has reserved. Needs system->host. */
void loader_assume(const struct tool_system *system, struct loaded *loaded);

/*
 * Whether memory that a VM wants at its place is where Bulkhead is then; with `all`, also where the
 * description or the machine's tree is.
 */
bool loader_is_wanted(const struct tool_system *system, const struct loaded *loaded, bool all);
