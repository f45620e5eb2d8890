/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 faults: a guest's access to an IPA where stage 2 maps nothing, or not
 * for this access. The IPA is an emulated device's, or nobody's. All of this is
 * for the loaded vCPU, on its CPU, after an abort from it with syndrome `esr`.
 */
#pragma once

#include "lib/types.h"

struct mmio_region;
struct exit_result;
struct vcpu;

/* vcpu->mmio_last before the vCPU's first access: where no IPA is. */
extern const struct mmio_region mmio_nowhere;

/*
 * The short way, for the accesses of drivers: a plain load or store of one
 * register to an emulated device. Only VCPU_REGS_EARLY in vcpu->regs are used. A
 * fast path (vcpu/exit.h): returns EXIT_SLOW where stage2_data_abort() has to
 * decide.
 */
struct exit_result stage2_fault_fast(struct vcpu *vcpu, uint64_t esr);

/*
 * Any data abort; needs all of vcpu->regs. The access is emulated and the
 * guest goes on after it, or the guest takes an abort.
 */
void stage2_data_abort(struct vcpu *vcpu, uint64_t esr);

/*
 * The guest could not fetch the instruction at its PC, because it has no memory
 * there: gives it the abort. If the PC is in its own exception vectors the abort
 * would repeat for ever: stops the VM.
 */
void stage2_fetch_abort(struct vcpu *vcpu);
