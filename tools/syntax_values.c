// SPDX-License-Identifier: BSD-2-Clause
/*
 * Values of properties: strings, numbers, bytes, references, and what is included.
 */
#include <ctype.h>
#include <string.h>

#include "tools/hints.h"
#include "tools/syntax.h"

bool value_take_string(struct text *t)
{
	struct spot from;

	text_skip_space(t);
	from = t->spot;
	for (text_next(t); !text_ended(t) && *t->at != '"'; text_next(t))
		if (*t->at == '\\' && t->at + 1 < t->end)
			text_next(t);
	if (text_ended(t))
		return text_fail(t, &from, "the string that begins here has no closing \"");
	text_next(t);
	t->last = t->spot;
	t->string = from;
	t->string_lines = t->last.line != from.line || t->last.file != from.file;
	return true;
}

bool value_take_reference(struct text *t)
{
	char name[64];

	if (!text_take(t, '&'))
		return false;
	if (!text_ended(t) && *t->at == '{') {
		while (!text_ended(t) && *t->at != '}' && *t->at != '\n')
			text_next(t);
		return text_take(t, '}') || text_fail(t, &t->last, "} is missing behind &{");
	}
	text_take_all(t, text_is_label, name, sizeof(name));
	return *name ||
	       text_fail(t, &t->spot, "behind & is a label, or {/path}, not %s", text_describe(t));
}

/* A name among numbers is a macro that nobody has defined. */
static bool fail_unknown(struct text *t, const struct spot *where, const char *word)
{
	char header[HINT_MAX];

	if (hint_macro(t->options, word, header))
		return text_fail(t, where, "%s is not defined: #include <%s> is missing", word,
				 header);
	return text_fail(
	    t, where, "%s is no number: is an #include missing that defines it, or an & before it?",
	    word);
}

/* A number, a name, or a label before them. */
static bool take_cell_word(struct text *t)
{
	struct spot where;
	char word[64];

	text_skip_space(t);
	where = t->spot;
	text_take_all(t, text_is_label, word, sizeof(word));
	if (text_is_number(word) || (!isdigit((unsigned char)*word) && text_take(t, ':')))
		return true;
	if (isdigit((unsigned char)*word))
		return text_fail(t, &where, "%s is no number", word);
	return fail_unknown(t, &where, word);
}

/* 'x' */
static bool take_character(struct text *t)
{
	text_next(t);
	while (!text_ended(t) && *t->at != '\'' && *t->at != '\n') {
		if (*t->at == '\\')
			text_next(t);
		if (!text_ended(t))
			text_next(t);
	}
	return text_take(t, '\'') || text_fail(t, &t->spot, "' is missing");
}

/* Numbers, references and expressions, of which the '<' is taken. */
static bool take_cells(struct text *t)
{
	struct spot from = t->last;
	unsigned int parentheses = 0;
	bool operand = false; /* the last was one, in ( ) */
	char second[48] = ""; /* an operand right behind another one */
	struct spot where = from;

	while (!text_take(t, '>') || parentheses != 0) {
		char c = '\0';

		text_skip_space(t);
		if (!text_ended(t))
			c = *t->at;
		if (parentheses != 0 && operand && (text_is_label(c) || c == '(') && !*second) {
			snprintf(second, sizeof(second), "%s", text_describe(t));
			where = t->spot;
		}
		operand = text_is_label(c) || c == '\'' || c == ')';
		if (text_is_label(c)) {
			if (!take_cell_word(t))
				return false;
		} else if (c == '&' && parentheses == 0) {
			if (!value_take_reference(t))
				return false;
		} else if (c == '\'') {
			if (!take_character(t))
				return false;
		} else if (c == '(' || (c == ')' && parentheses != 0)) {
			parentheses += c == '(' ? 1 : -1U;
			text_next(t);
		} else if (c && strchr("+-*/%&|^~!?:<>=", c) && parentheses != 0) {
			text_next(t);
		} else if (c == ',') {
			return text_fail(t, &t->spot,
					 "numbers in < > are separated by spaces, not ,");
		} else if (c == '"') {
			return text_fail(t, &t->spot, "a string stands outside of < >");
		} else if (c == ')') {
			return text_fail(t, &t->spot, "( is missing before this )");
		} else if (!c || strchr(";{}=[]<", c)) {
			return text_fail(t, &from, "> is missing: < is opened here, and %s follows",
					 text_describe(t));
		} else {
			return text_fail(t, &t->spot, "%s is not expected in < >",
					 text_describe(t));
		}
	}
	/* where ) is missing, that counts */
	return !*second || text_fail(t, &where, "an operator is missing in ( ) before %s", second);
}

