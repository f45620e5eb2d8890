// SPDX-License-Identifier: BSD-2-Clause
/*
 * The generic timer as guests see it (DDI 0487, D11.2). CNTHCTL_EL2 lets them
 * read the counters; the virtual timer is not trapped, the EL1 physical timer
 * is.
 *
 * The virtual timer's interrupt is forwarded: it is active in the physical GIC
 * from the moment at which EL2 takes it until the guest deactivates it. Meanwhile
 * another vCPU on the same CPU could not get its own timer's interrupt. So the
 * active state is part of the world switch, too.
 */
#include "vcpu/timer.h"

#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "lib/errno.h"
#include "vcpu/forward.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

#define CTL_WRITABLE (CNT_CTL_ENABLE | CNT_CTL_IMASK)

/* True if a timer with this control register gives an interrupt once it is due. */
static bool is_armed(uint64_t ctl)
{
	return (ctl & CTL_WRITABLE) == CNT_CTL_ENABLE;
}

/* ---- The virtual timer ---- */

/* The virtual timer of a vCPU that is not loaded is due: as if its interrupt had been taken. */
static void vtimer_fire(struct timer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu_timers, vtimer)->vcpu;

	vgic_inject_hw(&vcpu->vm->vgic, vcpu->id, PLATFORM_PPI_VTIMER);
}

void vcpu_timers_save(struct vcpu *vcpu)
{
	struct vcpu_context *context = &vcpu->context;
	uint64_t deadline;

	context->cntv_ctl = read_sysreg(GUEST_EL0(cntv_ctl)) & CTL_WRITABLE;
	context->cntv_cval = read_sysreg(GUEST_EL0(cntv_cval));
	write_sysreg(GUEST_EL0(cntv_ctl), 0);
	/* The line is low before another vCPU is loaded, to which the interrupt would be given */
	isb();

	if (vgic_hw_private_active(&vcpu->vgic, PLATFORM_PPI_VTIMER)) {
		/* No other interrupt of this timer comes before the guest has deactivated this one
		 */
		gic->set_active(forward_vtimer(), false);
		return;
	}
	/* A deadline after the counter's end never comes */
	if (is_armed(context->cntv_ctl) &&
	    !__builtin_add_overflow(context->cntv_cval, vcpu->vm->cntvoff, &deadline))
		timer_start(&vcpu->timers->vtimer, deadline);
}

void vcpu_timers_load(struct vcpu *vcpu)
{
	const struct vcpu_context *context = &vcpu->context;

	timer_stop(&vcpu->timers->vtimer);
	if (vgic_hw_private_active(&vcpu->vgic, PLATFORM_PPI_VTIMER)) {
		gic->set_active(forward_vtimer(), true);
		/* Active before the line rises, so that the interrupt is not taken again */
		dsb(sy);
	}
	write_sysreg(cntvoff_el2, vcpu->vm->cntvoff);
	write_sysreg(GUEST_EL0(cntv_cval), context->cntv_cval);
	/* The timer is not on with another guest's offset or compare value */
	isb();
	write_sysreg(GUEST_EL0(cntv_ctl), context->cntv_ctl);
}

bool vcpu_timers_sample(uint32_t intid)
{
	uint64_t ctl = read_sysreg(GUEST_EL0(cntv_ctl));

	return intid == PLATFORM_PPI_VTIMER && is_armed(ctl) && (ctl & CNT_CTL_ISTATUS);
}

/* ---- The EL1 physical timer ---- */

static bool ptimer_is_due(const struct vcpu_timers *t, uint64_t now)
{
	return (t->ptimer_ctl & CNT_CTL_ENABLE) && now >= t->ptimer_cval;
}

/* Brings the interrupt line and EL2's timer into line with the registers. */
static void ptimer_update(struct vcpu_timers *t, uint64_t now)
{
	bool armed = is_armed(t->ptimer_ctl);
	bool line = armed && ptimer_is_due(t, now);

	if (armed && !line)
		timer_start(&t->ptimer, t->ptimer_cval);
	else
		timer_stop(&t->ptimer);
	if (line != t->ptimer_line) {
		t->ptimer_line = line;
		vgic_set_line(&t->vcpu->vm->vgic, t->vcpu->id, PLATFORM_PPI_PTIMER, line);
	}
}

static void ptimer_fire(struct timer *timer)
{
	ptimer_update(container_of(timer, struct vcpu_timers, ptimer), timer_now());
}

/* The line rises as soon as anybody sees that the timer is due, not only by EL2's interrupt. */
static void ptimer_look(struct vcpu_timers *t, uint64_t now)
{
	if (is_armed(t->ptimer_ctl) && !t->ptimer_line && now >= t->ptimer_cval)
		ptimer_update(t, now);
}

void vcpu_timers_refresh(struct vcpu *vcpu)
{
	if (is_armed(vcpu->timers->ptimer_ctl))
		ptimer_look(vcpu->timers, timer_now());
}

uint64_t vcpu_ptimer_read(struct vcpu *vcpu, enum vcpu_ptimer_reg reg)
{
	struct vcpu_timers *t = vcpu->timers;
	uint64_t now = timer_now();

	switch (reg) {
	case VCPU_PTIMER_CNT:
		return now;
	case VCPU_PTIMER_TVAL:
		return (uint32_t)(t->ptimer_cval - now);
	case VCPU_PTIMER_CTL:
		ptimer_look(t, now);
		return t->ptimer_ctl | (ptimer_is_due(t, now) ? CNT_CTL_ISTATUS : 0);
	case VCPU_PTIMER_CVAL:
		return t->ptimer_cval;
	}
	return 0;
}

void vcpu_ptimer_write(struct vcpu *vcpu, enum vcpu_ptimer_reg reg, uint64_t value)
{
	struct vcpu_timers *t = vcpu->timers;

	switch (reg) {
	case VCPU_PTIMER_CNT:
		return;
	case VCPU_PTIMER_TVAL:
		t->ptimer_cval = timer_now() + (uint64_t)(int32_t)value;
		break;
	case VCPU_PTIMER_CTL:
		t->ptimer_ctl = (uint32_t)(value & CTL_WRITABLE);
		break;
	case VCPU_PTIMER_CVAL:
		t->ptimer_cval = value;
		break;
	}
	ptimer_update(t, timer_now());
}

/* ---- Both ---- */

int vcpu_timers_init(struct vcpu *vcpu, struct arena *arena)
{
	struct vcpu_timers *t = arena_alloc(arena, 1, sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	t->vcpu = vcpu;
	timer_init(&t->vtimer, vtimer_fire);
	timer_init(&t->ptimer, ptimer_fire);
	vcpu->timers = t;
	return 0;
}

void vcpu_timers_reset(struct vcpu *vcpu)
{
	vcpu->context.cntv_ctl = 0;
	vcpu->context.cntv_cval = 0;
	timer_stop(&vcpu->timers->vtimer);
	vcpu->timers->ptimer_cval = 0;
	vcpu_ptimer_write(vcpu, VCPU_PTIMER_CTL, 0);
}
