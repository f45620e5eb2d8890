/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the vGIC share: state changes of one interrupt, and list
 * registers. All under the lock of the interrupt's owner.
 */
#pragma once

#include "arm64/atomic.h"
#include "vdev/vgic_state.h"

void vgic_move_out(struct vgic_cpu *cpu);

/*
 * Releases a vCPU's lock. Interrupts that have found out under it that they
 * are another vCPU's go there now: no two locks are ever held at once.
 */
static inline void vgic_unlock(struct vgic_cpu *cpu)
{
	if (__builtin_expect(cpu->moving.first != NULL, 0))
		vgic_move_out(cpu);
	lock_release(&cpu->lock);
}

/* The vCPU that holds the interrupt. */
static inline struct vgic_cpu *vgic_owner(struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->cpus[irq->owner];
}

/* Takes the lock that guards the interrupt; returns whose it is. */
struct vgic_cpu *vgic_lock_irq(struct vgic *vgic, const struct vgic_irq *irq);

/* The same, while `held` (or nothing: NULL) is locked, which is released if it is another's. */
struct vgic_cpu *vgic_relock_irq(struct vgic *vgic, struct vgic_cpu *held,
				 const struct vgic_irq *irq);

/*
 * The active priority of what was made active by a register: no acknowledged
 * interrupt has it, for it is lower than any priority mask.
 */
#define VGIC_NEVER_ACKNOWLEDGED 0xf8
#define VGIC_NO_BIT 0xff /* irq->active_bit: none of the active priorities */

/* True if the interrupt asks to be delivered, wherever it stands. */
static inline bool vgic_is_pending(const struct vgic_irq *irq)
{
	return irq->latch || (!irq->edge && irq->line) || irq->sources;
}

/*
 * Something of the interrupt has changed: queues it, or takes it out of its
 * queue, or has the list register that holds it looked at again; and kicks
 * the vCPU that has to know.
 */
void vgic_update(struct vgic *vgic, struct vgic_irq *irq);

/* Takes it out of its queue, if it is in one; before its priority changes. */
void vgic_unqueue(struct vgic *vgic, struct vgic_irq *irq);

/* ICPENDR: what was latched is dropped, and the physical interrupt with it if its line is low. */
void vgic_clear_pending(struct vgic *vgic, struct vgic_irq *irq);

/* The guest deactivates an interrupt, by GICC_DIR or a distributor register. */
void vgic_deactivate(struct vgic *vgic, struct vgic_irq *irq);

/* The same, at the guest's word, with the lock taken here. */
void vgic_deactivate_by_guest(struct vgic *vgic, struct vgic_irq *irq);

/* There is something to do for a vCPU before it runs on: has it flushed. */
void vgic_resync(struct vgic *vgic, struct vgic_cpu *cpu);

/* True if the pending state is that of a physical line, which vgic_host_ops.sample() tells. */
static inline bool vgic_follows_line(const struct vgic_irq *irq)
{
	return irq->sampled && !irq->edge;
}

/*
 * If the interrupt waits because its line was high: looks at the line, and lets go of the
 * interrupt if that has dropped. Before it is unmasked. For private ones flush does so, on
 * their own CPU.
 */
void vgic_follow_line(struct vgic *vgic, struct vgic_irq *irq);

/* Looks at the line of an interrupt that was high, if it can be done here, and no more. */
void vgic_sample(struct vgic *vgic, struct vgic_irq *irq);

/* The level of the line of an interrupt that follows one, for a guest that runs on `caller`. */
bool vgic_line_is_high(struct vgic *vgic, const struct vgic_cpu *caller, struct vgic_irq *irq);

/* Brings the lines of cpu's private physical interrupts up to date, for others who ask. Loaded. */
void vgic_sample_private(struct vgic_cpu *cpu);

/* The physical interrupt is not on its way to the guest any more: it may come again. */
void vgic_release_hw(struct vgic *vgic, struct vgic_irq *irq);

/*
 * Looks at the lines of cpu's private physical interrupts that wait, and deactivates those that
 * are active for nothing. On their own CPU.
 */
void vgic_release_private(struct vgic_cpu *cpu);

/*
 * The physical interrupt of a list register with the HW bit is deactivated before its time. A
 * private one that is not in the hardware, for its vCPU is not loaded, is so when it is back.
 */
void vgic_give_back_hw(struct vgic_cpu *cpu, struct vgic_irq *irq);

/* Makes it active without delivery: GICD_ISACTIVER. */
void vgic_activate(struct vgic *vgic, struct vgic_irq *irq);

/* Brings what is known of the interrupts in cpu's list registers up to date; if loaded here. */
void vgic_sync(struct vgic_cpu *cpu);

/*
 * After a register was written: what was asked about an interrupt that is in the list register
 * of a vCPU that does not run, perhaps for long, is done now.
 */
static inline void vgic_sync_absent(struct vgic *vgic, const struct vgic_irq *irq)
{
	if (irq->lr != VGIC_NO_LR && !vgic_owner(vgic, irq)->loaded)
		vgic_sync(vgic_owner(vgic, irq));
}

/* True if its list register, once empty, can make it pending again, and nothing better waits. */
static inline bool vgic_lr_may_repeat(const struct vgic_cpu *cpu, const struct vgic_irq *irq)
{
	return irq->lr_again && cpu->maintenance == 0;
}

/* An interrupt that may repeat has, pending by its latch or (a GICv2's SGI) by its sender. */
static inline void vgic_lr_repeated(struct vgic_irq *irq, bool latch)
{
	irq->active = false;
	irq->lr_pending = true;
	irq->lr_latch = latch;
}

/* A write of ICC_SGI1R_EL1 to this vCPU alone, without the SGI's number. */
uint64_t vgic_v3_sgi1r_to(uint64_t mpidr);

/* Active interrupts without a list register, by active_priority. */
void vgic_spill(struct vgic_cpu *cpu, struct vgic_irq *irq);
void vgic_unspill(struct vgic_cpu *cpu, struct vgic_irq *irq);
