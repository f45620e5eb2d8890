// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads a system and its machine as boot does (boot/main.c).
 */
#include <libfdt.h>
#include <stdlib.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "fdt/place.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "tools/loader.h"
#include "tools/tool.h"

/* Boot's grows: this is as much as nobody needs. */
#define ARENA_SIZE MIB(4)
/* As boot has, so that what is too large there is so here */
#define GUEST_DTB_SIZE KIB(64)
/* Of the machine that has everything */
#define ANY_CPUS 256

static uint8_t arena_memory[ARENA_SIZE] __attribute__((aligned(16)));
static struct arena arena;

/* Without the machine's tree: enough of everything, so that only the description is checked. */
static void any_host(struct host *host)
{
	static struct host_cpu cpus[ANY_CPUS];
	static struct range ram = {0, UINT64_C(1) << 47};

	*host = (struct host){
	    .ram = &ram, .nr_ram = 1, .cpus = cpus, .nr_cpus = ANY_CPUS, .seeded = true};
	host->gic.version = 3;
}

static bool write_trees(const struct tool_system *system)
{
	static uint8_t tree[GUEST_DTB_SIZE] __attribute__((aligned(8)));
	bool ok = true;

	for (unsigned int i = 0; i < system->config.nr_vms; i++) {
		const struct vm_config *vm = &system->config.vms[i];

		/* the user's own tree is not generated */
		if (vm->dtb.size == 0 &&
		    guest_dtb_write(vm, &system->host, tree, sizeof(tree), &tool_diag) < 0)
			ok = false;
	}
	return ok;
}

bool tool_place(struct tool_system *system, const struct range *taken, unsigned int nr_taken,
		struct diag *diag)
{
	static uint8_t memory[ARENA_SIZE] __attribute__((aligned(16)));
	/* in the order of the boot loader's, and in boot's words */
	struct place_taken owned[] = {{.owner = "Bulkhead's image"},
				      {.owner = "the system description"},
				      {.owner = "the machine's device tree"}};
	struct arena scratch;

	for (unsigned int i = 0; i < nr_taken; i++)
		owned[i].range = taken[i];
	arena_init(&scratch, memory, sizeof(memory));
	return place_memory(&system->config, &system->host, owned, nr_taken, &scratch, diag) == 0;
}

void tool_unload(struct tool_system *system)
{
	struct tool_tree *trees[] = {&system->tree, &system->host_tree};

	for (unsigned int i = 0; i < ARRAY_SIZE(trees); i++) {
		free(trees[i]->blob.data);
		free(trees[i]->text.data);
		*trees[i] = (struct tool_tree){0};
	}
}

static bool is_description(const void *tree)
{
	return fdt_node_check_compatible(tree, 0, "bulkhead,system") == 0;
}

/* A whole tree, but for the machine. */
static bool is_machine(const struct tool_blob *blob)
{
	return blob->size >= sizeof(struct fdt_header) &&
	       reg_check_tree(blob->data, blob->size) == 0 && !is_description(blob->data) &&
	       fdt_path_offset(blob->data, "/cpus") >= 0;
}

/* The wrong one of the two trees; the parser would find much that is missing in it. */
static bool check_swapped(const struct tool_options *options, struct tool_system *system)
{
	struct tool_message m = {.origin = TOOL_OF_FILE, .file = options->file};

	if (options->no_check || !is_machine(&system->tree.blob))
		return true;
	m.text =
	    system->has_host
		? "is a machine's tree, not a system description: it belongs behind --host"
		: "is a machine's tree, not a system description: bulkhead init writes a first "
		  "one, and --host takes the machine's tree";
	tool_add(&m);
	return false;
}

static bool load_host(const struct tool_options *options, struct tool_system *system)
{
	const struct tool_blob *blob = &system->host_tree.blob;
	bool ok;

	if (!system->has_host) {
		any_host(&system->host);
		return true;
	}
	if (blob->size == 0 && !tool_read_tree(options, TOOL_OF_HOST, &system->host_tree))
		return false;
	if (blob->size < sizeof(struct fdt_header) || fdt_magic(blob->data) != FDT_MAGIC ||
	    fdt_totalsize(blob->data) > blob->size) {
		tool_add(&(struct tool_message){.origin = TOOL_OF_HOST,
						.file = options->host,
						.text = "is no device tree, or is cut off"});
		return false;
	}
	if (reg_check_tree(blob->data, blob->size) == 0 && is_description(blob->data)) {
		tool_add(&(struct tool_message){
		    .origin = TOOL_OF_HOST,
		    .file = options->host,
		    .text =
			"is a system description: --host takes the machine's tree, "
			"/sys/firmware/fdt in Linux, or what QEMU writes by -M ...,dumpdtb=FILE"});
		return false;
	}
	tool_diag_origin = TOOL_OF_HOST;
	ok = host_parse(&system->host, blob->data, &arena, &tool_diag) == 0;
	tool_diag_origin = TOOL_OF_FILE;
	/* Only the machine itself knows, and a tree with seeds is the larger one. */
	system->host.seeded = true;
	return ok;
}

static void ignore(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	(void)line;
}

/*
 * The VMs' memory: beside Bulkhead, where that is asked for by its address. QEMU's loader is known,
 * another one is assumed to do the same with the image. What does not fit is told as boot does,
 * with what a loader like QEMU's has put there.
 */
static bool place(struct tool_system *system)
{
	struct diag quiet = {.emit = ignore};
	struct loaded loaded;
	bool wanted;

	if (!system->has_host)
		return tool_place(system, NULL, 0, &tool_diag);
	loader_assume(system, &loaded);
	wanted = loader_is_wanted(system, &loaded, system->is_qemu);
	if (!wanted && tool_place(system, NULL, 0, &quiet))
		return true;
	(void)tool_place(system, loaded.ranges, NR_LOADED, &tool_diag);
	if (wanted)
		tool_say(TOOL_NOTE, "/", NULL, "%s: --offset is for another place", loaded.assumed);
	return false;
}

/* In the order of boot, each step only after the one before. */
static bool parse(struct tool_system *system)
{
	return system_parse(&system->config, system->tree.blob.data, system->tree.blob.size,
			    &system->host, &arena, &tool_diag) == 0 &&
	       place(system) && write_trees(system);
}

void tool_load_with(struct tool_system *system, const struct tool_blob *host_tree)
{
	static const struct tool_options options = {.host = "QEMU"};

	tool_forget_parser();
	arena_init(&arena, arena_memory, sizeof(arena_memory));
	system->host_tree.blob = *host_tree;
	system->has_host = true;
	system->is_qemu = true;
	system->usable = load_host(&options, system) && parse(system);
}

void tool_load(const struct tool_options *options, struct tool_system *system)
{
	bool ok;

	*system = (struct tool_system){.has_host = options->host != NULL};
	arena_init(&arena, arena_memory, sizeof(arena_memory));
	ok = load_host(options, system) &&
	     (!options->host || loader_read_image(options, &system->image));
	/* both files' mistakes are shown, if they can be read at all */
	ok = tool_read_tree(options, TOOL_OF_FILE, &system->tree) &&
	     check_swapped(options, system) && ok;
	system->usable = ok && !options->no_check && parse(system);
}

bool tool_load_sound(const struct tool_options *options, struct tool_system *system)
{
	tool_load(options, system);
	tool_report(options, system, stderr);
	if (system->usable)
		return true;
	tool_unload(system);
	return false;
}
