// SPDX-License-Identifier: BSD-2-Clause
/*
 * Forwarded interrupts, which stand for physical ones: devices' SPIs, the
 * virtual timer.
 *
 * From the moment that EL2 takes a physical interrupt until the guest has
 * completed it, it is active, and nobody says what becomes of its line. So where
 * the pending state follows a line, the line is looked at when it counts
 * (vgic_host_ops.sample): when a guest reads pending state, when the interrupt
 * is unmasked, when list registers are looked at anyhow, and when an interrupt
 * that has waited gets into one. It is not looked at when the interrupt has
 * just been taken. While the physical interrupt is not active, irq->line is
 * false: the interrupt is taken again as soon as its line is high.
 *
 * An interrupt that comes by edges, or that the guest has configured so, is
 * latched.
 */
#include "vdev/vgic_forward.h"

#include "vdev/vgic_irq.h"
#include "vdev/vgic_lr.h"

static bool line_is_high(struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->host->sample(vgic_owner(vgic, irq), irq->intid, irq->pintid);
}

bool vgic_line_is_high(struct vgic *vgic, const struct vgic_cpu *caller, struct vgic_irq *irq)
{
	/* A private line is known on its own CPU only, which has been asked by sync_others(). */
	if (irq->intid < VGIC_NR_PRIVATE && !(vgic_owner(vgic, irq) == caller && caller->loaded))
		return irq->line;
	vgic_follow_line(vgic, irq);
	return line_is_high(vgic, irq);
}

void vgic_sample(struct vgic *vgic, struct vgic_irq *irq)
{
	if (!irq->line || !vgic_follows_line(irq))
		return;
	if (irq->intid >= VGIC_NR_PRIVATE || vgic_owner(vgic, irq)->loaded)
		irq->line = line_is_high(vgic, irq);
}

void vgic_follow_line(struct vgic *vgic, struct vgic_irq *irq)
{
	/* The line of an interrupt in a list register is looked at when that is folded. */
	if (!irq->line || irq->lr != VGIC_NO_LR || irq->active || irq->intid < VGIC_NR_PRIVATE)
		return;
	vgic_sample(vgic, irq);
	if (irq->line)
		return;
	vgic_update(vgic, irq);
	if (!vgic_is_pending(irq))
		vgic_release_hw(vgic, irq);
}

void vgic_sample_private(struct vgic_cpu *cpu)
{
	for (uint32_t hw = cpu->hw_private; hw; hw &= hw - 1) {
		struct vgic_irq *irq = vgic_get_private(cpu, (uint32_t)__builtin_ctz(hw));

		irq->line = irq->hw_active && line_is_high(cpu->vgic, irq);
		if (irq->lr == VGIC_NO_LR)
			vgic_update(cpu->vgic, irq);
	}
}

void vgic_release_hw(struct vgic *vgic, struct vgic_irq *irq)
{
	if (!irq->hw_active)
		return;
	irq->line = false;
	if (irq->intid < VGIC_NR_PRIVATE) {
		/* It has to be deactivated on its own CPU, which flush does. */
		vgic_resync(vgic, vgic_owner(vgic, irq));
		return;
	}
	irq->hw_active = false;
	vgic->host->deactivate(irq->pintid);
}

void vgic_release_private(struct vgic_cpu *cpu)
{
	for (uint32_t hw = cpu->hw_private; hw; hw &= hw - 1) {
		struct vgic_irq *irq = vgic_get_private(cpu, (uint32_t)__builtin_ctz(hw));

		if (!irq->hw_active || irq->active || irq->lr != VGIC_NO_LR)
			continue;
		if (irq->line && !line_is_high(cpu->vgic, irq)) {
			irq->line = false;
			vgic_update(cpu->vgic, irq);
		}
		if (vgic_is_pending(irq))
			continue;
		irq->hw_active = false;
		cpu->vgic->host->deactivate(irq->pintid);
	}
}

void vgic_give_back_hw(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	irq->lr_hw = false;
	irq->line = false;
	if (irq->intid < VGIC_NR_PRIVATE && !cpu->loaded)
		return;
	irq->hw_active = false;
	cpu->vgic->host->deactivate(irq->pintid);
}

void vgic_inject_hw(struct vgic *vgic, unsigned int cpu, uint32_t intid)
{
	struct vgic_irq *irq = vgic_get(vgic, vgic->cpus[cpu], intid);
	struct vgic_cpu *owner = vgic_lock_irq(vgic, irq);

	irq->hw_active = true;
	if (vgic_follows_line(irq))
		irq->line = true;
	else
		irq->latch = true;
	/*
	 * The physical interrupt could not come before the guest had deactivated it: a list
	 * register with the HW bit that still stands for it is empty by now.
	 */
	irq->hw_again = irq->lr != VGIC_NO_LR && irq->lr_hw;
	vgic_update(vgic, irq);
	vgic_unlock(owner);
}

/*
 * The usual case is a timer that expires again and again: a list register still
 * stands for it, is empty, because the guest has deactivated the last one, and
 * has the right contents for this one, too.
 */
void vgic_inject_hw_private(struct vgic_cpu *cpu, uint32_t intid)
{
	struct vgic_irq *irq = vgic_get_private(cpu, intid);
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	if (!vgic_lr_may_repeat(cpu, irq) || !irq->lr_hw) {
		lock_release(&cpu->lock);
		vgic_inject_hw(vgic, cpu->id, intid);
		return;
	}
	irq->line = true; /* all private ones follow their lines */
	vgic_lr_repeated(irq, false);
	vgic->lr->again(cpu, irq->lr);
	lock_release(&cpu->lock);
}

void vgic_inject_hw_spi(struct vgic_cpu *cpu, uint32_t intid)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = vgic_get_spi(vgic, intid);
	bool line;

	/* If this vCPU is the owner under its own lock, it stays the owner. */
	lock_acquire(&cpu->lock);
	if (atomic_load(&irq->owner) != cpu->id || !vgic_lr_may_repeat(cpu, irq) || !irq->lr_hw) {
		lock_release(&cpu->lock);
		vgic_inject_hw(vgic, cpu->id, intid);
		return;
	}
	line = vgic_follows_line(irq);
	irq->line = line;
	vgic_lr_repeated(irq, !line);
	vgic->lr->again(cpu, irq->lr);
	lock_release(&cpu->lock);
}

bool vgic_hw_private_active(struct vgic_cpu *cpu, uint32_t intid)
{
	return vgic_get_private(cpu, intid)->hw_active;
}
