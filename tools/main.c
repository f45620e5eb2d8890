/*
 * bulkhead: checks, shows and builds system descriptions. See bulkhead.1.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/tool.h"

#define VERSION "0.1"

static const char usage[] =
    "usage: bulkhead check FILE [--host DTB] [--strict] [--format text|json]\n"
    "       bulkhead map FILE --host DTB [--svg FILE]\n"
    "       bulkhead guest-dts VM FILE [--host DTB]\n"
    "       bulkhead build FILE.dts -o FILE.dtb [--host DTB] [--strict]\n"
    "\n"
    "FILE is a system description, .dts or .dtb; DTB the device tree of the machine.\n"
    "\n"
    "commands:\n"
    "  check       everything that boot would reject, and what boot cannot see\n"
    "  map         who owns which memory, devices, interrupts and CPUs\n"
    "  guest-dts   the device tree that a VM will see, as source\n"
    "  build       cpp, dtc and check in one\n"
    "\n"
    "options:\n"
    "  --host DTB     the machine's tree; without it, check and guest-dts assume a machine\n"
    "                 that has everything\n"
    "  --strict       exit with 1 after warnings\n"
    "  --format F     text, or json for other programs\n"
    "  --svg FILE     a picture of the map\n"
    "  -o FILE        where build writes\n"
    "  -I DIR         where #include and /incbin/ look too; may be repeated\n"
    "  --color WHEN   auto (on a terminal, unless NO_COLOR is set), always, never\n"
    "  --help, --version\n"
    "\n"
    "exit codes: 0 fine, 1 warnings with --strict, 2 errors\n";

static const struct {
	const char *name;
	int (*run)(const struct tool_options *options);
	int nr_operands;
} commands[] = {
    {"check", tool_check, 1},
    {"map", tool_map, 1},
    {"guest-dts", tool_guest_dts, 2},
    {"build", tool_build, 1},
};

enum { OPT_HOST = 256, OPT_STRICT, OPT_FORMAT, OPT_SVG, OPT_COLOR, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
    {"host", required_argument, NULL, OPT_HOST},     {"strict", no_argument, NULL, OPT_STRICT},
    {"format", required_argument, NULL, OPT_FORMAT}, {"svg", required_argument, NULL, OPT_SVG},
    {"color", required_argument, NULL, OPT_COLOR},   {"colour", required_argument, NULL, OPT_COLOR},
    {"output", required_argument, NULL, 'o'},	     {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},     {NULL, 0, NULL, 0}};

static int complain(const char *what, const char *value)
{
	fprintf(stderr, "bulkhead: %s%s\n%s", what, value, usage);
	return TOOL_FAILED;
}

static bool wants_colour(const char *when)
{
	const char *terminal = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

/* Returns -1 to go on, or an exit code. */
static int set_option(struct tool_options *options, int option, const char **when)
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
		if (strcmp(optarg, "auto") != 0 && strcmp(optarg, "always") != 0 &&
		    strcmp(optarg, "never") != 0)
			return complain("--color is auto, always or never, not ", optarg);
		*when = optarg;
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
		fputs(usage, stdout);
		return TOOL_OK;
	case OPT_VERSION:
		puts("bulkhead " VERSION);
		return TOOL_OK;
	default:
		fputs(usage, stderr);
		return TOOL_FAILED;
	}
	return -1;
}

static int run(struct tool_options *options, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, argv[0]) != 0)
			continue;
		if (argc - 1 != commands[i].nr_operands)
			return complain("wrong number of operands for ", argv[0]);
		options->command = argv[0];
		options->file = argv[argc - 1];
		options->vm = argc == 3 ? argv[1] : NULL;
		if (strcmp(argv[0], "build") == 0 && !options->output)
			return complain("build needs -o FILE.dtb", "");
		return commands[i].run(options);
	}
	return complain("unknown command: ", argv[0]);
}

static int run_all(int argc, char **argv)
{
	struct tool_options options = {.format = TOOL_TEXT};
	const char *when = "auto";
	int option, result;

	while ((option = getopt_long(argc, argv, "o:I:", long_options, NULL)) != -1) {
		result = set_option(&options, option, &when);
		if (result >= 0)
			return result;
	}
	if (optind == argc)
		return complain("which command?", "");
	options.colour = wants_colour(when);
	return run(&options, argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	int result = run_all(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("bulkhead: standard output");
		return TOOL_FAILED;
	}
	return result;
}
