// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/serror.c: an SError goes to whom it belongs, and to nobody else; with and without FEAT_RAS.
 */
#include <atf-c.h>

#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "lib/log.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"
#include "vcpu/serror.h"
#include "vcpu/vcpu.h"

#define PENDING 0x100

static struct pcpu cpu;
static struct vcpu vcpu;
static bool off;
static unsigned int warnings, woken;

bool mitigation_is_off(void)
{
	return off;
}

void log_warn(const char *fmt, ...)
{
	(void)fmt;
	warnings++;
}

bool sched_wake(struct sched_cpu *sched, struct sched_entity *entity)
{
	ATF_REQUIRE(sched == &cpu.sched && entity == &vcpu.sched);
	woken++;
	return true;
}

static void set_up(bool ras)
{
	fake_sysreg_reset();
	write_sysreg(id_aa64pfr0_el1, ras ? UINT64_C(1) << 28 : 0);
	cpu = (struct pcpu){.current = &vcpu, .ras = ras};
	vcpu = (struct vcpu){.home = &cpu};
	off = false;
	warnings = woken = 0;
}

#define FOR_BOTH(ras) for (int ras = 0; ras < 2; ras++)

ATF_TC_WITHOUT_HEAD(owner);
ATF_TC_BODY(owner, tc)
{
	FOR_BOTH(ras)
	{
		set_up(ras);
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK_EQ(read_sysreg(hcr_el2), 0);
		write_sysreg(isr_el1, PENDING);
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK_EQ(read_sysreg(hcr_el2), HCR_VSE);
		/* it is pending no more, for whoever comes next */
		ATF_CHECK_EQ(read_sysreg(isr_el1), 0);
		ATF_CHECK_EQ(read_sysreg(DISR_EL1), 0);
		write_sysreg(hcr_el2, 0);
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK_EQ(read_sysreg(hcr_el2), 0);
		ATF_CHECK_EQ(warnings + woken, 0);
	}
}

ATF_TC_WITHOUT_HEAD(nobody);
ATF_TC_BODY(nobody, tc)
{
	FOR_BOTH(ras)
	{
		set_up(ras);
		for (int i = 0; i < 3; i++) {
			write_sysreg(isr_el1, PENDING);
			ATF_CHECK(!serror_sync(&cpu, NULL));
			ATF_CHECK_EQ(read_sysreg(isr_el1), 0);
			ATF_CHECK_EQ(read_sysreg(hcr_el2), 0);
			ATF_CHECK_EQ(warnings, 1);
		}
	}
}

ATF_TC_WITHOUT_HEAD(ends_wfi);
ATF_TC_BODY(ends_wfi, tc)
{
	FOR_BOTH(ras)
	{
		set_up(ras);
		vcpu.blocked = true;
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK(vcpu.blocked);
		write_sysreg(isr_el1, PENDING);
		ATF_CHECK(serror_sync(&cpu, &vcpu));
		ATF_CHECK(!vcpu.blocked);
		ATF_CHECK_EQ(woken, 1);
		ATF_CHECK_EQ(read_sysreg(hcr_el2), HCR_VSE);
	}
}

/* Other interrupts are not SErrors; and who measures does without. */
ATF_TC_WITHOUT_HEAD(nothing);
ATF_TC_BODY(nothing, tc)
{
	FOR_BOTH(ras)
	{
		set_up(ras);
		write_sysreg(isr_el1, 0xc0);
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK_EQ(read_sysreg(isr_el1), 0xc0);
		write_sysreg(isr_el1, PENDING);
		off = true;
		ATF_CHECK(!serror_sync(&cpu, &vcpu));
		ATF_CHECK_EQ(read_sysreg(isr_el1), PENDING);
		ATF_CHECK_EQ(read_sysreg(hcr_el2), 0);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, owner);
	ATF_TP_ADD_TC(tp, nobody);
	ATF_TP_ADD_TC(tp, ends_wfi);
	ATF_TP_ADD_TC(tp, nothing);
	return atf_no_error();
}
