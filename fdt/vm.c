// SPDX-License-Identifier: BSD-2-Clause
/*
 * One VM of the system description, parsed and checked. Its memory, images and
 * passed devices have files of their own.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/check.h"
#include "fdt/diag.h"
#include "fdt/platform.h"
#include "lib/bits.h"

#define MAX_BOOTARGS 2048 /* Linux: COMMAND_LINE_SIZE on arm64 */
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

/* A property that is one terminated string; NULL if it is not there, or not that. */
static const char *get_string(struct parser *p, int node, const struct vm_config *vm,
			      const char *property, size_t max)
{
	int len = 0;
	const char *value = fdt_getprop(p->blob, node, property, &len);

	if (!value)
		return NULL;
	if (len == 0 || strnlen(value, (size_t)len) != (size_t)len - 1) {
		diag_error(p->diag, vm->path, property, "has to be one string: write %s = \"...\";",
			   property);
		return NULL;
	}
	if ((size_t)len > max) {
		diag_error(p->diag, vm->path, property, "has %d characters: %u is the most",
			   len - 1, (unsigned int)max - 1);
		return NULL;
	}
	return value;
}

static void parse_console(struct parser *p, int node, struct vm_config *vm)
{
	const char *console = get_string(p, node, vm, "console", MAX_BOOTARGS);

	if (!console || strcmp(console, "pl011") == 0)
		vm->console = VM_CONSOLE_PL011;
	else if (strcmp(console, "none") == 0)
		vm->console = VM_CONSOLE_NONE;
	else
		diag_error(p->diag, vm->path, "console",
			   "\"%.20s\" is no kind of console: write \"pl011\" or \"none\"", console);
}

static void parse_rtc(struct parser *p, int node, struct vm_config *vm)
{
	const char *value = get_string(p, node, vm, "rtc", MAX_BOOTARGS);

	vm->rtc = value && strcmp(value, "pl031") == 0;
	if (value && !vm->rtc && strcmp(value, "none") != 0)
		diag_error(p->diag, vm->path, "rtc",
			   "\"%.20s\" is no kind of clock: write \"pl031\" or \"none\"", value);
}

static void parse_empty_devices(struct parser *p, int node, struct vm_config *vm)
{
	const char *value = get_string(p, node, vm, "empty-devices", MAX_BOOTARGS);

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
	const char *value = get_string(p, node, vm, property, MAX_BOOTARGS);

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
	static const char *const names[] = {
		"compatible", "cpus", "clear-memory", "own-counter", "phandle",
		"kernel", "load", "entry", "initrd", "firmware", "dtb", "dtb-address", "bootargs",
		"console", "rtc", "empty-devices",
		"on-crash", "on-reset", "on-off", "watchdog", "restart-limit",
		"passthrough", "passthrough-at", "unsafe-dma",
		NULL
	};
	/* clang-format on */

	vm->blob = p->blob;
	vm->device_tree = fdt_subnode_offset(p->blob, node, "device-tree");
	vm->uart_base = ipa(PLATFORM_UART_BASE);
	vm->uart_spi = PLATFORM_UART_SPI;
	vm->rtc_base = ipa(PLATFORM_RTC_BASE);
	vm->rtc_spi = PLATFORM_RTC_SPI;
	check_property_names(p, node, vm->path, names);
	parse_cpus(p, node, vm);
	parse_memory(p, node, vm);
	vm->clear_memory = get_flag(p, node, vm->path, "clear-memory");
	parse_images(p, node, vm);
	vm->bootargs = get_string(p, node, vm, "bootargs", MAX_BOOTARGS);
	parse_console(p, node, vm);
	parse_rtc(p, node, vm);
	parse_empty_devices(p, node, vm);
	parse_lifecycle(p, node, vm);
	vm->unsafe_dma = get_flag(p, node, vm->path, "unsafe-dma");
	vm->own_counter = get_flag(p, node, vm->path, "own-counter");
	parse_passthrough(p, node, vm);
}
