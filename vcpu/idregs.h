/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The identification registers as guests see them: the features that all CPUs
 * of the machine have and that the table of idregs.c names. All other features
 * read as not implemented.
 */
#pragma once

#include "lib/types.h"

struct vm;

/* The registers' space: op0 = 3, op1 = 0, CRn = 0, CRm = 1 to 7, op2 = 0 to 7. */
#define IDREGS_NR 56u
#define IDREGS_INDEX(crm, op2) (((crm)-1) * 8 + (op2))

/* By index; constant once all CPUs have merged theirs. */
extern uint64_t idregs_common[IDREGS_NR];

/* The calling CPU's features are the machine's. Boot CPU. */
void idregs_init(void);

/* Features that the calling CPU lacks, no guest has. Each other CPU, at boot, one at a time. */
void idregs_merge(void);

/* The value of register `index` for a VM, whose GIC and stage 2 are known. Boot. */
uint64_t idregs_read(const struct vm *vm, unsigned int index);

/* True if guests have pointer authentication: its keys are part of the world switch then. */
bool idregs_have_pauth(void);

/*
 * The pure parts of idregs_init() and idregs_merge(), for one register:
 * idregs_limit() returns the value that a guest may see on a CPU with this one,
 * and idregs_combine() the features that two such values have in common.
 */
uint64_t idregs_limit(unsigned int index, uint64_t hardware);
uint64_t idregs_combine(unsigned int index, uint64_t a, uint64_t b);
