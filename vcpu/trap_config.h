/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values of the registers that decide which accesses of a guest trap.
 * Default deny: a register that is not known to be the guest's own traps, and
 * sysreg_trap.c makes the access UNDEFINED.
 */
#pragma once

#include "arm64/el2.h"
#include "lib/types.h"

/*
 * CPTR_EL2 while a guest runs that owns the FP registers; CPTR_TFP is added
 * while it does not. SVE, SME, trace and the activity monitors are nobody's.
 */
#define VCPU_CPTR (CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | CPTR_TAM)

/* CNTHCTL_EL2: the counter is the guest's, the physical timer (EL1PCEN) is emulated. */
#define VCPU_CNTHCTL CNTHCTL_EL1PCTEN

/* HSTR_EL2: AArch32's counterpart of HCR_EL2.TIDCP. */
#define VCPU_HSTR HSTR_T15

/*
 * HCR_EL2 while a guest runs, for all CPUs; after all have called
 * idregs_merge(). To be added per vCPU: TWI and TWE, where waiting gives the
 * CPU to another vCPU; VSE.
 */
uint64_t vcpu_hcr(void);

/* MDCR_EL2 on the calling CPU. */
uint64_t vcpu_mdcr(void);

/*
 * Puts the calling CPU's other trap registers, which only newer CPUs have, and
 * its debug registers, which no reset defines, into the state that guests
 * expect. Each CPU, once, before its first guest.
 */
void vcpu_init_traps(void);
