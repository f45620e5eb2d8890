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

#define MAX_V2_CPUS 8

/* ---- CPUs ---- */

static unsigned int max_cpus(const struct host *host)
{
	return host->gic.version == 2 ? MAX_V2_CPUS : PLATFORM_GICR_MAX / PLATFORM_GICR_STRIDE;
}

static void check_cpu(struct parser *p, struct vm_config *vm, unsigned int n)
{
	unsigned int cpu = vm->cpus[n];

	if (cpu >= p->host->nr_cpus)
		diag_error(p->diag, vm->path, "cpus",
			   "CPU %u does not exist: this machine has CPUs 0 to %u", cpu,
			   p->host->nr_cpus - 1);
	for (unsigned int i = 0; i < n; i++)
		if (vm->cpus[i] == cpu) {
			diag_error(p->diag, vm->path, "cpus",
				   "CPU %u is there twice: the vCPUs of a VM have a CPU each", cpu);
			break;
		}
}

static void parse_cpus(struct parser *p, int node, struct vm_config *vm)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(p->blob, node, "cpus", &len);
	unsigned int n;

	if (!value || len == 0 || len % 4 != 0) {
		diag_error(p->diag, vm->path, "cpus",
			   "has to be a list of CPUs: write cpus = <0 1>; for two vCPUs, on CPUs 0 "
			   "and 1");
		return;
	}
	n = (unsigned int)len / 4;
	if (n > max_cpus(p->host)) {
		diag_error(p->diag, vm->path, "cpus",
			   "%u vCPUs are too many: a GICv%u has room for %u", n,
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

static void parse_empty_devices(struct parser *p, int node, struct vm_config *vm)
{
	const char *value = get_string(p, node, vm, "empty-devices");

	vm->empty_devices = !value || strcmp(value, "virt") == 0;
	if (!vm->empty_devices && strcmp(value, "none") != 0)
		diag_error(p->diag, vm->path, "empty-devices",
			   "\"%.20s\" is no machine: write \"virt\" or \"none\"", value);
}

/* One of the actions; the others are a mistake. */
static void parse_action(struct parser *p, int node, const struct vm_config *vm,
			 const char *property, enum vm_action *action)
{
	static const char *const names[] = {"stop", "restart", "halt-system"};
	const char *value = get_string(p, node, vm, property);

	for (unsigned int i = 0; value && i < ARRAY_SIZE(names); i++)
		if (strcmp(value, names[i]) == 0) {
			*action = (enum vm_action)i;
			return;
		}
	if (value)
		diag_error(p->diag, vm->path, property,
			   "\"%.20s\" is no action: write \"stop\", \"restart\" or \"halt-system\"",
			   value);
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
	if (limit && len == 8) {
		lifecycle->restart_limit = fdt32_ld(limit);
		lifecycle->restart_seconds = fdt32_ld(limit + 1);
	}
	if (limit && (lifecycle->restart_limit == 0 || lifecycle->restart_seconds == 0))
		diag_error(p->diag, vm->path, "restart-limit",
			   "has to be a number of restarts and one of seconds, neither of them 0: "
			   "write restart-limit = <3 60>;");
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
		"empty-devices",
		"on-crash", "on-reset", "on-off", "watchdog", "restart-limit",
		"passthrough", "passthrough-at", "unsafe-dma",
	};
	/* clang-format on */
	const char *names[ARRAY_SIZE(own) + MODEL_COUNT * MODEL_MAX_PROPERTIES + 1] = {NULL};

	vm->blob = p->blob;
	vm->device_tree = fdt_subnode_offset(p->blob, node, "device-tree");
	memcpy(names, own, sizeof(own));
	models_add_properties(names + ARRAY_SIZE(own));
	check_property_names(p, node, vm->path, names);
	parse_cpus(p, node, vm);
	parse_memory(p, node, vm);
	vm->clear_memory = get_flag(p, node, vm->path, "clear-memory");
	parse_images(p, node, vm);
	vm->bootargs = get_string(p, node, vm, "bootargs");
	parse_empty_devices(p, node, vm);
	models_parse(p, node, vm);
	parse_lifecycle(p, node, vm);
	vm->unsafe_dma = get_flag(p, node, vm->path, "unsafe-dma");
	vm->own_counter = get_flag(p, node, vm->path, "own-counter");
	parse_passthrough(p, node, vm);
}
