/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests' accesses where stage 2 maps nothing: emulated devices, or nobody.
 * All of this is for the loaded vCPU, on its CPU, after a data abort from it
 * with syndrome `esr`.
 */
#pragma once

#include "lib/types.h"

struct mmio_region;
struct exit_result;
struct vcpu;

/* vcpu->mmio_last before the first access. */
extern const struct mmio_region mmio_nowhere;

/*
 * The short way, for what drivers do: a plain load or store of one register
 * to an emulated device. Only VCPU_REGS_EARLY in vcpu->regs are used. A fast
 * path (vcpu/exit.h), which returns EXIT_SLOW if it takes vcpu_data_abort() to
 * say what happens.
 */
struct exit_result vcpu_mmio_fast(struct vcpu *vcpu, uint64_t esr);

/*
 * Any data abort; needs all of vcpu->regs. The access is emulated and the
 * guest goes on after it, or the guest takes an abort.
 */
void vcpu_data_abort(struct vcpu *vcpu, uint64_t esr);
