/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reset of a vCPU and of a VM. Guests ask for it by PSCI (vcpu/psci.c); it is a step of a VM's
 * life (vcpu/vm.h).
 */
#pragma once

#include "lib/types.h"

struct vcpu;
struct vm;

/*
 * Puts a vCPU that is not loaded into the state in which a CPU comes out of
 * reset, to run from pc with x0 (PSCI: DEN0022, 6.4.3). On its home CPU.
 */
void vcpu_reset(struct vcpu *vcpu, uint64_t pc, uint64_t x0);

/*
 * Resets all of a VM but its vCPUs, which are reset when they start: the vGIC, the emulated
 * devices, and how far its images are loaded. All its vCPUs are off. Without vm->lock.
 */
void vm_reset(struct vm *vm);
