/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest's device tree says of its machine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"
#include "tests/guests/lib/smp.h"

#define MACHINE_MAX_RAM 4

struct machine {
	unsigned int nr_cpus;
	uint64_t mpidr[SMP_MAX_CPUS]; /* reg of each /cpus/cpu@ */
	unsigned int nr_ram;
	struct range ram[MACHINE_MAX_RAM];
	struct range dtb;
	struct range gicd;
	struct range gicc; /* GICv2 */
	struct range gicr; /* GICv3 */
	unsigned int gic_version;
	uint64_t uart; /* 0: none */
	uint64_t rtc;  /* a PL031; 0: none */
	uint32_t rtc_intid;
	bool psci_by_smc; /* not by HVC: the firmware is at EL3, or there is no EL2 */
	char bootargs[128];
	/* bootargs has "native": no hypervisor, so the machine has what guests must not see. */
	bool native;
};

extern struct machine machine;

/* Reads the tree; the console works afterwards. */
void machine_init(const void *dtb);

/* True if bootargs has the word. */
bool machine_has(const char *word);

/* The number of "name=number" in bootargs, or `otherwise`. */
unsigned long machine_number(const char *name, unsigned long otherwise);

/* True if [address, address + size) touches the machine's memory. */
bool machine_is_ram(uint64_t address, uint64_t size);
