/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest's device tree has random numbers, which are written there anew at each of its
 * starts. Boot only: at run time nothing parses.
 */
#pragma once

#include "fdt/system.h"

/* rng-seed and kaslr-seed, in /chosen */
#define SEEDS_MAX 2
/* rng-seed: what is generated, and the most that is written (Linux takes no more) */
#define SEED_RNG_SIZE 32
#define SEED_RNG_MAX 512
#define SEED_KASLR_SIZE 8

/* Bytes of a tree: an offset from its start, and a length. */
struct seed_place {
	uint32_t offset, size;
};

/*
 * Finds the seeds in the VM's tree at dtb, which reg_check_tree() has checked, or was generated.
 * Not those that the user's device-tree gives: they are as he wants them. Returns how many there
 * are.
 */
unsigned int seeds_find(const struct vm_config *vm, const void *dtb,
			struct seed_place places[SEEDS_MAX]);
