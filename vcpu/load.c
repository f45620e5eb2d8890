/*
 * Loading in steps. See load.h; only the CPU of the VM's vCPU 0 does it, and
 * no vCPU of the VM runs meanwhile, so there is no lock.
 */
#include "vcpu/load.h"

#include "arm64/cache.h"
#include "lib/assert.h"
#include "mm/window.h"
#include "vcpu/vm.h"

/* A step's size: some 50,000 instructions, well under a scheduler's slice. */
#define LOAD_CHUNK KIB(256)

void load_add(struct vm *vm, pa_t source, ipa_t ipa, uint64_t size, uint64_t zeroes)
{
	struct vm_load *load = &vm->load;

	ASSERT(load->nr_parts < LOAD_MAX_PARTS);
	load->parts[load->nr_parts++] = (struct load_part){source, ipa, size, zeroes};
}

void load_restart(struct vm *vm)
{
	vm->load.part = 0;
	vm->load.done = 0;
}

/* Copies, or zeroes once past the part's size, as much as is contiguous and fits a step. */
static uint64_t load_chunk(struct vm *vm, const struct load_part *part, uint64_t done,
			   unsigned int cpu)
{
	bool zero = done >= part->size;
	uint64_t left = zero ? part->size + part->zeroes - done : part->size - done;
	uint64_t n = MIN(left, LOAD_CHUNK);
	uint64_t contiguous;
	bool device;
	pa_t dst;

	ASSERT(stage2_lookup(&vm->stage2, ipa(part->ipa.v + done), &dst, &contiguous, &device) &&
	       !device);
	n = MIN(n, contiguous);
	if (zero)
		phys_zero(cpu, dst, n);
	else
		phys_copy(cpu, dst, pa(part->source.v + done), n);
	return n;
}

bool load_step(struct vm *vm, unsigned int cpu)
{
	struct vm_load *load = &vm->load;

	if (load->part < load->nr_parts) {
		const struct load_part *part = &load->parts[load->part];

		load->done += load_chunk(vm, part, load->done, cpu);
		if (load->done >= part->size + part->zeroes) {
			load->part++;
			load->done = 0;
		}
	}
	if (load->part < load->nr_parts)
		return false;
	/* What was there before may still be in instruction caches, of any CPU. */
	cache_invalidate_icache();
	return true;
}
