// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/guest_regs.c: a guest's register is in the hardware while its vCPU is loaded, and else in
 * its context; every one of them, under its own name.
 */
#include <atf-c.h>

#include "arm64/sysreg.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"

static const char *const names[] = {
#define NAME(name, reg) [GUEST_##name] = SYSREG_STR(reg),
    FOR_EACH_GUEST_REG(NAME)
#undef NAME
};

static struct pcpu cpu;
static struct vcpu a = {.home = &cpu}, b = {.home = &cpu};

ATF_TC_WITHOUT_HEAD(loaded);
ATF_TC_BODY(loaded, tc)
{
	fake_sysreg_reset();
	cpu.current = &a;
	for (unsigned int r = 0; r < GUEST_NR_REGS; r++)
		vcpu_write_reg(&a, (enum guest_reg)r, 0xa00 + r);
	for (unsigned int r = 0; r < GUEST_NR_REGS; r++) {
		ATF_CHECK_EQ_MSG(fake_sysreg_get(names[r]), 0xa00 + r, "%s", names[r]);
		ATF_CHECK_EQ(vcpu_read_reg(&a, (enum guest_reg)r), 0xa00 + r);
		ATF_CHECK_EQ(a.context.regs[r], 0);
	}
}

ATF_TC_WITHOUT_HEAD(not_loaded);
ATF_TC_BODY(not_loaded, tc)
{
	fake_sysreg_reset();
	cpu.current = &a;
	for (unsigned int r = 0; r < GUEST_NR_REGS; r++)
		vcpu_write_reg(&b, (enum guest_reg)r, 0xb00 + r);
	for (unsigned int r = 0; r < GUEST_NR_REGS; r++) {
		ATF_CHECK_EQ_MSG(fake_sysreg_writes(names[r]), 0, "%s", names[r]);
		ATF_CHECK_EQ(vcpu_read_reg(&b, (enum guest_reg)r), 0xb00 + r);
		ATF_CHECK_EQ(b.context.regs[r], 0xb00 + r);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, loaded);
	ATF_TP_ADD_TC(tp, not_loaded);
	return atf_no_error();
}
