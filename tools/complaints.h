/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the C preprocessor and dtc complain about, as messages like all others.
 */
#pragma once

#include "tools/tool.h"

/* A source that is compiled. */
struct compiler {
	const struct tool_options *options;
	enum tool_origin origin;
	const char *file;	      /* what it compiles */
	const struct tool_blob *text; /* preprocessed */
	const char *depfile;	      /* for make, or NULL */
};

/*
 * Reads all that a program has printed, which it frees; if it has failed, there is an error then.
 * Returns `ok`.
 */
bool complaints_read(const struct compiler *compiler, const char *program, bool ok,
		     struct tool_blob *errors);

/*
 * ---- tools/compile.c ----
 *
 * The n-th folder, from 0 on, in which dtc looks for what a source includes as data. False if there
 * are not so many.
 */
bool compile_data_folder(const struct compiler *compiler, unsigned int n, char folder[PATH_MAX]);
