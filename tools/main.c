// SPDX-License-Identifier: BSD-2-Clause
/*
 * bulkhead: checks, shows and builds system descriptions. See bulkhead.1.
 */
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/version.h"
#include "tools/tool.h"

static const struct command {
	const char *name;
	int (*run)(const struct tool_options *options);
	int nr_operands;
	const char *usage;
	const char *summary;
	const char *help;
} commands[] = {
    {"check", tool_check, 1, "FILE [--host DTB] [--strict] [--format text|json]",
     "everything that boot would reject, and what boot cannot see",
     "Prints errors and warnings, each with its line if FILE is a source, and as notes what\n"
     "is left over. Without --host, only what does not depend on the machine.\n"},
    {"map", tool_map, 1, "FILE --host DTB [--svg FILE]",
     "who owns which memory, devices, interrupts and CPUs",
     "Prints tables; with --svg, draws the same, too, for light and for dark.\n"},
    {"guest-dts", tool_guest_dts, 2, "VM FILE [--host DTB]",
     "the device tree that a VM will see, as source",
     "VM is the name of a node of FILE. Without --host, the machine is a plain one.\n"},
    {"build", tool_build, 1, "FILE.dts -o FILE.dtb [--host DTB] [--strict] [--no-check]",
     "cpp, dtc and check in one",
     "Writes what is to be loaded where an initrd goes. After errors there is no output,\n"
     "not even that of an earlier run.\n"},
    {"run", tool_qemu, 1, "FILE [--dry-run] [-o FILE.dtb] [QEMU OPTION...] [-- ARGUMENT...]",
     "build, check, and QEMU with what the description needs",
     "Checks against the tree of just this machine, prints QEMU's command and becomes it.\n"
     "What is behind -- goes to QEMU. Ctrl-A X ends QEMU.\n"},
    {"init", tool_init, 1, "FILE.dts", "a first description, with comments",
     "Writes a description that boots as it is. A file that exists stays as it is.\n"},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(*commands))

static const char options_help[] =
    "options:\n"
    "  --host DTB     the machine's tree; without it, check and guest-dts assume a machine\n"
    "                 that has everything\n"
    "  --strict       exit with 1 after warnings\n"
    "  --format F     text, or json for other programs\n"
    "  --svg FILE     a picture of the map\n"
    "  -o, --output FILE\n"
    "                 where build writes, and run, which else leaves no file\n"
    "  --depfile FILE build: what it has read, as a rule for make\n"
    "  --no-check     build: only compiles\n"
    "  --dry-run      run: only prints the command\n"
    "  --gic 2|3, --cpu MODEL, --smp N, --memory SIZE\n"
    "                 run: instead of what the description needs\n"
    "  --disk FILE    run: a disk, in the first virtio slot that a VM has; may be repeated\n"
    "  --net          run: a network card, in the next\n"
    "  --image FILE   run: another bulkhead.img\n"
    "  --offset BYTES run: how far behind the start of memory the image is, not 0x200000\n"
    "  -I DIR         where #include and /incbin/ look too; may be repeated\n"
    "  --color WHEN   auto (on a terminal, unless NO_COLOR is set), always, never\n"
    "  --help         also of one command: bulkhead check --help\n"
    "  --version\n"
    "\n"
    "exit codes: 0 fine, 1 warnings with --strict, 2 errors\n";

enum {
	OPT_HOST = 256,
	OPT_STRICT,
	OPT_FORMAT,
	OPT_SVG,
	OPT_COLOR,
	OPT_HELP,
	OPT_VERSION,
	OPT_DEPFILE,
	OPT_NO_CHECK,
	OPT_DRY_RUN,
	OPT_GIC,
	OPT_CPU,
	OPT_SMP,
	OPT_MEMORY,
	OPT_DISK,
	OPT_NET,
	OPT_IMAGE,
	OPT_OFFSET
};

static const struct option long_options[] = {{"host", required_argument, NULL, OPT_HOST},
					     {"strict", no_argument, NULL, OPT_STRICT},
					     {"format", required_argument, NULL, OPT_FORMAT},
					     {"svg", required_argument, NULL, OPT_SVG},
					     {"color", required_argument, NULL, OPT_COLOR},
					     {"colour", required_argument, NULL, OPT_COLOR},
					     {"output", required_argument, NULL, 'o'},
					     {"help", no_argument, NULL, OPT_HELP},
					     {"version", no_argument, NULL, OPT_VERSION},
					     {"depfile", required_argument, NULL, OPT_DEPFILE},
					     {"no-check", no_argument, NULL, OPT_NO_CHECK},
					     {"dry-run", no_argument, NULL, OPT_DRY_RUN},
					     {"gic", required_argument, NULL, OPT_GIC},
					     {"cpu", required_argument, NULL, OPT_CPU},
					     {"smp", required_argument, NULL, OPT_SMP},
					     {"memory", required_argument, NULL, OPT_MEMORY},
					     {"disk", required_argument, NULL, OPT_DISK},
					     {"net", no_argument, NULL, OPT_NET},
					     {"image", required_argument, NULL, OPT_IMAGE},
					     {"offset", required_argument, NULL, OPT_OFFSET},
					     {NULL, 0, NULL, 0}};

