/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of a device tree source once more, of which a parser stops where a mistake is: what
 * its parts share. All that is taken is at `at`, with the spaces before it.
 */
#pragma once

#include <string.h>

#include "tools/tool.h"

/* Where something is, in the user's files. */
struct spot {
	const char *file; /* file_len bytes, or NULL: not known yet */
	size_t file_len;
	unsigned int line;
};

struct text {
	const struct tool_options *options;
	char *copy;
	const char *start, *at, *end;
	struct spot spot;  /* of `at` */
	struct spot last;  /* of the end of what was taken last */
	bool string_lines; /* a string of more than one line was taken last */
	struct spot string;

	/* By indentation: the first node that is closed where another one begins. */
	bool suspects, suspects_end;
	struct spot suspect;
	char suspect_name[64];

	bool twice;	  /* two nodes of one name in one { } are a mistake */
	bool found_twice; /* and there are such */

	unsigned int depth;
	char *why; /* the mistake; NULL: none yet */
	struct spot where;
};

/* ---- tools/syntax_text.c: characters and words; all that takes is false if it is not there ----
 */

/* Notes a mistake, of which only the first one counts. Always false. */
bool text_fail(struct text *t, const struct spot *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Notes that something is missing behind what was taken last. If that was a string of several
 * lines, its own end is missing: the next string's beginning has ended it. Always false.
 */
bool text_fail_missing(struct text *t, const char *what, const char *behind);

/* Whether there is nothing more. */
bool text_ended(const struct text *t);

/* Past one character, which is there. */
void text_next(struct text *t);

/* Past spaces and line markers. */
void text_skip_space(struct text *t);

/* Takes one character, or a word of any characters. */
bool text_take(struct text *t, char c);
bool text_take_word(struct text *t, const char *word);

/* Characters of names of nodes and properties; of labels and numbers. */
bool text_is_name(char c);
bool text_is_label(char c);

/* Takes all such characters, as a string; empty if there are none. */
void text_take_all(struct text *t, bool (*is)(char c), char *name, size_t size);

/* A number in its digits, with C's suffixes. */
bool text_is_number(const char *word);

/* What is next, for a message: a word, or one character. */
const char *text_describe(struct text *t);

/* ---- tools/syntax_values.c: what stands behind '='. False after text_fail(). ---- */

/* "string" */
bool value_take_string(struct text *t);

/* &label or &{/path} */
bool value_take_reference(struct text *t);

/* All values of the property of this name, and the ';'. */
bool value_take_all(struct text *t, const char *name);
