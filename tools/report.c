/*
 * Messages: the parser's, which come as finished lines, and the tool's own, of
 * the same form. Kept until all are there, then printed as text or JSON.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "tools/tool.h"

struct message {
	enum tool_severity severity;
	char *path, *property, *text; /* property: NULL if there is none */
};

static struct message *messages;
static size_t nr_messages;

static void add(enum tool_severity severity, const char *path, size_t path_len,
		const char *property, size_t property_len, const char *text)
{
	struct message *more = realloc(messages, (nr_messages + 1) * sizeof(*messages));

	if (!more)
		return;
	messages = more;
	messages[nr_messages++] =
	    (struct message){severity, strndup(path, path_len),
			     property ? strndup(property, property_len) : NULL, strdup(text)};
}

/* "error: PATH: PROPERTY: TEXT", or without a property, whose name has no spaces. */
static void add_line(struct diag *diag, enum diag_severity severity, const char *line)
{
	const char *path = strstr(line, ": "), *end, *next;

	(void)diag;
	path = path ? path + 2 : line;
	end = strstr(path, ": ");
	if (!end) {
		add(severity == DIAG_ERROR ? TOOL_ERROR : TOOL_WARNING, "/", 1, NULL, 0, path);
		return;
	}
	next = end + 2;
	next += strcspn(next, " ");
	if (next > end + 3 && next[-1] == ':' && *next == ' ' && end[2] != '/')
		add(severity == DIAG_ERROR ? TOOL_ERROR : TOOL_WARNING, path, (size_t)(end - path),
		    end + 2, (size_t)(next - 1 - (end + 2)), next + 1);
	else
		add(severity == DIAG_ERROR ? TOOL_ERROR : TOOL_WARNING, path, (size_t)(end - path),
		    NULL, 0, end + 2);
}

struct diag tool_diag = {.emit = add_line};

void tool_say(enum tool_severity severity, const char *path, const char *property, const char *fmt,
	      ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add(severity, path, strlen(path), property, property ? strlen(property) : 0, text);
}

unsigned int tool_count(enum tool_severity severity)
{
	unsigned int n = 0;

	for (size_t i = 0; i < nr_messages; i++)
		n += messages[i].severity == severity;
	return n;
}

static const char *const severities[] = {"error", "warning", "note"};

static void print_text(const struct tool_options *options, const struct message *m, FILE *to)
{
	static const char *const colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};
	const char *file;
	unsigned int line;

	if (tool_source_find(m->path, m->property, &file, &line))
		fprintf(to, "%s:%u: ", file, line);
	fprintf(to, "%s%s%s: %s: ", options->colour ? colours[m->severity] : "",
		severities[m->severity], options->colour ? "\033[0m" : "", m->path);
	if (m->property)
		fprintf(to, "%s: ", m->property);
	fprintf(to, "%s\n", m->text);
}

static void print_string(const char *name, const char *value, FILE *to)
{
	fprintf(to, "\"%s\": ", name);
	if (!value) {
		fputs("null", to);
		return;
	}
	fputc('"', to);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fprintf(to, "\\%c", *value);
		else if ((unsigned char)*value < ' ')
			fprintf(to, "\\u%04x", (unsigned int)*value);
		else
			fputc(*value, to);
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
		const struct message *m = &messages[i];
		const char *file = NULL;
		unsigned int line = 0;

		fputs(i ? ",\n    {" : "\n    {", to);
		print_string("severity", severities[m->severity], to);
		fputs(", ", to);
		print_string("path", m->path, to);
		fputs(", ", to);
		print_string("property", m->property, to);
		fputs(", ", to);
		print_string("message", m->text, to);
		if (tool_source_find(m->path, m->property, &file, &line)) {
			fputs(", ", to);
			print_string("file", file, to);
			fprintf(to, ", \"line\": %u", line);
		}
		fputc('}', to);
	}
	fputs("\n  ]\n}\n", to);
}

void tool_report(const struct tool_options *options, FILE *to)
{
	if (options->format == TOOL_JSON) {
		print_json(options, to);
		return;
	}
	for (size_t i = 0; i < nr_messages; i++)
		print_text(options, &messages[i], to);
}
