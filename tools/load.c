/*
 * Reads a system and its machine as boot does (core/main.c).
 */
#include <libfdt.h>
#include <stdlib.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "fdt/place.h"
#include "lib/bits.h"
#include "tools/tool.h"

/* As boot has, so that what is too large there is so here */
#define ARENA_SIZE KIB(64)
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

	*host = (struct host){.ram = &ram, .nr_ram = 1, .cpus = cpus, .nr_cpus = ANY_CPUS};
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
	struct arena scratch;

	arena_init(&scratch, memory, sizeof(memory));
	return place_memory(&system->config, &system->host, taken, nr_taken, &scratch, diag) == 0;
}

void tool_unload(struct tool_system *system)
{
	free(system->blob.data);
	free(system->host_blob.data);
	system->blob.data = system->host_blob.data = NULL;
}

bool tool_load(const struct tool_options *options, struct tool_system *system)
{
	bool host_is_source;

	*system = (struct tool_system){.has_host = options->host != NULL};
	arena_init(&arena, arena_memory, sizeof(arena_memory));
	if (!tool_read_tree(options, options->file, &system->blob, &system->is_source))
		return false;
	if (!system->has_host) {
		any_host(&system->host);
	} else if (!tool_read_tree(options, options->host, &system->host_blob, &host_is_source)) {
		tool_unload(system);
		return false;
	}
	/* In the order of boot, each step only after the one before. */
	if (system->has_host &&
	    (system->host_blob.size < sizeof(struct fdt_header) ||
	     fdt_totalsize(system->host_blob.data) > system->host_blob.size ||
	     host_parse(&system->host, system->host_blob.data, &arena, &tool_diag))) {
		if (tool_diag.errors == 0)
			tool_say(TOOL_ERROR, "/", NULL, "%s is no device tree, or is cut off",
				 options->host);
		return true;
	}
	system->usable = system_parse(&system->config, system->blob.data, system->blob.size,
				      &system->host, &arena, &tool_diag) == 0 &&
			 tool_place(system, NULL, 0, &tool_diag) && write_trees(system);
	return true;
}
