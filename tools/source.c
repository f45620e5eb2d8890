/*
 * Which line of the user's files a node or a property is from: dtc says it, in
 * comments, when it writes a tree as source with --annotate.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/paths.h"
#include "tools/tool.h"

#define MAX_PATH 1024
#define MAX_DEPTH 32

struct place {
	char *path, *property; /* of a node: "" */
	char *file;
	unsigned int line;
};

static struct place *places;
static size_t nr_places;

static void add_place(const char *path, const char *property, const char *file, size_t file_len,
		      unsigned int line)
{
	struct place *more = realloc(places, (nr_places + 1) * sizeof(*places));

	if (!more)
		return;
	places = more;
	places[nr_places++] =
	    (struct place){strdup(path), strdup(property), strndup(file, file_len), line};
}

/* The last part of a path */
static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Of the comment's places, file:line each, with commas between them, that in the
 * user's own file, or else the first one. dtc shortens the file's name.
 */
static bool parse_comment(const char *comment, const char *own, const char **file, size_t *len,
			  unsigned int *line)
{
	bool found = false;

	for (const char *at = comment + 3; at;
	     at = strstr(at, ", ") ? strstr(at, ", ") + 2 : NULL) {
		const char *colon = strchr(at, ':');
		unsigned int n = colon ? (unsigned int)strtoul(colon + 1, NULL, 10) : 0;
		size_t own_len = strlen(base_of(own));
		bool is_own;

		if (n == 0)
			continue;
		is_own = (size_t)(colon - at) >= own_len &&
			 memcmp(colon - own_len, base_of(own), own_len) == 0;
		if (found && !is_own)
			continue;
		found = true;
		*line = n;
		*file = is_own ? own : at;
		*len = is_own ? strlen(own) : (size_t)(colon - at);
		if (is_own)
			break;
	}
	return found;
}

/* The path of what is open, and how long it is at each depth. */
struct walk {
	char path[MAX_PATH];
	size_t len[MAX_DEPTH];
	unsigned int depth;
};

/* "label: name {" or "name = value;" or "name;" or "};", after the white space. */
static void add_line(struct walk *walk, const char *own, char *text)
{
	char *comment = strstr(text, "/* "), *end, *name;
	const char *file = NULL;
	unsigned int line = 0;
	size_t file_len = 0, len;
	bool known = comment && parse_comment(comment, own, &file, &file_len, &line);

	if (strncmp(text, "};", 2) == 0) {
		if (walk->depth > 0)
			walk->path[walk->len[--walk->depth]] = '\0';
		return;
	}
	end = strstr(text, " {");
	if (end && (!comment || end < comment)) {
		*end = '\0';
		name = strrchr(text, ' ') ? strrchr(text, ' ') + 1 : text;
		if (walk->depth == MAX_DEPTH)
			return;
		len = strlen(walk->path);
		walk->len[walk->depth] = len;
		if (walk->depth++ != 0)
			snprintf(walk->path + len, sizeof(walk->path) - len, "/%s", name);
		if (known)
			add_place(*walk->path ? walk->path : "/", "", file, file_len, line);
		return;
	}
	end = text + strcspn(text, " ;=");
	if (!known || end == text)
		return;
	*end = '\0';
	add_place(*walk->path ? walk->path : "/", text, file, file_len, line);
}

/* What is included as data is replaced by a byte: it is large, and has no lines. */
static void shorten(struct tool_blob *text)
{
	static const char word[] = "/incbin/";
	char *from = (char *)text->data, *to = from, *end = from + text->size;

	while (from < end) {
		if ((size_t)(end - from) > sizeof(word) &&
		    memcmp(from, word, sizeof(word) - 1) == 0) {
			while (from < end && *from != ')' && *from != '\n')
				from++;
			if (from < end && *from == ')')
				from++;
			for (const char *c = "[00]"; *c; c++)
				*to++ = *c;
		} else {
			*to++ = *from++;
		}
	}
	text->size = (size_t)(to - (char *)text->data);
}

void tool_source_read(const struct tool_options *options)
{
	static const char *const dtc[] = {"dtc", "-q",	"-f", "-I", "dts",
					  "-O",	 "dts", "-T", "-",  NULL};
	struct tool_blob text, annotated = {0};
	struct walk walk = {.depth = 0};
	char *copy, *rest, *line;

	if (!tool_preprocess(options, options->file, &text))
		return;
	shorten(&text);
	if (tool_run(dtc, &text, &annotated) && (copy = malloc(annotated.size + 1))) {
		memcpy(copy, annotated.data, annotated.size);
		copy[annotated.size] = '\0';
		for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			add_line(&walk, options->file, line + strspn(line, " \t"));
		free(copy);
	}
	free(annotated.data);
	free(text.data);
}

static const struct place *find(const char *path, const char *property)
{
	for (size_t i = 0; i < nr_places; i++)
		if (strcmp(places[i].path, path) == 0 && strcmp(places[i].property, property) == 0)
			return &places[i];
	return NULL;
}

bool tool_source_find(const char *path, const char *property, const char **file, unsigned int *line)
{
	const struct place *place = property ? find(path, property) : NULL;

	if (!place)
		place = find(path, "");
	if (!place)
		return false;
	*file = place->file;
	*line = place->line;
	return true;
}
