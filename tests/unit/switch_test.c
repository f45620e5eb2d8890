// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/switch.c: what of a guest is moved, and that what a CPU does not have is not touched.
 */
#include <atf-c.h>

#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "vcpu/fp.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"
#include "vcpu/switch.h"
#include "vcpu/timer.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vdev/vgic_sgi.h"
#include "vdev/vgic_v3.h"

#define PFR0_RAS_1 (UINT64_C(1) << 28)

static struct pcpu cpu;
static struct vm vm;
static struct vcpu a, b;

/* What is moved by others, and has tests of its own */
void vgic_save(struct vgic_cpu *vgic)
{
	(void)vgic;
}

void vgic_load(struct vgic_cpu *vgic)
{
	(void)vgic;
}

void vcpu_timers_save(struct vcpu *vcpu)
{
	(void)vcpu;
}

void vcpu_timers_load(struct vcpu *vcpu)
{
	(void)vcpu;
}

void fp_save(struct vcpu_fp *fp)
{
	(void)fp;
}

void fp_load(const struct vcpu_fp *fp)
{
	(void)fp;
}

void vgic_v3_write_sgi1r(struct vgic_cpu *from, uint64_t value)
{
	(void)from;
	(void)value;
}

void vgic_v3_write_dir(struct vgic_cpu *vgic, uint64_t value)
{
	(void)vgic;
	(void)value;
}

uint64_t vcpu_ptimer_read(struct vcpu *vcpu, enum vcpu_ptimer_reg reg)
{
	(void)vcpu;
	(void)reg;
	return 0;
}

void vcpu_ptimer_write(struct vcpu *vcpu, enum vcpu_ptimer_reg reg, uint64_t value)
{
	(void)vcpu;
	(void)reg;
	(void)value;
}

void mitigation_init_cpu(struct pcpu *self)
{
	(void)self;
}

bool mitigation_is_off(void)
{
	return false;
}

static void set_up(uint64_t pfr0)
{
	fake_sysreg_reset();
	write_sysreg(id_aa64pfr0_el1, pfr0);
	write_sysreg(id_aa64dfr0_el1, 0x10305106);
	cpu = (struct pcpu){.ras = pfr0 & PFR0_RAS_1};
	a = (struct vcpu){.vm = &vm, .home = &cpu};
	b = (struct vcpu){.vm = &vm, .home = &cpu};
}

/* A guest's DISR_EL1 is VDISR_EL2, and the syndrome of an SError that is pending for it. */
ATF_TC_WITHOUT_HEAD(ras);
ATF_TC_BODY(ras, tc)
{
	set_up(PFR0_RAS_1);
	vcpu_switch(&cpu, &a);
	write_sysreg(VDISR_EL2, 0xa0a0a0);
	write_sysreg(VSESR_EL2, 0x1a1a1a);
	vcpu_switch(&cpu, &b);
	ATF_CHECK_EQ(read_sysreg(VDISR_EL2), 0);
	ATF_CHECK_EQ(read_sysreg(VSESR_EL2), 0);
	write_sysreg(VDISR_EL2, 0xb0b0b0);
	vcpu_switch(&cpu, &a);
	ATF_CHECK_EQ(read_sysreg(VDISR_EL2), 0xa0a0a0);
	ATF_CHECK_EQ(read_sysreg(VSESR_EL2), 0x1a1a1a);
	vcpu_switch(&cpu, &b);
	ATF_CHECK_EQ(read_sysreg(VDISR_EL2), 0xb0b0b0);
}

ATF_TC_WITHOUT_HEAD(no_ras);
ATF_TC_BODY(no_ras, tc)
{
	set_up(0);
	vcpu_switch(&cpu, &a);
	vcpu_switch(&cpu, &b);
	ATF_CHECK_EQ(fake_sysreg_writes("VDISR_EL2"), 0);
	ATF_CHECK_EQ(fake_sysreg_writes("VSESR_EL2"), 0);
}

/* An SError that is pending at the switch is of the vCPU that leaves, with and without FEAT_RAS. */
ATF_TC_WITHOUT_HEAD(serror);
ATF_TC_BODY(serror, tc)
{
	for (int ras = 0; ras < 2; ras++) {
		set_up(ras ? PFR0_RAS_1 : 0);
		vcpu_switch(&cpu, &a);
		write_sysreg(isr_el1, 0x100);
		vcpu_switch(&cpu, &b);
		ATF_CHECK_EQ(read_sysreg(isr_el1), 0);
		ATF_CHECK(!(read_sysreg(hcr_el2) & HCR_VSE));
		ATF_CHECK(a.context.hcr & HCR_VSE);
		vcpu_switch(&cpu, &a);
		ATF_CHECK(read_sysreg(hcr_el2) & HCR_VSE);
		ATF_CHECK(!(b.context.hcr & HCR_VSE));
	}
}

/* Every register that is moved comes back, and the other vCPU has its own. */
ATF_TC_WITHOUT_HEAD(all_are_moved);
ATF_TC_BODY(all_are_moved, tc)
{
	static const char *const moved[] = {
	    "elr_el2",	 "spsr_el2",   "hcr_el2",   "tcr_el1",	      "sctlr_el1",   "cpacr_el1",
	    "ttbr0_el1", "ttbr1_el1",  "esr_el1",   "afsr0_el1",      "afsr1_el1",   "far_el1",
	    "mair_el1",	 "amair_el1",  "vbar_el1",  "contextidr_el1", "cntkctl_el1", "elr_el1",
	    "spsr_el1",	 "sp_el0",     "sp_el1",    "tpidr_el0",      "tpidrro_el0", "tpidr_el1",
	    "par_el1",	 "csselr_el1", "mdscr_el1",
	};

	set_up(0);
	vcpu_switch(&cpu, &a);
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++)
		fake_sysreg_set(moved[i], 0xa00 + i);
	vcpu_switch(&cpu, &b);
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		ATF_CHECK_EQ_MSG(fake_sysreg_get(moved[i]), 0, "%s", moved[i]);
		fake_sysreg_set(moved[i], 0xb00 + i);
	}
	vcpu_switch(&cpu, &a);
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++)
		ATF_CHECK_EQ_MSG(fake_sysreg_get(moved[i]), 0xa00 + i, "%s", moved[i]);
	ATF_CHECK_EQ(cpu.current, &a);
	vcpu_unload(&cpu);
	ATF_CHECK(!cpu.current);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, ras);
	ATF_TP_ADD_TC(tp, no_ras);
	ATF_TP_ADD_TC(tp, serror);
	ATF_TP_ADD_TC(tp, all_are_moved);
	return atf_no_error();
}
