// SPDX-License-Identifier: BSD-2-Clause
/*
 * Why dtc says "syntax error", which is all that it says. dtc decides whether there is a mistake;
 * of a source that this parser takes, dtc's message remains. Beside that, nodes that dtc merges
 * without a word.
 */
#include "tools/syntax.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_NAME 64

/* The nodes in one { }. */
struct names {
	char (*list)[MAX_NAME];
	size_t nr;
};

/* How far from the left the line's first character is, if that is at `at`; or else -1. */
static int indentation(const struct text *t, const char *at)
{
	const char *line = at;

	while (line > t->start && line[-1] != '\n')
		line--;
	return strspn(line, " \t") == (size_t)(at - line) ? (int)(at - line) : -1;
}

static void suspect(struct text *t, bool end, const struct spot *where, const char *name)
{
	if (t->suspects)
		return;
	t->suspects = true;
	t->suspects_end = end;
	t->suspect = *where;
	snprintf(t->suspect_name, sizeof(t->suspect_name), "%s", name);
}

static bool fail_braces(struct text *t, const struct spot *where, const char *why)
{
	if (t->suspects && t->suspects_end)
		return text_fail(t, &t->suspect,
				 "the node %s, which begins here, has no }; of its own",
				 t->suspect_name);
	if (t->suspects)
		return text_fail(t, &t->suspect, "} is one too many: %s ends before",
				 t->suspect_name);
	return text_fail(t, where, "%s", why);
}

static bool take_node(struct text *t, const char *name, const char *begin,
		      const struct spot *where);

/* Notes a node's name. False after text_fail(): it is there already. */
static bool add_name(struct text *t, struct names *names, const char *name, const char *node,
		     const struct spot *where)
{
	char(*more)[MAX_NAME];

	/* a name that was cut may differ in its rest */
	if (!t->twice || strlen(name) == MAX_NAME - 1)
		return true;
	for (size_t i = 0; i < names->nr; i++)
		if (strcmp(names->list[i], name) == 0) {
			t->found_twice = !t->why;
			return text_fail(t, where,
					 "%s has two nodes %s, and dtc would make one of them: "
					 "choose another name for this one",
					 node, name);
		}
	more = realloc(names->list, (names->nr + 1) * sizeof(*more));
	if (!more)
		abort();
	names->list = more;
	snprintf(more[names->nr++], MAX_NAME, "%s", name);
	return true;
}

/* /delete-node/ and the like. Whether there was one; `t->why` if it is wrong. */
static bool take_directive(struct text *t)
{
	char name[64];

	if (text_take_word(t, "/omit-if-no-ref/"))
		return true;
	if (text_take_word(t, "/include/")) {
		text_skip_space(t);
		if (text_ended(t) || *t->at != '"')
			text_fail(t, &t->spot, "/include/ wants a file's name in quotes");
		else
			value_take_string(t);
		return true;
	}
	if (!text_take_word(t, "/delete-node/") && !text_take_word(t, "/delete-property/"))
		return false;
	if (!value_take_reference(t) && !t->why)
		text_take_all(t, text_is_name, name, sizeof(name));
	if (!t->why && !text_take(t, ';'))
		text_fail_missing(t, ";", "a directive");
	return true;
}

/* A property or a node in a node; `names` are those of the nodes before it. */
static bool take_member(struct text *t, const char *node, struct names *names)
{
	struct spot where;
	const char *begin;
	char name[MAX_NAME];

	if (take_directive(t)) {
		/* a node that was deleted may come again */
		names->nr = 0;
		return !t->why;
	}
	begin = t->at;
	where = t->spot;
	text_take_all(t, text_is_name, name, sizeof(name));
	while (*name && text_take(t, ':'))
		text_take_all(t, text_is_name, name, sizeof(name));
	if (!*name && !text_ended(t) && *t->at == '&')
		return text_fail(
		    t, &t->spot,
		    "&label { } stands outside of all nodes: here begins what is in %s", node);
	if (!*name)
		return text_fail(t, &t->spot, "a property or a node of %s is expected, not %s",
				 node, text_describe(t));
	if (text_take(t, ';'))
		return true;
	if (text_take(t, '='))
		return value_take_all(t, name);
	text_skip_space(t);
	if (!text_ended(t) && *t->at == '{')
		return add_name(t, names, name, node, &where) && take_node(t, name, begin, &where);
	if (!text_ended(t) && strchr("<[\"", *t->at))
		return text_fail(t, &t->spot, "= is missing behind %s", name);
	return text_fail_missing(t, ";", name);
}

/* What is between { and }, which is left. False after text_fail(). */
static bool take_members(struct text *t, const char *name, const struct spot *where)
{
	struct names names = {0};
	char why[96];
	bool ok = true;

	for (;;) {
		text_skip_space(t);
		if (text_ended(t)) {
			snprintf(why, sizeof(why), "the node %s, which begins here, has no };",
				 name);
			ok = fail_braces(t, where, why);
		} else if (*t->at != '}') {
			ok = take_member(t, name, &names);
			if (ok)
				continue;
		}
		free(names.list);
		return ok;
	}
}

