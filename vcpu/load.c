// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loading in steps. See load.h; only the CPU of the VM's vCPU 0 does it, and
 * no vCPU of the VM runs meanwhile, so there is no lock.
 */
#include "vcpu/load.h"

#include "arm64/cache.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "vcpu/vm.h"

int load_init(struct vm *vm, unsigned int max_parts, struct arena *arena)
{
	struct vm_load *load = &vm->load;

	load->parts = arena_alloc(arena, max_parts, sizeof(*load->parts));
	if (!load->parts)
		return -ENOMEM;
	load->max_parts = max_parts;
	return 0;
}

void load_add(struct vm *vm, pa_t source, ipa_t ipa, uint64_t size, uint64_t zeroes)
{
	struct vm_load *load = &vm->load;

	ASSERT(load->nr_parts < load->max_parts);
	load->parts[load->nr_parts++] =
	    (struct load_part){.source = source, .ipa = ipa, .size = size, .zeroes = zeroes};
	load->nr_at_first = load->nr_parts;
}

/* The bytes from `base` on, where nothing is loaded. */
static void add_rest(struct vm *vm, ipa_t base, uint64_t size)
{
	struct vm_load *load = &vm->load;

	if (vm->config->clear_memory) {
		load_add(vm, pa(0), base, 0, size);
		return;
	}
	ASSERT(load->nr_parts < load->max_parts);
	load->parts[load->nr_parts++] = (struct load_part){.ipa = base, .size = size, .kept = true};
}

/*
 * If one of the first nr parts has the address: where this part ends. If not: the address; and if
 * a part begins between the address and *next, *next becomes this beginning.
 */
static uint64_t skip_part(const struct vm_load *load, unsigned int nr, uint64_t at, uint64_t *next)
{
	for (unsigned int i = 0; i < nr; i++) {
		const struct load_part *part = &load->parts[i];
		uint64_t begin = part->ipa.v, size = part->size + part->zeroes;

		if (range_within(at, 1, begin, size))
			return begin + size;
		if (begin > at && begin < *next)
			*next = begin;
	}
	return at;
}

void load_add_rest(struct vm *vm)
{
	const struct vm_config *config = vm->config;
	unsigned int nr = vm->load.nr_parts;

	for (unsigned int m = 0; m < config->nr_memory; m++) {
		uint64_t at = config->memory[m].ipa.v, end = at + config->memory[m].size;

		while (at < end) {
			uint64_t next = end, after = skip_part(&vm->load, nr, at, &next);

			if (after == at) {
				add_rest(vm, ipa(at), next - at);
				after = next;
			}
			at = after;
		}
	}
}

void load_restart(struct vm *vm)
{
	vm->load.part = 0;
	vm->load.done = 0;
	vm->load.again = true;
}

/* Copies, zeroes once past the part's size, or flushes: a step of it. Returns how many bytes. */
static uint64_t load_chunk(struct vm *vm, const struct load_part *part, uint64_t done,
			   unsigned int cpu)
{
	ipa_t to = ipa(part->ipa.v + done);
	int64_t n;

	if (part->kept)
		n = guest_flush(&vm->stage2, cpu, to, part->size - done);
	else if (done < part->size)
		n = guest_load(&vm->stage2, cpu, to, pa(part->source.v + done), part->size - done);
	else
		n = guest_clear(&vm->stage2, cpu, to, part->size + part->zeroes - done);
	ASSERT(n > 0);
	return (uint64_t)n;
}

bool load_step(struct vm *vm, unsigned int cpu)
{
	struct vm_load *load = &vm->load;
	unsigned int nr = load->again ? load->nr_parts : load->nr_at_first;

	if (load->part < nr) {
		const struct load_part *part = &load->parts[load->part];

		load->done += load_chunk(vm, part, load->done, cpu);
		if (load->done >= part->size + part->zeroes) {
			load->part++;
			load->done = 0;
		}
	}
	if (load->part < nr)
		return false;
	seeds_write(vm, cpu);
	/* Instruction caches, of any CPU, may have the memory's former contents. */
	cache_invalidate_icache();
	return true;
}
