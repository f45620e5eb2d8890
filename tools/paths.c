// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the command's own files are: in the project's folder, where the command is
 * in build/; or, installed, under ../share/bulkhead; or where it was built for.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/tool.h"

#ifndef DATADIR
#define DATADIR "/usr/local/share/bulkhead"
#endif

static bool exists(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static bool is_source(const char *own)
{
	return exists(own, "../dts/include/bulkhead.h");
}

/* The folder of this program. */
static void own_folder(char own[PATH_MAX / 2])
{
	ssize_t n = readlink("/proc/self/exe", own, PATH_MAX / 2 - 1);
	char *slash;

	own[n > 0 ? n : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		*slash = '\0';
}

void tool_path(char path[PATH_MAX], const char *name)
{
	char own[PATH_MAX / 2], joined[PATH_MAX];

	own_folder(own);
	if (is_source(own))
		snprintf(joined, sizeof(joined), "%s/%s%s", own,
			 strncmp(name, "dts", 3) == 0 ? "../" : "", name);
	else if (exists(own, "../share/bulkhead/dts"))
		snprintf(joined, sizeof(joined), "%s/../share/bulkhead/%s", own, name);
	else
		snprintf(joined, sizeof(joined), DATADIR "/%s", name);
	if (!realpath(joined, path))
		snprintf(path, PATH_MAX, "%s", joined);
}
