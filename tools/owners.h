/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who owns what: physical memory, devices, interrupts and CPUs.
 */
#pragma once

#include "tools/tool.h"

#define OWNER_BULKHEAD "Bulkhead"
#define OWNED_MAX_IRQS 64

/* A piece of a bank of memory. All of a bank is in pieces, in order. */
struct owned_memory {
	struct range range;
	unsigned int bank;
	const char *owner; /* a VM's name, or OWNER_BULKHEAD; NULL: nobody */
	unsigned int vm;   /* its number from 1; 0: no VM's */
	uint64_t ipa;	   /* where a VM has it */
	const char *what;  /* of what is no VM's: "free", "reserved", ...; or "firmware" */
};

struct owned_memories {
	struct owned_memory *list;
	unsigned int nr;
	char assumed[320]; /* where what the boot loader places is taken to be, and why: one line */
};

struct owned_device {
	char path[160];
	struct range reg;  /* the first */
	const char *owner; /* as above */
	unsigned int vm;
	uint64_t offset;	       /* from its address to the VM's; may wrap */
	uint32_t irqs[OWNED_MAX_IRQS]; /* INTIDs */
	unsigned int nr_irqs;
};

struct owned_devices {
	struct owned_device *list; /* by address */
	unsigned int nr;
};

/*
 * Places the memory as boot does, around what the boot loader has put into memory. False if
 * there is no room for that and the VMs: then they are placed as if it was not there.
 */
bool owners_place(struct tool_system *system);

/* The same, and who has what then. */
struct owned_memories owners_memory(struct tool_system *system);

/* All devices of the machine that have registers which CPUs reach, but for memory. */
struct owned_devices owners_devices(const struct tool_system *system);

/* A size in the largest unit that fits. */
void map_size(char *text, size_t size, uint64_t bytes);

/* How many devices from this one on are of one kind, and nobody's; at least 1. */
unsigned int owners_alike(const struct owned_devices *devices, unsigned int first);
