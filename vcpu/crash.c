// SPDX-License-Identifier: BSD-2-Clause
/*
 * See crash.h. No lock: vm_stop() takes the VM's, and the report is about this CPU's registers.
 */
#include "vcpu/crash.h"

#include <stdarg.h>

#include "arm64/sysreg.h"
#include "lib/format.h"
#include "lib/log.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

static void report_registers(const struct vcpu *vcpu)
{
	const uint64_t *x = vcpu->regs.x;

	log_error("  pc %016lx  pstate %08lx  sp_el0 %016lx  sp_el1 %016lx", read_sysreg(elr_el2),
		  read_sysreg(spsr_el2), vcpu_read_reg(vcpu, GUEST_SP_EL0),
		  vcpu_read_reg(vcpu, GUEST_SP_EL1));
	log_error("  ESR_EL2 %08lx  FAR_EL2 %016lx  HPFAR_EL2 %016lx", read_sysreg(esr_el2),
		  read_sysreg(far_el2), read_sysreg(hpfar_el2));
	log_error("  ESR_EL1 %08lx  FAR_EL1 %016lx  ELR_EL1 %016lx  VBAR_EL1 %016lx",
		  vcpu_read_reg(vcpu, GUEST_ESR), vcpu_read_reg(vcpu, GUEST_FAR),
		  vcpu_read_reg(vcpu, GUEST_ELR), vcpu_read_reg(vcpu, GUEST_VBAR));
	for (int i = 0; i < 30; i += 3)
		log_error("  x%-2d %016lx  x%-2d %016lx  x%-2d %016lx", i, x[i], i + 1, x[i + 1],
			  i + 2, x[i + 2]);
	log_error("  x30 %016lx", x[30]);
}

void vm_crash(struct vcpu *vcpu, const char *fmt, ...)
{
	char why[128];
	va_list args;

	/* Its other vCPUs may crash for the same reason: one report is enough. */
	if (!vm_stop(vcpu, VM_NEXT_CRASHED))
		return;
	va_start(args, fmt);
	format_va(why, sizeof(why), fmt, args);
	va_end(args);

	log_error("%s: vCPU %u: %s", vcpu->vm->config->name, vcpu->id, why);
	report_registers(vcpu);
}
