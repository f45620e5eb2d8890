// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's device tree, as a whole, and its CPUs and firmware. Memory is
 * host_memory.c's, the console host_uart.c's, the interrupt controller and the timer
 * are host_devices.c's. Boot and host tools only.
 */
#include "fdt/host.h"

#include <libfdt.h>

#include "fdt/diag.h"
#include "fdt/host_devices.h"
#include "fdt/host_memory.h"
#include "fdt/host_uart.h"
#include "fdt/reg.h"
#include "fdt/salvage.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define MAX_CPUS 256

/* True if the property is a string list whose first entry is this. */
static bool first_string_is(const void *dtb, int node, const char *property, const char *string)
{
	return fdt_stringlist_search(dtb, node, property, string) == 0;
}

/* ---- CPUs ---- */

static enum host_cpu_method cpu_method(const void *dtb, int cpus, int node)
{
	if (!fdt_getprop(dtb, node, "enable-method", NULL))
		node = cpus;
	if (first_string_is(dtb, node, "enable-method", "psci"))
		return HOST_CPU_PSCI;
	if (first_string_is(dtb, node, "enable-method", "spin-table"))
		return HOST_CPU_SPIN_TABLE;
	return HOST_CPU_NO_METHOD;
}

/*
 * "disabled" is a CPU that waits to be started, if there is a way (Devicetree
 * Specification 3.8.1).
 */
static bool is_cpu(const void *dtb, int cpus, int node)
{
	if (!first_string_is(dtb, node, "device_type", "cpu"))
		return false;
	return reg_is_available(dtb, node) || (first_string_is(dtb, node, "status", "disabled") &&
					       cpu_method(dtb, cpus, node) != HOST_CPU_NO_METHOD);
}

static void parse_cpu(struct host_cpu *cpu, const void *dtb, int cpus, int node, struct diag *diag)
{
	cpu->node = node;
	if (!reg_get_u64(dtb, node, "reg", &cpu->mpidr))
		diag_error(diag, "/cpus", "reg", "a CPU has no valid MPIDR");
	cpu->method = cpu_method(dtb, cpus, node);
	if (cpu->method == HOST_CPU_SPIN_TABLE &&
	    !reg_get_u64(dtb, node, "cpu-release-addr", &cpu->release_addr.v))
		cpu->method = HOST_CPU_NO_METHOD;
}

static int parse_cpus(struct host *host, const void *dtb, struct arena *arena, struct diag *diag)
{
	int cpus = tree_find_path(dtb, "/cpus", 5), node;
	unsigned int n = 0;

	if (cpus >= 0)
		fdt_for_each_subnode(node, dtb, cpus)
			n += is_cpu(dtb, cpus, node);
	if (n == 0 || n > MAX_CPUS) {
		diag_error(diag, "/cpus", NULL, "the machine's tree has %u CPUs: 1 to %d are fine",
			   n, MAX_CPUS);
		return 0;
	}
	host->cpus = arena_alloc(arena, n, sizeof(*host->cpus));
	if (!host->cpus)
		return -ENOMEM;
	fdt_for_each_subnode(node, dtb, cpus)
		if (is_cpu(dtb, cpus, node))
			parse_cpu(&host->cpus[host->nr_cpus++], dtb, cpus, node, diag);
	return 0;
}

const char *host_cpu_lacks(const struct host *host, unsigned int cpu)
{
	switch (cpu == host->boot_cpu ? HOST_CPU_SPIN_TABLE : host->cpus[cpu].method) {
	case HOST_CPU_PSCI:
		return host->psci == HOST_CONDUIT_SMC ? NULL : "PSCI by smc";
	case HOST_CPU_SPIN_TABLE:
		return NULL;
	default:
		return "enable-method";
	}
}

/* ---- The rest ---- */

static void parse_psci(struct host *host, const void *dtb)
{
	static const char *const known[] = {"arm,psci-1.0", "arm,psci-0.2", "arm,psci", NULL};
	int node = -FDT_ERR_NOTFOUND;

	for (unsigned int i = 0; node < 0 && known[i]; i++)
		node = tree_find_compatible(dtb, -1, known[i]);
	if (node < 0)
		return;
	if (first_string_is(dtb, node, "method", "smc"))
		host->psci = HOST_CONDUIT_SMC;
	else if (first_string_is(dtb, node, "method", "hvc"))
		host->psci = HOST_CONDUIT_HVC;
	/* Before 0.2, the tree gives the functions' numbers. */
	if (fdt_node_check_compatible(dtb, node, "arm,psci-1.0") == 0 ||
	    fdt_node_check_compatible(dtb, node, "arm,psci-0.2") == 0)
		return;
	host->psci_0_1 = true;
	host->psci_cpu_on = reg_get_u32(dtb, node, "cpu_on", 0);
	if (host->psci_cpu_on == 0)
		host->psci = HOST_CONDUIT_NONE;
}

