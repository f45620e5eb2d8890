// SPDX-License-Identifier: BSD-2-Clause
/*
 * See seeds.h.
 */
#include "fdt/seeds.h"

#include <libfdt.h>

#include "lib/bits.h"

static const struct {
	const char *name;
	int min, max;
} seeds[SEEDS_MAX] = {
    {"rng-seed", 1, SEED_RNG_MAX},
    {"kaslr-seed", SEED_KASLR_SIZE, SEED_KASLR_SIZE},
};

/* True if the user's device-tree has the property in its /chosen. */
static bool is_given(const struct vm_config *vm, const char *name)
{
	int chosen = -1;

	if (vm->dtb.size == 0 && vm->device_tree >= 0)
		chosen = fdt_subnode_offset(vm->blob, vm->device_tree, "chosen");
	return chosen >= 0 && fdt_getprop(vm->blob, chosen, name, NULL);
}

unsigned int seeds_find(const struct vm_config *vm, const void *dtb,
			struct seed_place places[SEEDS_MAX])
{
	int chosen = fdt_subnode_offset(dtb, 0, "chosen");
	unsigned int n = 0;

	if (chosen < 0)
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(seeds); i++) {
		int len = 0;
		const char *value = fdt_getprop(dtb, chosen, seeds[i].name, &len);

		if (!value || len < seeds[i].min || len > seeds[i].max ||
		    is_given(vm, seeds[i].name))
			continue;
		places[n++] =
		    (struct seed_place){(uint32_t)(value - (const char *)dtb), (uint32_t)len};
	}
	return n;
}
