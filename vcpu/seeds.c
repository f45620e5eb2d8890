// SPDX-License-Identifier: BSD-2-Clause
/*
 * See seeds.h.
 */
#include "vcpu/seeds.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/guest.h"
#include "vcpu/vm.h"

_Static_assert(SEED_RNG_MAX <= RANDOM_MAX && SEED_KASLR_SIZE <= RANDOM_MAX, "one call each");

void seeds_write(struct vm *vm, unsigned int cpu)
{
	struct vm_seeds *seeds = &vm->seeds;
	uint8_t bytes[SEED_RNG_MAX];

	for (unsigned int i = 0; i < seeds->nr_places; i++) {
		const struct seed_place *place = &seeds->places[i];

		random_bytes(&seeds->random, bytes, place->size);
		/* within the tree, which lies in the VM's memory */
		ASSERT(guest_write(&vm->stage2, cpu, ipa(vm->config->dtb_ipa.v + place->offset),
				   bytes, place->size) == 0);
		random_wipe(bytes, place->size);
	}
}
