// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's access may fail long after it was made, by an SError. While a guest runs, an SError is
 * an interrupt to EL2 whatever PSTATE.A is (HCR_EL2.AMO; DDI 0487, D1.3.6), and is given to that
 * guest (exit_serror_fast()). While EL2 runs, SErrors are masked and stay pending. So none may be
 * pending still when another guest runs.
 *
 * An exit needs nothing for this, if EL2 goes back to the same guest: the CPU takes the SError
 * there before the first instruction, and EL2's own accesses until then were for that guest. Before
 * EL2 goes on with something else (another vCPU, the loading of a VM, sleep) the accesses so far
 * must be complete, and the SErrors that they have caused must be taken. (KVM does this at every
 * exit, in arch/arm64/kvm/hyp/entry.S, because it goes on with the host, which has SErrors
 * unmasked.)
 *
 * DSB completes the accesses before it, of all exception levels (B2.3.12). With FEAT_RAS, ESB moves
 * a pending SError to DISR_EL1, which is EL2's own here. Without FEAT_RAS, ISR_EL1 says whether an
 * SError is pending, and EL2 takes it by unmasking SErrors for a moment (arm64/expect.h). A bus may
 * acknowledge a write to a device and report an error of it later: no CPU can tell whose write that
 * was.
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
	isb(); /* ISR_EL1 is read after the DSB */
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
	/* A pending virtual SError ends WFI, masked or not (D1.6.2) */
	owner->blocked = false;
	cpu->resched |= sched_wake(&cpu->sched, &owner->sched);
	return true;
}
