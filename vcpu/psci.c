// SPDX-License-Identifier: BSD-2-Clause
/*
 * PSCI and SMCCC for guests. vm.lock guards power states. A call that concerns
 * another vCPU changes its state, and has its CPU look at it (VCPU_REQ_LIFE).
 */
#include "vcpu/psci.h"

#include "arm64/atomic.h"
#include "arm64/nospec.h"
#include "arm64/psci.h"
#include "core/firmware.h"
#include "fdt/guest.h"
#include "vcpu/exit.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define PSCI_VERSION_1_1 0x00010001
#define SMCCC_VERSION_1_2 0x00010002

/* CPU_SUSPEND and SYSTEM_RESET2 take a 32-bit argument in both calling conventions. */
#define RESET2_VENDOR BIT(31)
#define SUSPEND_EXTENDED_RES0 GENMASK(29, 28)

/* The vCPU with this MPIDR, or NULL. */
static struct vcpu *find_vcpu(struct vm *vm, uint64_t mpidr)
{
	unsigned int n = guest_cpu(mpidr, vm->nr_vcpus);

	return n == GUEST_NO_CPU ? NULL : &vm->vcpus[nospec_index(n, vm->nr_vcpus)];
}

static int64_t cpu_on(struct vcpu *caller, uint64_t mpidr, uint64_t pc, uint64_t x0)
{
	struct vm *vm = caller->vm;
	struct vcpu *target = find_vcpu(vm, mpidr);
	int64_t result = PSCI_SUCCESS;
	bool device;
	pa_t base;

	if (!target)
		return PSCI_INVALID_PARAMETERS;
	if (pc % 4 != 0 || !stage2_lookup(&vm->stage2, ipa(pc), &base, NULL, &device) || device)
		return PSCI_INVALID_ADDRESS;

	lock_acquire(&vm->lock);
	if (vm->state != VM_RUNNING) {
		result = PSCI_DENIED; /* nobody sees it: the caller does not run again */
		vcpu_look(caller);
	} else if (target->state == VCPU_ON || target->state == VCPU_LEAVING) {
		result = PSCI_ALREADY_ON;
	} else if (target->state == VCPU_STARTING) {
		result = PSCI_ON_PENDING;
	} else {
		atomic_store(&target->state, VCPU_STARTING);
		target->start_pc = pc;
		target->start_x0 = x0;
		vm->running++;
		vcpu_request(target, VCPU_REQ_LIFE);
	}
	lock_release(&vm->lock);
	return result;
}

/*
 * The vCPU does not run again before its CPU has looked at it and made it OFF.
 * Until then it is on, for AFFINITY_INFO and CPU_ON: its list registers and its
 * timer's physical interrupt are still in the hardware.
 */
static int64_t cpu_off(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	lock_acquire(&vm->lock);
	atomic_store(&vcpu->state, VCPU_LEAVING);
	lock_release(&vm->lock);
	vcpu_look(vcpu);
	return PSCI_DENIED; /* nobody sees it: the caller does not run again */
}

static int64_t affinity_info(struct vm *vm, uint64_t mpidr, uint64_t level)
{
	static const int8_t answer[] = {
	    [VCPU_OFF] = PSCI_AFFINITY_OFF,
	    [VCPU_STARTING] = PSCI_AFFINITY_ON_PENDING,
	    [VCPU_ON] = PSCI_AFFINITY_ON,
	    [VCPU_LEAVING] = PSCI_AFFINITY_ON,
	};
	const struct vcpu *vcpu = find_vcpu(vm, mpidr);

	/* Levels above 0 are optional since PSCI 1.0 (5.1.5). */
	if (!vcpu || level != 0)
		return PSCI_INVALID_PARAMETERS;
	return answer[atomic_load(&vcpu->state)];
}

/* Every state counts as standby, as 5.4.5 allows: the caller's context is kept. */
static int64_t cpu_suspend(struct vcpu *vcpu, uint64_t power_state)
{
	if (power_state & (SUSPEND_EXTENDED_RES0 | BIT(31)))
		return PSCI_INVALID_PARAMETERS;
	vcpu_wait(vcpu);
	return PSCI_SUCCESS;
}

static int64_t system_reset2(struct vcpu *vcpu, uint64_t type)
{
	/* SYSTEM_WARM_RESET is type 0. There are no vendor's types here (5.12). */
	if ((uint32_t)type != 0)
		return (type & RESET2_VENDOR) ? PSCI_NOT_SUPPORTED : PSCI_INVALID_PARAMETERS;
	vm_stop(vcpu, VM_NEXT_RESET);
	return PSCI_SUCCESS;
}

static int64_t psci_features(uint64_t function)
{
	switch ((uint32_t)function) {
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND_64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON_64:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO_64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_64:
	case PSCI_FEATURES:
	case SMCCC_VERSION:
		return PSCI_SUCCESS; /* and no feature flags: the original format of power_state */
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t arch_features(uint64_t function)
{
	switch ((uint32_t)function) {
	case SMCCC_VERSION:
	case SMCCC_ARCH_FEATURES:
		return 0;
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_3:
		return firmware_workaround((uint32_t)function);
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

static int64_t workaround(uint32_t function)
{
	if (firmware_workaround(function) < 0)
		return SMCCC_NOT_SUPPORTED;
	firmware_call_workaround(function);
	return 0;
}

static int64_t call(struct vcpu *vcpu, const uint64_t *x)
{
	uint32_t function = (uint32_t)x[0];

	switch (function) {
	case PSCI_VERSION:
		return PSCI_VERSION_1_1;
	case PSCI_CPU_ON:
		return cpu_on(vcpu, (uint32_t)x[1], (uint32_t)x[2], (uint32_t)x[3]);
	case PSCI_CPU_ON_64:
		return cpu_on(vcpu, x[1], x[2], x[3]);
	case PSCI_CPU_OFF:
		return cpu_off(vcpu);
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND_64:
		return cpu_suspend(vcpu, (uint32_t)x[1]);
	case PSCI_AFFINITY_INFO:
		return affinity_info(vcpu->vm, (uint32_t)x[1], (uint32_t)x[2]);
	case PSCI_AFFINITY_INFO_64:
		return affinity_info(vcpu->vm, x[1], x[2]);
	case PSCI_MIGRATE_INFO_TYPE:
		return PSCI_MIGRATE_NOT_NEEDED;
	case PSCI_SYSTEM_OFF:
		vm_stop(vcpu, VM_NEXT_OFF);
		return PSCI_SUCCESS;
	case PSCI_SYSTEM_RESET:
		vm_stop(vcpu, VM_NEXT_RESET);
		return PSCI_SUCCESS;
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_64:
		return system_reset2(vcpu, x[1]);
	case PSCI_FEATURES:
		return psci_features(x[1]);
	case SMCCC_VERSION:
		return SMCCC_VERSION_1_2;
	case SMCCC_ARCH_FEATURES:
		return arch_features(x[1]);
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_3:
		return workaround(function);
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

struct exit_result vcpu_smccc_call(struct vcpu *vcpu)
{
	int64_t result = call(vcpu, vcpu->regs.x);

	/* SMC32 and HVC32 results are 32 bits wide; the upper half is undefined (DEN0028, 2.7) */
	vcpu->regs.x[0] = (uint64_t)result;
	return exit_done(vcpu);
}
