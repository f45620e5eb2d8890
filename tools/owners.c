/*
 * See owners.h.
 */
#include "tools/owners.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/reg.h"
#include "lib/bits.h"

/* As at EL2: what Bulkhead takes for its image and its first pool */
#define IMAGE_BLOCK MIB(2)
#define MAX_TAKEN 4

/* ---- Memory ---- */

struct taken {
	struct range ranges[MAX_TAKEN];
	const char *what[MAX_TAKEN];
	unsigned int nr;
};

static void take(struct taken *taken, uint64_t base, uint64_t size, const char *what)
{
	taken->what[taken->nr] = what;
	taken->ranges[taken->nr++] =
	    (struct range){ALIGN_DOWN(base, PAGE_SIZE),
			   ALIGN_UP(base + size, PAGE_SIZE) - ALIGN_DOWN(base, PAGE_SIZE)};
}

/*
 * The image 2 MiB above the first bank's base, as the arm64 boot protocol and QEMU
 * have it; the description where the machine's tree says an initrd is, or else
 * where QEMU puts one; the machine's tree behind it. True if that is a guess.
 */
static bool assume_taken(const struct tool_system *system, struct taken *taken)
{
	const struct range *ram = &system->host.ram[0];
	uint64_t blob = ram->base + MIN(MIB(128), ram->size / 2);
	bool told = system->host.initrd.size != 0;

	taken->nr = 0;
	if (told)
		blob = system->host.initrd.base;
	take(taken, ram->base + IMAGE_BLOCK, IMAGE_BLOCK, "image and pool");
	take(taken, blob, system->tree.blob.size, "system description");
	take(taken, ALIGN_UP(blob + system->tree.blob.size, MIB(2)), system->host_tree.blob.size,
	     "the machine's tree");
	return !told;
}

static int by_address(const void *a, const void *b)
{
	const struct owned_memory *x = a, *y = b;

	return x->range.base < y->range.base ? -1 : x->range.base > y->range.base;
}

static void add(struct owned_memories *m, struct owned_memory piece)
{
	struct owned_memory *more = realloc(m->list, (m->nr + 1) * sizeof(*more));

	if (!more)
		abort();
	m->list = more;
	m->list[m->nr++] = piece;
}

/* What is in nobody's piece is free. */
static void add_free(struct owned_memories *m, const struct host *host)
{
	unsigned int used = m->nr;

	for (unsigned int b = 0; b < host->nr_ram; b++) {
		uint64_t at = host->ram[b].base, end = at + host->ram[b].size;

		for (unsigned int i = 0; i < used && at < end; i++) {
			const struct range r = m->list[i].range;

			if (r.base + r.size <= at || r.base >= end)
				continue;
			if (r.base > at)
				add(m, (struct owned_memory){.range = {at, r.base - at},
							     .what = "free"});
			at = r.base + r.size;
		}
		if (at < end)
			add(m, (struct owned_memory){.range = {at, end - at}, .what = "free"});
	}
	if (m->nr != 0)
		qsort(m->list, m->nr, sizeof(*m->list), by_address);
}

static void ignore(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	(void)line;
}

struct owned_memories owners_memory(struct tool_system *system)
{
	const struct host *host = &system->host;
	struct owned_memories m = {0};
	struct diag quiet = {.emit = ignore};
	struct taken taken;

	m.assumed = assume_taken(system, &taken);
	/* a fixed place may be where we think that something is */
	if (!tool_place(system, taken.ranges, taken.nr, &quiet)) {
		taken.nr = 0;
		(void)tool_place(system, NULL, 0, &quiet);
	}
	for (unsigned int i = 0; i < taken.nr; i++)
		add(&m, (struct owned_memory){.range = taken.ranges[i],
					      .owner = OWNER_BULKHEAD,
					      .what = taken.what[i]});
	for (unsigned int i = 0; i < host->nr_reserved; i++)
		add(&m, (struct owned_memory){.range = host->reserved[i],
					      .what = "reserved by firmware"});
	for (unsigned int v = 0; v < system->config.nr_vms; v++) {
		const struct vm_config *vm = &system->config.vms[v];

		for (unsigned int i = 0; i < vm->nr_memory; i++)
			add(&m,
			    (struct owned_memory){.range = {vm->memory[i].pa.v, vm->memory[i].size},
						  .owner = vm->name,
						  .vm = vm->id,
						  .ipa = vm->memory[i].ipa.v});
	}
	if (m.nr != 0)
		qsort(m.list, m.nr, sizeof(*m.list), by_address);
	add_free(&m, host);
	for (unsigned int i = 0; i < m.nr; i++)
		for (unsigned int b = 0; b < host->nr_ram; b++)
			if (m.list[i].range.base >= host->ram[b].base)
				m.list[i].bank = b;
	return m;
}

/* ---- Devices ---- */

static int by_register(const void *a, const void *b)
{
	const struct owned_device *x = a, *y = b;

	return x->reg.base < y->reg.base ? -1 : x->reg.base > y->reg.base;
}

static void find_owner(const struct tool_system *system, int node, struct owned_device *device)
{
	const struct host *host = &system->host;

	if (node == host->gic.node ||
	    (host->uart.type != HOST_UART_NONE && node == host->uart.node))
		device->owner = OWNER_BULKHEAD;
	for (unsigned int v = 0; v < system->config.nr_vms; v++) {
		const struct vm_config *vm = &system->config.vms[v];

		for (unsigned int d = 0; d < vm->nr_devices; d++)
			if (vm->devices[d].node == node) {
				device->owner = vm->name;
				device->vm = vm->id;
			}
	}
}

/* A device of the machine; false if the node is none. */
static bool get_device(const struct tool_system *system, int node, struct owned_device *device)
{
	static const char *const none[] = {"simple-bus", "simple-mfd", NULL};
	const void *dtb = system->host.dtb;
	struct reg_irq irq;

	*device = (struct owned_device){.nr_irqs = 0};
	if (!fdt_getprop(dtb, node, "compatible", NULL) || !reg_is_available(dtb, node) ||
	    reg_get(dtb, node, 0, &device->reg) != 0 || device->reg.size == 0 ||
	    fdt_stringlist_search(dtb, node, "device_type", "cpu") == 0 ||
	    fdt_get_path(dtb, node, device->path, sizeof(device->path)) != 0 ||
	    strncmp(device->path, "/reserved-memory", 16) == 0 ||
	    reg_is_compatible(dtb, node, none))
		return false;
	find_owner(system, node, device);
	for (unsigned int n = 0; device->nr_irqs < ARRAY_SIZE(device->irqs) &&
				 reg_get_irq(dtb, node, n, &irq) != -ENOENT && n < 64;
	     n++)
		if (reg_get_irq(dtb, node, n, &irq) == 0 && irq.controller == system->host.gic.node)
			device->irqs[device->nr_irqs++] = irq.intid;
	return true;
}

struct owned_devices owners_devices(const struct tool_system *system)
{
	struct owned_devices devices = {0};
	struct owned_device device;

	for (int node = 0; node >= 0; node = fdt_next_node(system->host.dtb, node, NULL)) {
		struct owned_device *more;

		if (!get_device(system, node, &device))
			continue;
		more = realloc(devices.list, (devices.nr + 1) * sizeof(*more));
		if (!more)
			abort();
		devices.list = more;
		devices.list[devices.nr++] = device;
	}
	if (devices.nr != 0)
		qsort(devices.list, devices.nr, sizeof(*devices.list), by_register);
	return devices;
}