static void warn_of_psci(const struct host *host, struct diag *diag)
{
	if (host->psci == HOST_CONDUIT_HVC)
		diag_warning(diag, "/psci", "method",
			     "hvc is for EL1: in EL2, there is no PSCI on this machine");
}

static int no_memory(struct diag *diag)
{
	diag_error(diag, "/", NULL, "the machine's device tree is too large");
	return -ENOMEM;
}

/* Lines about what is left of a tree are of no use to anybody. */
static void say_nothing(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	(void)line;
}

/* A console, and PSCI, for saying that the tree is damaged, from what is left of it. */
static void salvage(struct host *host, const void *dtb, size_t size,
		    bool (*answers)(const struct host_uart *uart), struct arena *arena)
{
	size_t length = salvage_tree(dtb, size, NULL, 0);
	void *copy = length != 0 ? arena_alloc(arena, 1, length) : NULL;
	struct diag diag = {.emit = say_nothing};
	struct host found = {.ram = host->ram, .nr_ram = host->nr_ram, .uart = {.node = -1}};

	if (copy && salvage_tree(dtb, size, copy, length) == length &&
	    reg_check_tree(copy, length) == 0) {
		tree_index(copy, arena);
		parse_psci(&found, copy);
		host_parse_uart(&found, copy, answers, &diag);
	}
	if (found.uart.type == HOST_UART_NONE &&
	    (!host_scan_uart(&found.uart, dtb, size) ||
	     !host_uart_is_usable(&found, &found.uart, answers)))
		found.uart = (struct host_uart){.node = -1};
	/* its interrupt and its node are not to be relied on */
	found.uart.irq = 0;
	found.uart.node = -1;
	host->uart = found.uart;
	if (host->psci == HOST_CONDUIT_NONE) {
		host->psci = found.psci;
		host->psci_0_1 = found.psci_0_1;
	}
}

int host_open(struct host *host, const void *dtb, size_t size,
	      bool (*answers)(const struct host_uart *uart), struct arena *arena, struct diag *diag)
{
	*host = (struct host){.dtb = dtb};
	if (reg_check_tree(dtb, size)) {
		diag_error(diag, "/", NULL, "the machine's device tree is damaged");
		salvage(host, dtb, size, answers, arena);
		return -EINVAL;
	}
	tree_index(dtb, arena);
	parse_psci(host, dtb);
	warn_of_psci(host, diag);
	host->ram = arena_alloc(arena, HOST_MAX_RANGES, sizeof(*host->ram));
	host->reserved = arena_alloc(arena, HOST_MAX_RANGES, sizeof(*host->reserved));
	if (!host->ram || !host->reserved)
		return no_memory(diag);
	host_parse_ram(host, dtb, diag);
	host_parse_uart(host, dtb, answers, diag);
	if (host->uart.type == HOST_UART_NONE) {
		/* names may be damaged that say where it is */
		salvage(host, dtb, fdt_totalsize(dtb), answers, arena);
		tree_index(dtb, arena);
	}
	return 0;
}

int host_read(struct host *host, struct arena *arena, struct diag *diag)
{
	const void *dtb = host->dtb;

	host_parse_reserved(host, dtb, diag);
	if (parse_cpus(host, dtb, arena, diag) || host_parse_gic(host, dtb, arena, diag))
		return no_memory(diag);
	host_parse_timer(host, dtb, diag);
	host_check_private(host, diag);
	host_parse_rtc(host, dtb);
	host_parse_initrd(host, dtb, diag);
	return diag->errors != 0 ? -EINVAL : 0;
}

int host_parse(struct host *host, const void *dtb, struct arena *arena, struct diag *diag)
{
	int err = host_open(host, dtb, fdt_totalsize(dtb), NULL, arena, diag);

	return err ? err : host_read(host, arena, diag);
}
