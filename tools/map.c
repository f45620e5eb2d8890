// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of who owns what.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "lib/bits.h"
#include "tools/owners.h"
#include "tools/svg_picture.h"
#include "tools/tool.h"

#define LLU(value) ((unsigned long long)(value))

void map_size(char *text, size_t size, uint64_t bytes)
{
	if (bytes >= GIB(1) && (bytes % GIB(1) == 0 || bytes >= GIB(64)))
		snprintf(text, size, "%llu GiB", LLU(bytes >> 30));
	else if (bytes >= MIB(1) && (bytes % MIB(1) == 0 || bytes >= MIB(16)))
		snprintf(text, size, "%llu MiB", LLU(bytes >> 20));
	else if (bytes % KIB(1) == 0 || bytes >= KIB(16))
		snprintf(text, size, "%llu KiB", LLU(bytes >> 10));
	else
		snprintf(text, size, "%llu B", LLU(bytes));
}

/* How wide the column of owners is: VMs' names can be longer than usual. */
static int owners_width(const struct tool_system *system)
{
	size_t width = 16;

	for (unsigned int v = 0; v < system->config.nr_vms; v++)
		width = MAX(width, strlen(system->config.vms[v].name));
	return (int)width;
}

/* A number with 0x, as 0 has it too, at the right end of its column. */
static void print_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", LLU(value));
	printf("%12s ", text);
}

/* From the first to the last address, the size, and who has it. */
static void print_range(const struct range *range, const char *owner, int width)
{
	char size[32];

	map_size(size, sizeof(size), range->size);
	printf("  ");
	print_hex(range->base);
	print_hex(range->base + range->size - 1);
	printf(" %9s  %-*s ", size, width, owner ? owner : "-");
}

static void print_memory(const struct owned_memories *m, int width)
{
	printf("memory\n");
	for (unsigned int i = 0; i < m->nr; i++) {
		const struct owned_memory *p = &m->list[i];

		print_range(&p->range, p->owner, width);
		if (p->vm != 0)
			printf("at 0x%llx%s%s\n", LLU(p->ipa), p->what ? ", " : "",
			       p->what ? p->what : "");
		else
			printf("%s\n", p->what);
	}
	printf("  (assumed: %s)\n", m->assumed);
}

static void print_devices(const struct owned_devices *devices, int width)
{
	printf("\ndevices\n");
	for (unsigned int i = 0; i < devices->nr; i++) {
		const struct owned_device *d = &devices->list[i];

		print_range(&d->reg, d->owner, width);
		printf("%s", d->path);
		if (d->offset != 0)
			printf(", at 0x%llx", LLU(d->reg.base + d->offset));
		printf("\n");
	}
}

static void print_interrupts(const struct owned_devices *devices, int width)
{
	printf("\ninterrupts (SPIs)\n");
	for (uint32_t intid = 32; intid < 1020; intid++)
		for (unsigned int i = 0; i < devices->nr; i++) {
			const struct owned_device *d = &devices->list[i];

			for (unsigned int k = 0; k < d->nr_irqs; k++)
				if (d->irqs[k] == intid)
					printf("  %12u %12s  %9s  %-*s %s\n", intid - 32, "", "",
					       width, d->owner ? d->owner : "-", d->path);
		}
}

static void print_cpus(const struct tool_system *system)
{
	printf("\nCPUs\n");
	for (unsigned int cpu = 0; cpu < system->host.nr_cpus; cpu++) {
		unsigned int n = 0;

		printf("  %12u ", cpu);
		print_hex(system->host.cpus[cpu].mpidr);
		printf(" %9s  ", "");
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
	int code = TOOL_OK, width;

	if (!tool_load_sound(options, &system))
		return TOOL_FAILED;
	memory = owners_memory(&system);
	devices = owners_devices(&system);
	width = owners_width(&system);
	print_memory(&memory, width);
	print_devices(&devices, width);
	print_interrupts(&devices, width);
	print_cpus(&system);
	if (options->svg && !svg_write(options, &system, &memory, &devices))
		code = TOOL_FAILED;
	free(memory.list);
	free(devices.list);
	tool_unload(&system);
	return code;
}
