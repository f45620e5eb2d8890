// SPDX-License-Identifier: BSD-2-Clause
/*
 * The output of cpp and dtc is read line by line. dtc does not say where it missed a file, nor what is
 * wrong with the syntax: both are looked for in the preprocessed source.
 */
#include "tools/complaints.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/bits.h"
#include "tools/hints.h"

/* ---- Positions ---- */

/* The last ':' in text[0..len), or NULL */
static char *last_colon(char *text, size_t len)
{
	return memrchr(text, ':', len);
}

/*
 * "FILE:LINE:COLUMN" (cpp) or "FILE:LINE.COLUMN..." (dtc): cut after FILE. dtc's columns are those
 * of the preprocessed text, and of no use. Sets the message's place, if there is one.
 */
static void split_position(struct tool_message *m, char *position)
{
	size_t len = strlen(position);
	char *colon = last_colon(position, len), *before;

	if (colon && !strchr(colon, '.')) {
		before = last_colon(position, (size_t)(colon - position));
		if (before && strspn(before + 1, "0123456789") == (size_t)(colon - before) - 1) {
			m->column = (unsigned int)strtoul(colon + 1, NULL, 10);
			colon = before;
		}
	}
	if (!colon || colon[1] < '0' || colon[1] > '9')
		return;
	*colon = '\0';
	m->file = position;
	m->line = (unsigned int)strtoul(colon + 1, NULL, 10);
}

/* "PATH:PROPERTY: TEXT" or "PATH: TEXT" of dtc's checks. */
static void split_path(struct tool_message *m, char *text)
{
	char *end = strstr(text, ": "), *colon;

	m->text = text;
	if (*text != '/' || !end)
		return;
	*end = '\0';
	m->path = text;
	m->text = end + 2;
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		m->property = colon + 1;
	}
}

/* ---- Files that are not there ---- */

/* The path of the file that dtc takes for this name. False if there is none. */
static bool find_data(const struct compiler *compiler, const char *name, char path[PATH_MAX])
{
	if (*name == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return access(name, F_OK) == 0;
	}
	for (unsigned int n = 0;; n++) {
		char folder[PATH_MAX];

		if (!compile_data_folder(compiler, n, folder))
			return false;
		if (snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX &&
		    access(path, F_OK) == 0)
			return true;
	}
}

struct missing {
	const struct compiler *compiler;
	const char *name; /* NULL: the first one that is a folder */
	char path[PATH_MAX], found[PATH_MAX];
};

static bool is_missing(const char *name, void *context)
{
	struct missing *missing = context;
	struct stat status;
	bool found = find_data(missing->compiler, name, missing->path);

	if (!found)
		*missing->path = '\0';
	snprintf(missing->found, sizeof(missing->found), "%s", name);
	if (missing->name)
		return strcmp(name, missing->name) == 0;
	return found && stat(missing->path, &status) == 0 && S_ISDIR(status.st_mode);
}

/*
 * `Couldn't open "NAME": WHY` or `Error reading file into data: WHY`: with the line that includes
 * the file, and where it was looked for.
 */
static bool add_missing_data(const struct compiler *compiler, char *line)
{
	static const char open[] = "FATAL ERROR: Couldn't open \"";
	static const char read[] = "FATAL ERROR: Error reading file into data: ";
	struct tool_message m = {.origin = compiler->origin};
	struct missing missing = {.compiler = compiler};
	char *end = strrchr(line, '"'), *file, *text, name[PATH_MAX] = "";
	const char *why = line + sizeof(read) - 1;

	if (strncmp(line, open, sizeof(open) - 1) == 0 && end && end >= line + sizeof(open) - 1) {
		snprintf(name, sizeof(name), "%.*s", (int)(end - line - (int)sizeof(open) + 1),
			 line + sizeof(open) - 1);
		missing.name = name;
		why = end + 3;
	} else if (strncmp(line, read, sizeof(read) - 1) != 0) {
		return false;
	}
	if (!tool_source_find_included(compiler->text, is_missing, &missing, &file, &m.line))
		return false;
	/* dtc goes on in the other folders, and tells what was wrong in the last one */
	if (missing.name && *missing.path && access(missing.path, R_OK) != 0)
		why = strerror(errno);
	if (asprintf(&text,
		     strcmp(why, strerror(ENOENT)) == 0
			 ? "%s cannot be included: %s: looked beside %s, in -I and in the "
			   "program's folder"
			 : "%s cannot be included: %s",
		     missing.found, why, compiler->file) < 0)
		abort();
	m.file = file;
	m.text = text;
	tool_add(&m);
	free(text);
	free(file);
	return true;
}

/* ---- What is meant ---- */

static const char missing_label[] = "Reference to non-existent node or label \"";

/* dtc names the node that has the reference. The user's line is in that node. */
static void place_reference(const struct compiler *compiler, struct tool_message *m)
{
	size_t len = strlen(missing_label);
	char name[64];
	unsigned int line;

	if (!m->file || strncmp(m->text, missing_label, len) != 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(m->text + len, "\""), m->text + len);
	line = tool_find_label(compiler->text, name, m->file, m->line);
	m->line = line != 0 ? line : m->line;
}

