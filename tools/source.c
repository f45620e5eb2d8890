// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which line of the user's files a node or a property is from: dtc says it, in
 * comments, when it writes a tree as source with --annotate twice:
 *
 *	name {			file:14:14-23:4, file:25:5-25:21
 *		property = <1>; file:25:7-25:18
 */
#include <stdlib.h>
#include <string.h>

#include "tools/tool.h"

#define MAX_PATH 1024
#define MAX_DEPTH 32

struct place {
	char *path, *property; /* of a node: "" */
	char *file;
	unsigned int line;
};

static struct {
	struct place *list;
	size_t nr;
} places[TOOL_NR_ORIGINS];

static void add_place(enum tool_origin origin, const char *path, const char *property,
		      const char *file, size_t file_len, unsigned int line)
{
	struct place *more =
	    realloc(places[origin].list, (places[origin].nr + 1) * sizeof(*places->list));

	if (!more)
		return;
	places[origin].list = more;
	more[places[origin].nr++] =
	    (struct place){strdup(path), strdup(property), strndup(file, file_len), line};
}

/* ---- dtc's comments ---- */

/* "FILE:14:14-23:4", of len bytes: returns the length of FILE, or 0. */
static size_t parse_position(const char *text, size_t len, unsigned int *line)
{
	const char *at = text + len;

	/* from the end, because a file's name may have anything in it */
	for (unsigned int i = 0; i < 4; i++) {
		const char *end = at;

		while (at > text && at[-1] >= '0' && at[-1] <= '9')
			at--;
		if (at == end || at == text || at[-1] != (i == 1 ? '-' : ':'))
			return 0;
		if (i == 3)
			*line = (unsigned int)strtoul(at, NULL, 10);
		at--;
	}
	return (size_t)(at - text);
}

struct position {
	const char *file;
	size_t len;
	unsigned int line;
};

/* Of a comment's positions, the first one in the user's own file, or else the first one. */
static bool parse_comment(const char *comment, const char *own, struct position *position)
{
	bool found = false;

	while (*comment) {
		const char *end = strstr(comment, ", ");
		size_t len = end ? (size_t)(end - comment) : strlen(comment), file_len;
		unsigned int line = 0;

		file_len = parse_position(comment, len, &line);
		if (file_len != 0) {
			bool is_own =
			    file_len == strlen(own) && memcmp(comment, own, file_len) == 0;

			if (is_own || !found)
				*position = (struct position){comment, file_len, line};
			found = true;
			if (is_own)
				break;
		}
		comment += len + (end ? 2 : 0);
	}
	return found;
}

/* The path of what is open, and how long it is at each depth. */
struct walk {
	enum tool_origin origin;
	const char *own;
	char path[MAX_PATH];
	size_t len[MAX_DEPTH];
	unsigned int depth;
};

static void open_node(struct walk *walk, const char *name, const struct position *position)
{
	size_t len = strlen(walk->path);

	if (walk->depth == MAX_DEPTH)
		return;
	walk->len[walk->depth] = len;
	if (walk->depth++ != 0 && len + strlen(name) + 2 < sizeof(walk->path)) {
		walk->path[len] = '/';
		memcpy(walk->path + len + 1, name, strlen(name) + 1);
	}
	if (position->line != 0)
		add_place(walk->origin, *walk->path ? walk->path : "/", "", position->file,
			  position->len, position->line);
}

/* "label: name {" or "name = value;" or "name;" or "};", and a comment. */
static void add_line(struct walk *walk, char *text)
{
	struct position position = {0};
	size_t len = strlen(text);
	char *comment = NULL;

	/* The last one: there may be others in strings. */
	if (len > 6 && strcmp(text + len - 3, " */") == 0) {
		text[len - 3] = '\0';
		for (char *at = text; (at = strstr(at, "/* ")); at += 3)
			comment = at;
		if (comment && parse_comment(comment + 3, walk->own, &position))
			len = (size_t)(comment - text);
		while (len > 0 && text[len - 1] == ' ')
			len--;
		text[len] = '\0';
	}
	if (strcmp(text, "};") == 0) {
		if (walk->depth > 0)
			walk->path[walk->len[--walk->depth]] = '\0';
	} else if (len > 2 && strcmp(text + len - 2, " {") == 0) {
		char *name;

		text[len - 2] = '\0';
		name = strrchr(text, ' ');
		open_node(walk, name ? name + 1 : text, &position);
	} else if (len > 1 && text[len - 1] == ';' && position.line != 0) {
		/* labels stand before it */
		char *name = text;

		while (strcspn(name, ": ;=") < strlen(name) && name[strcspn(name, ": ;=")] == ':' &&
		       name[strcspn(name, ": ;=") + 1] == ' ')
			name += strcspn(name, ":") + 2;
		name[strcspn(name, " ;")] = '\0';
		add_place(walk->origin, *walk->path ? walk->path : "/", name, position.file,
			  position.len, position.line);
	}
}

/* ---- The tree ---- */

void tool_source_read(enum tool_origin origin, const char *own, const struct tool_blob *text)
{
	static const char *const dtc[] = {"dtc", "-q", "-f", "-I", "dts", "-O",
					  "dts", "-T", "-T", "-",  NULL};
	struct tool_blob shorter = {0}, annotated, errors;
	struct tool_streams streams = {&shorter, &annotated, &errors, NULL};
	struct walk walk = {.origin = origin, .own = own};
	char *copy, *rest, *line;

	if (places[origin].nr == 0)
		tool_source_shorten(text, &shorter);
	if (!shorter.data)
		return;
	if (tool_run(dtc, &streams) && (copy = malloc(annotated.size + 1)) != NULL) {
		memcpy(copy, annotated.data, annotated.size);
		copy[annotated.size] = '\0';
		for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			add_line(&walk, line + strspn(line, " \t"));
		free(copy);
	}
	free(annotated.data);
	free(errors.data);
	free(shorter.data);
}

static const struct place *find(enum tool_origin origin, const char *path, size_t len,
				const char *property)
{
	for (size_t i = 0; i < places[origin].nr; i++) {
		const struct place *place = &places[origin].list[i];

		if (strlen(place->path) == len && memcmp(place->path, path, len) == 0 &&
		    strcmp(place->property, property) == 0)
			return place;
	}
	return NULL;
}

bool tool_source_find(enum tool_origin origin, const char *path, const char *property,
		      const char **file, unsigned int *line)
{
	size_t len = strlen(path);
	const struct place *place = property ? find(origin, path, len, property) : NULL;

	if (!place)
		place = find(origin, path, len, "");
	while (!place && len > 1) {
		while (len > 1 && path[len - 1] != '/')
			len--;
		len -= len > 1 ? 1 : 0;
		place = find(origin, len != 0 ? path : "/", len, "");
	}
	if (!place)
		return false;
	*file = place->file;
	*line = place->line;
	return true;
}
