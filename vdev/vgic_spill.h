/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spilled interrupts: active, and in no list register, for there were not
 * enough. For the vGIC's own files; with the vCPU's lock held.
 */
#pragma once

#include "vdev/vgic_state.h"

/*
 * The active priority of an interrupt that a register made active: no acknowledged
 * interrupt has it, for it is lower than any priority mask.
 */
#define VGIC_NEVER_ACKNOWLEDGED 0xf8

/* Spills an interrupt that was acknowledged at `priority`. It stands nowhere. */
void vgic_spill(struct vgic_cpu *cpu, struct vgic_irq *irq, uint8_t priority);

/* It is not spilled any more; it is still active. */
void vgic_unspill(struct vgic_cpu *cpu, struct vgic_irq *irq);

/* The vCPU's interface is reset: EOIs to come are not meant for spilled interrupts. */
void vgic_forget_acknowledged(struct vgic_cpu *cpu);

/* vgic_fold_eoi_count(), if something is spilled; loaded. */
void vgic_fold_spilled(struct vgic_cpu *cpu);

/* Ends the spilled interrupts whose EOIs the hardware has counted. */
static inline void vgic_fold_eoi_count(struct vgic_cpu *cpu)
{
	if (cpu->spilled.first && cpu->loaded)
		vgic_fold_spilled(cpu);
}
