// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vGIC as a GICv2. See vgic_v2.h.
 */
#include "vdev/vgic_v2.h"

#include "arm64/gic.h"
#include "vdev/vgic_dist.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_sgi.h"

static uint32_t v2_typer(const struct vgic *vgic)
{
	return (uint32_t)(FIELD_PREP(GICD_TYPER_LINES, vgic->nr_irqs / 32 - 1) |
			  FIELD_PREP(GICD_TYPER_CPUS, vgic->nr_cpus - 1));
}

static uint64_t read_targets(struct vgic *vgic, struct vgic_irq *irq)
{
	/* With one CPU they are RAZ/WI (IHI 0048, 4.3.12). */
	return vgic->nr_cpus == 1 ? 0 : irq->targets;
}

static void write_targets(struct vgic *vgic, struct vgic_irq *irq, uint64_t value)
{
	uint8_t targets = (uint8_t)value & (uint8_t)((1u << vgic->nr_cpus) - 1);

	if (irq->intid < VGIC_NR_PRIVATE || vgic->nr_cpus == 1)
		return;
	irq->targets = targets;
	/* One of the targets takes it; without one nobody does (IHI 0048, 4.3.12). */
	if (targets)
		vgic_set_target(vgic, irq, (unsigned int)__builtin_ctz(targets));
	else
		vgic_set_no_target(vgic, irq);
}

static const struct vgic_row targets_row = {
    .offset = GICD_ITARGETSR,
    .length = 0x400,
    .bits = 8,
    .read = read_targets,
    .write = write_targets,
};

/* Registers that are not arrays: words. Returns false if the access is not to one of them. */
static bool v2_single(struct vgic *vgic, struct mmio_access *a)
{
	if (a->size != 4)
		return false;
	switch (a->offset) {
	case GICD_TYPER: /* reads: vgic_v2_dist_access() */
	case GICD_SGIR:	 /* writes, the same */
		return true;
	case GICD_IIDR:
		a->value = VGIC_IIDR;
		return true;
	case GICD_CTLR:
		if (a->write)
			vgic_set_groups(vgic, a->value & GICD_CTLR_ENABLE_G0,
					a->value & GICD_CTLR_ENABLE_G1A);
		else
			a->value = (vgic->enable_group0 ? GICD_CTLR_ENABLE_G0 : 0) |
				   (vgic->enable_group1 ? GICD_CTLR_ENABLE_G1A : 0);
		return true;
	case GICD_V2_PIDR2:
		a->value = FIELD_PREP(GIC_PIDR2_ARCH, 2);
		return true;
	default:
		return false;
	}
}

static __attribute__((noinline)) enum mmio_result dist_access(struct vcpu *vcpu, struct vgic *vgic,
							      struct mmio_access *access)
{
	struct vgic_cpu *cpu = vgic->host->cpu_of(vcpu);
	const struct vgic_row *row;

	if (!access->write)
		access->value = 0;
	if (access->size == 8)
		return MMIO_OK; /* no such access to a GICv2: RAZ/WI */
	if (v2_single(vgic, access))
		return MMIO_OK;
	if (access->offset >= GICD_CPENDSGIR && access->offset < GICD_SPENDSGIR + VGIC_NR_SGIS) {
		vgic_v2_pending_sgi_access(vgic, cpu, access);
		return MMIO_OK;
	}
	if (access->offset >= GICD_ITARGETSR && access->offset < GICD_ICFGR)
		row = &targets_row;
	else
		row = vgic_find_row(vgic_shared_rows, access->offset);
	return row ? vgic_row_access(vgic, cpu, cpu, row, access) : MMIO_OK;
}

/* The accesses that guests do most are answered without a stack frame. */
enum mmio_result vgic_v2_dist_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vgic *vgic = dev;

	if (access->size == 4) {
		if (access->offset == GICD_SGIR && access->write)
			return vgic_v2_write_sgir(vcpu, vgic, (uint32_t)access->value);
		if (access->offset == GICD_TYPER && !access->write) {
			access->value = v2_typer(vgic);
			return MMIO_OK;
		}
	}
	/* Drivers mask and unmask by these; the first word is of private interrupts. */
	if (access->write && access->size <= 4 && access->offset % 0x80 >= 4 &&
	    access->offset - GICD_ISENABLER < GICD_ISPENDR - GICD_ISENABLER)
		return vgic_write_enables(vgic, access);
	return dist_access(vcpu, vgic, access);
}

enum mmio_result vgic_v2_dir_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vgic *vgic = dev;
	struct vgic_irq *irq;

	if (!access->write) {
		access->value = 0;
		return MMIO_OK;
	}
	if (access->offset != 0)
		return MMIO_OK;
	irq = vgic_get_for_guest(vgic, vgic->host->cpu_of(vcpu),
				 (uint32_t)(access->value & GICC_IAR_INTID));
	if (irq)
		vgic_deactivate_by_guest(vgic, irq);
	return MMIO_OK;
}
