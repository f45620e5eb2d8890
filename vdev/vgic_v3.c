// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vGIC as a GICv3. See vgic_v3.h.
 */
#include "vdev/vgic_v3.h"

#include "arm64/gic.h"
#include "vdev/vgic_dist.h"
#include "vdev/vgic_irq.h"

#define V3_CTLR_ENABLE_G0 BIT(0)
#define V3_CTLR_ENABLE_G1 BIT(1)
#define V3_ID_BITS 16

static uint32_t v3_typer(const struct vgic *vgic)
{
	return (uint32_t)(FIELD_PREP(GICD_TYPER_LINES, vgic->nr_irqs / 32 - 1) |
			  FIELD_PREP(GICD_TYPER_IDBITS, V3_ID_BITS - 1) | GICD_TYPER_A3V |
			  GICD_TYPER_NO1N);
}

/* Registers that are not arrays: words. Returns false if the access is not to one of them. */
static bool v3_single(struct vgic *vgic, struct mmio_access *a)
{
	if (a->size != 4)
		return false;
	switch (a->offset) {
	case GICD_TYPER:
		a->value = v3_typer(vgic);
		return true;
	case GICD_IIDR:
		a->value = VGIC_IIDR;
		return true;
	case GICD_CTLR:
		if (a->write)
			vgic_set_groups(vgic, a->value & V3_CTLR_ENABLE_G0,
					a->value & V3_CTLR_ENABLE_G1);
		else
			a->value = GICD_CTLR_DS | GICD_CTLR_ARE_NS |
				   (vgic->enable_group0 ? V3_CTLR_ENABLE_G0 : 0) |
				   (vgic->enable_group1 ? V3_CTLR_ENABLE_G1 : 0);
		return true;
	case GICD_V3_PIDR2:
		a->value = FIELD_PREP(GIC_PIDR2_ARCH, 3);
		return true;
	default:
		return false;
	}
}

/* GICD_IROUTER<n>: 64 bits, or one of its halves. */
static void router_access(struct vgic *vgic, struct mmio_access *a)
{
	uint32_t intid = (uint32_t)(a->offset - GICD_IROUTER) / 8;
	unsigned int shift = a->offset & 4 ? 32 : 0;
	struct vgic_cpu *target, *owner;
	struct vgic_irq *irq;

	if (intid < VGIC_NR_PRIVATE || a->size < 4)
		return;
	irq = vgic_get_for_guest(vgic, NULL, intid);
	if (!irq)
		return;
	owner = vgic_lock_irq(vgic, irq);
	if (!a->write) {
		a->value = irq->router >> shift;
		if (a->size == 4)
			a->value &= UINT32_MAX;
	} else {
		if (a->size == 8)
			irq->router = a->value;
		else if (shift)
			irq->router = (irq->router & UINT32_MAX) | a->value << 32;
		else
			irq->router =
			    (irq->router & ~(uint64_t)UINT32_MAX) | (a->value & UINT32_MAX);
		irq->router &= GICD_IROUTER_AFFINITY;
		/*
		 * Routed to a PE that is not there, nobody gets it, and reads return what was
		 * written: one of the behaviours that the architecture allows (IHI 0069,
		 * GICD_IROUTER<n>: CONSTRAINED UNPREDICTABLE).
		 */
		target = vgic_v3_find_cpu(vgic, irq->router);
		if (target)
			vgic_set_target(vgic, irq, target->id);
		else
			vgic_set_no_target(vgic, irq);
	}
	vgic_unlock(owner);
}

static __attribute__((noinline)) enum mmio_result dist_access(struct vcpu *vcpu, struct vgic *vgic,
							      struct mmio_access *access)
{
	const struct vgic_row *row = NULL;
	struct vgic_cpu *caller;

