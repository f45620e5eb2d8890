/*
 * Placing the VMs' memory: first the largest ranges, each at the first
 * physical address whose low bits are those of its guest-physical one, so that
 * stage 2 can use the largest blocks.
 */
#include "fdt/place.h"

#include "fdt/diag.h"
#include "lib/bits.h"
#include "lib/errno.h"

struct placer {
	struct system_config *config;
	const struct host *host;
	const struct range *taken;
	unsigned int nr_taken;
};

/*
 * The end of something that is in the way of [base, base + size), or 0 if
 * nothing is.
 */
static uint64_t obstacle(const struct placer *p, uint64_t base, uint64_t size)
{
	const struct host *host = p->host;

	for (unsigned int i = 0; i < host->nr_reserved; i++)
		if (range_overlaps(base, size, host->reserved[i].base, host->reserved[i].size))
			return host->reserved[i].base + host->reserved[i].size;
	for (unsigned int i = 0; i < p->nr_taken; i++)
		if (range_overlaps(base, size, p->taken[i].base, p->taken[i].size))
			return p->taken[i].base + p->taken[i].size;
	for (unsigned int v = 0; v < p->config->nr_vms; v++) {
		const struct vm_config *vm = &p->config->vms[v];

		for (unsigned int m = 0; m < vm->nr_memory; m++)
			if (vm->memory[m].pa.v != 0 &&
			    range_overlaps(base, size, vm->memory[m].pa.v, vm->memory[m].size))
				return vm->memory[m].pa.v + vm->memory[m].size;
	}
	return 0;
}

/* The first address from `from` on that is `phase` modulo `align`; may wrap. */
static uint64_t next_congruent(uint64_t from, uint64_t phase, uint64_t align)
{
	return from + ((phase - from) & (align - 1));
}

static bool place_in(const struct placer *p, const struct range *ram, struct vm_memory *memory,
		     uint64_t align)
{
	uint64_t from = ram->base;

	/* Every round begins behind something that was in the way: they are finitely many. */
	for (;;) {
		uint64_t base = next_congruent(from, memory->ipa.v, align);
		uint64_t end;

		/* 0 stands for "not placed yet" */
		if (base == 0)
			base = align;
		if (base < from || !range_within(base, memory->size, ram->base, ram->size))
			return false;
		end = obstacle(p, base, memory->size);
		if (end == 0) {
			memory->pa = pa(base);
			return true;
		}
		from = ALIGN_UP(end, PAGE_SIZE);
	}
}

static bool place_one(const struct placer *p, struct vm_memory *memory)
{
	static const uint64_t aligns[] = {GIB(1), MIB(2), PAGE_SIZE};

	for (unsigned int a = 0; a < ARRAY_SIZE(aligns); a++) {
		if (memory->size < aligns[a])
			continue;
		for (unsigned int i = 0; i < p->host->nr_ram; i++)
			if (place_in(p, &p->host->ram[i], memory, aligns[a]))
				return true;
	}
	return false;
}

/* The largest range that is not placed yet, and whose it is. */
static struct vm_memory *largest(const struct placer *p, const struct vm_config **owner)
{
	struct vm_memory *best = NULL;

	for (unsigned int v = 0; v < p->config->nr_vms; v++) {
		const struct vm_config *vm = &p->config->vms[v];

		for (unsigned int m = 0; m < vm->nr_memory; m++) {
			struct vm_memory *memory = &vm->memory[m];

			if (memory->pa.v == 0 && (!best || memory->size > best->size)) {
				best = memory;
				*owner = vm;
			}
		}
	}
	return best;
}

int place_memory(struct system_config *config, const struct host *host, const struct range *taken,
		 unsigned int nr_taken, struct arena *arena, struct diag *diag)
{
	struct placer p = {config, host, taken, nr_taken};
	const struct vm_config *vm = NULL;
	struct vm_memory *memory;

	(void)arena;
	while ((memory = largest(&p, &vm))) {
		if (!place_one(&p, memory)) {
			diag_error(
			    diag, vm->path, "memory",
			    "there is no free piece of %llu MiB for the memory at 0x%llx: make "
			    "it smaller, or divide it into several memory@ nodes",
			    (unsigned long long)(memory->size >> 20),
			    (unsigned long long)memory->ipa.v);
			return -EINVAL;
		}
	}
	return 0;
}
