/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bulkhead command: what its parts share. It runs on the build machine, with
 * the parser that runs at EL2 (fdt/), and says before boot what boot would say.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "fdt/system.h"

/* How often an option that may be repeated may be */
#define TOOL_MAX_LIST 16

enum tool_format { TOOL_TEXT, TOOL_JSON };
enum tool_colour { TOOL_COLOUR_AUTO, TOOL_COLOUR_ALWAYS, TOOL_COLOUR_NEVER };

/* The command line */
struct tool_options {
	const char *file;		 /* the system description: .dts or .dtb */
	const char *host;		 /* the machine's tree, or NULL */
	const char *output;		 /* build, run: -o */
	const char *depfile;		 /* build: for make, or NULL */
	const char *svg;		 /* map: --svg */
	const char *vm;			 /* guest-dts: whose */
	const char *dirs[TOOL_MAX_LIST]; /* -I */
	unsigned int nr_dirs;
	enum tool_format format;
	enum tool_colour colour;
	bool strict;
	bool no_check; /* build: only compiles */
	bool help, version;

	const char *image, *offset; /* Bulkhead's, and how far behind the start of memory it is */

	/* run: options of QEMU, NULL where the description says what it needs */
	const char *gic, *cpu, *smp, *memory;
	const char *disks[TOOL_MAX_LIST];
	unsigned int nr_disks;
	char **more; /* what is behind -- */
	unsigned int nr_more;
	bool net;
	bool dry_run;
};

/* ---- tools/input.c ---- */

/* Bytes of a file, or that a compiler has made of it. */
struct tool_blob {
	uint8_t *data;
	size_t size;
};

/* Reads a file as a whole. False after reporting why not. */
bool tool_read_file(const char *path, struct tool_blob *blob);

/* Writes a file: as a whole, or not at all. False after reporting why not. */
bool tool_write_file(const char *path, const struct tool_blob *blob);

/* Writes to an open file, which has this name in messages. */
bool tool_write_fd(const char *name, int fd, const struct tool_blob *blob);

/* What a program's standard streams are connected to, and where it runs. */
struct tool_streams {
	const struct tool_blob *input; /* NULL: nothing */
	struct tool_blob *output;      /* NULL: ours; or else to be freed */
	struct tool_blob *errors;      /* NULL: ours; or else to be freed */
	const char *folder;	       /* its current one; NULL: ours */
};

/* Runs a program. False if it fails, which is reported if it cannot even be started. */
bool tool_run(const char *const *argv, const struct tool_streams *streams);

/* ---- tools/paths.c ---- */

/*
 * One of the project's own files or folders: "dts", "dts/include", "bulkhead.img", or ".", which
 * has what examples include as data. An absolute path, whether it exists or not.
 */
void tool_path(char path[PATH_MAX], const char *name);

/* ---- tools/compile.c ---- */

/* Which tree a message is about */
enum tool_origin { TOOL_OF_FILE, TOOL_OF_HOST, TOOL_NR_ORIGINS };

struct tool_tree {
	struct tool_blob blob;
	struct tool_blob text; /* of a source: what the C preprocessor made of it; or else empty */
};

/*
 * Reads a tree: a blob as it is; source goes through the C preprocessor and dtc,
 * whose messages go into the report. False if there is no tree.
 */
bool tool_read_tree(const struct tool_options *options, enum tool_origin origin,
		    struct tool_tree *tree);

/* ---- tools/source.c ---- */

/* Notes where the nodes and properties of a preprocessed source are. */
void tool_source_read(enum tool_origin origin, const char *own, const struct tool_blob *text);

/* Finds the line of a property (NULL or unknown: of the node, or one above). */
bool tool_source_find(enum tool_origin origin, const char *path, const char *property,
		      const char **file, unsigned int *line);

/* ---- tools/included.c ---- */

/*
 * The line in a preprocessed source that includes, as data or by /include/, the first file whose
 * name is wanted. *file is to be freed.
 */
bool tool_source_find_included(const struct tool_blob *text,
			       bool (*wanted)(const char *name, void *context), void *context,
			       char **file, unsigned int *line);

/*
 * The source without what it includes as data, which is large and has no lines of its own: a byte
 * in its place, and as many newlines. To be freed; empty if there is nothing, or no memory.
 */