	if (!access->write)
		access->value = 0;
	if (access->offset >= GICD_IROUTER) {
		if (!v3_single(vgic, access))
			router_access(vgic, access);
		return MMIO_OK;
	}
	if (access->size <= 4 && access->offset >= GICD_IGROUPR)
		row = vgic_find_row(vgic_shared_rows, access->offset);
	if (!row) {
		v3_single(vgic, access);
		return MMIO_OK;
	}
	/* The distributor's registers for private interrupts are RAZ/WI: they are in GICR. */
	if (access->offset - row->offset < VGIC_NR_PRIVATE / 8 * row->bits)
		return MMIO_OK;
	caller = vgic->host->cpu_of(vcpu);
	return vgic_row_access(vgic, caller, caller, row, access);
}

/* The accesses that guests do most are answered without a stack frame. */
enum mmio_result vgic_v3_dist_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vgic *vgic = dev;

	if (access->offset == GICD_TYPER && access->size == 4 && !access->write) {
		access->value = v3_typer(vgic);
		return MMIO_OK;
	}
	/* Drivers mask and unmask by these. */
	if (access->write && access->size <= 4 &&
	    access->offset - GICD_ISENABLER < GICD_ISPENDR - GICD_ISENABLER)
		return vgic_write_enables(vgic, access);
	return dist_access(vcpu, vgic, access);
}

static uint64_t redist_typer(const struct vgic *vgic, const struct vgic_cpu *cpu)
{
	uint64_t affinity = (cpu->mpidr & 0xffffff) | (cpu->mpidr >> 32 & 0xff) << 24;

	return FIELD_PREP(GICR_TYPER_AFFINITY, affinity) |
	       FIELD_PREP(GICR_TYPER_PROCESSOR, cpu->id) |
	       (cpu->id == vgic->nr_cpus - 1 ? GICR_TYPER_LAST : 0);
}

/* The first frame: control */
static void rd_access(struct vgic *vgic, struct vgic_cpu *cpu, struct mmio_access *a,
		      uint64_t offset)
{
	if (a->write)
		return; /* without LPIs and power states there is nothing to control */
	if (a->size != 4 && !(a->size == 8 && offset == GICR_TYPER))
		return;
	switch (offset) {
	case GICR_TYPER:
		a->value = redist_typer(vgic, cpu);
		if (a->size == 4)
			a->value &= UINT32_MAX;
		break;
	case GICR_TYPER + 4:
		a->value = redist_typer(vgic, cpu) >> 32;
		break;
	case GICR_IIDR:
		a->value = VGIC_IIDR;
		break;
	case GICR_PIDR2:
		a->value = FIELD_PREP(GIC_PIDR2_ARCH, 3);
		break;
	default:
		break;
	}
}

enum mmio_result vgic_v3_redist_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vgic *vgic = dev;
	uint64_t index = nospec_index(access->offset / (2 * GICR_FRAME_SIZE), vgic->nr_cpus);
	struct vgic_cpu *cpu = vgic->cpus[index];
	uint64_t offset = access->offset % GICR_FRAME_SIZE;
	const struct vgic_row *row;

	if (!access->write)
		access->value = 0;
	if (!(access->offset & GICR_SGI_OFFSET)) {
		rd_access(vgic, cpu, access, offset);
		return MMIO_OK;
	}
	row = access->size <= 4 ? vgic_find_row(vgic_shared_rows, offset) : NULL;
	/* An unaligned access could reach over the last private interrupt. */
	if (row && (offset - row->offset + access->size) * 8 / row->bits <= VGIC_NR_PRIVATE) {
		access->offset = offset;
		return vgic_row_access(vgic, vgic->host->cpu_of(vcpu), cpu, row, access);
	}
	return MMIO_OK;
}

void vgic_v3_write_dir(struct vgic_cpu *cpu, uint64_t value)
{
	struct vgic_irq *irq = vgic_get_for_guest(cpu->vgic, cpu, (uint32_t)value & 0xffffff);

	/* With EOImode 0 the write may be ignored (IHI 0069, ICC_DIR_EL1), and is. */
	if (irq && cpu->vgic->lr->two_steps())
		vgic_deactivate_by_guest(cpu->vgic, irq);
}
