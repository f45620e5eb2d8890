// SPDX-License-Identifier: BSD-2-Clause
/*
 * The command line: a table of all options, with the commands that each fits. An option that
 * would have no effect is an error: whoever wrote it expects one.
 */
#include "tools/options.h"

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "fdt/check.h"
#include "lib/bits.h"

enum kind { FLAG, TEXT, LIST, CHOICE };

struct row {
	const char *name;
	int letter; /* or 0 */
	enum kind kind;
	unsigned int commands;
	size_t offset;		    /* of what it sets in struct tool_options */
	size_t count;		    /* LIST: of the number of its elements */
	const char *const *choices; /* CHOICE, or a TEXT that has to be one of them */
	const char *value;	    /* what help calls the value */
	const char *help;	    /* its lines; NULL: another name of the option before */
};

#define FIELD(name) offsetof(struct tool_options, name)
#define ON_MACHINE (CMD_CHECK | CMD_MAP | CMD_BUILD | CMD_RUN)
#define COMPILES (CMD_CHECK | CMD_MAP | CMD_GUEST_DTS | CMD_BUILD | CMD_RUN)

static const char *const formats[] = {"text", "json", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};
static const char *const gics[] = {"2", "3", NULL};

/* clang-format off */
static const struct row rows[] = {
	{"host", 0, TEXT, CMD_CHECK | CMD_MAP | CMD_GUEST_DTS | CMD_BUILD, FIELD(host), 0, NULL, "DTB",
	 "the machine's tree; without it, check, build and guest-dts assume\na machine that has everything"},
	{"strict", 0, FLAG, CMD_CHECK | CMD_BUILD | CMD_RUN, FIELD(strict), 0, NULL, NULL,
	 "exit with 1 after warnings"},
	{"format", 0, CHOICE, CMD_CHECK, FIELD(format), 0, formats, "text|json",
	 "json is for other programs"},
	{"svg", 0, TEXT, CMD_MAP, FIELD(svg), 0, NULL, "FILE",
	 "a picture of the map"},
	{"output", 'o', TEXT, CMD_BUILD | CMD_RUN, FIELD(output), 0, NULL, "FILE",
	 "where build writes, and run, which else leaves no file"},
	{"depfile", 0, TEXT, CMD_BUILD, FIELD(depfile), 0, NULL, "FILE",
	 "what build has read, as a rule for make"},
	{"no-check", 0, FLAG, CMD_BUILD, FIELD(no_check), 0, NULL, NULL,
	 "only compiles"},
	{"dry-run", 0, FLAG, CMD_RUN, FIELD(dry_run), 0, NULL, NULL,
	 "only checks, and prints the command"},
	{"gic", 0, TEXT, CMD_RUN, FIELD(gic), 0, gics, "2|3",
	 "the version of QEMU's GIC"},
	{"cpu", 0, TEXT, CMD_RUN, FIELD(cpu), 0, NULL, "MODEL",
	 "the model of its CPUs"},
	{"smp", 0, TEXT, CMD_RUN, FIELD(smp), 0, NULL, "N",
	 "how many CPUs, instead of what the description needs"},
	{"memory", 0, TEXT, CMD_RUN, FIELD(memory), 0, NULL, "SIZE",
	 "how much memory, instead of what the description needs"},
	{"disk", 0, LIST, CMD_RUN, FIELD(disks), FIELD(nr_disks), NULL, "FILE",
	 "a disk, in the first virtio slot that a VM has; may be repeated"},
	{"net", 0, FLAG, CMD_RUN, FIELD(net), 0, NULL, NULL,
	 "a network card, in the next slot"},
	{"image", 0, TEXT, ON_MACHINE, FIELD(image), 0, NULL, "FILE",
	 "another bulkhead.img"},
	{"offset", 0, TEXT, ON_MACHINE, FIELD(offset), 0, NULL, "BYTES",
	 "how far behind the start of memory the image is, instead of\nwhere the image's header has it"},
	{NULL, 'I', LIST, COMPILES, FIELD(dirs), FIELD(nr_dirs), NULL, "DIR",
	 "where #include and /incbin/ look too; may be repeated"},
	{"color", 0, CHOICE, COMPILES, FIELD(colour), 0, colours, "auto|always|never",
	 "auto: on a terminal, unless NO_COLOR is set"},
	{"colour", 0, CHOICE, COMPILES, FIELD(colour), 0, colours, NULL, NULL},
	{"help", 0, FLAG, CMD_ALL, FIELD(help), 0, NULL, NULL,
	 "also of one command: bulkhead check --help"},
	{"version", 0, FLAG, CMD_ALL, FIELD(version), 0, NULL, NULL,
	 "prints the version"},
};
/* clang-format on */

