// SPDX-License-Identifier: BSD-2-Clause
/*
 * bulkhead: checks, shows and builds system descriptions. See bulkhead.1.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fdt/check.h"
#include "lib/bits.h"
#include "lib/version.h"
#include "tools/options.h"

static const struct command commands[] = {
    {"check", CMD_CHECK, tool_check, 1, "FILE", "FILE [--host DTB] [--strict] [--format text|json]",
     "everything that boot would reject, and what boot cannot see",
     "Prints errors and warnings, each with its line if FILE is a source, and as notes what\n"
     "is left over. Without --host, only what does not depend on the machine.\n"},
    {"map", CMD_MAP, tool_map, 1, "FILE", "FILE --host DTB [--svg FILE]",
     "who owns which memory, devices, interrupts and CPUs",
     "Prints tables; with --svg, draws the same, too, for light and for dark.\n"},
    {"guest-dts", CMD_GUEST_DTS, tool_guest_dts, 2, "VM and FILE", "VM FILE [--host DTB]",
     "the device tree that a VM will see, as source",
     "VM is the name of a node of FILE. Without --host, the machine is a plain one.\n"},
    {"build", CMD_BUILD, tool_build, 1, "FILE.dts",
     "FILE.dts -o FILE.dtb [--host DTB] [--strict] [--no-check]", "cpp, dtc and check in one",
     "Writes what is to be loaded where an initrd goes. After errors there is no output,\n"
     "not even that of an earlier run.\n"},
    {"run", CMD_RUN, tool_qemu, 1, "FILE",
     "FILE [--dry-run] [-o FILE.dtb] [QEMU OPTION...] [-- ARGUMENT...]",
     "build, check, and QEMU with what the description needs",
     "Checks against the tree of just this machine, prints QEMU's command and becomes it.\n"
     "What is behind -- goes to QEMU. Ctrl-A X ends QEMU.\n"},
    {"init", CMD_INIT, tool_init, 1, "FILE.dts", "FILE.dts", "a first description, with comments",
     "Writes a description that boots as it is. A file that exists stays as it is.\n"},
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

const char *command_similar(const char *name)
{
	const char *names[ARRAY_SIZE(commands) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	names[ARRAY_SIZE(commands)] = NULL;
	return check_similar(name, names);
}

static void print_usage(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "%s bulkhead %s %s\n", i == 0 ? "usage:" : "      ", commands[i].name,
			commands[i].usage);
}

int command_complain(const struct command *command, const char *fmt, ...)
{
	va_list args;

	fputs("bulkhead: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	if (command)
		fprintf(stderr, "usage: bulkhead %s %s\n", command->name, command->usage);
	else
		fprintf(stderr, "bulkhead --help lists commands and options\n");
	return TOOL_FAILED;
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("usage: bulkhead %s %s\n\n%c%s.\n%s\n", command->name, command->usage,
		       toupper((unsigned char)*command->summary), command->summary + 1,
		       command->help);
		options_help(command->bit);
	} else {
		print_usage(stdout);
		printf("\nFILE is a system description, .dts or .dtb; DTB the device tree of the "
		       "machine.\n\ncommands:\n");
		for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
			printf("  %-11s %s\n", commands[i].name, commands[i].summary);
		printf("\n");
		options_help(CMD_ALL);
	}
	printf("\nexit codes: 0 fine, 1 warnings with --strict, 2 errors\n");
}

static int run(struct tool_options *options, const struct command *command, char **operands,
	       unsigned int nr_operands)
{
	if (nr_operands < command->nr_operands)
		return command_complain(command, "%s needs %s", command->name, command->operands);
	if (nr_operands > command->nr_operands)
		return command_complain(command, "%s takes only %s, not also %s", command->name,
					command->operands, operands[command->nr_operands]);
	options->file = operands[nr_operands - 1];
	options->vm = nr_operands == 2 ? operands[0] : NULL;
	if (!*options->file)
		return command_complain(command, "the name of the file is empty");
	if (command->bit == CMD_BUILD && !options->output)
		return command_complain(command, "build needs -o FILE.dtb");
	if (command->bit == CMD_MAP && !options->host)
		return command_complain(command, "map needs the machine's device tree: --host DTB");
	return command->run(options);
}

static int run_all(int argc, char **argv)
{
	const struct command *command;
	struct tool_options options;
	unsigned int nr_operands;

	if (!options_read(&options, &command, argc, argv, &nr_operands))
		return TOOL_FAILED;
	if (options.version)
		puts("bulkhead " BULKHEAD_VERSION);
	else if (options.help)
		print_help(command);
	else if (!command)
		return command_complain(NULL, "which command?");
	else
		return run(&options, command, argv, nr_operands);
	return TOOL_OK;
}

/* So that no file gets the number of a standard stream that is closed: writing there fails. */
static void open_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			exit(TOOL_FAILED);
}

int main(int argc, char **argv)
{
	int result;

	open_streams();
	result = run_all(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("bulkhead: standard output");
		return TOOL_FAILED;
	}
	return result;
}
