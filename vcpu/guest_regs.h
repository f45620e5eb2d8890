/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's registers of EL1 and EL0. While the vCPU is loaded they are in the
 * hardware, else in vcpu->context. vcpu_read_reg() and vcpu_write_reg() know
 * which, on the vCPU's home CPU.
 *
 * The guest's PC and PSTATE are not among them. While the vCPU is loaded these
 * are ELR_EL2 and SPSR_EL2, which all code reads and writes directly.
 */
#pragma once

#include "lib/types.h"

struct vcpu;

/*
 * The name by which EL2 reaches a register that both the guest and EL2 have. With HCR_EL2.E2H = 1
 * these names would mean EL2's own registers, and the guest's names end in _EL12 and _EL02.
 */
#define GUEST_EL1(name) name##_el1
#define GUEST_EL0(name) name##_el0

/* clang-format off */
/*
 * X(member of enum guest_reg, name of the register). TCR_EL1 is apart, because the world switch has
 * to write it first and last.
 */
#define FOR_EACH_GUEST_REG_BUT_TCR(X)                                                              \
	X(SCTLR,      GUEST_EL1(sctlr))                                                            \
	X(CPACR,      GUEST_EL1(cpacr))                                                            \
	X(TTBR0,      GUEST_EL1(ttbr0))                                                            \
	X(TTBR1,      GUEST_EL1(ttbr1))                                                            \
	X(ESR,        GUEST_EL1(esr))                                                              \
	X(AFSR0,      GUEST_EL1(afsr0))                                                            \
	X(AFSR1,      GUEST_EL1(afsr1))                                                            \
	X(FAR,        GUEST_EL1(far))                                                              \
	X(MAIR,       GUEST_EL1(mair))                                                             \
	X(AMAIR,      GUEST_EL1(amair))                                                            \
	X(VBAR,       GUEST_EL1(vbar))                                                             \
	X(CONTEXTIDR, GUEST_EL1(contextidr))                                                       \
	X(CNTKCTL,    GUEST_EL1(cntkctl))                                                          \
	X(ELR,        GUEST_EL1(elr))                                                              \
	X(SPSR,       GUEST_EL1(spsr))                                                             \
	/* Registers without a counterpart for EL2 to be mistaken for */                           \
	X(SP_EL0,     sp_el0)                                                                      \
	X(SP_EL1,     sp_el1)                                                                      \
	X(TPIDR_EL0,  tpidr_el0)                                                                   \
	X(TPIDRRO,    tpidrro_el0)                                                                 \
	X(TPIDR_EL1,  tpidr_el1)                                                                   \
	X(PAR,        par_el1)                                                                     \
	X(CSSELR,     csselr_el1)                                                                  \
	X(MDSCR,      mdscr_el1)

#define FOR_EACH_GUEST_REG(X)                                                                      \
	X(TCR,        GUEST_EL1(tcr))                                                              \
	FOR_EACH_GUEST_REG_BUT_TCR(X)
/* clang-format on */

enum guest_reg {
#define MEMBER(name, reg) GUEST_##name,
	FOR_EACH_GUEST_REG(MEMBER)
#undef MEMBER
	    GUEST_NR_REGS,
};

uint64_t vcpu_read_reg(const struct vcpu *vcpu, enum guest_reg reg);
void vcpu_write_reg(struct vcpu *vcpu, enum guest_reg reg, uint64_t value);
