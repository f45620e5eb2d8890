// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/vcpu.c: whether a vCPU that executes WFI blocks. tests/interleave has what several CPUs do
 * at once.
 */
#include "vcpu/vcpu.h"

#include <atf-c.h>

#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "core/irq.h"
#include "vcpu/pcpu.h"
#include "vcpu/reset.h"
#include "vcpu/switch.h"
#include "vcpu/vm.h"

static struct pcpu cpu;
static struct vcpu vcpu;
static bool pending, pending_next;

/* The second answer may be another one: an interrupt comes in between. */
bool vgic_has_pending(struct vgic_cpu *vgic)
{
	bool now = pending;

	ATF_REQUIRE_EQ(vgic, &vcpu.vgic);
	pending = pending_next;
	return now;
}

/* ---- What WFI does not lead to ---- */

/* clang-format off */
#define UNUSED __attribute__((unused))
#define NOT_REACHED(result, name, ...)                                                             \
	result name(__VA_ARGS__)                                                                   \
	{                                                                                          \
		atf_tc_fail("unexpected: " #name);                                                 \
	}

NOT_REACHED(int, irq_claim, uint32_t intid UNUSED, unsigned int flags UNUSED,
	    void (*handler)(void *) UNUSED, void *context UNUSED)
NOT_REACHED(void, irq_kick, const struct cpu *to UNUSED)
NOT_REACHED(void, vcpu_unload, struct pcpu *from UNUSED)
NOT_REACHED(void, vcpu_timers_reset, struct vcpu *of UNUSED)
NOT_REACHED(void, vcpu_reset, struct vcpu *off UNUSED, uint64_t pc UNUSED, uint64_t x0 UNUSED)
NOT_REACHED(bool, vm_vcpu_left, struct vcpu *off UNUSED)
NOT_REACHED(void, vm_stopped, struct vm *vm UNUSED)
/* clang-format on */

/* ---- The tests ---- */

/* Executes WFI with interrupts as they are. Returns whether the vCPU has blocked. */
static bool blocks(uint64_t hcr)
{
	const struct sched_params params = {.slice = 1};

	fake_sysreg_reset();
	write_sysreg(hcr_el2, hcr);
	cpu = (struct pcpu){.current = &vcpu};
	vcpu = (struct vcpu){.home = &cpu};
	sched_init(&cpu.sched);
	sched_add(&cpu.sched, &vcpu.sched, &params);
	sched_wake(&cpu.sched, &vcpu.sched);
	vcpu_wait(&vcpu);
	ATF_CHECK_EQ(vcpu.blocked, !vcpu.sched.runnable);
	ATF_CHECK_EQ(vcpu.blocked, cpu.resched);
	return vcpu.blocked;
}

ATF_TC_WITHOUT_HEAD(interrupt);
ATF_TC_BODY(interrupt, tc)
{
	pending = pending_next = false;
	ATF_CHECK(blocks(HCR_VM));
	pending = true;
	ATF_CHECK(!blocks(HCR_VM));
	pending = false;
	pending_next = true;
	ATF_CHECK(!blocks(HCR_VM));
}

/* A virtual SError ends WFI, masked or not: DDI 0487, D1.6.2. */
ATF_TC_WITHOUT_HEAD(serror);
ATF_TC_BODY(serror, tc)
{
	pending = pending_next = false;
	ATF_CHECK(!blocks(HCR_VM | HCR_VSE));
	ATF_CHECK(blocks(HCR_VM));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, interrupt);
	ATF_TP_ADD_TC(tp, serror);
	return atf_no_error();
}
