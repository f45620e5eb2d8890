// SPDX-License-Identifier: BSD-2-Clause
/*
 * Messages: the parser's, which come as finished lines, the compilers' and the
 * tool's own, of the same form. Kept until all are there, then printed as text or JSON.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fdt/diag.h"
#include "tools/tool.h"

static struct tool_message *messages;
static size_t nr_messages;

static const char *copy(const char *text)
{
	char *new = text ? strdup(text) : NULL;

	if (text && !new)
		abort();
	return new;
}

void tool_add(const struct tool_message *message)
{
	struct tool_message *more = realloc(messages, (nr_messages + 1) * sizeof(*messages)), *m;

	if (!more)
		abort();
	messages = more;
	m = &messages[nr_messages++];
	*m = *message;
	m->path = copy(m->path);
	m->property = copy(m->property);
	m->text = copy(m->text);
	m->file = copy(m->file);
}

void tool_say(enum tool_severity severity, const char *path, const char *property, const char *fmt,
	      ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	tool_add(&(struct tool_message){
	    .severity = severity, .path = path, .property = property, .text = text});
}

void tool_fail(const char *file, const char *why)
{
	fprintf(stderr, "bulkhead: %s: %s\n", file, why);
	tool_add(&(struct tool_message){.text = why, .file = file, .printed = true});
}

/* ---- The parser's ---- */

enum tool_origin tool_diag_origin;

/* "error: PATH: PROPERTY: TEXT", or without a property, whose name has no spaces. */
static void add_line(struct diag *diag, enum diag_severity severity, const char *line)
{
	struct tool_message m = {.severity = severity == DIAG_ERROR ? TOOL_ERROR : TOOL_WARNING,
				 .origin = tool_diag_origin,
				 .boot = true};
	char *text = strdup(strstr(line, ": ") + 2), *end, *next;

	(void)diag;
	if (!text)
		abort();
	m.text = text;
	end = *text == '/' ? strstr(text, ": ") : NULL;
	if (end) {
		*end = '\0';
		m.path = text;
		m.text = end + 2;
		next = end + 2 + strcspn(end + 2, " ");
		if (next > end + 3 && next[-1] == ':' && *next == ' ' && end[2] != '/') {
			next[-1] = '\0';
			m.property = end + 2;
			m.text = next + 1;
		}
	}
	tool_add(&m);
	free(text);
}

struct diag tool_diag = {.emit = add_line};

void tool_forget_parser(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr_messages; i++)
		if (!messages[i].boot)
			messages[kept++] = messages[i];
	nr_messages = kept;
}

unsigned int tool_count(enum tool_severity severity)
{
	unsigned int n = 0;

	for (size_t i = 0; i < nr_messages; i++)
		n += messages[i].severity == severity;
	return n;
}

bool tool_is_refused(const char *path, const char *property)
{
	for (size_t i = 0; i < nr_messages; i++) {
		const struct tool_message *m = &messages[i];

		if (m->severity == TOOL_ERROR && m->path && strcmp(m->path, path) == 0 &&
		    m->property && strcmp(m->property, property) == 0)
			return true;
	}
	return false;
}

/* ---- Printing ---- */

static const char *const severities[] = {"error", "warning", "note"};

/* Notes about the whole system are of no line. */
static bool has_place(const struct tool_message *m)
{
	return m->path && !(m->severity == TOOL_NOTE && strcmp(m->path, "/") == 0);
}

static void find_places(const struct tool_options *options, const struct tool_system *system)
{
	bool wanted[TOOL_NR_ORIGINS] = {false};

	for (size_t i = 0; i < nr_messages; i++)
		wanted[messages[i].origin] |= !messages[i].file && has_place(&messages[i]);
	if (wanted[TOOL_OF_FILE])
		tool_source_read(TOOL_OF_FILE, options->file, &system->tree.text);
	if (wanted[TOOL_OF_HOST])
		tool_source_read(TOOL_OF_HOST, options->host, &system->host_tree.text);
	for (size_t i = 0; i < nr_messages; i++) {
		struct tool_message *m = &messages[i];
		const char *file;

		if (!m->file && has_place(m) &&
		    tool_source_find(m->origin, m->path, m->property, &file, &m->line))
			m->file = copy(file);
		/* whose path it is, is not plain otherwise */
		if (!m->file && m->origin == TOOL_OF_HOST)
			m->file = copy(options->host);
	}
}

