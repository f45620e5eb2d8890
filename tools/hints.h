/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which file has what a source lacks.
 */
#pragma once

#include "tools/tool.h"

#define HINT_MAX 256

/*
 * The header that defines a macro, as #include < > names it: in the folders of -I, and in the
 * command's own. False if there is none.
 */
bool hint_macro(const struct tool_options *options, const char *name, char header[HINT_MAX]);

/* The same for a label: the file that has a node with it. */
bool hint_label(const struct tool_options *options, const char *name, char file[HINT_MAX]);

/* The label of this source that was probably meant, or NULL. To be freed. */
char *hint_similar_label(const struct tool_blob *text, const char *name);
