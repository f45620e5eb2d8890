// SPDX-License-Identifier: BSD-2-Clause
/*
 * bulkhead run: the description checked against the tree of just the machine that it needs, and
 * QEMU in the place of this program.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/bits.h"
#include "tools/loader.h"
#include "tools/machine.h"
#include "tools/tool.h"

/* Of an arm64 Image: Documentation/arch/arm64/booting.rst, "text_offset" */
#define TEXT_OFFSET 8

#define MAX_ARGUMENTS 256

/* A command line, as it grows. */
struct command {
	char *argv[MAX_ARGUMENTS + 1];
	unsigned int argc;
};

static void __attribute__((format(printf, 2, 3))) add(struct command *command, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	if (command->argc == MAX_ARGUMENTS) {
		tool_fail("qemu-system-aarch64", "too many arguments");
		exit(TOOL_FAILED);
	}
	command->argv[command->argc++] = text;
}

static void release(struct command *command)
{
	while (command->argc != 0)
		free(command->argv[--command->argc]);
}

/* A word of the shell: quoted, if that is necessary. */
static void print_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=./,:@%";

	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	putchar('\'');
}

static void print_command(const struct command *command)
{
	for (unsigned int i = 0; i < command->argc; i++) {
		if (i != 0)
			putchar(' ');
		print_word(command->argv[i]);
	}
	putchar('\n');
}

/* ---- The machine ---- */

/* `dump`: only writes its tree there; or NULL. */
static void add_machine(struct command *command, const struct machine *machine, const char *dump)
{
	add(command, "qemu-system-aarch64");
	add(command, "-M");
	add(command, "%s%s%s", machine->board, dump ? ",dumpdtb=" : "", dump ? dump : "");
	add(command, "-cpu");
	add(command, "%s", machine->cpu);
	add(command, "-smp");
	add(command, "%s", machine->cpus);
	add(command, "-m");
	add(command, "%s", machine->memory);
	add(command, "-nographic");
}

/* Takes the first of the slots, for `what`. */
static bool take_slot(uint32_t *slots, const char *what, unsigned int *slot)
{
	if (*slots == 0) {
		tool_fail(what, "no VM has a virtio slot for it: passthrough = &virtioN");
		return false;
	}
	*slot = (unsigned int)__builtin_ctz(*slots);
	*slots &= *slots - 1;
	return true;
}

/* A file's name as part of an option of QEMU, to which a comma is two. */
static void double_commas(char *to, size_t size, const char *name)
{
	char *end = to + size - 2;

	for (; *name && to < end; name++) {
		if (*name == ',')
			*to++ = ',';
		*to++ = *name;
	}
	*to = '\0';
}

/* Disks, then the network, in the order of slots. */
static bool add_devices(struct command *command, const struct tool_options *options, uint32_t slots)
{
	unsigned int slot;

	for (unsigned int i = 0; i < options->nr_disks; i++) {
		char name[2 * PATH_MAX];

		double_commas(name, sizeof(name), options->disks[i]);
		if (access(options->disks[i], R_OK) != 0) {
			tool_fail(options->disks[i], strerror(errno));
			return false;
		}
		if (!take_slot(&slots, options->disks[i], &slot))
			return false;
		add(command, "-drive");
		add(command, "if=none,id=disk%u,format=raw,file=%s", i, name);
		add(command, "-device");
		add(command, "virtio-blk-device,drive=disk%u,bus=virtio-mmio-bus.%u", i, slot);
	}
	if (!options->net)
		return true;
	if (!take_slot(&slots, "--net", &slot))
		return false;
	add(command, "-netdev");
	add(command, "user,id=net");
	add(command, "-device");
	add(command, "virtio-net-device,netdev=net,bus=virtio-mmio-bus.%u", slot);
	return true;
}

/* ---- The machine's tree ---- */

/* QEMU writes it beside nothing of ours, and it is read at once. */
static bool dump_tree(const struct machine *machine, struct tool_blob *tree)
{
	const char *temporary = getenv("TMPDIR");
	char folder[PATH_MAX / 2], file[PATH_MAX], name[2 * PATH_MAX];
	struct tool_blob output = {0}, errors = {0};
	struct tool_streams streams = {NULL, &output, &errors, NULL};
	struct command command = {.argc = 0};
	bool ok;

	snprintf(folder, sizeof(folder), "%s/bulkhead.XXXXXX",
		 temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(folder)) {
		tool_fail(folder, strerror(errno));
		return false;
	}
	snprintf(file, sizeof(file), "%s/machine.dtb", folder);
	double_commas(name, sizeof(name), file);
	add_machine(&command, machine, name);
	ok = tool_run((const char *const *)command.argv, &streams);
	if (!ok && errors.size != 0)
		fprintf(stderr, "%.*s", (int)errors.size, (const char *)errors.data);
	if (!ok)
		tool_fail("qemu-system-aarch64", "has no such machine");
	ok = ok && tool_read_file(file, tree);
	unlink(file);
	rmdir(folder);
	release(&command);
	free(output.data);
	free(errors.data);
	return ok;
}

