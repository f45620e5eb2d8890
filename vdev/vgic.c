// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's vGIC: how it is made, and its reset. See vgic.h.
 */
#include "vdev/vgic.h"

#include "fdt/guest.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "vdev/vgic_sgi.h"
#include "vdev/vgic_state.h"

/* Reset values, but for what boot decided. */
static void reset_irq(struct vgic *vgic, struct vgic_irq *irq, unsigned int intid, unsigned int cpu)
{
	bool hw = irq->hw, sampled = irq->sampled, by_el2 = irq->by_el2;
	uint16_t pintid = irq->pintid;

	/* Private ones left the hardware with their vCPU, at the world switch. */
	if (irq->hw_active && intid >= VGIC_NR_PRIVATE)
		vgic->host->deactivate(pintid);
	if (irq->hw && irq->target != cpu)
		vgic->host->route(vgic->cpus[cpu], pintid);
	*irq = (struct vgic_irq){
	    .intid = (uint16_t)intid,
	    .pintid = pintid,
	    .hw = hw,
	    .sampled = sampled,
	    .by_el2 = by_el2,
	    .lr = VGIC_NO_LR,
	    .target = (uint8_t)cpu,
	    .owner = (uint8_t)cpu,
	    .targets = (uint8_t)(intid < VGIC_NR_PRIVATE ? 1u << (cpu & 7) : 1u),
	    .edge = intid < VGIC_NR_SGIS,
	    /* v2: SGIs cannot be disabled; v3: they come out of reset disabled */
	    .enabled = intid < VGIC_NR_SGIS && vgic->version == 2,
	};
}

/*
 * Devices may drive their lines meanwhile: all locks are held at once, in the
 * order of the vCPUs. Nobody else holds two.
 */
void vgic_reset(struct vgic *vgic)
{
	for (unsigned int c = 0; c < vgic->nr_cpus; c++)
		lock_acquire_next(&vgic->cpus[c]->lock);
	vgic->enable_group0 = vgic->enable_group1 = false;
	for (unsigned int i = VGIC_NR_PRIVATE; i < vgic->nr_irqs; i++)
		reset_irq(vgic, vgic_get_spi(vgic, i), i, 0);
	for (unsigned int c = 0; c < vgic->nr_cpus; c++) {
		struct vgic_cpu *cpu = vgic->cpus[c];

		/* Its list registers would stay in the hardware, for the vCPU that is loaded next.
		 */
		ASSERT(!cpu->loaded);
		for (unsigned int i = 0; i < VGIC_NR_PRIVATE; i++)
			reset_irq(vgic, vgic_get_private(cpu, i), i, c);
		cpu->levels = 0;
		cpu->used = cpu->dirty = cpu->lines = 0;
		for (unsigned int n = 0; n < VGIC_MAX_LRS; n++)
			cpu->lr_irq[n] = NULL;
		cpu->sync_request = cpu->resync = false;
		cpu->asked = 0;
		cpu->maintenance = 0;
		cpu->spilled.first = NULL;
		cpu->moving.first = NULL;
		for (unsigned int i = 0; i < VGIC_LEVELS; i++)
			cpu->queue[i].first = NULL;
		vgic->lr->reset(cpu);
	}
	for (unsigned int c = 0; c < vgic->nr_cpus; c++)
		lock_release(&vgic->cpus[c]->lock);
}

int vgic_init(struct vgic *vgic, unsigned int version, unsigned int nr_cpus, unsigned int nr_irqs,
	      unsigned int nr_lrs, const struct vgic_lr_ops *lr, const struct vgic_host_ops *host,
	      struct arena *arena)
{
	*vgic = (struct vgic){
	    .version = version,
	    .nr_cpus = nr_cpus,
	    .nr_irqs = nr_irqs,
	    .nr_lrs = nr_lrs < VGIC_MAX_LRS ? nr_lrs : VGIC_MAX_LRS,
	    /*
	     * A vCPU may deactivate an SPI that another vCPU has acknowledged, in whose list
	     * registers the SPI is: the hardware of the first would not find it. A guest does so
	     * in EOImode 1 only, by ICC_DIR_EL1; but it changes its EOImode without a trap, so
	     * that the trap of ICC_DIR_EL1 is on always. In EOImode 0 nobody writes it.
	     */
	    .always = version == 3 && nr_cpus > 1 ? VGIC_MAINT_TRAP_DIR : 0,
	    .lr = lr,
	    .host = host,
	};
	vgic->cpus = arena_alloc(arena, nr_cpus, sizeof(*vgic->cpus));
	vgic->spis = arena_alloc(arena, nr_irqs - VGIC_NR_PRIVATE, sizeof(*vgic->spis));
	if (!vgic->cpus || !vgic->spis)
		return -ENOMEM;
	for (unsigned int i = VGIC_NR_PRIVATE; i < nr_irqs; i++)
		reset_irq(vgic, vgic_get_spi(vgic, i), i, 0);
	return 0;
}

int vgic_cpu_init(struct vgic *vgic, struct vgic_cpu *cpu, unsigned int id, struct arena *arena)
{
	uint64_t mpidr = guest_mpidr(id);

	*cpu = (struct vgic_cpu){
	    .vgic = vgic,
	    .lock = LOCK_INIT(LOCK_VGIC_CPU, id),
	    .id = id,
	    .mpidr = mpidr,
	    .sgi1r_self = vgic_v3_sgi1r_to(mpidr),
	};
	cpu->private_irqs = arena_alloc(arena, VGIC_NR_PRIVATE, sizeof(*cpu->private_irqs));
	if (!cpu->private_irqs)
		return -ENOMEM;
	for (unsigned int i = 0; i < VGIC_NR_PRIVATE; i++)
		reset_irq(vgic, vgic_get_private(cpu, i), i, id);
	vgic->cpus[id] = cpu;
	vgic->lr->reset(cpu);
	return 0;
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
