// SPDX-License-Identifier: BSD-2-Clause
/*
 * Characters and words of a preprocessed source: no comments, and lines `# 14 "file"`.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/syntax.h"

/* ---- Mistakes ---- */

bool text_fail(struct text *t, const struct spot *where, const char *fmt, ...)
{
	va_list args;

	if (t->why)
		return false;
	va_start(args, fmt);
	if (vasprintf(&t->why, fmt, args) < 0)
		abort();
	va_end(args);
	t->where = *where;
	return false;
}

bool text_fail_missing(struct text *t, const char *what, const char *behind)
{
	if (t->string_lines)
		return text_fail(t, &t->string,
				 "the string that begins here ends in line %u: is its closing \" "
				 "missing?",
				 t->last.line);
	return text_fail(t, &t->last, "%s is missing behind %s", what, behind);
}

/* ---- Characters ---- */

bool text_ended(const struct text *t)
{
	return t->at >= t->end;
}

static bool starts(const struct text *t, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(t->end - t->at) >= len && memcmp(t->at, word, len) == 0;
}

/* Past the `# 14 "file"` that begins here: the next line's place. */
static void skip_marker(struct text *t)
{
	const char *quote, *end = memchr(t->at, '\n', (size_t)(t->end - t->at));
	char *after;
	unsigned long line = strtoul(t->at + 2, &after, 10);

	end = end ? end : t->end;
	quote = after + 2 < end ? memchr(after + 2, '"', (size_t)(end - after - 2)) : NULL;
	if (quote && after[0] == ' ' && after[1] == '"')
		t->spot = (struct spot){after + 2, (size_t)(quote - after - 2), (unsigned int)line};
	t->at = end < t->end ? end + 1 : end;
}

void text_next(struct text *t)
{
	bool newline = *t->at == '\n';

	t->at++;
	t->spot.line += newline;
	while (newline && starts(t, "# "))
		skip_marker(t);
}

void text_skip_space(struct text *t)
{
	while (!text_ended(t) && (isspace((unsigned char)*t->at) || *t->at == '\0'))
		text_next(t);
}

bool text_take(struct text *t, char c)
{
	text_skip_space(t);
	if (text_ended(t) || *t->at != c)
		return false;
	text_next(t);
	t->last = t->spot;
	t->string_lines = false;
	return true;
}

bool text_take_word(struct text *t, const char *word)
{
	text_skip_space(t);
	if (!starts(t, word))
		return false;
	t->at += strlen(word);
	t->last = t->spot;
	t->string_lines = false;
	return true;
}

bool text_is_name(char c)
{
	return isalnum((unsigned char)c) || (c && strchr(",._+*#?@-\\", c));
}

bool text_is_label(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

void text_take_all(struct text *t, bool (*is)(char c), char *name, size_t size)
{
	size_t n = 0;

	text_skip_space(t);
	for (; !text_ended(t) && is(*t->at); text_next(t))
		if (n < size - 1)
			name[n++] = *t->at;
	name[n] = '\0';
	if (n != 0) {
		t->last = t->spot;
		t->string_lines = false;
	}
}

const char *text_describe(struct text *t)
{
	static char text[48];
	size_t n = 0;

	text_skip_space(t);
	if (text_ended(t))
		return "the end of the file";
	while (t->at + n < t->end && n < 32 && text_is_name(t->at[n]))
		n++;
	if (n == 0 && (unsigned char)*t->at >= 0x80)
		snprintf(text, sizeof(text), "a character that is not ASCII");
	else
		snprintf(text, sizeof(text), "%.*s", (int)(n ? n : 1), t->at);
	return text;
}

bool text_is_number(const char *word)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return false;
	(void)strtoull(word, &end, 0);
	return strspn(end, "uUlL") == strlen(end);
}
