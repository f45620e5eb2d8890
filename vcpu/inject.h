/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions that move a guest's PC: they give the guest an exception, or
 * end an instruction that EL2 has executed in its place. All of this is for a
 * vCPU that is loaded, on its CPU.
 */
#pragma once

#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "lib/types.h"

struct vcpu;

/* The instruction that trapped is UNDEFINED. */
void inject_undef(struct vcpu *vcpu);

/*
 * The data access (instruction fetch) that trapped aborts. `far` is the
 * virtual address, `iss` the syndrome: a fault status code (FSC_*), and of
 * ESR_ABT_* WNR and FNV.
 */
void inject_data_abort(struct vcpu *vcpu, uint64_t far, uint64_t iss);
void inject_inst_abort(struct vcpu *vcpu, uint64_t far, uint64_t iss);

/* An SError becomes pending; the guest takes it when it does not mask it. */
void inject_serror(void);

/* The address of the guest's exception vectors (VBAR_EL1), and their size. */
#define INJECT_VECTORS_SIZE UINT64_C(0x800)
uint64_t inject_vectors(const struct vcpu *vcpu);

/* The instruction that trapped with syndrome `esr` is done: the guest goes on after it. */
void inject_skip_instruction(uint64_t esr);

/* If one of these bits of SPSR_EL2 is set, inject_skip_plain() is not enough. */
#define INJECT_SKIP_STATE (PSTATE_AARCH32 | PSTATE_SS | PSTATE_BTYPE)

/* inject_skip_instruction() for the fast paths: SPSR_EL2 has none of INJECT_SKIP_STATE. */
static inline void inject_skip_plain(void)
{
	write_sysreg(elr_el2, read_sysreg(elr_el2) + 4);
}
