/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a VM: copies its images and its device tree from where boot found
 * or made them into its memory, and clears the rest if the description says so,
 * at the start and again at every restart. It
 * is done in small steps in the time of the VM's own first vCPU, so that it
 * does not hold up others that share the CPU, and so that VMs load in parallel.
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
	bool kept; /* nothing of these: what is there stays there, and leaves the caches */
};

struct vm_load {
	struct load_part *parts;
	unsigned int nr_parts;
	unsigned int nr_at_first; /* so many of these are for the first start, too */
	unsigned int max_parts;
	bool again; /* it is a restart */
	/* How far it has come; the CPU of vCPU 0 only */
	unsigned int part;
	uint64_t done;
};

/* Boot: makes room for so many parts. Returns 0 or -ENOMEM. */
int load_init(struct vm *vm, unsigned int max_parts, struct arena *arena);

/* Boot: says what belongs into the VM's memory. All of it must lie in the VM's memory. */
void load_add(struct vm *vm, pa_t source, ipa_t ipa, uint64_t size, uint64_t zeroes);

/*
 * Boot, after all load_add(): says what becomes of the VM's memory where nothing is loaded. If its
 * description says so, it is cleared. If not, at a restart it leaves the caches: the guest begins
 * with its own off, and what was written in its last life must not reach memory after what is
 * written in this one. That is one more part for each memory and for each part so far, at most.
 */
void load_add_rest(struct vm *vm);

/* From the beginning, for a restart. */
void load_restart(struct vm *vm);

/* Does a bounded part of the work. Returns true when all is done. */
bool load_step(struct vm *vm, unsigned int cpu);