#define NR_ROWS ARRAY_SIZE(rows)
/* What getopt_long() returns for rows[i]; letters and '?' are below. */
#define FIRST_CODE 256

_Static_assert(NR_ROWS <= 32, "a bit for each option that was seen");
_Static_assert(sizeof(enum tool_format) == sizeof(unsigned int), "a choice is set as a number");
_Static_assert(sizeof(enum tool_colour) == sizeof(unsigned int), "a choice is set as a number");

/* ---- Help ---- */

/* How an option is written: "-o, --output FILE". */
static void name_option(const struct row *row, char *text, size_t size)
{
	char letter[] = {'-', (char)row->letter, '\0'};

	snprintf(text, size, "%s%s%s%s%s%s", row->letter ? letter : "",
		 row->letter && row->name ? ", " : "", row->name ? "--" : "",
		 row->name ? row->name : "", row->value ? " " : "", row->value ? row->value : "");
}

void options_help(unsigned int commands)
{
	printf("options:\n");
	for (size_t i = 0; i < NR_ROWS; i++) {
		const char *line = rows[i].help;
		char name[64];

		if (!line || !(rows[i].commands & commands))
			continue;
		name_option(&rows[i], name, sizeof(name));
		printf("  %-20s", name);
		if (strlen(name) > 20)
			printf("\n%22s", "");
		while (line) {
			const char *end = strchr(line, '\n');

			printf(" %.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
			line = end ? end + 1 : NULL;
			if (line)
				printf("%22s", "");
		}
	}
}

/* ---- One option ---- */

/* As the user wrote it, without a value. */
static const char *written(const struct row *row)
{
	static char text[32];

	if (row->name)
		snprintf(text, sizeof(text), "--%s", row->name);
	else
		snprintf(text, sizeof(text), "-%c", row->letter);
	return text;
}

static bool is_choice(const struct row *row, const char *value, unsigned int *index)
{
	for (*index = 0; row->choices[*index]; (*index)++)
		if (strcmp(row->choices[*index], value) == 0)
			return true;
	return false;
}

static bool set(struct tool_options *options, const struct row *row, const char *value)
{
	char *base = (char *)options;
	unsigned int index = 0, *count;

	if (value && !*value)
		return command_complain(NULL, "%s: its value is empty", written(row)), false;
	if (value && row->choices && !is_choice(row, value, &index))
		return command_complain(NULL, "%s is %s, not %s", written(row),
					row->value ? row->value : row[-1].value, value),
		       false;
	switch (row->kind) {
	case FLAG:
		memcpy(base + row->offset, &(bool){true}, sizeof(bool));
		return true;
	case TEXT:
		memcpy(base + row->offset, &value, sizeof(value));
		return true;
	case CHOICE:
		memcpy(base + row->offset, &index, sizeof(index));
		return true;
	case LIST:
		break;
	}
	count = (unsigned int *)(void *)(base + row->count);
	if (*count == TOOL_MAX_LIST)
		return command_complain(NULL, "%s %s: there may be %u of them", written(row), value,
					TOOL_MAX_LIST),
		       false;
	memcpy(base + row->offset + *count * sizeof(value), &value, sizeof(value));
	++*count;
	return true;
}

static const struct row *row_of(int code)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		if (code == FIRST_CODE + (int)i || (code != 0 && code == rows[i].letter))
			return &rows[i];
	return NULL;
}

/* Says what is wrong with an argument that getopt_long() has refused. */
static void complain_option(int code, const char *argument)
{
	const struct row *row = row_of(optopt);
	const char *names[NR_ROWS + 1], *similar;
	char name[64];
	size_t n = 0;

	if (row && code == ':') {
		command_complain(NULL, "%s needs a value: %s", written(row), row->value);
		return;
	}
	if (row && row->kind == FLAG) {
		command_complain(NULL, "%s has no value", written(row));
		return;
	}
	for (size_t i = 0; i < NR_ROWS; i++)
		if (rows[i].name && rows[i].help)
			names[n++] = rows[i].name;
	names[n] = NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument + strspn(argument, "-"), "="),
		 argument + strspn(argument, "-"));
	similar = check_similar(name, names);
	if (optopt != 0)
		command_complain(NULL, "unknown option: -%c", optopt);
	else if (similar)
		command_complain(NULL, "unknown option: %s: did you mean --%s?", argument, similar);
	else
		command_complain(NULL, "unknown option: %s", argument);
}