static bool wants_colour(const struct tool_options *options, FILE *to)
{
	const char *terminal = getenv("TERM"), *no = getenv("NO_COLOR");

	if (options->colour != TOOL_COLOUR_AUTO)
		return options->colour == TOOL_COLOUR_ALWAYS;
	return isatty(fileno(to)) && !(no && *no) && terminal && strcmp(terminal, "dumb") != 0;
}

static void print_text(const struct tool_message *m, bool colour, FILE *to)
{
	static const char *const colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};

	if (m->printed)
		return;
	if (m->file && m->column != 0)
		fprintf(to, "%s:%u:%u: ", m->file, m->line, m->column);
	else if (m->file && m->line != 0)
		fprintf(to, "%s:%u: ", m->file, m->line);
	else if (m->file)
		fprintf(to, "%s: ", m->file);
	fprintf(to, "%s%s%s: ", colour ? colours[m->severity] : "", severities[m->severity],
		colour ? "\033[0m" : "");
	if (m->path)
		fprintf(to, "%s: ", m->path);
	if (m->property)
		fprintf(to, "%s: ", m->property);
	fprintf(to, "%s\n", m->text);
}

/* How many bytes the UTF-8 character at c has; 0: it is none. */
static size_t utf8_length(const char *c)
{
	static const unsigned char masks[] = {0x80, 0xe0, 0xf0, 0xf8};
	static const unsigned char values[] = {0x00, 0xc0, 0xe0, 0xf0};

	for (size_t n = 1; n <= 4; n++) {
		if (((unsigned char)*c & masks[n - 1]) != values[n - 1])
			continue;
		for (size_t i = 1; i < n; i++)
			if (((unsigned char)c[i] & 0xc0) != 0x80)
				return 0;
		return n;
	}
	return 0;
}

static void print_string(const char *name, const char *value, FILE *to)
{
	fprintf(to, "\"%s\": ", name);
	if (!value) {
		fputs("null", to);
		return;
	}
	fputc('"', to);
	while (*value) {
		size_t n = utf8_length(value);

		if (*value == '"' || *value == '\\')
			fprintf(to, "\\%c", *value);
		else if (n == 0)
			fputs("\\ufffd", to);
		else if ((unsigned char)*value < ' ')
			fprintf(to, "\\u%04x", (unsigned int)*value);
		else
			fprintf(to, "%.*s", (int)n, value);
		value += n ? n : 1;
	}
	fputc('"', to);
}

static void print_json(const struct tool_options *options, FILE *to)
{
	fputs("{\n  ", to);
	print_string("file", options->file, to);
	fputs(",\n  ", to);
	print_string("host", options->host, to);
	fprintf(to,
		",\n  \"errors\": %u,\n  \"warnings\": %u,\n  \"notes\": %u,\n  \"messages\": [",
		tool_count(TOOL_ERROR), tool_count(TOOL_WARNING), tool_count(TOOL_NOTE));
	for (size_t i = 0; i < nr_messages; i++) {
		const struct tool_message *m = &messages[i];

		fputs(i ? ",\n    {" : "\n    {", to);
		print_string("severity", severities[m->severity], to);
		fputs(", ", to);
		print_string("path", m->path, to);
		fputs(", ", to);
		print_string("property", m->property, to);
		fputs(", ", to);
		print_string("message", m->text, to);
		fprintf(to, ", \"boot\": %s", m->boot ? "true" : "false");
		if (m->file) {
			fputs(", ", to);
			print_string("file", m->file, to);
		}
		if (m->line != 0)
			fprintf(to, ", \"line\": %u", m->line);
		if (m->column != 0)
			fprintf(to, ", \"column\": %u", m->column);
		fputc('}', to);
	}
	fputs("\n  ]\n}\n", to);
}

void tool_report(const struct tool_options *options, const struct tool_system *system, FILE *to)
{
	find_places(options, system);
	if (options->format == TOOL_JSON) {
		print_json(options, to);
		return;
	}
	for (size_t i = 0; i < nr_messages; i++)
		print_text(&messages[i], wants_colour(options, to), to);
}
