// SPDX-License-Identifier: BSD-2-Clause
/*
 * Source made into trees by the C preprocessor and dtc; what they complain about becomes messages
 * like all others.
 */
#include <errno.h>
#include <libfdt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/tool.h"

/* A source has no zeroes; a look at so much of it tells. */
#define LOOK 4096

static bool is_tree(const struct tool_blob *blob)
{
	return blob->size >= sizeof(struct fdt_header) && fdt_magic(blob->data) == FDT_MAGIC;
}

/* What is neither, is taken for a tree, of which the parser says that it is damaged. */
static bool is_source(const char *path, const struct tool_blob *blob)
{
	size_t len = strlen(path), look = blob->size < LOOK ? blob->size : LOOK;

	return !is_tree(blob) && !(len > 4 && strcmp(path + len - 4, ".dtb") == 0) &&
	       !(look != 0 && memchr(blob->data, '\0', look));
}

/* ---- Messages ---- */

/* The compiler whose messages are read */
struct compiler {
	enum tool_origin origin;
	const char *file;	      /* what it compiles */
	const struct tool_blob *text; /* preprocessed */
	const char *depfile;	      /* for make, or NULL */
};

/* The last ':' in text[0..len), or NULL */
static char *last_colon(char *text, size_t len)
{
	return memrchr(text, ':', len);
}

/* "FILE:LINE:COLUMN" (cpp) or "FILE:LINE.COLUMN..." (dtc): cut after FILE. Returns the line or 0.
 */
static unsigned int split_position(char *position)
{
	size_t len = strlen(position);
	char *colon = last_colon(position, len), *before;

	/* dtc: FILE:3.3-4.13; cpp has one more number */
	if (colon && !strchr(colon, '.')) {
		before = last_colon(position, (size_t)(colon - position));
		if (before && strspn(before + 1, "0123456789") == (size_t)(colon - before) - 1)
			colon = before;
	}
	if (!colon || colon[1] < '0' || colon[1] > '9')
		return 0;
	*colon = '\0';
	return (unsigned int)strtoul(colon + 1, NULL, 10);
}

/* "PATH:PROPERTY: TEXT" or "PATH: TEXT" of dtc's checks. */
static void split_path(struct tool_message *m, char *text)
{
	char *end = strstr(text, ": "), *colon;

	m->text = text;
	if (*text != '/' || !end)
		return;
	*end = '\0';
	m->path = text;
	m->text = end + 2;
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		m->property = colon + 1;
	}
}

/* dtc does not say where it missed a file. */
static bool add_missing_data(const struct compiler *compiler, char *line)
{
	static const char start[] = "FATAL ERROR: Couldn't open \"";
	struct tool_message m = {.origin = compiler->origin};
	char *name = line + sizeof(start) - 1, *end = strrchr(line, '"'), *file, *text;

	if (strncmp(line, start, sizeof(start) - 1) != 0 || !end || end < name)
		return false;
	*end = '\0';
	if (!tool_source_find_data(compiler->text, name, &file, &m.line)) {
		*end = '"';
		return false;
	}
	if (asprintf(&text, "/incbin/: %s%s: looked beside %s, in -I and in the program's folder",
		     name, end + 1, compiler->file) < 0)
		abort();
	m.file = file;
	m.text = text;
	tool_add(&m);
	free(text);
	free(file);
	return true;
}

/* One line, without its newline. */
static void add_line(const struct compiler *compiler, char *line)
{
	static const struct {
		const char *text;
		enum tool_severity severity;
	} marks[] = {{": ERROR (", TOOL_ERROR},	      {": Warning (", TOOL_WARNING},
		     {": fatal error: ", TOOL_ERROR}, {": error: ", TOOL_ERROR},
		     {": warning: ", TOOL_WARNING},   {"FATAL ERROR: ", TOOL_ERROR}};
	struct tool_message m = {.origin = compiler->origin};
	char *at = NULL, *rest;

	if (strncmp(line, "Error: ", 7) == 0) {
		rest = strchr(line + 7, ' ');
		if (!rest)
			return;
		*rest++ = '\0';
		m.file = line + 7;
		m.line = split_position(line + 7);
		m.text = rest;
		tool_add(&m);
		return;
	}
	if (add_missing_data(compiler, line) || strstr(line, "input tree") ||
	    strstr(line, "Failed prerequisite"))
		return;
	for (unsigned int i = 0; !at && i < sizeof(marks) / sizeof(*marks); i++) {
		at = strstr(line, marks[i].text);
		m.severity = marks[i].severity;
		rest = at ? at + strlen(marks[i].text) : NULL;
	}
	if (!at)
		return;
	/* the name of dtc's check */
	if (rest[-1] == '(') {
		rest = strstr(rest, "): ");
		if (!rest)
			return;
		rest += 3;
	}
	*at = '\0';
	m.line = split_position(line);
	m.file = m.line ? line : NULL;
	split_path(&m, rest);
	tool_add(&m);
}

/* All that a compiler printed; if it failed, there has to be an error. */
static bool report(const struct compiler *compiler, const char *program, bool ok,
		   struct tool_blob *errors)
{
	unsigned int before = tool_count(TOOL_ERROR);
	char *text = malloc(errors->size + 1), *rest, *line;

	if (text) {
		if (errors->size != 0)
			memcpy(text, errors->data, errors->size);
		text[errors->size] = '\0';
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			add_line(compiler, line);
		free(text);
	}
	if (!ok && tool_count(TOOL_ERROR) == before) {
		char why[64];

		snprintf(why, sizeof(why), "%s makes nothing of it", program);
		tool_fail(compiler->file, why);
	}
	free(errors->data);
	return ok;
}