/* ---- The command line ---- */

/* The options of argv[0..argc), each as a bit of *seen; optind is behind them. */
static bool read_options(struct tool_options *options, int argc, char **argv, uint32_t *seen)
{
	struct option names[NR_ROWS + 1] = {{NULL, 0, NULL, 0}};
	size_t n = 0;
	int code;

	for (size_t i = 0; i < NR_ROWS; i++)
		if (rows[i].name)
			names[n++] = (struct option){
			    rows[i].name, rows[i].kind == FLAG ? no_argument : required_argument,
			    NULL, FIRST_CODE + (int)i};
	while ((code = getopt_long(argc, argv, ":o:I:", names, NULL)) != -1) {
		const struct row *row = code == '?' || code == ':' ? NULL : row_of(code);

		if (!row) {
			complain_option(code, argv[optind - 1]);
			return false;
		}
		if (!set(options, row, optarg))
			return false;
		*seen |= UINT32_C(1) << (row - rows);
	}
	return true;
}

/* "check", "check or build", "check, build or run" */
static void name_commands(const struct row *row, char *text, size_t size)
{
	static const char *const names[] = {"check", "map", "guest-dts", "build", "run", "init"};
	unsigned int left = row->commands;
	size_t n = 0;

	*text = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(left & (1U << i)))
			continue;
		left &= ~(1U << i);
		n += (size_t)snprintf(text + n, size - n, "%s%s",
				      n == 0	  ? ""
				      : left == 0 ? " or "
						  : ", ",
				      names[i]);
	}
}

/* All that was seen has an effect. */
static bool fit(const struct tool_options *options, const struct command *command, uint32_t seen)
{
	struct stat status;

	for (size_t i = 0; i < NR_ROWS; i++) {
		char names[64];

		if (!(seen & (UINT32_C(1) << i)) || (rows[i].commands & command->bit))
			continue;
		name_commands(&rows[i], names, sizeof(names));
		command_complain(command, "%s is an option of %s, not of %s", written(&rows[i]),
				 names, command->name);
		return false;
	}
	for (unsigned int i = 0; i < options->nr_dirs; i++)
		if (stat(options->dirs[i], &status) != 0 || !S_ISDIR(status.st_mode))
			return command_complain(command, "-I %s: there is no such folder",
						options->dirs[i]),
			       false;
	if (options->no_check && options->host)
		return command_complain(command, "--no-check and --host: nothing is checked "
						 "against the machine: leave one of them out"),
		       false;
	if ((options->image || options->offset) && command->bit != CMD_RUN && !options->host)
		return command_complain(command,
					"%s says where Bulkhead is on a machine: --host DTB is "
					"missing",
					options->image ? "--image" : "--offset"),
		       false;
	return true;
}

bool options_read(struct tool_options *options, const struct command **command, int argc,
		  char **argv, unsigned int *nr_operands)
{
	uint32_t seen = 0;
	int end = 1, nr_more;

	*options = (struct tool_options){.format = TOOL_TEXT};
	*command = NULL;
	*nr_operands = 0;
	opterr = 0;
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	nr_more = argc - end - 1;
	if (!read_options(options, end, argv, &seen))
		return false;
	/* --help and --version alone; with other arguments, those are checked as well. */
	if (optind == end && nr_more <= 0)
		return true;
	*command = optind < end ? command_find(argv[optind]) : NULL;
	if (!*command) {
		const char *name = optind < end ? argv[optind] : argv[end + 1];
		const char *similar = command_similar(name);

		command_complain(
		    NULL, similar ? "unknown command: %s: did you mean %s?" : "unknown command: %s",
		    name, similar);
		return false;
	}
	if (!fit(options, *command, seen))
		return false;
	*nr_operands = (unsigned int)(end - optind - 1);
	memmove(argv, argv + optind + 1, *nr_operands * sizeof(*argv));
	if ((*command)->bit == CMD_RUN && nr_more > 0) {
		options->more = argv + end + 1;
		options->nr_more = (unsigned int)nr_more;
	} else if (nr_more > 0) {
		/* For the other commands, -- says that operands may begin with '-'. */
		memmove(argv + *nr_operands, argv + end + 1, (size_t)nr_more * sizeof(*argv));
		*nr_operands += (unsigned int)nr_more;
	}
	return true;
}
