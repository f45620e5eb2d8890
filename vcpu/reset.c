// SPDX-License-Identifier: BSD-2-Clause
/*
 * See reset.h. No lock: nobody else touches a vCPU or a VM that is off.
 */
#include "vcpu/reset.h"

#include "arm64/el2.h"
#include "arm64/pstate.h"
#include "fdt/guest.h"
#include "lib/string.h"
#include "vcpu/pcpu.h"
#include "vcpu/trap_config.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* SCTLR_EL1 at reset: the bits that are RES1 in Armv8.0; MMU and caches off */
#define SCTLR_EL1_RESET 0x30d00800

void vcpu_reset(struct vcpu *vcpu, uint64_t pc, uint64_t x0)
{
	struct vcpu_context *c = &vcpu->context;

	memset(&vcpu->regs, 0, sizeof(vcpu->regs));
	memset(c, 0, sizeof(*c));
	vcpu->regs.x[0] = x0;
	c->pc = pc;
	c->pstate = PSTATE_DAIF | PSTATE_EL1H;
	c->hcr = vcpu_hcr() | (sched_is_dedicated(&vcpu->home->sched) ? 0 : HCR_TWI);
	vcpu_write_reg(vcpu, GUEST_SCTLR, SCTLR_EL1_RESET);
	/* bit 31 is RES1, bit 30 (U) says that there is one CPU only */
	c->vmpidr = BIT(31) | (vcpu->vm->nr_vcpus == 1 ? BIT(30) : 0) | guest_mpidr(vcpu->id);
	vcpu_timers_reset(vcpu);
	vgic_reset_cpu(&vcpu->vgic);
}

void vm_reset(struct vm *vm)
{
	vgic_reset(&vm->vgic);
	vdev_reset_all(vm->devices);
	load_restart(vm);
}
