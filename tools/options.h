/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands, and the options that fit each of them.
 */
#pragma once

#include "tools/tool.h"

/* Which commands: bits, for the tables of options and commands. */
enum command_bit {
	CMD_CHECK = 1 << 0,
	CMD_MAP = 1 << 1,
	CMD_GUEST_DTS = 1 << 2,
	CMD_BUILD = 1 << 3,
	CMD_RUN = 1 << 4,
	CMD_INIT = 1 << 5,
	CMD_ALL = (1 << 6) - 1
};

struct command {
	const char *name;
	enum command_bit bit;
	int (*run)(const struct tool_options *options);
	unsigned int nr_operands;
	const char *operands; /* what they are called in messages */
	const char *usage;
	const char *summary;
	const char *help;
};

/* The command of this name, or NULL. */
const struct command *command_find(const char *name);

/* The command whose name was probably meant, or NULL. */
const char *command_similar(const char *name);

/*
 * Prints "bulkhead: ..." and how the command is called, or (NULL) where all commands are listed.
 * Returns TOOL_FAILED.
 */
int command_complain(const struct command *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints the options of these commands, one a line or more. */
void options_help(unsigned int commands);

/*
 * Reads the command line: *options, *command (NULL: none is named) and the operands that are
 * behind the command's name, moved to the front of argv[0..*nr_operands). False after reporting
 * what is wrong: an unknown option, one that does not fit the command, or a value that does not
 * fit the option.
 */
bool options_read(struct tool_options *options, const struct command **command, int argc,
		  char **argv, unsigned int *nr_operands);
