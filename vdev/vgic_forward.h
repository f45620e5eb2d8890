/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forwarded interrupts' lines, and the physical interrupts behind them, for the
 * vGIC's own files; with the lock of the interrupt's owner held. How they come
 * in is in vgic.h: vgic_inject_hw().
 */
#pragma once

#include "vdev/vgic_state.h"

/* Looks at the line of an interrupt that was high, if that can be done here, and no more. */
void vgic_sample(struct vgic *vgic, struct vgic_irq *irq);

/*
 * If an SPI waits because its line was high: looks at the line, and lets go of the interrupt if
 * the line has dropped. To be called before it is unmasked. For private ones flush does so, on
 * their own CPU.
 */
void vgic_follow_line(struct vgic *vgic, struct vgic_irq *irq);

/* The level of the line of an interrupt that follows one, for a guest that runs on `caller`. */
bool vgic_line_is_high(struct vgic *vgic, const struct vgic_cpu *caller, struct vgic_irq *irq);

/* Looks at the lines of cpu's private physical interrupts, for others who ask. Loaded here. */
void vgic_sample_private(struct vgic_cpu *cpu);

/* The physical interrupt is not on its way to the guest any more: it may come again. */
void vgic_release_hw(struct vgic *vgic, struct vgic_irq *irq);

/*
 * Looks at the lines of cpu's private physical interrupts that wait, and deactivates those that
 * are active for nothing. On the CPU where it is loaded, or which it leaves just now.
 */
void vgic_release_private(struct vgic_cpu *cpu);

/*
 * Deactivates the physical interrupt of a list register with the HW bit before the guest does. A
 * private one whose vCPU is not loaded is not in the hardware: it is deactivated by the next flush.
 */
void vgic_give_back_hw(struct vgic_cpu *cpu, struct vgic_irq *irq);
