// SPDX-License-Identifier: BSD-2-Clause
/*
 * The world switch: a vCPU's list registers and its virtual interface, out of
 * the hardware and back; and the interface's reset.
 */
#include "lib/assert.h"
#include "vdev/vgic_check.h"
#include "vdev/vgic_forward.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_lr.h"
#include "vdev/vgic_spill.h"

void vgic_save(struct vgic_cpu *cpu)
{
	static const struct vgic_lr empty;
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	vgic_fold_eoi_count(cpu);
	for (unsigned int n = 0; n < vgic->nr_lrs; n++) {
		if (!(cpu->used & 1u << n))
			continue;
		vgic->lr->read(n, &cpu->lrs[n]);
		vgic->lr->write(cpu, n, &empty);
		cpu->lr_irq[n]->lr_again = false;
		/* The timer is in the hardware still, and its line as the guest left it. */
		if (cpu->lrs[n].state != VGIC_LR_INVALID && cpu->lr_irq[n]->intid < VGIC_NR_PRIVATE)
			vgic_sample(vgic, cpu->lr_irq[n]);
	}
	vgic->lr->save(cpu);
	cpu->loaded = false;
	vgic_sync(cpu);
	vgic_release_private(cpu);
	vgic_assert_rules(cpu);
	vgic_unlock(cpu);
}

void vgic_load(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	vgic->lr->load(cpu);
	cpu->loaded = true;
	for (unsigned int n = 0; n < vgic->nr_lrs; n++)
		if (cpu->used & 1u << n)
			vgic->lr->write(cpu, n, &cpu->lrs[n]);
	cpu->maintenance = 0;
	vgic_lr_maintain(cpu);
	cpu->resync = true;
	cpu->waiting = true;
	vgic_assert_rules(cpu);
	vgic_unlock(cpu);
}

void vgic_reset_cpu(struct vgic_cpu *cpu)
{
	struct vgic *vgic = cpu->vgic;

	lock_acquire(&cpu->lock);
	ASSERT(!cpu->loaded);
	vgic_sync(cpu);
	for (unsigned int n = 0; n < vgic->nr_lrs; n++)
		if (cpu->used & 1u << n)
			vgic_make_room(cpu, n);
	/* Interrupts stay active, but the new interface knows nothing of them. */
	vgic_forget_acknowledged(cpu);
	vgic->lr->reset(cpu);
	vgic_unlock(cpu);
}
