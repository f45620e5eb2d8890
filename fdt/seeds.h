/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest's device tree has random numbers. vcpu/seeds.h writes new ones there at each start
 * of the guest. Boot only: at run time nothing parses.
 */
#pragma once

#include "fdt/system.h"

/* rng-seed and kaslr-seed, in /chosen */
#define SEEDS_MAX 2
/* rng-seed: bytes in a generated tree, and the most that are written (Linux takes no more) */
#define SEED_RNG_SIZE 32
#define SEED_RNG_MAX 512
#define SEED_KASLR_SIZE 8

/* Bytes of a tree: an offset from its start, and a length. */
struct seed_place {
	uint32_t offset, size;
};

/*
 * Finds the seeds in the VM's tree at dtb. The tree was generated, or reg_check_tree() has checked
 * it. A seed from the user's device-tree is left out, for its value is the user's. Returns how many
 * seeds were found.
 */
unsigned int seeds_find(const struct vm_config *vm, const void *dtb,
			struct seed_place places[SEEDS_MAX]);
