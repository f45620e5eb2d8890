/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each CPU's measure at a guest's exit, by which the guest's training of the branch predictors has
 * no effect on EL2's speculation.
 */
#pragma once

#include "lib/types.h"

struct pcpu;

/* The beginning of each exit: one of the tables of vcpu/vectors.S. */
enum mitigation_kind {
	MITIGATION_NONE,
	MITIGATION_LOOP,  /* `argument` branches, which replace the history */
	MITIGATION_CLEAR, /* the instruction CLRBHB */
	MITIGATION_CALL,  /* the firmware's function `argument` */
};

struct mitigation {
	enum mitigation_kind kind;
	uint32_t argument;
	bool missing; /* the CPU needs the firmware's help, and the firmware has none */
};

/* Facts about a CPU, from its own registers and from the firmware. */
struct mitigation_facts {
	uint64_t midr;
	uint64_t pfr0;	      /* ID_AA64PFR0_EL1 */
	uint64_t isar2;	      /* ID_AA64ISAR2_EL1 */
	uint64_t mmfr1;	      /* ID_AA64MMFR1_EL1 */
	int32_t workaround_1; /* firmware_workaround() */
	int32_t workaround_3;
	bool calls; /* EL2 can call the firmware by SMC */
};

/* The pure part: the measure for a CPU with these facts. */
struct mitigation mitigation_choose(const struct mitigation_facts *facts);

/*
 * For measuring only: no CPU has a mitigation, and SErrors are not attributed (serror.h).
 * Boot, before mitigation_init_cpu().
 */
void mitigation_set_off(void);
bool mitigation_is_off(void);

/* Sets the calling CPU's vectors, for its guests' exits. Each CPU, once, before its first guest. */
void mitigation_init_cpu(struct pcpu *cpu);
