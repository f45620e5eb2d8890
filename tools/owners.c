// SPDX-License-Identifier: BSD-2-Clause
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
#include "tools/loader.h"

#define LLU(value) ((unsigned long long)(value))

/* ---- Placing ---- */

static void ignore(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	(void)line;
}

static bool place(struct tool_system *system, struct loaded *loaded)
{
	struct diag quiet = {.emit = ignore};

	loader_assume(system, loaded);
	if (tool_place(system, loaded->ranges, NR_LOADED, &quiet))
		return true;
	(void)tool_place(system, NULL, 0, &quiet);
	return false;
}

bool owners_place(struct tool_system *system)
{
	struct loaded loaded;

	return place(system, &loaded);
}

/* ---- Memory ---- */

static void insert(struct owned_memories *m, unsigned int at, const struct owned_memory *piece)
{
	struct owned_memory *more;

	if (piece->range.size == 0)
		return;
	more = realloc(m->list, (m->nr + 1) * sizeof(*more));
	if (!more)
		abort();
	m->list = more;
	memmove(more + at + 1, more + at, (m->nr - at) * sizeof(*more));
	more[at] = *piece;
	m->nr++;
}

/* Gives the part of all pieces that lies in the range to somebody else. */
static void give(struct owned_memories *m, const struct owned_memory *to)
{
	for (unsigned int i = 0; i < m->nr; i++) {
		struct owned_memory *piece = &m->list[i], part = *to, tail = *piece;
		uint64_t from = MAX(piece->range.base, to->range.base);
		uint64_t end =
		    MIN(piece->range.base + piece->range.size, to->range.base + to->range.size);
		bool head = from > piece->range.base;

		if (from >= end)
			continue;
		tail.range = (struct range){end, piece->range.base + piece->range.size - end};
		part.range = (struct range){from, end - from};
		part.bank = piece->bank;
		part.ipa = to->ipa + (from - to->range.base);
		if (head) {
			piece->range.size = from - piece->range.base;
			insert(m, ++i, &part);
		} else {
			*piece = part;
		}
		insert(m, i + 1, &tail);
	}
}

struct owned_memories owners_memory(struct tool_system *system)
{
	static const char *const what[NR_LOADED] = {"image and pool", "system description",
						    "the machine's tree"};
	const struct host *host = &system->host;
	struct owned_memories m = {0};
	struct loaded loaded;
	bool fits = place(system, &loaded);

	for (unsigned int b = 0; b < host->nr_ram; b++)
		insert(&m, m.nr,
		       &(struct owned_memory){.range = host->ram[b], .bank = b, .what = "free"});
	for (unsigned int i = 0; i < host->nr_reserved; i++)
		give(&m, &(struct owned_memory){.range = host->reserved[i],
						.what = "reserved by firmware"});
	for (unsigned int i = 0; fits && i < NR_LOADED; i++)
		give(&m, &(struct owned_memory){
			     .range = loaded.ranges[i], .owner = OWNER_BULKHEAD, .what = what[i]});
	for (unsigned int v = 0; v < system->config.nr_vms; v++) {
		const struct vm_config *vm = &system->config.vms[v];

		for (unsigned int i = 0; i < vm->nr_memory; i++)
			give(&m, &(struct owned_memory){
				     .range = {vm->memory[i].pa.v, vm->memory[i].size},
				     .owner = vm->name,
				     .vm = vm->id,
				     .ipa = vm->memory[i].ipa.v,
				     .what = vm->memory[i].rom ? "firmware" : NULL});
	}
	snprintf(m.assumed, sizeof(m.assumed), "%s%s", loaded.assumed,
		 fits ? "" : "; beside these there is no room for the VMs: not shown");
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
				device->offset = vm->devices[d].offset;
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
	/* it goes to terminals */
	for (char *c = device->path; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
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

/* How much of a path is common to devices of a kind: up to the '@' */
static size_t kind_length(const char *path)
{
	const char *at = strrchr(path, '@');

	return at ? (size_t)(at - path) : strlen(path);
}

unsigned int owners_alike(const struct owned_devices *devices, unsigned int first)
{
	const struct owned_device *d = &devices->list[first];
	size_t len = kind_length(d->path);
	unsigned int n = 1;

	while (!d->owner && first + n < devices->nr && !devices->list[first + n].owner &&
	       kind_length(devices->list[first + n].path) == len &&
	       strncmp(devices->list[first + n].path, d->path, len) == 0)
		n++;
	return n;
}
