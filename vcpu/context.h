/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a guest's CPU that is kept in memory: x0 to x30 at every exit,
 * the rest only while the vCPU is not loaded. Names are the architecture's
 * (DDI 0487, D19); vcpu/switch.c saves and loads them in this order.
 */
#pragma once

#include <stdint.h>

#include "vcpu/guest_regs.h"

struct vcpu_regs {
	uint64_t x[32]; /* x[31] is 0: XZR */
};

/* Register n as the operand of an instruction: 31 is the zero register. */
static inline uint64_t vcpu_regs_get(const struct vcpu_regs *regs, unsigned int n)
{
	return regs->x[n];
}

static inline void vcpu_regs_set(struct vcpu_regs *regs, unsigned int n, uint64_t value)
{
	if (n != 31)
		regs->x[n] = value;
}

/*
 * The registers that vcpu/vectors.S saves before the fast path: those that a
 * C function may change (AAPCS64, 6.1.1).
 */
#define VCPU_REGS_EARLY (GENMASK(18, 0) | BIT(30))

/* True if register n as an operand is in memory, or is XZR, in the fast path. */
static inline bool vcpu_regs_are_early(unsigned int n)
{
	return (VCPU_REGS_EARLY | BIT(31)) >> n & 1;
}

struct vcpu_fp {
	__uint128_t v[32];
	uint64_t fpsr;
	uint64_t fpcr;
};

#define VCPU_NR_BREAKPOINTS 2u /* what ID_AA64DFR0_EL1 tells guests: the architecture's minimum */
#define VCPU_NR_WATCHPOINTS 2u

struct vcpu_context {
	/* EL2's view of where the guest stands */
	uint64_t pc;	 /* ELR_EL2 */
	uint64_t pstate; /* SPSR_EL2 */
	uint64_t hcr;	 /* HCR_EL2 for this vCPU: VSE is pending state */

	uint64_t regs[GUEST_NR_REGS]; /* by enum guest_reg: vcpu_read_reg() */
	uint64_t vmpidr;	      /* VMPIDR_EL2: constant */

	/* SErrors: VDISR_EL2 and VSESR_EL2; if the CPU has FEAT_RAS */
	uint64_t vdisr;
	uint64_t vsesr;

	/* Breakpoints and watchpoints: vcpu/debug.h */
	uint64_t dbgbvr[VCPU_NR_BREAKPOINTS];
	uint64_t dbgbcr[VCPU_NR_BREAKPOINTS];
	uint64_t dbgwvr[VCPU_NR_WATCHPOINTS];
	uint64_t dbgwcr[VCPU_NR_WATCHPOINTS];

	/* Pointer authentication keys, low and high halves; if the CPU has them */
	uint64_t apkeys[10];

	/* The virtual timer; the emulated physical one is in vcpu/timer.h */
	uint64_t cntv_cval;
	uint64_t cntv_ctl;

	struct vcpu_fp fp; /* valid while another vCPU owns the FP registers */
};
