// SPDX-License-Identifier: BSD-2-Clause
/*
 * Placing the VMs' memory: the largest ranges first, each at the first free
 * physical address whose low bits are those of its guest-physical one, so that
 * stage 2 can use the largest blocks. Such alignment leaves gaps; if something
 * does not fit because of them, all is placed anew with less of it.
 */
#include "fdt/place.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/diag.h"
#include "fdt/value.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"

#define MEMORY_PATH 144
/* In a message */
#define MAX_BANKS_SHOWN 3

#define LLU(value) ((unsigned long long)(value))

static const uint64_t aligns[] = {GIB(1), MIB(2), PAGE_SIZE};

struct item {
	struct vm_memory *memory;
	const struct vm_config *vm;
};

struct placer {
	const struct host *host;
	const struct place_taken *taken;
	unsigned int nr_taken;
	struct item *items; /* largest first */
	unsigned int nr_items;
	struct range *pieces; /* what is free: sorted, apart, none is empty */
	unsigned int nr_pieces;
};

/* Takes [base, base + size) out of the free pieces, which become one more at most. */
static void take(struct placer *p, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;

	for (unsigned int i = 0; i < p->nr_pieces; i++) {
		struct range *piece = &p->pieces[i], old = *piece;
		bool head = base > old.base, tail = end < old.base + old.size;

		if (size == 0 || !range_overlaps(base, size, old.base, old.size))
			continue;
		memmove(piece + head + tail, piece + 1, (p->nr_pieces - i - 1) * sizeof(*piece));
		p->nr_pieces += (unsigned int)head + tail - 1;
		if (head)
			*piece++ = (struct range){old.base, base - old.base};
		if (tail)
			*piece = (struct range){end, old.base + old.size - end};
		i += (unsigned int)head + tail - 1;
	}
}

static bool place_one(struct placer *p, struct vm_memory *memory, uint64_t align)
{
	for (unsigned int i = 0; i < p->nr_pieces; i++) {
		const struct range *piece = &p->pieces[i];
		uint64_t base = piece->base + ((memory->ipa.v - piece->base) & (align - 1));

		if (!range_within(base, memory->size, piece->base, piece->size))
			continue;
		memory->pa = pa(base);
		take(p, base, memory->size);
		return true;
	}
	return false;
}

/* ---- Messages ---- */

/* The memory@ node, or the VM for its firmware, and the property that asks for the memory. */
static const char *show_memory(const struct item *item, char *path, size_t size)
{
	const void *blob = item->vm->blob;
	int node = item->memory->node;

	if (item->memory->rom || node <= 0) {
		format(path, size, "%s", item->vm->path);
		return item->memory->rom ? "firmware" : "memory";
	}
	format(path, size, "%s/%.60s", item->vm->path, fdt_get_name(blob, node, NULL));
	if (fdt_getprop(blob, node, "identity", NULL))
		return "identity";
	return item->memory->fixed ? "physical" : "reg";
}

static const struct range *largest_piece(const struct placer *p)
{
	static const struct range none = {0, 0};
	const struct range *largest = &none;

	for (unsigned int i = 0; i < p->nr_pieces; i++)
		if (p->pieces[i].size > largest->size)
			largest = &p->pieces[i];
	return largest;
}

/* The first range in the way of a memory, and whose it is; NULL if there is none. */
static const char *find_owner(const struct placer *p, unsigned int n, struct range *range,
			      char path[MEMORY_PATH])
{
	const struct vm_memory *memory = p->items[n].memory;

	for (unsigned int i = 0; i < p->nr_taken; i++) {
		*range = p->taken[i].range;
		if (range_overlaps(memory->pa.v, memory->size, range->base, range->size))
			return p->taken[i].owner;
	}
	for (unsigned int i = 0; i < p->host->nr_reserved; i++) {
		*range = p->host->reserved[i];
		if (range_overlaps(memory->pa.v, memory->size, range->base, range->size))
			return "reserved by the firmware";
	}
	for (unsigned int i = 0; i < n; i++) {
		const struct vm_memory *other = p->items[i].memory;

		*range = (struct range){other->pa.v, other->size};
		if (!other->fixed ||
		    !range_overlaps(memory->pa.v, memory->size, range->base, range->size))
			continue;
		(void)show_memory(&p->items[i], path, MEMORY_PATH);
		return path;
	}
	return NULL;
}

/* The banks of RAM, or the first ones of many */
static void show_ram(const struct host *host, char *text, size_t size)
{
	size_t n = 0;

	for (unsigned int i = 0; i < host->nr_ram && n < size; i++) {
		if (i == MAX_BANKS_SHOWN) {
			format(text + n, size - n, ", ...");
			return;
		}
		n += format(text + n, size - n, "%s0x%llx to 0x%llx", i ? ", " : "",
			    LLU(host->ram[i].base), LLU(host->ram[i].base + host->ram[i].size - 1));
	}
}

static bool is_partly_ram(const struct host *host, const struct vm_memory *memory)
{
	for (unsigned int i = 0; i < host->nr_ram; i++)
		if (range_overlaps(memory->pa.v, memory->size, host->ram[i].base,
				   host->ram[i].size))
			return true;
	return false;
}

