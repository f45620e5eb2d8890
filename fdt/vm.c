// SPDX-License-Identifier: BSD-2-Clause
/*
 * One VM of the system description, parsed and checked. Its memory, images and
 * passed devices have files of their own.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/bits.h"

#define MAX_BOOTARGS 2048 /* Linux: COMMAND_LINE_SIZE on arm64 */
#define MAX_V2_CPUS 8

/* ---- CPUs ---- */

static unsigned int max_cpus(const struct host *host)
{
	return host->gic.version == 2 ? MAX_V2_CPUS : PLATFORM_GICR_MAX / PLATFORM_GICR_STRIDE;
}

/* Each CPU that is wrong is named once. */
static void check_cpu(struct parser *p, struct vm_config *vm, unsigned int n)
{
	unsigned int cpu = vm->cpus[n], before = 0;
	char number[VALUE_NUMBER];

	for (unsigned int i = 0; i < n; i++)
		before += vm->cpus[i] == cpu;
	value_number(number, cpu);
	if (cpu >= p->host->nr_cpus && before == 0)
		diag_error(p->diag, vm->path, "cpus",
			   "CPU %s does not exist: this machine has CPUs 0 to %u", number,
			   p->host->nr_cpus - 1);
	else if (cpu < p->host->nr_cpus && before == 1)
		diag_error(
		    p->diag, vm->path, "cpus",
		    "CPU %u is there more than once: the vCPUs of a VM have a CPU each: name "
		    "another one",
		    cpu);
	/* without a machine, nothing is known of its CPUs */
	else if (cpu < p->host->nr_cpus && before == 0 && p->host->dtb &&
		 host_cpu_lacks(p->host, cpu))
		diag_error(p->diag, vm->path, "cpus",
			   "CPU %u cannot be started: the machine's tree has no %s for it: name "
			   "another one",
			   cpu, host_cpu_lacks(p->host, cpu));
}

static void parse_cpus(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "cpus", &len);
	unsigned int n;

	if (!value || len == 0 || len % 4 != 0 || value_is_text(value, len)) {
		wrong_value(p, node, vm->path, "cpus", VALUE_DECIMAL, "a list of numbers",
			    "cpus = <0 1>; for two vCPUs, on CPUs 0 and 1");
		return;
	}
	n = (unsigned int)len / 4;
	if (n > max_cpus(p->host)) {
		diag_error(p->diag, vm->path, "cpus",
			   "%u vCPUs are too many: a VM with a GICv%u has %u at most", n,
			   p->host->gic.version, max_cpus(p->host));
		return;
	}
	vm->cpus = parser_alloc(p, n, sizeof(*vm->cpus));
	if (!vm->cpus)
		return;
	for (unsigned int i = 0; i < n; i++) {
		vm->cpus[i] = fdt32_ld(value + i);
		check_cpu(p, vm, i);
	}
	vm->nr_cpus = n;
}

/* ---- The rest ---- */

static void parse_bootargs(struct parser *p, int node, struct vm_config *vm)
{
	size_t length;

	vm->bootargs = get_string(p, node, vm->path, "bootargs");
	length = vm->bootargs ? strlen(vm->bootargs) : 0;
	if (length >= MAX_BOOTARGS)
		diag_error(p->diag, vm->path, "bootargs",
			   "has %u characters: shorten it to %d, the most that Linux takes",
			   (unsigned int)length, MAX_BOOTARGS - 1);
}

static void parse_empty_devices(struct parser *p, int node, struct vm_config *vm)
{
	static const char *const machines[] = {"virt", "none", NULL};

	vm->empty_devices = get_choice(p, node, vm->path, "empty-devices", machines) != 1;
}

static void parse_action(struct parser *p, int node, const struct vm_config *vm,
			 const char *property, enum vm_action *action)
{
	static const char *const names[] = {"stop", "restart", "halt-system", NULL};
	int chosen = get_choice(p, node, vm->path, property, names);

	if (chosen >= 0)
		*action = (enum vm_action)chosen;
}

/* A number that was written as a negative one is a large one here. */
static bool is_positive(uint32_t number)
{
	return number != 0 && number <= INT32_MAX;
}

static void parse_lifecycle(struct parser *p, int node, struct vm_config *vm)
{
	struct vm_lifecycle *lifecycle = &vm->lifecycle;
	int len = 0;
	const fdt32_t *limit = fdt_getprop(p->blob, node, "restart-limit", &len);

	lifecycle->on_reset = VM_ACTION_RESTART;
	parse_action(p, node, vm, "on-crash", &lifecycle->on_crash);
	parse_action(p, node, vm, "on-reset", &lifecycle->on_reset);
	parse_action(p, node, vm, "on-off", &lifecycle->on_off);
	lifecycle->watchdog = get_flag(p, node, vm->path, "watchdog");
	if (limit && len == 8 && !value_is_text(limit, len)) {
		lifecycle->restart_limit = fdt32_ld(limit);
		lifecycle->restart_seconds = fdt32_ld(limit + 1);
	}
	if (limit &&
	    (!is_positive(lifecycle->restart_limit) || !is_positive(lifecycle->restart_seconds)))
		wrong_value(p, node, vm->path, "restart-limit", VALUE_DECIMAL,
			    "a number of restarts and one of seconds, from 1 on",
			    "restart-limit = <3 60>;");
	if (lifecycle->on_crash || lifecycle->on_reset != VM_ACTION_RESTART || lifecycle->on_off ||
	    lifecycle->watchdog || limit)
		diag_warning(p->diag, vm->path, NULL,
			     "on-crash, on-reset, on-off, restart-limit and watchdog are only "
			     "checked: a reset restarts the VM, all else stops it");
}

void parse_vm(struct parser *p, int node, struct vm_config *vm)
{
	/* clang-format off */
	static const char *const own[] = {
		"compatible", "cpus", "clear-memory", "own-counter", "phandle",
		"kernel", "load", "entry", "initrd", "firmware", "dtb", "dtb-address", "bootargs",
		"empty-devices", "priority", "budget",
		"on-crash", "on-reset", "on-off", "watchdog", "restart-limit",
		"passthrough", "passthrough-at", "unsafe-dma",
	};
	/* clang-format on */
	const char *names[ARRAY_SIZE(own) + MODEL_COUNT * MODEL_MAX_PROPERTIES + 1] = {NULL};

	vm->blob = p->blob;
	vm->node = node;
	vm->device_tree = fdt_subnode_offset(p->blob, node, "device-tree");
	memcpy(names, own, sizeof(own));
	models_add_properties(names + ARRAY_SIZE(own));
	check_property_names(p, node, vm->path, names);
	parse_cpus(p, node, vm);
	parse_memory(p, node, vm);
	vm->clear_memory = get_flag(p, node, vm->path, "clear-memory");
	parse_images(p, node, vm);
	parse_bootargs(p, node, vm);
	parse_empty_devices(p, node, vm);
	models_parse(p, node, vm);
	parse_lifecycle(p, node, vm);
	parse_share(p, node, vm);
	vm->unsafe_dma = get_flag(p, node, vm->path, "unsafe-dma");
	vm->own_counter = get_flag(p, node, vm->path, "own-counter");
	parse_passthrough(p, node, vm);
}
