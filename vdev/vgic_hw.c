// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts that stand for physical ones: devices' SPIs, the virtual timer.
 *
 * From the moment that EL2 takes one until the guest has completed it, the
 * physical interrupt is active, and nobody says what becomes of its line. So
 * where the pending state follows a line, the line is looked at when it counts
 * (vgic_host_ops.sample): when a guest reads pending state, when the interrupt
 * is unmasked, when list registers are looked at anyhow, and when what has
 * waited gets into one. It is not looked at when the interrupt has just been
 * taken. While the physical interrupt is not active, irq->line is false: the
 * interrupt is taken again as soon as its line is high.
 *
 * What comes by edges, or what the guest has configured so, is latched.
 */
#include "vdev/vgic_core.h"

static bool line_is_high(struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->host->sample(vgic_owner(vgic, irq), irq->intid, irq->pintid);
}

bool vgic_line_is_high(struct vgic *vgic, const struct vgic_cpu *caller, struct vgic_irq *irq)
{
	/* A private one's line is known on its own CPU only; who asks elsewhere has asked there. */
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
	/* In a list register, it is looked at with that. */
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
		struct vgic_irq *irq = &cpu->private_irqs[__builtin_ctz(hw)];

		irq->line = irq->hw_active && line_is_high(cpu->vgic, irq);
		if (irq->lr == VGIC_NO_LR)
			vgic_update(cpu->vgic, irq);
	}
}

/*
 * The physical interrupt was taken for nothing: it may come again. A private
 * one has to be deactivated on its own CPU, which flush does.
 */
void vgic_release_hw(struct vgic *vgic, struct vgic_irq *irq)
{
	if (!irq->hw_active)
		return;
	irq->line = false;
	if (irq->intid < VGIC_NR_PRIVATE) {
		vgic_resync(vgic, vgic_owner(vgic, irq));
		return;
	}
	irq->hw_active = false;
	vgic->host->deactivate(irq->pintid);
}

void vgic_release_private(struct vgic_cpu *cpu)
{
	for (uint32_t hw = cpu->hw_private; hw; hw &= hw - 1) {
		struct vgic_irq *irq = &cpu->private_irqs[__builtin_ctz(hw)];

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
	 * It could not fire before the guest had deactivated it: the list
	 * register with the HW bit that still stands for it is empty by now.
	 */
	irq->hw_again = irq->lr != VGIC_NO_LR && irq->lr_hw;
	vgic_update(vgic, irq);
	vgic_unlock(owner);
}

/*
 * The usual case of a timer that expires again and again: its list register
 * stands for it still, is empty, because the guest has deactivated the last
 * one, and says what it has to say this time, too.
 */
void vgic_inject_hw_private(struct vgic_cpu *cpu, uint32_t intid)
{
	struct vgic_irq *irq = &cpu->private_irqs[intid];
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	if (!vgic_lr_may_repeat(cpu, irq) || !irq->lr_hw) {
		lock_release(&cpu->lock);
		vgic_inject_hw(vgic, cpu->id, intid);
		return;
	}
	irq->line = true; /* private ones follow their lines, all of them */
	vgic_lr_repeated(irq, false);
	vgic->lr->again(cpu, irq->lr);
	lock_release(&cpu->lock);
}

void vgic_inject_hw_spi(struct vgic_cpu *cpu, uint32_t intid)
{
	struct vgic *vgic = cpu->vgic;
	struct vgic_irq *irq = &vgic->spis[intid - VGIC_NR_PRIVATE];
	bool line;

	/* The lock of our own vCPU guards the interrupt if it is the owner, and it stays the owner.
	 */
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

void vgic_map_hw(struct vgic *vgic, uint32_t intid, uint32_t pintid, unsigned int flags)
{
	for (unsigned int i = 0; i < vgic->nr_cpus; i++) {
		struct vgic_irq *irq = vgic_get(vgic, vgic->cpus[i], intid);

		irq->hw = true;
		irq->sampled = flags & VGIC_HW_SAMPLED;
		irq->by_el2 = flags & VGIC_HW_BY_EL2;
		irq->pintid = (uint16_t)pintid;
		if (intid < VGIC_NR_PRIVATE)
			vgic->cpus[i]->hw_private |= 1u << intid;
	}
}

bool vgic_hw_private_active(struct vgic_cpu *cpu, uint32_t intid)
{
	return cpu->private_irqs[intid].hw_active;
}
