/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a CPU finds when it is turned on, written by entry.S with the MMU off.
 * Usable from assembly.
 */
#pragma once

#define RECORD_SCTLR 0
#define RECORD_CURRENT_EL 8
#define RECORD_DAIF 16
#define RECORD_SPSEL 24
#define RECORD_CONTEXT 32
#define RECORD_MPIDR 40

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* One cache line, nobody else's. */
struct record {
	uint64_t sctlr;
	uint64_t current_el;
	uint64_t daif;
	uint64_t spsel;
	uint64_t context;
	uint64_t mpidr;
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct record, mpidr) == RECORD_MPIDR, "entry.S");

/* CPU_ON's entry: fills in `record`, then goes on as secondary_start with record_cpu in x0. */
extern char recording_entry[];
extern struct record record;
extern uint64_t record_cpu;
#endif
