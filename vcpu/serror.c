// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's access may fail long after it was made, by an SError: an interrupt that any PSTATE.A
 * lets through to EL2 while a guest runs (HCR_EL2.AMO; DDI 0487, D1.3.6), and that stays pending
 * while EL2 runs, which masks it. Taken in a guest, it is that guest's (exit_serror_fast()). So it
 * must not be pending still when another guest runs.
 *
 * An exit needs nothing for that: EL2 goes back to the same guest, where what is pending is taken
 * before the first instruction. What EL2 does until then, it does for that guest. Only when it goes
 * on with something else, another vCPU, loading a VM, or sleep, the accesses before must be
 * complete and what they led to must be taken. (KVM does so at every exit, in
 * arch/arm64/kvm/hyp/entry.S, because what runs next there is the host, which has SErrors
 * unmasked.)
 *
 * DSB completes accesses of all exception levels that came before it (B2.3.12). With FEAT_RAS, ESB
 * moves what is pending to DISR_EL1, which is EL2's own here; without, ISR_EL1 says whether there
 * is something, and it is taken by unmasking it for a moment (arm64/expect.h). The bus may report
 * a write to a device after it has acknowledged it: no CPU can tell whose that was.
 *
 * No lock: SErrors are a CPU's own.
 */
#include "vcpu/serror.h"

#include "arm64/barrier.h"
#include "arm64/expect.h"
#include "lib/log.h"
#include "vcpu/inject.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"

#define DISR_A BIT(31)
#define ISR_A BIT(8)

/* Takes a pending SError. Returns whether there was one. */
static bool take_pending(const struct pcpu *cpu)
{
	dsb(sy);
	if (cpu->ras) {
		esb();
		if (!(read_sysreg(DISR_EL1) & DISR_A))
			return false;
		write_sysreg(DISR_EL1, 0);
		return true;
	}
	isb(); /* ISR_EL1 is read after that */
	return (read_sysreg(isr_el1) & ISR_A) && expect_run(expect_serror, 0).failed;
}

bool serror_sync(struct pcpu *cpu, struct vcpu *owner)
{
	if (mitigation_is_off() || !take_pending(cpu))
		return false;
	if (!owner) {
		if (!cpu->serror_reported)
			log_warn("CPU %u: an SError that is no guest's", cpu->base.id);
		cpu->serror_reported = true;
		return false;
	}
	inject_serror();
	if (!owner->blocked)
		return false;
	/* It ends WFI, masked or not (D1.6.2) */
	owner->blocked = false;
	cpu->resched |= sched_wake(&cpu->sched, &owner->sched);
	return true;
}