static void print_usage(FILE *to)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(to, "%s bulkhead %s %s\n", i == 0 ? "usage:" : "      ", commands[i].name,
			commands[i].usage);
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("usage: bulkhead %s %s\n\n%c%s.\n%s\n%s", command->name, command->usage,
		       toupper((unsigned char)*command->summary), command->summary + 1,
		       command->help, options_help);
		return;
	}
	print_usage(stdout);
	printf("\nFILE is a system description, .dts or .dtb; DTB the device tree of the "
	       "machine.\n\ncommands:\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].summary);
	printf("\n%s", options_help);
}

static int complain(const char *what, const char *value)
{
	fprintf(stderr, "bulkhead: %s%s\n", what, value);
	print_usage(stderr);
	return TOOL_FAILED;
}

static bool set_colour(struct tool_options *options, const char *when)
{
	static const char *const names[] = {"auto", "always", "never"};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(when, names[i]) == 0) {
			options->colour = (enum tool_colour)i;
			return true;
		}
	return false;
}

/* Those of run. Returns -1 to go on, or an exit code. */
static int set_run_option(struct tool_options *options, int option)
{
	switch (option) {
	case OPT_DRY_RUN:
		options->dry_run = true;
		break;
	case OPT_GIC:
		options->gic = optarg;
		break;
	case OPT_CPU:
		options->cpu = optarg;
		break;
	case OPT_SMP:
		options->smp = optarg;
		break;
	case OPT_MEMORY:
		options->memory = optarg;
		break;
	case OPT_DISK:
		if (options->nr_disks == TOOL_MAX_DISKS)
			return complain("too many --disk: ", optarg);
		options->disks[options->nr_disks++] = optarg;
		break;
	case OPT_NET:
		options->net = true;
		break;
	case OPT_IMAGE:
		options->image = optarg;
		break;
	case OPT_OFFSET:
		options->offset = optarg;
		break;
	default:
		print_usage(stderr); /* getopt_long() has said what is wrong */
		return TOOL_FAILED;
	}
	return -1;
}

/* Returns -1 to go on, or an exit code. */
static int set_option(struct tool_options *options, int option)
{
	switch (option) {
	case OPT_HOST:
		options->host = optarg;
		break;
	case OPT_STRICT:
		options->strict = true;
		break;
	case OPT_FORMAT:
		if (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0)
			return complain("--format is text or json, not ", optarg);
		options->format = *optarg == 'j' ? TOOL_JSON : TOOL_TEXT;
		break;
	case OPT_SVG:
		options->svg = optarg;
		break;
	case OPT_COLOR:
		if (!set_colour(options, optarg))
			return complain("--color is auto, always or never, not ", optarg);
		break;
	case 'o':
		options->output = optarg;
		break;
	case 'I':
		if (options->nr_dirs == TOOL_MAX_DIRS)
			return complain("too many -I: ", optarg);
		options->dirs[options->nr_dirs++] = optarg;
		break;
	case OPT_HELP:
		options->help = true;
		break;
	case OPT_VERSION:
		puts("bulkhead " BULKHEAD_VERSION);
		return TOOL_OK;
	case OPT_DEPFILE:
		options->depfile = optarg;
		break;
	case OPT_NO_CHECK:
		options->no_check = true;
		break;
	default:
		return set_run_option(options, option);
	}
	return -1;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int run(struct tool_options *options, int argc, char **argv)
{
	const struct command *command = find_command(argv[0]);

	if (!command)
		return complain("unknown command: ", argv[0]);
	if (options->help) {
		print_help(command);
		return TOOL_OK;
	}
	if (argc - 1 != command->nr_operands)
		return complain("wrong number of operands for ", argv[0]);
	options->file = argv[argc - 1];
	options->vm = argc == 3 ? argv[1] : NULL;
	if (command->run == tool_build && !options->output)
		return complain("build needs -o FILE.dtb", "");
	return command->run(options);
}

/* What is behind -- is QEMU's. Returns how many arguments are before it. */
static int split_more(struct tool_options *options, int argc, char **argv)
{
	bool is_run = false;

	for (int i = 1; i < argc; i++) {
		is_run = is_run || strcmp(argv[i], "run") == 0;
		if (is_run && strcmp(argv[i], "--") == 0) {
			options->more = argv + i + 1;
			options->nr_more = (unsigned int)(argc - i - 1);
			return i;
		}
	}
	return argc;
}

static int run_all(int argc, char **argv)
{
	struct tool_options options = {.format = TOOL_TEXT};
	int option, result;

	argc = split_more(&options, argc, argv);
	while ((option = getopt_long(argc, argv, "o:I:", long_options, NULL)) != -1) {
		result = set_option(&options, option);
		if (result >= 0)
			return result;
	}
	if (optind < argc)
		return run(&options, argc - optind, argv + optind);
	if (!options.help)
		return complain("which command?", "");
	print_help(NULL);
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