/* From the '{' to the ';'. `begin` is where its name or its label begins. */
static bool take_node(struct text *t, const char *name, const char *begin, const struct spot *where)
{
	char behind[96];
	int left, right;

	if (!text_take(t, '{'))
		return text_fail_missing(t, "{", name);
	if (++t->depth > MAX_DEPTH)
		return text_fail(t, where, "nodes are nested too deep");
	if (!take_members(t, name, where))
		return false;
	left = indentation(t, begin);
	right = indentation(t, t->at);
	if (left >= 0 && right >= 0 && left != right)
		suspect(t, right < left, right < left ? where : &t->spot, name);
	text_take(t, '}');
	t->depth--;
	snprintf(behind, sizeof(behind), "the } of %s", name);
	return text_take(t, ';') || text_fail_missing(t, ";", behind);
}

/* /memreserve/ ADDRESS SIZE; */
static bool take_reservation(struct text *t)
{
	char word[64];

	for (unsigned int i = 0; i < 2; i++) {
		text_take_all(t, text_is_label, word, sizeof(word));
		if (!text_is_number(word))
			return text_fail(t, &t->last, "/memreserve/ wants an address and a size");
	}
	return text_take(t, ';') || text_fail_missing(t, ";", "/memreserve/");
}

/* What stands outside of all nodes. */
static bool take_item(struct text *t)
{
	const char *begin;
	struct spot where;
	char name[64];

	if (text_take_word(t, "/dts-v1/"))
		return text_fail(t, &t->last, "/dts-v1/; stands before all else, and not again");
	if (text_take_word(t, "/memreserve/"))
		return take_reservation(t);
	if (take_directive(t))
		return !t->why;
	begin = t->at;
	where = t->spot;
	text_take_all(t, text_is_label, name, sizeof(name));
	if (*name && !text_take(t, ':'))
		return text_fail(t, &where, "%s: nodes stand in the root's: / { ... };", name);
	if (text_take(t, '/'))
		return take_node(t, "/", begin, &where);
	text_skip_space(t);
	if (!text_ended(t) && *t->at == '&')
		return value_take_reference(t) && take_node(t, "behind &", begin, &where);
	if (!text_ended(t) && *t->at == '}')
		return fail_braces(t, &t->spot, "} is one too many");
	return text_fail(t, &t->spot, "/ { ... }; is expected, not %s", text_describe(t));
}

static bool take_source(struct text *t, const char *own)
{
	struct spot top = {own, strlen(own), 1};

	text_skip_space(t);
	if (text_ended(t))
		return text_fail(t, &top,
				 "there is nothing in it: bulkhead init writes a first one");
	if (!text_take_word(t, "/dts-v1/"))
		return text_fail(t, &top,
				 "/dts-v1/; is missing: write it before all else, also "
				 "before an #include");
	do
		if (!text_take(t, ';'))
			return text_fail_missing(t, ";", "/dts-v1/");
	while (text_take_word(t, "/dts-v1/"));
	if (text_take_word(t, "/plugin/") && !text_take(t, ';'))
		return text_fail_missing(t, ";", "/plugin/");
	for (;;) {
		text_skip_space(t);
		if (text_ended(t))
			return true;
		if (!take_item(t))
			return false;
	}
}

/* The beginning of a source, of which t->copy is to be freed. */
static void start(struct text *t, const struct tool_options *options, const struct tool_blob *blob)
{
	/* so that the first line may be a place, too; and strtoul() ends */
	char *copy = malloc(blob->size + 2);

	if (!copy)
		abort();
	copy[0] = '\n';
	if (blob->size != 0)
		memcpy(copy + 1, blob->data, blob->size);
	copy[blob->size + 1] = '\0';
	*t = (struct text){.options = options, .copy = copy};
	t->start = t->at = copy;
	t->end = copy + blob->size + 1;
}

/* The first mistake; of `twice`, only two nodes of one name. */
static bool find_mistake(const struct tool_options *options, const char *own,
			 const struct tool_blob *blob, bool twice, char **file, unsigned int *line,
			 char **why)
{
	struct text t;

	start(&t, options, blob);
	t.twice = twice;
	if (take_source(&t, own) || !t.why || !t.where.file || t.found_twice != twice) {
		free(t.why);
		free(t.copy);
		return false;
	}
	*file = strndup(t.where.file, t.where.file_len);
	*line = t.where.line;
	*why = t.why;
	free(t.copy);
	return true;
}

bool tool_explain_syntax(const struct tool_options *options, const char *own,
			 const struct tool_blob *blob, char **file, unsigned int *line, char **why)
{
	return find_mistake(options, own, blob, false, file, line, why);
}

bool tool_find_twice(const struct tool_options *options, const char *own,
		     const struct tool_blob *blob, char **file, unsigned int *line, char **why)
{
	return find_mistake(options, own, blob, true, file, line, why);
}

/* Past one character or string: at a reference to the label, if true. */
static bool pass_to_label(struct text *t, const char *label)
{
	struct spot where = t->spot;
	char name[MAX_NAME];

	if (*t->at == '"') {
		value_take_string(t);
		return false;
	}
	if (*t->at != '&') {
		text_next(t);
		return false;
	}
	text_next(t);
	text_take_all(t, text_is_label, name, sizeof(name));
	t->last = where;
	return strcmp(name, label) == 0;
}

unsigned int tool_find_label(const struct tool_blob *blob, const char *label, const char *file,
			     unsigned int line)
{
	struct text t;
	unsigned int found = 0;

	start(&t, NULL, blob);
	while (found == 0 && !text_ended(&t))
		if (pass_to_label(&t, label) && t.last.line >= line && t.last.file &&
		    t.last.file_len == strlen(file) &&
		    memcmp(t.last.file, file, t.last.file_len) == 0)
			found = t.last.line;
	free(t.why);
	free(t.copy);
	return found;
}
