// SPDX-License-Identifier: BSD-2-Clause
/*
 * The world switch. vcpu/guest_regs.h lists the registers of EL1 and EL0 that it
 * moves, with their names.
 *
 * The order in load_context() matters in one place: a CPU may walk a guest's
 * tables by speculation at any time, also while EL2 runs (DDI 0487, D8.1.5).
 * TCR_EL1.EPD0 and EPD1 forbid these walks while VMID, stage 2 and the guest's
 * stage 1 registers are not all of one guest. (Errata 1319537 of Cortex-A57 and
 * 1319367 of Cortex-A72 are about the same.)
 */
#include "vcpu/switch.h"

#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "vcpu/debug.h"
#include "vcpu/fp.h"
#include "vcpu/idregs.h"
#include "vcpu/mitigation.h"
#include "vcpu/pcpu.h"
#include "vcpu/serror.h"
#include "vcpu/trap_config.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define TCR_EL1_EPD0 BIT(7)
#define TCR_EL1_EPD1 BIT(23)

_Static_assert(offsetof(struct vcpu, regs) == 0, "vectors.S");
_Static_assert(offsetof(struct vcpu_fp, fpsr) == 512, "fp.S");
_Static_assert(offsetof(struct vcpu_fp, fpcr) == 520, "fp.S");

#define FOR_EACH_KEY(X)                                                                            \
	X(0, APIAKEYLO_EL1)                                                                        \
	X(1, APIAKEYHI_EL1)                                                                        \
	X(2, APIBKEYLO_EL1)                                                                        \
	X(3, APIBKEYHI_EL1)                                                                        \
	X(4, APDAKEYLO_EL1)                                                                        \
	X(5, APDAKEYHI_EL1)                                                                        \
	X(6, APDBKEYLO_EL1)                                                                        \
	X(7, APDBKEYHI_EL1)                                                                        \
	X(8, APGAKEYLO_EL1)                                                                        \
	X(9, APGAKEYHI_EL1)

static void save_context(struct vcpu_context *c)
{
	c->pc = read_sysreg(elr_el2);
	c->pstate = read_sysreg(spsr_el2);
	c->hcr = read_sysreg(hcr_el2);
#define SAVE(name, reg) c->regs[GUEST_##name] = read_sysreg(reg);
	FOR_EACH_GUEST_REG(SAVE)
#undef SAVE
	vcpu_debug_save(c);
	/* HCR_EL2.AMO turns a guest's accesses to DISR_EL1 into accesses to VDISR_EL2 (D19.2.30) */
	if (serror_has_ras()) {
		c->vdisr = read_sysreg(VDISR_EL2);
		c->vsesr = read_sysreg(VSESR_EL2);
	}
	if (idregs_have_pauth()) {
#define SAVE(n, key) c->apkeys[n] = read_sysreg(key);
		FOR_EACH_KEY(SAVE)
#undef SAVE
	}
}

static void load_context(const struct vcpu_context *c, const struct vm *vm)
{
	write_sysreg(GUEST_EL1(tcr), TCR_EL1_EPD0 | TCR_EL1_EPD1);
	isb(); /* no walks from here on */
	write_sysreg(vttbr_el2, vm->stage2.vttbr);
	write_sysreg(vtcr_el2, vm->stage2.vtcr);
	write_sysreg(hcr_el2, c->hcr);
	write_sysreg(vmpidr_el2, c->vmpidr);
	write_sysreg(cntvoff_el2, vm->cntvoff);
	write_sysreg(elr_el2, c->pc);
	write_sysreg(spsr_el2, c->pstate);
#define LOAD(name, reg) write_sysreg(reg, c->regs[GUEST_##name]);
	FOR_EACH_GUEST_REG_BUT_TCR(LOAD)
#undef LOAD
	vcpu_debug_load(c);
	if (serror_has_ras()) {
		write_sysreg(VDISR_EL2, c->vdisr);
		write_sysreg(VSESR_EL2, c->vsesr);
	}
	if (idregs_have_pauth()) {
#define LOAD(n, key) write_sysreg(key, c->apkeys[n]);
		FOR_EACH_KEY(LOAD)
#undef LOAD
	}
	isb(); /* all registers are in force before walks may begin */
	write_sysreg(GUEST_EL1(tcr), c->regs[GUEST_TCR]);
}

/* Without its FP registers in the hardware the vCPU traps when it uses them: vcpu_fp_switch(). */
static void set_fp_trap(const struct pcpu *cpu, const struct vcpu *vcpu)
{
	write_sysreg(cptr_el2, VCPU_CPTR | (cpu->fp_owner == vcpu ? 0 : CPTR_TFP));
}

void vcpu_init_cpu(void)
{
	write_sysreg(mdcr_el2, vcpu_mdcr());
	write_sysreg(cnthctl_el2, VCPU_CNTHCTL);
	write_sysreg(hstr_el2, VCPU_HSTR);
	write_sysreg(vpidr_el2, read_sysreg(midr_el1));
	write_sysreg(cnthp_ctl_el2, 0);
	write_sysreg(GUEST_EL0(cntv_ctl), 0);
	write_sysreg(cptr_el2, VCPU_CPTR);
	vcpu_init_traps();
	mitigation_init_cpu(this_pcpu());
	this_pcpu()->ras = serror_has_ras();
	isb();
}

void vcpu_unload(struct pcpu *cpu)
{
	struct vcpu *vcpu = cpu->current;

	serror_sync(cpu, vcpu);
	if (!vcpu)
		return;
	save_context(&vcpu->context);
	vgic_save(&vcpu->vgic);
	vcpu_timers_save(vcpu);
	cpu->current = NULL;
}

void vcpu_switch(struct pcpu *cpu, struct vcpu *next)
{
	vcpu_unload(cpu);
	load_context(&next->context, next->vm);
	vcpu_timers_load(next);
	vgic_load(&next->vgic);
	set_fp_trap(cpu, next);
	cpu->current = next;
	isb();
}

void vcpu_fp_switch(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->home;

	write_sysreg(cptr_el2, VCPU_CPTR);
	isb(); /* the trap is gone before the registers are touched */
	if (cpu->fp_owner)
		fp_save(&cpu->fp_owner->context.fp);
	fp_load(&vcpu->context.fp);
	cpu->fp_owner = vcpu;
}
