// SPDX-License-Identifier: BSD-2-Clause
/*
 * See seeds.h.
 */
#include "vcpu/seeds.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/window.h"
#include "vcpu/vm.h"

_Static_assert(SEED_RNG_MAX <= RANDOM_MAX && SEED_KASLR_SIZE <= RANDOM_MAX, "one call each");

/* Memory that is beside each other for the guest need not be so physically. */
static void write_guest(const struct vm *vm, unsigned int cpu, ipa_t to, const uint8_t *bytes,
			uint64_t size)
{
	while (size != 0) {
		uint64_t contiguous, part;
		bool device;
		pa_t dst;

		ASSERT(stage2_lookup(&vm->stage2, to, &dst, &contiguous, &device) && !device);
		part = MIN(size, contiguous);
		phys_write(cpu, dst, bytes, part);
		to.v += part;
		bytes += part;
		size -= part;
	}
}

void seeds_write(struct vm *vm, unsigned int cpu)
{
	struct vm_seeds *seeds = &vm->seeds;
	uint8_t bytes[SEED_RNG_MAX];

	for (unsigned int i = 0; i < seeds->nr_places; i++) {
		const struct seed_place *place = &seeds->places[i];

		random_bytes(&seeds->random, bytes, place->size);
		write_guest(vm, cpu, ipa(vm->config->dtb_ipa.v + place->offset), bytes,
			    place->size);
		random_wipe(bytes, place->size);
	}
}
