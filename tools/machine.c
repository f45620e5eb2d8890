// SPDX-License-Identifier: BSD-2-Clause
/*
 * A description says which CPUs and which memory there has to be. A VM with a tree of its own also
 * says which GIC it has a driver for, and which CPUs: those of the machine, which Bulkhead shows.
 */
#include "tools/machine.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/reg.h"
#include "lib/bits.h"
#include "tools/owners.h"

/* QEMU's virt: hw/arm/virt.c */
#define RAM_BASE GIB(1)
#define VIRTIO_BASE UINT64_C(0xa000000)
#define VIRTIO_SLOT UINT64_C(0x200)
#define VIRTIO_SLOTS 32U

#define MIN_CPUS 4U
#define MIN_MEMORY GIB(2)
/* Beside the VMs' memory: Bulkhead, and what the boot loader has in memory */
#define ROOM MIB(256)

#define DEFAULT_GIC "3"
#define DEFAULT_CPU "cortex-a57"

static unsigned int cpus_needed(const struct system_config *config)
{
	unsigned int cpus = MIN_CPUS;

	for (unsigned int i = 0; i < config->nr_vms; i++)
		for (unsigned int n = 0; n < config->vms[i].nr_cpus; n++)
			cpus = MAX(cpus, config->vms[i].cpus[n] + 1);
	return cpus;
}

/* Bytes: a power of two, which holds all that VMs have, wherever they have it. */
static uint64_t memory_needed(const struct tool_system *system)
{
	uint64_t memory = MIN_MEMORY, sum = ROOM + 2 * system->tree.blob.size;

	for (unsigned int i = 0; i < system->config.nr_vms; i++) {
		const struct vm_config *vm = &system->config.vms[i];

		for (unsigned int n = 0; n < vm->nr_memory; n++) {
			sum += vm->memory[n].size;
			while (vm->memory[n].fixed &&
			       vm->memory[n].pa.v + vm->memory[n].size > RAM_BASE + memory)
				memory *= 2;
		}
	}
	while (memory < sum)
		memory *= 2;
	return memory;
}

/* ---- VMs' own trees ---- */

/* A VM's own tree, aligned as libfdt needs it; NULL if there is none, or a damaged one. */
static void *own_tree(const struct tool_system *system, const struct vm_config *vm)
{
	void *tree = vm->dtb.size != 0 ? malloc(vm->dtb.size) : NULL;

	if (!tree)
		return NULL;
	memcpy(tree, system->tree.blob.data + vm->dtb.offset, vm->dtb.size);
	if (reg_check_tree(tree, vm->dtb.size) == 0)
		return tree;
	free(tree);
	return NULL;
}

/* The version of the GIC that a tree is for, as QEMU's option; empty if it has none that is known.
 */
static void gic_of(const void *tree, char gic[32])
{
	static const struct {
		const char *compatible, *version;
	} gics[] = {{"arm,gic-v3", "3"},
		    {"arm,cortex-a15-gic", "2"},
		    {"arm,gic-400", "2"},
		    {"arm,cortex-a7-gic", "2"}};

	*gic = '\0';
	for (unsigned int i = 0; i < ARRAY_SIZE(gics) && !*gic; i++)
		if (fdt_node_offset_by_compatible(tree, -1, gics[i].compatible) >= 0)
			snprintf(gic, 32, "%s", gics[i].version);
}

/* The model of its CPUs, as QEMU's option: "cortex-a72" of "arm,cortex-a72"; empty if there is
 * none. */
static void cpu_of(const void *tree, char cpu[32])
{
	int cpus = fdt_path_offset(tree, "/cpus"), node, len;

	*cpu = '\0';
	fdt_for_each_subnode(node, tree, cpus) {
		const char *model = fdt_getprop(tree, node, "compatible", &len);

		if (!model || strnlen(model, (size_t)len) == (size_t)len)
			continue;
		if (strncmp(model, "arm,cortex-", 11) != 0 &&
		    strncmp(model, "arm,neoverse-", 13) != 0)
			continue;
		snprintf(cpu, 32, "%s", model + 4);
		return;
	}
}

/*
 * The value of a QEMU option: the user's, or what the VMs' own trees say, or the usual one. Reports
 * a tree that says something else.
 */
static void choose(const struct tool_system *system, const char *option, const char *given,
		   const char *usual, void (*of)(const void *tree, char value[32]), char chosen[32])
{
	const char *who = NULL;

	snprintf(chosen, 32, "%s", given ? given : usual);
	for (unsigned int i = 0; i < system->config.nr_vms; i++) {
		const struct vm_config *vm = &system->config.vms[i];
		void *tree = own_tree(system, vm);
		char value[32] = "";

		if (tree)
			of(tree, value);
		free(tree);
		if (!*value || strcmp(value, chosen) == 0)
			continue;
		if (given || who)
			tool_say(TOOL_WARNING, vm->path, "dtb",
				 "is for a machine with %s %s; this one has %s, as %s says", option,
				 value, chosen, given ? "the option" : who);
		else
			snprintf(chosen, 32, "%s", value);
		who = who ? who : vm->name;
	}
}

/* ---- The machine ---- */

void machine_choose(const struct tool_options *options, const struct tool_system *system,
		    struct machine *machine)
{
	char gic[32], cpu[32];

	choose(system, "--gic", options->gic, DEFAULT_GIC, gic_of, gic);
	choose(system, "--cpu", options->cpu, DEFAULT_CPU, cpu_of, cpu);
	snprintf(machine->board, sizeof(machine->board), "virt,virtualization=on,gic-version=%s",
		 gic);
	/* QEMU computes the architected pointer authentication in software, very slowly. */
	snprintf(machine->cpu, sizeof(machine->cpu), "%s%s", cpu,
		 strcmp(cpu, "max") == 0 ? ",pauth-impdef=on" : "");
	snprintf(machine->cpus, sizeof(machine->cpus), "%u", cpus_needed(&system->config));
	if (options->smp)
		snprintf(machine->cpus, sizeof(machine->cpus), "%s", options->smp);
	snprintf(machine->memory, sizeof(machine->memory), "%lluG",
		 (unsigned long long)(memory_needed(system) / GIB(1)));
	if (options->memory)
		snprintf(machine->memory, sizeof(machine->memory), "%s", options->memory);
}

uint32_t machine_slots(const struct tool_system *system)
{
	struct owned_devices devices = owners_devices(system);
	uint32_t slots = 0;

	for (unsigned int i = 0; i < devices.nr; i++) {
		uint64_t slot = (devices.list[i].reg.base - VIRTIO_BASE) / VIRTIO_SLOT;

		if (devices.list[i].vm != 0 && devices.list[i].reg.base >= VIRTIO_BASE &&
		    slot < VIRTIO_SLOTS)
			slots |= UINT32_C(1) << slot;
	}
	free(devices.list);
	return slots;
}
