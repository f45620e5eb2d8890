/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's timers. The virtual timer is the guest's own while the vCPU is
 * loaded, and costs nothing. While the vCPU is not loaded, a timer of EL2 stands
 * in for it. The EL1 physical timer is always emulated, by another timer of EL2.
 *
 * Everything here runs on the vCPU's home CPU; there is no lock.
 */
#pragma once

#include "core/timer.h"
#include "lib/arena.h"
#include "lib/types.h"

struct vcpu;

/* The registers of the EL1 physical timer, and its counter. */
enum vcpu_ptimer_reg {
	VCPU_PTIMER_CNT,  /* CNTPCT_EL0 */
	VCPU_PTIMER_TVAL, /* CNTP_TVAL_EL0 */
	VCPU_PTIMER_CTL,  /* CNTP_CTL_EL0 */
	VCPU_PTIMER_CVAL, /* CNTP_CVAL_EL0 */
};

struct vcpu_timers {
	struct vcpu *vcpu;

	struct timer vtimer; /* runs for the virtual timer while the vCPU is not loaded */

	struct timer ptimer; /* runs while the physical timer is on and in the future */
	uint64_t ptimer_cval;
	uint32_t ptimer_ctl; /* CNT_CTL_ENABLE and IMASK */
	bool ptimer_line;    /* the line's level, as the vGIC knows it */
};

/* Makes the timers of a vCPU. Boot only. 0 or -ENOMEM. */
int vcpu_timers_init(struct vcpu *vcpu, struct arena *arena);

/* All off, as out of reset. The vCPU is not loaded. */
void vcpu_timers_reset(struct vcpu *vcpu);

/*
 * World switch: moves the virtual timer out of and into the hardware. Save
 * after vgic_save(), from which the vGIC knows whether the timer's interrupt is
 * active in the guest. Load before vgic_load().
 */
void vcpu_timers_save(struct vcpu *vcpu);
void vcpu_timers_load(struct vcpu *vcpu);

/* The guest reads or writes a register of its physical timer. The vCPU is loaded. */
uint64_t vcpu_ptimer_read(struct vcpu *vcpu, enum vcpu_ptimer_reg reg);
void vcpu_ptimer_write(struct vcpu *vcpu, enum vcpu_ptimer_reg reg, uint64_t value);

/*
 * For vgic_host_ops.refresh: the physical timer's line rises if it is due, whether or not EL2
 * has taken the interrupt of its own timer by now. The vCPU is loaded.
 */
void vcpu_timers_refresh(struct vcpu *vcpu);

/* For vgic_host_ops.sample: the output of the loaded vCPU's virtual timer. */
bool vcpu_timers_sample(uint32_t intid);