void tool_source_shorten(const struct tool_blob *text, struct tool_blob *shorter);

/* ---- tools/syntax.c ---- */

/*
 * What is wrong in a preprocessed source that dtc does not take, and where; `own` is the file that
 * the user has named. False if nothing is found. *file and *why are to be freed.
 */
bool tool_explain_syntax(const struct tool_options *options, const char *own,
			 const struct tool_blob *blob, char **file, unsigned int *line, char **why);

/*
 * The same of two nodes of one name in one { }: dtc merges them if the root is written more than
 * once, as with a board's labels, and a VM is lost.
 */
bool tool_find_twice(const struct tool_options *options, const char *own,
		     const struct tool_blob *blob, char **file, unsigned int *line, char **why);

/*
 * The line of the first reference to a label, &label, in a file's lines from `line` on; 0 if there
 * is none.
 */
unsigned int tool_find_label(const struct tool_blob *blob, const char *label, const char *file,
			     unsigned int line);

/* ---- tools/report.c ---- */

enum tool_severity { TOOL_ERROR, TOOL_WARNING, TOOL_NOTE };

/* What a message is, as far as it is known: `text` always is. */
struct tool_message {
	enum tool_severity severity;
	enum tool_origin origin;
	const char *path, *property;
	const char *text;
	const char *file;
	unsigned int line, column; /* from 1; 0: not known */
	bool boot;		   /* EL2 says it, too */
	bool printed;		   /* already on standard error */
};

/* Adds a message, of which a copy is made. */
void tool_add(const struct tool_message *message);

/* What only the tool says about the description. `property` may be NULL. */
void tool_say(enum tool_severity severity, const char *path, const char *property, const char *fmt,
	      ...) __attribute__((format(printf, 4, 5)));

/* An error about a file as a whole: at once on standard error. */
void tool_fail(const char *file, const char *why);

/* The parser's messages go into the report by this; `tool_diag_origin` says which tree it reads. */
extern struct diag tool_diag;
extern enum tool_origin tool_diag_origin;

/* Drops what the parser has said: the description is parsed again. */
void tool_forget_parser(void);

/* How many there are. */
unsigned int tool_count(enum tool_severity severity);

/* Whether there is an error about the property of this node. */
bool tool_is_refused(const char *path, const char *property);

/* ---- tools/load.c ---- */

/* What an image's header says, and --offset. */
struct tool_image {
	uint64_t offset; /* from the start of memory */
	uint64_t size;
	bool moved; /* by --offset */
};

/* A system, read and checked as at boot. */
struct tool_system {
	struct tool_tree tree, host_tree;
	struct host host;
	struct system_config config;
	struct tool_image image;
	bool has_host; /* or else it is a machine that has everything */
	bool is_qemu;  /* the machine is QEMU's, of which it is known where it loads what */
	bool usable;   /* host and config are what they should be */
};

/* Mistakes go into the report. */
void tool_load(const struct tool_options *options, struct tool_system *system);

/* Parses what was loaded once more, for QEMU's machine of this tree, which it takes. */
void tool_load_with(struct tool_system *system, const struct tool_blob *host_tree);

/* The same for what needs a system without errors: prints the report, on standard error. */
bool tool_load_sound(const struct tool_options *options, struct tool_system *system);

/* Prints all messages, with their lines. */
void tool_report(const struct tool_options *options, const struct tool_system *system, FILE *to);

/* Frees what it holds. */
void tool_unload(struct tool_system *system);

/* Places all memory, with these ranges taken; messages go to `diag`. */
bool tool_place(struct tool_system *system, const struct range *taken, unsigned int nr_taken,
		struct diag *diag);

/* ---- The commands: exit codes ---- */

#define TOOL_OK 0
#define TOOL_WARNINGS 1
#define TOOL_FAILED 2

/* The exit code for the messages so far. */
int tool_result(const struct tool_options *options);

/* Adds warnings about systems that boot would run, and should not: tools/check.c. */
void tool_check_doubtful(struct tool_system *system);

int tool_check(const struct tool_options *options);
int tool_map(const struct tool_options *options);
int tool_guest_dts(const struct tool_options *options);
int tool_build(const struct tool_options *options);
int tool_qemu(const struct tool_options *options);
int tool_init(const struct tool_options *options);
