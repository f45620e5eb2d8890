/*
 * The host's device tree, as a whole, and its memory and CPUs. The interrupt
 * controller, timer and UART are host_devices.c's. Boot and host tools only.
 */
#include "fdt/host.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/host_devices.h"
#include "fdt/reg.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"

#define MAX_RANGES 32
/* Those that touch become one; but each of them takes a walk through the tree. */
#define MAX_ENTRIES 256
#define MAX_CPUS 256

/* True if the property is a string list whose first entry is this. */
static bool first_string_is(const void *dtb, int node, const char *property, const char *string)
{
	return fdt_stringlist_search(dtb, node, property, string) == 0;
}

/* ---- Memory ---- */

/* Adds a range, kept sorted; those that touch become one. False if there is no room. */
static bool add_range(struct range *ranges, unsigned int *n, uint64_t base, uint64_t end)
{
	unsigned int i = 0, last;

	while (i < *n && ranges[i].base + ranges[i].size < base)
		i++;
	/* [i, last) are the ranges that it touches */
	for (last = i; last < *n && ranges[last].base <= end; last++) {
		base = MIN(base, ranges[last].base);
		end = MAX(end, ranges[last].base + ranges[last].size);
	}
	if (last == i && *n == MAX_RANGES)
		return false;
	memmove(&ranges[i + 1], &ranges[last], (*n - last) * sizeof(*ranges));
	ranges[i] = (struct range){base, end - base};
	*n = *n - (last - i) + 1;
	return true;
}

/* What is not of a whole page is lost. False if there is no room. */
static bool add_ram(struct host *host, uint64_t base, uint64_t size)
{
	uint64_t start = ALIGN_UP(base, PAGE_SIZE), end = ALIGN_DOWN(base + size, PAGE_SIZE);

	if (!range_valid(base, size) || start < base || end <= start)
		return true;
	return add_range(host->ram, &host->nr_ram, start, end);
}

/* More is reserved rather than less: what wraps goes on to the end of the address space. */
static bool add_reserved(struct host *host, uint64_t base, uint64_t size)
{
	const uint64_t last = ALIGN_DOWN(UINT64_MAX, PAGE_SIZE);

	if (size == 0 || base >= last)
		return true;
	return add_range(host->reserved, &host->nr_reserved, ALIGN_DOWN(base, PAGE_SIZE),
			 ALIGN_UP(base + MIN(size, last - base), PAGE_SIZE));
}

static void parse_ram(struct host *host, const void *dtb, struct diag *diag)
{
	unsigned int entries = 0;
	bool fits = true;
	int node = -1;

	while ((node = tree_find_memory(dtb, node)) >= 0) {
		struct range range;

		for (unsigned int i = 0;
		     fits && reg_is_available(dtb, node) && reg_get(dtb, node, i, &range) == 0; i++)
			fits = add_ram(host, range.base, range.size) && ++entries < MAX_ENTRIES;
	}
	if (host->nr_ram == 0)
		diag_error(diag, "/memory", "reg", "the machine's tree has no memory");
	if (!fits)
		diag_warning(diag, "/memory", "reg",
			     "has more than %d separate ranges: not all "
			     "are used",
			     MAX_RANGES);
}

/* Those without reg are for the operating system to place: there is nothing in them yet. */
static bool parse_reserved_node(struct host *host, const void *dtb, int node, unsigned int *entries,
				struct diag *diag)
{
	struct range range;
	bool fits = true;
	int err = 0;

	if (!reg_is_available(dtb, node))
		return true;
	for (unsigned int i = 0; fits && (err = reg_get(dtb, node, i, &range)) == 0; i++)
		fits = add_reserved(host, range.base, range.size) && ++*entries < MAX_ENTRIES;
	/* Somebody else's memory must not be given to a VM only because we cannot read. */
	if (err && err != -ENOENT)
		diag_error(diag, "/reserved-memory", "reg",
			   "%.40s has no address: is there an empty ranges in /reserved-memory?",
			   fdt_get_name(dtb, node, NULL));
	return fits;
}

static void parse_reserved(struct host *host, const void *dtb, struct diag *diag)
{
	int node, parent = tree_find_path(dtb, "/reserved-memory", 16), n = fdt_num_mem_rsv(dtb);
	unsigned int entries = 0;
	uint64_t base, size;
	bool fits = true;

	for (int i = 0; i < n && fdt_get_mem_rsv(dtb, i, &base, &size) == 0; i++)
		fits = add_reserved(host, base, size) && fits;
	if (parent >= 0)
		fdt_for_each_subnode(node, dtb, parent)
			fits = fits && parse_reserved_node(host, dtb, node, &entries, diag);
	if (!fits)
		diag_error(diag, "/reserved-memory", NULL,
			   "there are more than %d separate reservations", MAX_RANGES);
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

static void parse_initrd(struct host *host, const void *dtb)
{
	int chosen = tree_find_path(dtb, "/chosen", 7);
	uint64_t start, end;

	if (reg_get_u64(dtb, chosen, "linux,initrd-start", &start) &&
	    reg_get_u64(dtb, chosen, "linux,initrd-end", &end) && start < end)
		host->initrd = (struct range){start, end - start};
}

int host_parse(struct host *host, const void *dtb, struct arena *arena, struct diag *diag)
{
	int err;

	*host = (struct host){.dtb = dtb};
	err = reg_check_tree(dtb, fdt_totalsize(dtb));
	if (err) {
		diag_error(diag, "/", NULL, "the machine's device tree is damaged");
		return -EINVAL;
	}
	tree_index(dtb, arena);
	host->ram = arena_alloc(arena, MAX_RANGES, sizeof(*host->ram));
	host->reserved = arena_alloc(arena, MAX_RANGES, sizeof(*host->reserved));
	if (!host->ram || !host->reserved)
		return -ENOMEM;
	/* The UART first: what is wrong with the others is to be seen. */
	host_parse_uart(host, dtb, diag);
	parse_ram(host, dtb, diag);
	parse_reserved(host, dtb, diag);
	err = parse_cpus(host, dtb, arena, diag);
	if (err)
		return err;
	parse_psci(host, dtb);
	err = host_parse_gic(host, dtb, arena, diag);
	if (err)
		return err;
	host_parse_timer(host, dtb, diag);
	parse_initrd(host, dtb);
	return diag->errors != 0 ? -EINVAL : 0;
}
