// SPDX-License-Identifier: BSD-2-Clause
/*
 * Source made into trees by the C preprocessor and dtc.
 */
#include <errno.h>
#include <libfdt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/complaints.h"
#include "tools/formats.h"
#include "tools/tool.h"

/* A source has no zeroes; a look at so much of it tells. */
#define LOOK 4096

static bool is_tree(const struct tool_blob *blob)
{
	return blob->size >= sizeof(struct fdt_header) && fdt_magic(blob->data) == FDT_MAGIC;
}

static size_t look_at(const struct tool_blob *blob)
{
	return blob->size < LOOK ? blob->size : LOOK;
}

static bool has_zeroes(const struct tool_blob *blob)
{
	return blob->size != 0 && memchr(blob->data, '\0', look_at(blob));
}

static bool is_named_tree(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".dtb") == 0;
}

static bool is_source(const char *path, const struct tool_blob *blob)
{
	if (is_tree(blob) || has_zeroes(blob))
		return false;
	return !is_named_tree(path) ||
	       (blob->size != 0 && memmem(blob->data, look_at(blob), "/dts-v1/", 8));
}

/*
 * False after reporting a file that is neither a source nor a tree. A tree that is cut off or
 * damaged goes to the parser, which says so.
 */
static bool check_kind(const struct compiler *compiler, const struct tool_blob *blob)
{
	const char *kind = formats_of_other(blob->data, blob->size);
	struct tool_message m = {.origin = compiler->origin, .file = compiler->file};
	char text[160];

	if (is_tree(blob))
		return true;
	if (!kind && has_zeroes(blob) && !is_named_tree(compiler->file))
		kind = "neither the source of a device tree nor what dtc makes of one";
	if (!kind)
		return true;
	snprintf(text, sizeof(text), "is %s", kind);
	m.text = text;
	tool_add(&m);
	return false;
}

/* ---- The preprocessor ---- */

/*
 * The text of a pipe, which cannot be read twice, behind a line that names it. False if cpp can read
 * the file itself.
 */
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

static bool preprocess(const struct compiler *compiler, const struct tool_blob *source,
		       struct tool_blob *text)
{
	const struct tool_options *options = compiler->options;
	const char *argv[24 + 2 * TOOL_MAX_LIST] = {"cpp", "-nostdinc", "-undef", "-x",
						    "assembler-with-cpp"};
	char include[PATH_MAX], dts[PATH_MAX], file[PATH_MAX];
	struct tool_blob errors, placed;
	struct tool_streams streams = {&placed, text, &errors, NULL};
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
	snprintf(file, sizeof(file), "%s%s", *compiler->file == '-' ? "./" : "", compiler->file);
	argv[n++] = piped ? "-" : file;
	argv[n] = NULL;
	ok = tool_run(argv, &streams);
	free(placed.data);
	return complaints_read(compiler, "cpp", ok, &errors);
}

/* ---- dtc ---- */

