/*
 * The bulkhead command: what its parts share. It runs on the build machine, with
 * the parser that runs at EL2 (fdt/), and says before boot what boot would say.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "fdt/system.h"

#define TOOL_MAX_DIRS 16

enum tool_format { TOOL_TEXT, TOOL_JSON };

/* The command line */
struct tool_options {
	const char *command;
	const char *file;		 /* the system description: .dts or .dtb */
	const char *host;		 /* the machine's tree, or NULL */
	const char *output;		 /* build: -o */
	const char *svg;		 /* map: --svg */
	const char *vm;			 /* guest-dts: whose */
	const char *dirs[TOOL_MAX_DIRS]; /* -I */
	unsigned int nr_dirs;
	enum tool_format format;
	bool strict;
	bool colour; /* on standard output */
};

/* ---- tools/input.c ---- */

/* Bytes of a file, or that a compiler has made of it. */
struct tool_blob {
	uint8_t *data;
	size_t size;
};

/* Reads a file as a whole. False after saying why not, on standard error. */
bool tool_read_file(const char *path, struct tool_blob *blob);

/*
 * Reads a tree: a .dtb as it is; what is not one goes through cpp and dtc, whose
 * messages go to standard error. *is_source says which.
 */
bool tool_read_tree(const struct tool_options *options, const char *path, struct tool_blob *blob,
		    bool *is_source);

/*
 * Runs a program, with `input` on its standard input. Its standard output goes to *output (NULL:
 * to ours). False after saying so if it fails.
 */
bool tool_run(const char *const *argv, const struct tool_blob *input, struct tool_blob *output);

/* ---- tools/source.c ---- */

/* Notes where the nodes and properties of a .dts are. Without it, nothing has a line. */
void tool_source_read(const struct tool_options *options);

/* Finds the line of a property (NULL or unknown: of the node). False if there is none. */
bool tool_source_find(const char *path, const char *property, const char **file,
		      unsigned int *line);

/* ---- tools/report.c ---- */

enum tool_severity { TOOL_ERROR, TOOL_WARNING, TOOL_NOTE };

/* The parser's messages go into the report by this. */
extern struct diag tool_diag;

/* What only the tool says. `property` may be NULL. */
void tool_say(enum tool_severity severity, const char *path, const char *property, const char *fmt,
	      ...) __attribute__((format(printf, 4, 5)));

/* How many there are. */
unsigned int tool_count(enum tool_severity severity);

/* Prints all messages. */
void tool_report(const struct tool_options *options, FILE *to);

/* ---- tools/load.c ---- */

/* A system, read and checked as at boot. */
struct tool_system {
	struct tool_blob blob, host_blob;
	struct host host;
	struct system_config config;
	bool has_host;	/* or else it is a machine that has everything */
	bool is_source; /* the description is a .dts */
	bool usable;	/* host and config are what they should be */
};

/* False if a file cannot be read. What is wrong with the contents is in the report. */
bool tool_load(const struct tool_options *options, struct tool_system *system);

/* Frees what it holds. */
void tool_unload(struct tool_system *system);

/* Places all memory, with these ranges taken; messages go to `diag`. */
bool tool_place(struct tool_system *system, const struct range *taken, unsigned int nr_taken,
		struct diag *diag);

/* ---- The commands: exit codes ---- */

#define TOOL_OK 0
#define TOOL_WARNINGS 1
#define TOOL_FAILED 2

int tool_check(const struct tool_options *options);
int tool_map(const struct tool_options *options);
int tool_guest_dts(const struct tool_options *options);
int tool_build(const struct tool_options *options);

/* check.c: what boot does not see. */
void tool_check_more(const struct tool_options *options, struct tool_system *system);
