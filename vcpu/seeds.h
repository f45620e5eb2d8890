/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's random numbers: a generator of its own, which boot has seeded, and where in the guest's
 * copy of its device tree they go.
 */
#pragma once

#include "fdt/seeds.h"
#include "lib/random.h"

struct vm;

/* Only the CPU of the VM's vCPU 0 uses it, while the VM is loaded: no lock. */
struct vm_seeds {
	struct random random;
	struct seed_place places[SEEDS_MAX];
	unsigned int nr_places; /* 0: the tree has none, or there is no source of random numbers */
};

/* Writes new random numbers into the tree, which was just loaded. On the CPU of vCPU 0. */
void seeds_write(struct vm *vm, unsigned int cpu);