/* As make has it: relative to the current folder, if it is in there. */
static const char *shorten(const char *path)
{
	char here[PATH_MAX];
	size_t len = getcwd(here, sizeof(here)) ? strlen(here) : 0;

	return len > 1 && strncmp(path, here, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

/* dtc's list of what it read is of one line, "OUTPUT: FILE..."; make's gets those files. */
static void add_data(const struct compiler *compiler, const char *output, const char *list)
{
	FILE *from = fopen(list, "r"), *to = fopen(compiler->depfile, "a");
	char word[PATH_MAX];
	bool first = true;

	while (from && to && fscanf(from, "%4095s", word) == 1) {
		if (!first && strcmp(word, "<stdin>") != 0)
			fprintf(to, "%s: %s\n%s:\n", output, shorten(word), shorten(word));
		first = false;
	}
	if (from)
		fclose(from);
	if (!to || fclose(to) != 0)
		tool_fail(compiler->depfile, strerror(errno));
	unlink(list);
}

/* Beside the source, in -I, and where make puts guests' images. */
bool compile_data_folder(const struct compiler *compiler, unsigned int n, char folder[PATH_MAX])
{
	const char *slash = strrchr(compiler->file, '/');
	char name[PATH_MAX];

	if (n == 0)
		snprintf(name, sizeof(name), "%.*s", slash ? (int)(slash - compiler->file + 1) : 1,
			 slash ? compiler->file : ".");
	else if (n <= compiler->options->nr_dirs)
		snprintf(name, sizeof(name), "%s", compiler->options->dirs[n - 1]);
	else if (n == compiler->options->nr_dirs + 1)
		tool_path(name, ".");
	else
		return false;
	if (!realpath(name, folder))
		snprintf(folder, PATH_MAX, "%s", name);
	return true;
}

/* The file of dtc's list, by a path that is right in the folder where dtc runs. To be freed. */
static char *list_file(const char *depfile)
{
	char here[PATH_MAX] = "", *list;

	if (*depfile != '/' && !getcwd(here, sizeof(here)))
		*here = '\0';
	if (asprintf(&list, "%s%s%s.data", here, *here ? "/" : "", depfile) < 0)
		abort();
	return list;
}

static bool compile(const struct compiler *compiler, struct tool_blob *tree)
{
	const char *argv[32 + 2 * TOOL_MAX_LIST] = {"dtc",
						    "-I",
						    "dts",
						    "-O",
						    "dtb",
						    "-Wno-reg_format",
						    "-Wno-avoid_default_addr_size",
						    "-Wno-unit_address_vs_reg",
						    "-Wno-chosen_node_is_root"};
	char(*folders)[PATH_MAX] = calloc(TOOL_MAX_LIST + 2, sizeof(*folders)), *list = NULL;
	struct tool_blob errors;
	/*
	 * dtc, which reads the source from a pipe, looks into its current folder first: one in
	 * which there is nothing.
	 */
	struct tool_streams streams = {compiler->text, tree, &errors, "/"};
	unsigned int n = 9; /* of these */
	bool ok;

	if (!folders)
		abort();
	for (unsigned int i = 0; compile_data_folder(compiler, i, folders[i]); i++) {
		argv[n++] = "-i";
		argv[n++] = folders[i];
	}
	/* what the machine's tree looks like is not the user's to mend */
	if (compiler->origin == TOOL_OF_HOST)
		argv[n++] = "-q";
	if (compiler->depfile) {
		list = list_file(compiler->depfile);
		argv[n++] = "-d";
		argv[n++] = list;
	}
	argv[n++] = "-";
	argv[n] = NULL;
	ok = tool_run(argv, &streams) && is_tree(tree);
	if (list)
		add_data(compiler, compiler->options->output, list);
	free(list);
	free(folders);
	return complaints_read(compiler, "dtc", ok, &errors);
}

/* Two nodes of one name, of which dtc would make one: whether there are none. */
static bool check_twice(const struct compiler *compiler)
{
	struct tool_message m = {.origin = compiler->origin};
	char *file, *why;

	if (compiler->origin == TOOL_OF_HOST ||
	    !tool_find_twice(compiler->options, compiler->file, compiler->text, &file, &m.line,
			     &why))
		return true;
	m.file = file;
	m.text = why;
	tool_add(&m);
	free(file);
	free(why);
	return false;
}

bool tool_read_tree(const struct tool_options *options, enum tool_origin origin,
		    struct tool_tree *tree)
{
	struct compiler compiler = {.options = options,
				    .origin = origin,
				    .file = origin == TOOL_OF_HOST ? options->host : options->file,
				    .text = &tree->text,
				    .depfile = origin == TOOL_OF_FILE ? options->depfile : NULL};
	struct tool_blob source;
	bool ok;

	*tree = (struct tool_tree){0};
	if (!tool_read_file(compiler.file, &tree->blob) || !check_kind(&compiler, &tree->blob))
		return false;
	if (!is_source(compiler.file, &tree->blob))
		return true;
	source = tree->blob;
	tree->blob = (struct tool_blob){0};
	ok = preprocess(&compiler, &source, &tree->text) && check_twice(&compiler) &&
	     compile(&compiler, &tree->blob);
	free(source.data);
	return ok;
}