/* ---- Compiling ---- */

/* What cannot be read twice, a pipe, with a line that says where it is from. */
static bool with_place(const char *file, const struct tool_blob *source, struct tool_blob *placed)
{
	struct stat status;
	FILE *f;

	*placed = (struct tool_blob){0};
	if (stat(file, &status) != 0 || S_ISREG(status.st_mode))
		return false;
	f = open_memstream((char **)&placed->data, &placed->size);
	if (!f)
		abort();
	fprintf(f, "# 1 \"%s\"\n", file);
	fwrite(source->data, 1, source->size, f);
	fclose(f);
	return true;
}

static bool preprocess(const struct tool_options *options, const struct compiler *compiler,
		       const struct tool_blob *source, struct tool_blob *text)
{
	const char *argv[24 + 2 * TOOL_MAX_DIRS] = {"cpp", "-nostdinc", "-undef", "-x",
						    "assembler-with-cpp"};
	char include[PATH_MAX], dts[PATH_MAX];
	struct tool_blob errors, placed;
	struct tool_streams streams = {&placed, text, &errors};
	bool piped = with_place(compiler->file, source, &placed);
	unsigned int n = 5;
	bool ok;

	for (unsigned int i = 0; i < options->nr_dirs; i++) {
		argv[n++] = "-I";
		argv[n++] = options->dirs[i];
	}
	tool_path(dts, "dts");
	tool_path(include, "dts/include");
	argv[n++] = "-I";
	argv[n++] = include;
	argv[n++] = "-I";
	argv[n++] = dts;
	if (compiler->depfile) {
		argv[n++] = "-MMD";
		argv[n++] = "-MP";
		argv[n++] = "-MT";
		argv[n++] = options->output;
		argv[n++] = "-MF";
		argv[n++] = compiler->depfile;
	}
	argv[n++] = piped ? "-" : compiler->file;
	argv[n] = NULL;
	ok = tool_run(argv, &streams);
	free(placed.data);
	return report(compiler, "cpp", ok, &errors);
}

/* dtc's list of what it read is of one line, "OUTPUT: FILE..."; make's gets those files. */
static void add_data(const struct compiler *compiler, const char *output, const char *list)
{
	FILE *from = fopen(list, "r"), *to = fopen(compiler->depfile, "a");
	char word[PATH_MAX];
	bool first = true;

	while (from && to && fscanf(from, "%4095s", word) == 1) {
		if (!first && strcmp(word, "<stdin>") != 0)
			fprintf(to, "%s: %s\n%s:\n", output, word, word);
		first = false;
	}
	if (from)
		fclose(from);
	if (!to || fclose(to) != 0)
		tool_fail(compiler->depfile, strerror(errno));
	unlink(list);
}

static bool compile(const struct tool_options *options, const struct compiler *compiler,
		    struct tool_blob *tree)
{
	const char *argv[32 + 2 * TOOL_MAX_DIRS] = {"dtc",
						    "-I",
						    "dts",
						    "-O",
						    "dtb",
						    "-Wno-reg_format",
						    "-Wno-avoid_default_addr_size",
						    "-Wno-unit_address_vs_reg",
						    "-Wno-chosen_node_is_root"};
	char build[PATH_MAX], *folder = strdup(compiler->file);
	char *slash = folder ? strrchr(folder, '/') : NULL, *list = NULL;
	struct tool_blob errors;
	struct tool_streams streams = {compiler->text, tree, &errors};
	unsigned int n = 9;
	bool ok;

	/* /incbin/ is searched for beside the source, in -I, and where make puts guests' images */
	if (slash)
		slash[1] = '\0';
	argv[n++] = "-i";
	argv[n++] = slash ? folder : ".";
	for (unsigned int i = 0; i < options->nr_dirs; i++) {
		argv[n++] = "-i";
		argv[n++] = options->dirs[i];
	}
	tool_path(build, ".");
	argv[n++] = "-i";
	argv[n++] = build;
	/* what the machine's tree looks like is not the user's to mend */
	if (compiler->origin == TOOL_OF_HOST)
		argv[n++] = "-q";
	if (compiler->depfile) {
		if (asprintf(&list, "%s.data", compiler->depfile) < 0)
			abort();
		argv[n++] = "-d";
		argv[n++] = list;
	}
	argv[n++] = "-";
	argv[n] = NULL;
	ok = tool_run(argv, &streams) && is_tree(tree);
	if (list)
		add_data(compiler, options->output, list);
	free(list);
	free(folder);
	return report(compiler, "dtc", ok, &errors);
}

bool tool_read_tree(const struct tool_options *options, enum tool_origin origin,
		    struct tool_tree *tree)
{
	struct compiler compiler = {.origin = origin,
				    .file = origin == TOOL_OF_HOST ? options->host : options->file,
				    .text = &tree->text,
				    .depfile = origin == TOOL_OF_FILE ? options->depfile : NULL};
	struct tool_blob source;
	bool ok;

	*tree = (struct tool_tree){0};
	if (!tool_read_file(compiler.file, &tree->blob))
		return false;
	if (!is_source(compiler.file, &tree->blob))
		return true;
	source = tree->blob;
	tree->blob = (struct tool_blob){0};
	ok = preprocess(options, &compiler, &source, &tree->text) &&
	     compile(options, &compiler, &tree->blob);
	free(source.data);
	return ok;
}
