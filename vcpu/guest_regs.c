// SPDX-License-Identifier: BSD-2-Clause
/*
 * See guest_regs.h. No lock: a vCPU's registers are its home CPU's.
 */
#include "vcpu/guest_regs.h"

#include "arm64/sysreg.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"

static bool is_loaded(const struct vcpu *vcpu)
{
	return vcpu->home->current == vcpu;
}

uint64_t vcpu_read_reg(const struct vcpu *vcpu, enum guest_reg reg)
{
	if (!is_loaded(vcpu))
		return vcpu->context.regs[reg];
	/* The register is part of the instruction: each needs an instruction of its own. */
	switch (reg) {
#define CASE(name, sysreg)                                                                         \
	case GUEST_##name:                                                                         \
		return read_sysreg(sysreg);
		FOR_EACH_GUEST_REG(CASE)
#undef CASE
	case GUEST_NR_REGS:
		break;
	}
	return 0;
}

void vcpu_write_reg(struct vcpu *vcpu, enum guest_reg reg, uint64_t value)
{
	if (!is_loaded(vcpu)) {
		vcpu->context.regs[reg] = value;
		return;
	}
	switch (reg) {
#define CASE(name, sysreg)                                                                         \
	case GUEST_##name:                                                                         \
		write_sysreg(sysreg, value);                                                       \
		break;
		FOR_EACH_GUEST_REG(CASE)
#undef CASE
	case GUEST_NR_REGS:
		break;
	}
}
