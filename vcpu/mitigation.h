/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a CPU needs between a guest and EL2, so that what the guest has taught its branch
 * predictors does not steer what EL2 speculates on.
 */
#pragma once

#include "lib/types.h"

struct pcpu;

/* What an exit begins with: one of the tables of vcpu/vectors.S. */
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

/* What a CPU says of itself, and the firmware of it. */
struct mitigation_facts {
	uint64_t midr;
	uint64_t pfr0;	      /* ID_AA64PFR0_EL1 */
	uint64_t isar2;	      /* ID_AA64ISAR2_EL1 */
	uint64_t mmfr1;	      /* ID_AA64MMFR1_EL1 */
	int32_t workaround_1; /* firmware_workaround() */
	int32_t workaround_3;
	bool calls; /* EL2 can call the firmware by SMC */
};

/* The pure part: what a CPU with these facts needs. */
struct mitigation mitigation_choose(const struct mitigation_facts *facts);

/*
 * For measuring only: no CPU gets what errata ask for, and SErrors are not attributed (serror.h).
 * Boot, before mitigation_init_cpu().
 */
void mitigation_set_off(void);
bool mitigation_is_off(void);

/* Sets the calling CPU's vectors, for its guests' exits. Each CPU, once, before its first guest. */
void mitigation_init_cpu(struct pcpu *cpu);