/* ---- What QEMU loads ---- */

/* Writes what QEMU loads: into a file, if it is to have a name, or else into memory. */
static bool hand_over(const char *output, const struct tool_blob *blob, char path[PATH_MAX])
{
	int fd;

	if (output) {
		snprintf(path, PATH_MAX, "%s", output);
		return tool_write_file(path, blob);
	}
	fd = memfd_create("bulkhead", 0);
	if (fd < 0) {
		tool_fail("memfd_create", strerror(errno));
		return false;
	}
	snprintf(path, PATH_MAX, "/proc/self/fd/%d", fd);
	return tool_write_fd(path, fd, blob);
}

/* A copy of the image that says how far behind the start of memory it is to be. */
static bool move_image(const struct tool_options *options, uint64_t offset, char image[PATH_MAX])
{
	struct tool_blob blob;
	char name[PATH_MAX];
	bool ok;

	if (options->dry_run)
		return true;
	if (!tool_read_file(image, &blob))
		return false;
	/* loader_read_image() has seen that there is a header */
	memcpy(blob.data + TEXT_OFFSET, &offset, sizeof(offset));
	if (options->output)
		snprintf(name, sizeof(name), "%.*s.img", PATH_MAX - 8, options->output);
	ok = hand_over(options->output ? name : NULL, &blob, image);
	free(blob.data);
	return ok;
}

/* The image and the description, as QEMU's options. */
static bool add_files(struct command *command, const struct tool_options *options,
		      const struct tool_system *system)
{
	char image[PATH_MAX], description[PATH_MAX];

	if (options->image)
		snprintf(image, sizeof(image), "%s", options->image);
	else
		tool_path(image, "bulkhead.img");
	if (access(image, R_OK) != 0) {
		tool_fail(image, strerror(errno));
		return false;
	}
	if (options->offset && !move_image(options, system->image.offset, image))
		return false;
	/* what is compiled already is as good as it is */
	if (system->tree.text.size == 0)
		snprintf(description, sizeof(description), "%s", options->file);
	else if (options->dry_run)
		snprintf(description, sizeof(description), "%s",
			 options->output ? options->output : "DESCRIPTION.dtb");
	else if (!hand_over(options->output, &system->tree.blob, description))
		return false;
	add(command, "-kernel");
	add(command, "%s", image);
	add(command, "-initrd");
	add(command, "%s", description);
	return true;
}

/* ---- The command ---- */

static bool prepare(const struct tool_options *options, struct tool_system *system,
		    struct command *command)
{
	struct machine machine = {.board = ""};
	struct tool_blob tree;

	/* what does not depend on the machine, and what it has to have */
	tool_load(options, system);
	if (!system->usable || !loader_read_image(options, &system->image))
		return false;
	machine_choose(options, system, &machine);
	if (!dump_tree(&machine, &tree))
		return false;
	tool_load_with(system, &tree);
	if (!system->usable)
		return false;
	tool_check_doubtful(system);
	if (tool_result(options) != TOOL_OK)
		return false;
	add_machine(command, &machine, NULL);
	return add_files(command, options, system) &&
	       add_devices(command, options, machine_slots(system));
}

int tool_qemu(const struct tool_options *options)
{
	struct command command = {.argc = 0};
	struct tool_system system;
	bool ok = prepare(options, &system, &command);

	tool_report(options, &system, stderr);
	tool_unload(&system);
	if (!ok) {
		release(&command);
		return MAX(tool_result(options), TOOL_WARNINGS);
	}
	for (unsigned int i = 0; i < options->nr_more; i++)
		add(&command, "%s", options->more[i]);
	print_command(&command);
	if (fflush(stdout) == 0 && !options->dry_run) {
		execvp(command.argv[0], command.argv);
		tool_fail(command.argv[0], strerror(errno));
	}
	release(&command);
	return options->dry_run ? TOOL_OK : TOOL_FAILED;
}
