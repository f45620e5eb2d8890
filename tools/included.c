// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a preprocessed source includes, as data or by dtc's own /include/.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/tool.h"

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

/* Past what is no /incbin/: a string, a line's end, or one character. */
static void skip_other(struct reader *r)
{
	if (*r->at == '"')
		skip_string(r);
	else if (*r->at == '\n')
		next_line(r);
	else
		r->at++;
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

/* `shorter` has the text's size. Returns how much of it is used. */
static size_t shorten(struct reader *r, char *shorter)
{
	static const char byte[] = {'[', '0', '0', ']'};
	char *to = shorter;

	while (r->at < r->end) {
		const char *from = r->at, *name;
		unsigned int line = r->line;
		size_t len;

		if (!starts(r, "/incbin/")) {
			skip_other(r);
			memcpy(to, from, (size_t)(r->at - from));
			to += r->at - from;
			continue;
		}
		skip_data(r, &name, &len);
		memcpy(to, byte, sizeof(byte));
		to += sizeof(byte);
		for (; line < r->line; line++)
			*to++ = '\n';
	}
	return (size_t)(to - shorter);
}

/* Goes to the next file that is included, as data or by /include/; its name is *name. */
static bool find_included(struct reader *r, const char **name, size_t *len, unsigned int *line)
{
	while (r->at < r->end) {
		*line = r->line;
		*name = NULL;
		if (starts(r, "/incbin/")) {
			skip_data(r, name, len);
		} else if (starts(r, "/include/")) {
			r->at += strlen("/include/");
			while (r->at < r->end && *r->at == ' ')
				r->at++;
			*name = r->at + 1;
			skip_other(r);
			*len = (size_t)(r->at - *name) - (r->at > *name ? 1 : 0);
		} else {
			skip_other(r);
		}
		if (*name)
			return true;
	}
	return false;
}

bool tool_source_find_included(const struct tool_blob *text,
			       bool (*wanted)(const char *name, void *context), void *context,
			       char **file, unsigned int *line)
{
	struct reader r;
	char *copy = text->size != 0 ? begin(&r, text) : NULL;
	const char *name;
	bool found = false;
	size_t len;

	while (copy && !found && find_included(&r, &name, &len, line)) {
		char *word = strndup(name, len);

		found = word && r.file && wanted(word, context);
		free(word);
	}
	if (found)
		*file = strndup(r.file, r.file_len);
	free(copy);
	return found;
}

void tool_source_shorten(const struct tool_blob *text, struct tool_blob *shorter)
{
	struct reader r = {.at = NULL};
	char *copy = text->size != 0 ? begin(&r, text) : NULL;

	*shorter = (struct tool_blob){0};
	if (copy)
		shorter->data = malloc(text->size + 2);
	if (shorter->data)
		shorter->size = shorten(&r, (char *)shorter->data);
	free(copy);
}