/* Bytes, of which the '[' is taken. */
static bool take_bytes(struct text *t)
{
	while (!text_take(t, ']')) {
		char word[64];
		size_t digits;

		text_take_all(t, text_is_label, word, sizeof(word));
		digits = strspn(word, "0123456789abcdefABCDEF");
		if (!*word)
			return text_fail(t, &t->spot, "] is missing, or %s is too much",
					 text_describe(t));
		if (word[digits] && !text_take(t, ':'))
			return text_fail(t, &t->last,
					 "%s: in [ ] are bytes of two hexadecimal digits", word);
	}
	return true;
}

/* ("name", offset, size), of which /incbin/ is taken. */
static bool take_data(struct text *t)
{
	if (!text_take(t, '('))
		return text_fail(t, &t->last, "( is missing behind /incbin/: /incbin/(\"file\")");
	text_skip_space(t);
	if (text_ended(t) || *t->at != '"')
		return text_fail(t, &t->spot, "/incbin/ wants the file's name in quotes, not %s",
				 text_describe(t));
	if (!value_take_string(t))
		return false;
	while (!text_take(t, ')')) {
		text_skip_space(t);
		if (text_ended(t) || !(text_is_label(*t->at) || strchr(",()+*", *t->at)))
			return text_fail_missing(t, ")", "the file's name");
		text_next(t);
	}
	return true;
}

static bool take_value(struct text *t, const char *name)
{
	char word[64];

	while (text_take_word(t, "/bits/")) {
		text_take_all(t, text_is_label, word, sizeof(word));
		if (!text_is_number(word))
			return text_fail(t, &t->last, "/bits/ wants 8, 16, 32 or 64");
	}
	text_skip_space(t);
	if (text_take(t, '<'))
		return take_cells(t);
	if (text_take(t, '['))
		return take_bytes(t);
	if (text_take_word(t, "/incbin/"))
		return take_data(t);
	if (!text_ended(t) && *t->at == '"')
		return value_take_string(t);
	if (!text_ended(t) && *t->at == '&')
		return value_take_reference(t);
	if (!text_ended(t) && text_is_label(*t->at)) {
		struct spot where = t->spot;

		text_take_all(t, text_is_name, word, sizeof(word));
		if (text_take(t, ':'))
			return take_value(t, name);
		return isdigit((unsigned char)*word)
			   ? text_fail(t, &where, "numbers stand in < >: %s = <%s>", name, word)
			   : text_fail(t, &where,
				       "%s is no value: a string stands in quotes, numbers in < >",
				       word);
	}
	if (!text_ended(t) && *t->at == '\'')
		return text_fail(t, &t->spot, "a string stands in double quotes: %s = \"...\"",
				 name);
	return text_fail(t, &t->spot, "%s needs a value behind =, not %s", name, text_describe(t));
}

bool value_take_all(struct text *t, const char *name)
{
	char behind[96];

	snprintf(behind, sizeof(behind), "the value of %s", name);
	do {
		if (!take_value(t, name))
			return false;
		text_skip_space(t);
	} while (text_take(t, ','));
	if (text_take(t, ';'))
		return true;
	if (!text_ended(t) && strchr("<[\"&", *t->at) && !t->string_lines &&
	    t->spot.line == t->last.line)
		return text_fail(t, &t->spot, ", is missing between two values of %s", name);
	return text_fail_missing(t, ";", behind);
}
