// SPDX-License-Identifier: BSD-2-Clause
/*
 * Software-generated interrupts. See vgic_sgi.h.
 */
#include "vdev/vgic_sgi.h"

#include "arm64/gic.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_lr.h"
#include "vdev/vgic_v3.h"

/* The fields of ICC_SGI1R_EL1 that say to whom it goes */
#define SGI1R_TARGETS                                                                              \
	(ICC_SGI1R_AFF3 | ICC_SGI1R_RS | ICC_SGI1R_IRM | ICC_SGI1R_AFF2 | ICC_SGI1R_AFF1 |         \
	 ICC_SGI1R_TARGETS)

/*
 * A vCPU sends itself what it has sent itself before: true if the list register that still
 * stands for that does it once more, and nothing else has to be looked at.
 */
static bool repeat(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	/* The contents are the same, if a GICv2's SGI has the same sender. */
	if (!vgic_lr_may_repeat(cpu, irq) || !cpu->loaded ||
	    (cpu->vgic->version == 2 && irq->lr_source != cpu->id) ||
	    !cpu->vgic->lr->again_unless_active(cpu, irq->lr))
		return false;
	vgic_lr_repeated(irq, cpu->vgic->version == 3);
	return true;
}

/* An SGI from vCPU `source` is pending for vCPU `target`, whose lock is not held. */
static __attribute__((noinline)) void pend(struct vgic *vgic, unsigned int target, unsigned int sgi,
					   unsigned int source)
{
	struct vgic_cpu *cpu = vgic->cpus[target];
	struct vgic_irq *irq = vgic_get_private(cpu, sgi);

	lock_acquire(&cpu->lock);
	if (target != source || !repeat(cpu, irq)) {
		if (vgic->version == 2)
			irq->sources |= (uint8_t)(1u << source);
		else
			irq->latch = true;
		vgic_update(vgic, irq);
	}
	vgic_unlock(cpu);
}

/* ---- GICv2 ---- */

enum mmio_result vgic_v2_write_sgir(struct vcpu *from, struct vgic *vgic, uint32_t value)
{
	unsigned int self = vgic->host->cpu_of(from)->id;
	uint32_t all = (1u << vgic->nr_cpus) - 1;
	uint32_t targets;

	switch (FIELD_GET(GICD_SGIR_FILTER, value)) {
	case GICD_SGIR_FILTER_LIST:
		targets = (uint32_t)FIELD_GET(GICD_SGIR_TARGETS, value) & all;
		break;
	case GICD_SGIR_FILTER_OTHERS:
		targets = all & ~(1u << self);
		break;
	case GICD_SGIR_FILTER_SELF:
		targets = 1u << self;
		break;
	default:
		return MMIO_OK;
	}
	for (; targets; targets &= targets - 1)
		pend(vgic, (unsigned int)__builtin_ctz(targets),
		     (unsigned int)FIELD_GET(GICD_SGIR_INTID, value), self);
	return MMIO_OK;
}

void vgic_v2_pending_sgi_access(struct vgic *vgic, struct vgic_cpu *cpu, struct mmio_access *access)
{
	bool set = access->offset >= GICD_SPENDSGIR;
	unsigned int sgi = (unsigned int)(access->offset - (set ? GICD_SPENDSGIR : GICD_CPENDSGIR));

	lock_acquire(&cpu->lock);
	vgic_sync(cpu);
	for (unsigned int i = 0; i < access->size && sgi < VGIC_NR_SGIS; i++, sgi++) {
		struct vgic_irq *irq = vgic_get_private(cpu, sgi);
		uint8_t bits = (uint8_t)(access->value >> 8 * i);

		if (!access->write) {
			unsigned int resident =
			    irq->lr_pending && irq->lr_source_valid ? 1u << irq->lr_source : 0;

			access->value |= (uint64_t)(irq->sources | resident) << 8 * i;
		} else if (set) {
			irq->sources =
			    (uint8_t)(irq->sources | (bits & ((1u << vgic->nr_cpus) - 1)));
			vgic_update(vgic, irq);
		} else if (bits) {
			irq->sources = (uint8_t)(irq->sources & ~bits);
			if (irq->lr_source_valid && bits & 1u << irq->lr_source)
				irq->lr_source_valid = false;
			vgic_update(vgic, irq);
		}
	}
	vgic_unlock(cpu);
}

/* ---- GICv3 ---- */

uint64_t vgic_v3_sgi1r_to(uint64_t mpidr)
{
	/* Aff0 is below 16: guest_mpidr(). */
	return FIELD_PREP(ICC_SGI1R_AFF3, mpidr >> 32 & 0xff) |
	       FIELD_PREP(ICC_SGI1R_AFF2, mpidr >> 16 & 0xff) |
	       FIELD_PREP(ICC_SGI1R_AFF1, mpidr >> 8 & 0xff) | BIT(mpidr & 15);
}

void vgic_v3_write_sgi1r(struct vgic_cpu *from, uint64_t value)
{
	struct vgic *vgic = from->vgic;
	unsigned int sgi = (unsigned int)FIELD_GET(ICC_SGI1R_INTID, value);
	uint32_t targets = (uint32_t)FIELD_GET(ICC_SGI1R_TARGETS, value);
	uint64_t affinity = FIELD_GET(ICC_SGI1R_AFF3, value) << 32 |
			    FIELD_GET(ICC_SGI1R_AFF2, value) << 16 |
			    FIELD_GET(ICC_SGI1R_AFF1, value) << 8;

	if ((value & SGI1R_TARGETS) == from->sgi1r_self) {
		pend(vgic, from->id, sgi, from->id);
		return;
	}
	if (value & ICC_SGI1R_IRM) {
		for (unsigned int i = 0; i < vgic->nr_cpus; i++)
			if (i != from->id)
				pend(vgic, i, sgi, from->id);
	} else if (!FIELD_GET(ICC_SGI1R_RS, value)) {
		for (; targets; targets &= targets - 1) {
			const struct vgic_cpu *target =
			    vgic_v3_find_cpu(vgic, affinity | (unsigned int)__builtin_ctz(targets));

			if (target)
				pend(vgic, target->id, sgi, from->id);
		}
	}
}
