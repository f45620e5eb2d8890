// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/reset.c: a vCPU after its reset is a CPU after CPU_ON (DEN0022, 6.4.3), whatever it was
 * before; a VM's devices and its loading begin anew.
 */
#include "vcpu/reset.h"

#include <atf-c.h>
#include <string.h>

#include "arm64/el2.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/pcpu.h"
#include "vcpu/trap_config.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

static struct pcpu cpu;
static struct vm vm;
static struct vcpu vcpus[2];
static unsigned int vgic_resets, cpu_resets, timer_resets, device_resets;

void vgic_reset(struct vgic *vgic)
{
	ATF_REQUIRE_EQ(vgic, &vm.vgic);
	ATF_REQUIRE_EQ(device_resets, 0); /* devices find it reset */
	vgic_resets++;
}

void vgic_reset_cpu(struct vgic_cpu *vgic)
{
	ATF_REQUIRE_EQ(vgic, &vcpus[1].vgic);
	cpu_resets++;
}

void vcpu_timers_reset(struct vcpu *vcpu)
{
	ATF_REQUIRE_EQ(vcpu, &vcpus[1]);
	timer_resets++;
}

uint64_t vcpu_hcr(void)
{
	return HCR_VM;
}

static void device_reset(struct vdev *dev)
{
	(void)dev;
	device_resets++;
}

/* A vCPU that is not loaded, with all ones in its state. */
static void set_up(unsigned int nr_vcpus, unsigned int nr_entities)
{
	struct vcpu *vcpu = &vcpus[1];

	fake_sysreg_reset();
	memset(&vcpu->regs, 0xff, sizeof(vcpu->regs));
	memset(&vcpu->context, 0xff, sizeof(vcpu->context));
	vcpu->vm = &vm;
	vcpu->home = &cpu;
	vcpu->id = 1;
	vm.nr_vcpus = nr_vcpus;
	cpu.current = &vcpus[0];
	cpu.sched.nr_entities = nr_entities;
	cpu_resets = timer_resets = 0;
	vcpu_reset(vcpu, 0x40080000, 0x123);
}

ATF_TC_WITHOUT_HEAD(vcpu_state);
ATF_TC_BODY(vcpu_state, tc)
{
	const struct vcpu *vcpu = &vcpus[1];
	const struct vcpu_context *c = &vcpu->context;

	set_up(2, 1);
	ATF_CHECK_EQ(vcpu->regs.x[0], 0x123);
	for (unsigned int i = 1; i < 32; i++)
		ATF_CHECK_EQ(vcpu->regs.x[i], 0);
	ATF_CHECK_EQ(c->pc, 0x40080000);
	ATF_CHECK_EQ(c->pstate, PSTATE_DAIF | PSTATE_EL1H);
	/* MMU and caches off, little-endian */
	ATF_CHECK_EQ(vcpu_read_reg(vcpu, GUEST_SCTLR), 0x30d00800);
	for (unsigned int r = 0; r < GUEST_NR_REGS; r++)
		if (r != GUEST_SCTLR)
			ATF_CHECK_EQ(vcpu_read_reg(vcpu, (enum guest_reg)r), 0);
	ATF_CHECK_EQ(c->hcr & (HCR_VSE | HCR_TWI), 0);
	ATF_CHECK(c->hcr & HCR_VM);
	ATF_CHECK_EQ(c->vmpidr, 0x80000001);
	ATF_CHECK_EQ(c->fp.fpcr, 0);
	ATF_CHECK_EQ(cpu_resets, 1);
	ATF_CHECK_EQ(timer_resets, 1);
	/* what is loaded is another vCPU's */
	ATF_CHECK_EQ(fake_sysreg_writes("sctlr_el1"), 0);
}

/* Who shares its CPU gives it away in WFI; who is alone in its VM says so. */
ATF_TC_WITHOUT_HEAD(shared_and_alone);
ATF_TC_BODY(shared_and_alone, tc)
{
	set_up(1, 2);
	ATF_CHECK(vcpus[1].context.hcr & HCR_TWI);
	ATF_CHECK_EQ(vcpus[1].context.vmpidr, 0xc0000001);
}

ATF_TC_WITHOUT_HEAD(vm_state);
ATF_TC_BODY(vm_state, tc)
{
	static const struct vdev_ops ops = {.reset = device_reset};
	struct vdev second = {.ops = &ops}, first = {.ops = &ops, .next = &second};

	vm.devices = &first;
	vm.load.part = 3;
	vm.load.done = 0x1000;
	vm_reset(&vm);
	ATF_CHECK_EQ(vgic_resets, 1);
	ATF_CHECK_EQ(device_resets, 2);
	ATF_CHECK_EQ(vm.load.part, 0);
	ATF_CHECK_EQ(vm.load.done, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, vcpu_state);
	ATF_TP_ADD_TC(tp, shared_and_alone);
	ATF_TP_ADD_TC(tp, vm_state);
	return atf_no_error();
}
