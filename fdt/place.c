// SPDX-License-Identifier: BSD-2-Clause
/*
 * Placing the VMs' memory: the largest ranges first, each at the first free
 * physical address whose low bits are those of its guest-physical one, so that
 * stage 2 can use the largest blocks. Such alignment leaves gaps; if something
 * does not fit because of them, all is placed anew with less of it.
 */
#include "fdt/place.h"

#include <string.h>

#include "fdt/diag.h"
#include "lib/bits.h"
#include "lib/errno.h"

static const uint64_t aligns[] = {GIB(1), MIB(2), PAGE_SIZE};

struct item {
	struct vm_memory *memory;
	const struct vm_config *vm;
};

struct placer {
	struct item *items; /* largest first */
	unsigned int nr_items;
	struct range *pieces; /* what is free: sorted, apart, none is empty */
	unsigned int nr_pieces;
};

/* Takes [base, base + size) out of what is free: at most one more piece. */
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

/* What is to be at a certain place is there, or not at all. */
static bool place_fixed(struct placer *p, const struct item *item, struct diag *diag)
{
	const struct vm_memory *memory = item->memory;

	for (unsigned int i = 0; i < p->nr_pieces; i++) {
		if (!range_within(memory->pa.v, memory->size, p->pieces[i].base, p->pieces[i].size))
			continue;
		take(p, memory->pa.v, memory->size);
		return true;
	}
	if (diag)
		diag_error(diag, item->vm->path, "memory",
			   "0x%llx to 0x%llx is not free memory of this machine, which identity or "
			   "physical asks for",
			   (unsigned long long)memory->pa.v,
			   (unsigned long long)(memory->pa.v + memory->size - 1));
	return false;
}

/*
 * Places everything, with aligns[first] at most. Returns false, after
 * reporting it if there is a diag, if something does not fit.
 */
static bool place_all(struct placer *p, unsigned int first, struct diag *diag)
{
	bool all = true;

	for (unsigned int i = 0; i < p->nr_items; i++)
		if (p->items[i].memory->fixed)
			all = place_fixed(p, &p->items[i], diag) && all;
	for (unsigned int i = 0; i < p->nr_items; i++) {
		struct vm_memory *memory = p->items[i].memory;
		bool done = memory->fixed;

		for (unsigned int a = first; !done && a < ARRAY_SIZE(aligns); a++)
			done = memory->size >= aligns[a] && place_one(p, memory, aligns[a]);
		all = all && done;
		if (!done && diag)
			diag_error(
			    diag, p->items[i].vm->path, "memory",
			    "there is no free piece of %llu MiB for the memory at 0x%llx: make "
			    "it smaller, or divide it into several memory@ nodes",
			    (unsigned long long)(memory->size >> 20),
			    (unsigned long long)memory->ipa.v);
	}
	return all;
}

static void set_free(struct placer *p, const struct host *host, const struct range *taken,
		     unsigned int nr_taken)
{
	p->nr_pieces = host->nr_ram;
	memcpy(p->pieces, host->ram, host->nr_ram * sizeof(*p->pieces));
	for (unsigned int i = 0; i < host->nr_reserved; i++)
		take(p, host->reserved[i].base, host->reserved[i].size);
	for (unsigned int i = 0; i < nr_taken; i++)
		take(p, taken[i].base, taken[i].size);
}

static void add_item(struct placer *p, const struct vm_config *vm, struct vm_memory *memory)
{
	unsigned int i = p->nr_items++;

	for (; i > 0 && p->items[i - 1].memory->size < memory->size; i--)
		p->items[i] = p->items[i - 1];
	p->items[i] = (struct item){memory, vm};
}

int place_memory(struct system_config *config, const struct host *host, const struct range *taken,
		 unsigned int nr_taken, struct arena *arena, struct diag *diag)
{
	struct placer p = {0};
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
		set_free(&p, host, taken, nr_taken);
		if (place_all(&p, a, a == ARRAY_SIZE(aligns) - 1 ? diag : NULL))
			return 0;
	}
	return -EINVAL;
}