/* dtc's message about an unknown name, with a hint added; to be freed. NULL: there is no hint. */
static char *explain_label(const struct compiler *compiler, const char *text)
{
	static const char *const starts[] = {missing_label, "Label or path "};
	char name[64] = "", file[HINT_MAX], *similar, *more = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(starts); i++) {
		size_t len = strlen(starts[i]);

		if (strncmp(text, starts[i], len) == 0)
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + len, "\" "),
				 text + len);
	}
	if (!*name)
		return NULL;
	similar = hint_similar_label(compiler->text, name);
	if (hint_label(compiler->options, name, file)) {
		if (asprintf(&more, "%s: #include \"%s\" is missing", text, file) < 0)
			abort();
	} else if (similar) {
		if (asprintf(&more, "%s: did you mean %s?", text, similar) < 0)
			abort();
	}
	free(similar);
	return more;
}

/* A better text than dtc's; to be freed. NULL: there is none. */
static char *explain(const struct compiler *compiler, const char *text)
{
	char *more;

	if (strcmp(text, "Value out of range for 32-bit array element") != 0)
		return explain_label(compiler, text);
	if (asprintf(&more, "%s: a cell has 32 bits; ADDRESS() of <bulkhead.h> makes two cells",
		     text) < 0)
		abort();
	return more;
}

/* "Error: FILE:LINE.COLUMN-COLUMN TEXT" */
static void add_error(const struct compiler *compiler, char *line)
{
	struct tool_message m = {.origin = compiler->origin};
	char *position = line + strlen("Error: "), *rest = strstr(position, " "), *file,
	     *why = NULL;

	/* a file's name may have spaces: the position ends with a digit, and has a '.' */
	while (rest && !(rest[-1] >= '0' && rest[-1] <= '9'))
		rest = strstr(rest + 1, " ");
	if (!rest)
		return;
	*rest++ = '\0';
	split_position(&m, position);
	if (strcmp(rest, "syntax error") == 0 &&
	    tool_explain_syntax(compiler->options, compiler->file, compiler->text, &file, &m.line,
				&why)) {
		m.file = file;
		m.text = why;
		tool_add(&m);
		free(file);
		free(why);
		return;
	}
	why = explain(compiler, rest);
	m.text = why ? why : rest;
	tool_add(&m);
	free(why);
}

/*
 * dtc takes a VM's device-tree for the parent of what is in it, and so the size cells that hold
 * where none are written. In the guest the parent is the root, which has two cells for each, so an
 * empty "ranges" with two is right there.
 */
static bool is_of_the_guest(const char *text)
{
	static const char start[] =
	    "empty \"ranges\" property but its #size-cells (2) differs from ";
	static const char end[] = "/device-tree (1)";
	size_t len = strlen(text);

	return strncmp(text, start, strlen(start)) == 0 && len > strlen(end) &&
	       strcmp(text + len - strlen(end), end) == 0;
}

/* One line, without its newline. */
static void add_line(const struct compiler *compiler, char *line)
{
	/* clang-format off */
	static const struct {
		const char *text;
		enum tool_severity severity;
	} marks[] = {
		{": ERROR (",       TOOL_ERROR},
		{": Warning (",     TOOL_WARNING},
		{": fatal error: ", TOOL_ERROR},
		{": error: ",       TOOL_ERROR},
		{": warning: ",     TOOL_WARNING},
		{"FATAL ERROR: ",   TOOL_ERROR},
	};
	/* clang-format on */
	struct tool_message m = {.origin = compiler->origin};
	char *at = NULL, *rest, *more;

	if (strncmp(line, "Error: ", 7) == 0) {
		add_error(compiler, line);
		return;
	}
	if (add_missing_data(compiler, line) || strstr(line, "input tree") ||
	    strstr(line, "Failed prerequisite"))
		return;
	for (unsigned int i = 0; !at && i < ARRAY_SIZE(marks); i++) {
		at = strstr(line, marks[i].text);
		m.severity = marks[i].severity;
		rest = at ? at + strlen(marks[i].text) : NULL;
	}
	if (!at)
		return;
	/* the name of dtc's check */
	if (rest[-1] == '(') {
		rest = strstr(rest, "): ");
		if (!rest)
			return;
		rest += 3;
	}
	*at = '\0';
	split_position(&m, line);
	split_path(&m, rest);
	if (is_of_the_guest(m.text))
		return;
	place_reference(compiler, &m);
	more = explain(compiler, m.text);
	m.text = more ? more : m.text;
	tool_add(&m);
	free(more);
}

bool complaints_read(const struct compiler *compiler, const char *program, bool ok,
		     struct tool_blob *errors)
{
	unsigned int before = tool_count(TOOL_ERROR);
	char *text = malloc(errors->size + 1), *rest, *line;

	if (text) {
		if (errors->size != 0)
			memcpy(text, errors->data, errors->size);
		text[errors->size] = '\0';
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			add_line(compiler, line);
		free(text);
	}
	if (!ok && tool_count(TOOL_ERROR) == before) {
		char why[64];

		snprintf(why, sizeof(why), "%s makes nothing of it", program);
		tool_fail(compiler->file, why);
	}
	free(errors->data);
	return ok;
}
