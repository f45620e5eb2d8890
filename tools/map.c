/*
 * The table of who owns what, and the trees of guests.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "lib/bits.h"
#include "tools/owners.h"
#include "tools/svg.h"
#include "tools/tool.h"

#define LLU(value) ((unsigned long long)(value))

/* Loads what a command needs without an error; warnings are shown, too. */
static bool load_sound(const struct tool_options *options, struct tool_system *system)
{
	tool_load(options, system);
	tool_report(options, system, stderr);
	if (system->usable)
		return true;
	tool_unload(system);
	return false;
}

void map_size(char *text, size_t size, uint64_t bytes)
{
	if (bytes >= GIB(1) && bytes % GIB(1) == 0)
		snprintf(text, size, "%llu GiB", LLU(bytes >> 30));
	else if (bytes >= MIB(1) && (bytes % MIB(1) == 0 || bytes >= MIB(16)))
		snprintf(text, size, "%llu MiB", LLU(bytes >> 20));
	else
		snprintf(text, size, "%llu KiB", LLU((bytes + 1023) >> 10));
}

static void print_memory(const struct owned_memories *m)
{
	printf("memory\n");
	for (unsigned int i = 0; i < m->nr; i++) {
		const struct owned_memory *p = &m->list[i];
		char size[32];

		map_size(size, sizeof(size), p->range.size);
		printf("  %#12llx  %9s  %-16s ", LLU(p->range.base), size,
		       p->owner ? p->owner : "-");
		if (p->vm != 0)
			printf("at %#llx\n", LLU(p->ipa));
		else
			printf("%s\n", p->what);
	}
}

static void print_devices(const struct owned_devices *devices)
{
	printf("\ndevices\n");
	for (unsigned int i = 0; i < devices->nr; i++) {
		const struct owned_device *d = &devices->list[i];
		char size[32];

		map_size(size, sizeof(size), d->reg.size);
		printf("  %#12llx  %9s  %-16s %s\n", LLU(d->reg.base), size,
		       d->owner ? d->owner : "-", d->path);
	}
}

static void print_interrupts(const struct owned_devices *devices)
{
	printf("\ninterrupts (SPIs)\n");
	for (uint32_t intid = 32; intid < 1020; intid++)
		for (unsigned int i = 0; i < devices->nr; i++) {
			const struct owned_device *d = &devices->list[i];

			for (unsigned int k = 0; d->owner && k < d->nr_irqs; k++)
				if (d->irqs[k] == intid)
					printf("  %12u  %9s  %-16s %s\n", intid - 32, "", d->owner,
					       d->path);
		}
}

static void print_cpus(const struct tool_system *system)
{
	printf("\nCPUs\n");
	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++) {
		unsigned int n = 0;

		printf("  %12u  %#9llx  ", cpu, LLU(system->host.cpus[cpu].mpidr));
		for (unsigned int v = 0; v < system->config.nr_vms; v++) {
			const struct vm_config *vm = &system->config.vms[v];

			for (unsigned int i = 0; i < vm->nr_cpus; i++)
				if (vm->cpus[i] == cpu)
					printf("%s%s vCPU %u", n++ ? ", " : "", vm->name, i);
		}
		printf("%s\n", n == 0 ? "-" : n == 1 ? "" : " (shared)");
	}
}

int tool_map(const struct tool_options *options)
{
	struct tool_system system;
	struct owned_memories memory;
	struct owned_devices devices;
	int code = TOOL_OK;

	if (!options->host) {
		fprintf(stderr, "bulkhead: map needs the machine's device tree: --host DTB\n");
		return TOOL_FAILED;
	}
	if (!load_sound(options, &system))
		return TOOL_FAILED;
	memory = owners_memory(&system);
	devices = owners_devices(&system);
	print_memory(&memory);
	if (memory.assumed)
		printf("  (where the boot loader puts Bulkhead and the description is assumed, as "
		       "QEMU does it)\n");
	print_devices(&devices);
	print_interrupts(&devices);
	print_cpus(&system);
	if (options->svg && !svg_write(options, &system, &memory, &devices))
		code = TOOL_FAILED;
	free(memory.list);
	free(devices.list);
	tool_unload(&system);
	return code;
}

/* ---- A guest's tree ---- */

static const struct vm_config *find_vm(const struct tool_options *options,
				       const struct tool_system *system)
{
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		if (strcmp(system->config.vms[v].name, options->vm) == 0)
			return &system->config.vms[v];
	fprintf(stderr, "bulkhead: there is no VM %s in %s: it has", options->vm, options->file);
	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		fprintf(stderr, "%s %s", v ? "," : "", system->config.vms[v].name);
	fprintf(stderr, "\n");
	return NULL;
}

int tool_guest_dts(const struct tool_options *options)
{
	static const char *const dtc[] = {"dtc", "-q", "-I", "dtb", "-O", "dts", "-", NULL};
	static uint8_t tree[MIB(2)] __attribute__((aligned(8)));
	struct tool_system system;
	const struct vm_config *vm;
	struct tool_blob blob = {.data = tree}, source = {0};
	struct tool_streams streams = {.input = &blob, .output = &source};
	int size;
	bool ok;

	if (!load_sound(options, &system))
		return TOOL_FAILED;
	vm = find_vm(options, &system);
	size = vm ? guest_dtb_write(vm, &system.host, tree, sizeof(tree), NULL) : -1;
	if (vm && size < 0)
		fprintf(stderr, "bulkhead: the tree of %s is too large\n", vm->name);
	tool_unload(&system);
	blob.size = size < 0 ? 0 : (size_t)size;
	ok = size >= 0 && tool_run(dtc, &streams);
	if (ok)
		fwrite(source.data, 1, source.size, stdout);
	free(source.data);
	return ok ? TOOL_OK : TOOL_FAILED;
}