static void refuse_fixed(const struct placer *p, unsigned int n, struct diag *diag)
{
	const struct vm_memory *memory = p->items[n].memory;
	uint64_t last = memory->pa.v + memory->size - 1;
	const struct range *largest = largest_piece(p);
	char path[MEMORY_PATH], other[MEMORY_PATH], ram[160];
	const char *property = show_memory(&p->items[n], path, sizeof(path)), *owner;
	struct range range;

	owner = find_owner(p, n, &range, other);
	if (owner) {
		diag_error(diag, path, property,
			   "0x%llx to 0x%llx: of this, 0x%llx to 0x%llx is %s: choose another "
			   "address; the largest free piece is 0x%llx to 0x%llx",
			   LLU(memory->pa.v), LLU(last), LLU(range.base),
			   LLU(range.base + range.size - 1), owner, LLU(largest->base),
			   LLU(largest->base + largest->size - 1));
		return;
	}
	show_ram(p->host, ram, sizeof(ram));
	diag_error(diag, path, property,
		   "0x%llx to 0x%llx is %s memory of this machine, which has %s: choose another "
		   "address",
		   LLU(memory->pa.v), LLU(last), is_partly_ram(p->host, memory) ? "not all" : "no",
		   ram);
}

static void refuse_size(const struct placer *p, const struct item *item, struct diag *diag)
{
	char path[MEMORY_PATH], size[VALUE_SIZE], left[VALUE_SIZE];
	const char *property = show_memory(item, path, sizeof(path));

	value_size(size, item->memory->size);
	value_size(left, largest_piece(p)->size);
	diag_error(
	    diag, path, property,
	    "needs %s for 0x%llx, but the largest free piece of this machine's memory has %s: "
	    "make it smaller, or divide it into several memory@ nodes",
	    size, LLU(item->memory->ipa.v), left);
}

/* ---- All of them ---- */

/* Memory that is to be at a certain place is there, or not at all. */
static bool place_fixed(struct placer *p, const struct vm_memory *memory)
{
	for (unsigned int i = 0; i < p->nr_pieces; i++) {
		if (!range_within(memory->pa.v, memory->size, p->pieces[i].base, p->pieces[i].size))
			continue;
		take(p, memory->pa.v, memory->size);
		return true;
	}
	return false;
}

/*
 * Places everything, with aligns[first] at most. Returns false, after
 * reporting it if there is a diag, if something does not fit.
 */
static bool place_all(struct placer *p, unsigned int first, struct diag *diag)
{
	bool all = true;

	for (unsigned int i = 0; i < p->nr_items; i++) {
		if (!p->items[i].memory->fixed || place_fixed(p, p->items[i].memory))
			continue;
		all = false;
		if (diag)
			refuse_fixed(p, i, diag);
	}
	for (unsigned int i = 0; i < p->nr_items; i++) {
		struct vm_memory *memory = p->items[i].memory;
		bool done = memory->fixed;

		for (unsigned int a = first; !done && a < ARRAY_SIZE(aligns); a++)
			done = memory->size >= aligns[a] && place_one(p, memory, aligns[a]);
		all = all && done;
		if (!done && diag)
			refuse_size(p, &p->items[i], diag);
	}
	return all;
}

static void set_free(struct placer *p)
{
	const struct host *host = p->host;

	p->nr_pieces = host->nr_ram;
	memcpy(p->pieces, host->ram, host->nr_ram * sizeof(*p->pieces));
	for (unsigned int i = 0; i < host->nr_reserved; i++)
		take(p, host->reserved[i].base, host->reserved[i].size);
	for (unsigned int i = 0; i < p->nr_taken; i++)
		take(p, p->taken[i].range.base, p->taken[i].range.size);
}

static void add_item(struct placer *p, const struct vm_config *vm, struct vm_memory *memory)
{
	unsigned int i = p->nr_items++;

	for (; i > 0 && p->items[i - 1].memory->size < memory->size; i--)
		p->items[i] = p->items[i - 1];
	p->items[i] = (struct item){memory, vm};
}

int place_memory(struct system_config *config, const struct host *host,
		 const struct place_taken *taken, unsigned int nr_taken, struct arena *arena,
		 struct diag *diag)
{
	struct placer p = {.host = host, .taken = taken, .nr_taken = nr_taken};
	unsigned int n = 0;

	for (unsigned int v = 0; v < config->nr_vms; v++)
		n += config->vms[v].nr_memory;
	p.items = arena_alloc(arena, n, sizeof(*p.items));
	p.pieces = arena_alloc(arena, (size_t)host->nr_ram + host->nr_reserved + nr_taken + n,
			       sizeof(*p.pieces));
	if (!p.items || !p.pieces) {
		diag_error(diag, "/", NULL, "the system is too large: remove some of it");
		return -ENOMEM;
	}
	for (unsigned int v = 0; v < config->nr_vms; v++)
		for (unsigned int m = 0; m < config->vms[v].nr_memory; m++)
			add_item(&p, &config->vms[v], &config->vms[v].memory[m]);

	for (unsigned int a = 0; a < ARRAY_SIZE(aligns); a++) {
		set_free(&p);
		if (place_all(&p, a, a == ARRAY_SIZE(aligns) - 1 ? diag : NULL))
			return 0;
	}
	return -EINVAL;
}
