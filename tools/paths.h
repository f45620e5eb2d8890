/*
 * Where the project's own files are, and text that has passed the preprocessor.
 */
#pragma once

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/tool.h"

/* A path relative to the folder of this program, which is in build/. */
static inline void tool_project_path(char path[PATH_MAX], const char *relative)
{
	char own[PATH_MAX / 2], joined[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[n > 0 ? n : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		*slash = '\0';
	snprintf(joined, sizeof(joined), "%s/%s", own, relative);
	if (!realpath(joined, path))
		snprintf(path, PATH_MAX, "%s", relative);
}

/* What the C preprocessor makes of a file. False after its messages. */
bool tool_preprocess(const struct tool_options *options, const char *path, struct tool_blob *text);
