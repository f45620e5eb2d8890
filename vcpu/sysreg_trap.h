/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System register accesses of guests that trap. For the loaded vCPU, on its
 * CPU; `esr` is the syndrome.
 */
#pragma once

#include "lib/types.h"

struct exit_result;
struct vcpu;

/*
 * The short way, for registers that exist. Only VCPU_REGS_EARLY in vcpu->regs
 * are used. A fast path (vcpu/exit.h): returns EXIT_SLOW where vcpu_sysreg()
 * has to decide.
 */
struct exit_result vcpu_sysreg_fast(struct vcpu *vcpu, uint64_t esr);

/* Any trapped MSR or MRS (class 0x18): done, or UNDEFINED. Needs all of vcpu->regs. */
void vcpu_sysreg(struct vcpu *vcpu, uint64_t esr);

/*
 * A trapped coprocessor access from AArch32 EL0 (classes 0x03 to 0x06, 0x08,
 * 0x0c): UNDEFINED, or without effect if its condition fails.
 */
void vcpu_coprocessor(struct vcpu *vcpu, uint64_t esr);

/* True if the table is sorted, as the search assumes: checked at boot and by the tests. */
bool vcpu_sysreg_table_is_sorted(void);
