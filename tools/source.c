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

/* ---- Preprocessed source ---- */

/* What a walk through it knows */
struct reader {
	const char *at, *end;
	const char *file; /* with the quotes' contents as they are, or NULL */
	size_t file_len;
	unsigned int line;
};

static bool starts(const struct reader *r, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(r->end - r->at) >= len && memcmp(r->at, word, len) == 0;
}

/* Past the string that begins here. */
static void skip_string(struct reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		r->line += *r->at == '\n';
	}
	if (r->at < r->end)
		r->at++;
}

/* Past a newline, and the `# 14 "file"` that may follow: the next line's place. */
static void next_line(struct reader *r)
{
	char *after;
	unsigned long line;

	r->at++;
	r->line++;
	while (starts(r, "# ")) {
		line = strtoul(r->at + 2, &after, 10);
		if (after + 2 < r->end && after[0] == ' ' && after[1] == '"') {
			const char *quote = memchr(after + 2, '"', (size_t)(r->end - after - 2));

			r->line = (unsigned int)line;
			r->file = after + 2;
			r->file_len = quote ? (size_t)(quote - r->file) : 0;
		}
		while (r->at < r->end && *r->at != '\n')
			r->at++;
		if (r->at < r->end)
			r->at++;
	}
}

/* Past `("name", ...)`, all of it that is there; *name is the string. */
static void skip_data(struct reader *r, const char **name, size_t *name_len)
{
	*name = NULL;
	r->at += strlen("/incbin/");
	while (r->at < r->end && *r->at != ')' && *r->at != ';') {
		if (*r->at == '"') {
			const char *from = r->at + 1;

			skip_string(r);
			if (!*name) {
				*name = from;
				*name_len = (size_t)(r->at - 1 - from);
			}
			continue;
		}
		r->line += *r->at == '\n';
		r->at++;
	}
	if (r->at < r->end && *r->at == ')')
		r->at++;
}

/*
 * Walks through the text. What is included as data is replaced by a byte, and as
 * many newlines, in `shorter` (of the text's size) if that is wanted: it is large,
 * and has no lines of its own. With `wanted`, stops where data of this name is included.
 */
static size_t read_source(struct reader *r, char *shorter, const char *wanted)
{
	static const char byte[] = {'[', '0', '0', ']'};
	char *to = shorter;

	while (r->at < r->end) {
		const char *from = r->at, *name;
		unsigned int line = r->line;
		size_t len = 0;

		if (starts(r, "/incbin/")) {
			skip_data(r, &name, &len);
			if (wanted && name && len == strlen(wanted) &&
			    memcmp(name, wanted, len) == 0) {
				r->line = line;
				return 1;
			}
			if (to) {
				memcpy(to, byte, sizeof(byte));
				to += sizeof(byte);
				for (; line < r->line; line++)
					*to++ = '\n';
			}
			continue;
		}
		if (*r->at == '"')
			skip_string(r);
		else if (*r->at == '\n')
			next_line(r);
		else
			r->at++;
		if (to) {
			memcpy(to, from, (size_t)(r->at - from));
			to += r->at - from;
		}
	}
	return to ? (size_t)(to - shorter) : 0;
}

/* The text as a string, which strtoul() wants. */
static char *begin(struct reader *r, const struct tool_blob *text)
{
	char *copy = malloc(text->size + 2);

	if (copy) {
		/* so that the first line may be a place, too */
		copy[0] = '\n';
		memcpy(copy + 1, text->data, text->size);
		copy[text->size + 1] = '\0';
		*r = (struct reader){.at = copy, .end = copy + text->size + 1};
	}
	return copy;
}

bool tool_source_find_data(const struct tool_blob *text, const char *name, char **file,
			   unsigned int *line)
{
	struct reader r;
	char *copy = text->size != 0 ? begin(&r, text) : NULL;
	bool found = copy && read_source(&r, NULL, name) == 1 && r.file;

	if (found) {
		*file = strndup(r.file, r.file_len);
		*line = r.line;
	}
	free(copy);
	return found;
}

/* ---- Both ---- */

void tool_source_read(enum tool_origin origin, const char *own, const struct tool_blob *text)
{
	static const char *const dtc[] = {"dtc", "-q", "-f", "-I", "dts", "-O",
					  "dts", "-T", "-T", "-",  NULL};
	struct tool_blob shorter = {0}, annotated, errors;
	struct tool_streams streams = {&shorter, &annotated, &errors};
	struct walk walk = {.origin = origin, .own = own};
	struct reader r;
	char *copy = text->size != 0 ? begin(&r, text) : NULL, *rest, *line;

	if (!copy || places[origin].nr != 0) {
		free(copy);
		return;
	}
	shorter.data = malloc(text->size + 2);
	if (shorter.data)
		shorter.size = read_source(&r, (char *)shorter.data, NULL);
	free(copy);
	if (shorter.data && tool_run(dtc, &streams) &&
	    (copy = malloc(annotated.size + 1)) != NULL) {
		memcpy(copy, annotated.data, annotated.size);
		copy[annotated.size] = '\0';
		for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			add_line(&walk, line + strspn(line, " \t"));
		free(copy);
	}
	if (shorter.data) {
		free(annotated.data);
		free(errors.data);
	}
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
