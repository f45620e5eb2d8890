/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a VM, at its start and at every restart: copies its images and its
 * device tree into its memory, from where boot has found or made them, and clears
 * the rest if the description says so. Loading is done in small steps in the time
 * of the VM's own first vCPU. So it does not hold up others that share the CPU,
 * and VMs load in parallel.
 */
#pragma once

#include "lib/arena.h"
#include "lib/types.h"

struct pcpu;
struct vm;

/* A part of a VM's memory: size bytes from physical memory, then zeroes. */
struct load_part {
	pa_t source;
	ipa_t ipa;
	uint64_t size;
	uint64_t zeroes;
	bool kept; /* neither: the memory keeps its contents, which leave the caches */
};

struct vm_load {
	struct load_part *parts;
	unsigned int nr_parts;
	unsigned int nr_at_first; /* the first ones, which are for the first start, too */
	unsigned int max_parts;
	bool again; /* it is a restart */
	/* Progress; the CPU of vCPU 0 only */
	unsigned int part;
	uint64_t done;
};

/* Boot: makes room for so many parts. Returns 0 or -ENOMEM. */
int load_init(struct vm *vm, unsigned int max_parts, struct arena *arena);

/* Boot: adds a part (struct load_part). All of it must lie in the VM's memory. */
void load_add(struct vm *vm, pa_t source, ipa_t ipa, uint64_t size, uint64_t zeroes);

/*
 * Boot, after all load_add(): adds the VM's memory in which nothing is loaded. If the VM's
 * description says so, this memory is cleared. If not, it leaves the caches at a restart: the guest
 * begins with its caches off, and no line of its last life may be written back over what it writes
 * then. These are one more part for each memory and for each part so far, at most.
 */
void load_add_rest(struct vm *vm);

/* From the beginning, for a restart. */
void load_restart(struct vm *vm);

/* Does a bounded part of the work. Returns true when all is done. */
bool load_step(struct vm *vm, unsigned int cpu);
