// SPDX-License-Identifier: BSD-2-Clause
/*
 * A GICv2's distributor as a guest sees it (IHI 0048, 4.3), and GICC_DIR. The
 * rest of the CPU interface is the hardware's GICV, mapped into the guest.
 */
#include "arm64/gic.h"
#include "vdev/vgic_regs.h"

static uint32_t v2_typer(const struct vgic *vgic)
{
	return (uint32_t)(FIELD_PREP(GICD_TYPER_LINES, vgic->nr_irqs / 32 - 1) |
			  FIELD_PREP(GICD_TYPER_CPUS, vgic->nr_cpus - 1));
}

static void write_sgir(struct vgic *vgic, const struct vgic_cpu *from, uint32_t value)
{
	uint32_t all = (1u << vgic->nr_cpus) - 1;
	uint32_t targets;

	switch (FIELD_GET(GICD_SGIR_FILTER, value)) {
	case GICD_SGIR_FILTER_LIST:
		targets = (uint32_t)FIELD_GET(GICD_SGIR_TARGETS, value) & all;
		break;
	case GICD_SGIR_FILTER_OTHERS:
		targets = all & ~(1u << from->id);
		break;
	case GICD_SGIR_FILTER_SELF:
		targets = 1u << from->id;
		break;
	default:
		return;
	}
	for (; targets; targets &= targets - 1)
		vgic_pend_sgi(vgic, (unsigned int)__builtin_ctz(targets),
			      (unsigned int)FIELD_GET(GICD_SGIR_INTID, value), from->id);
}

/* GICD_CPENDSGIR, GICD_SPENDSGIR: a byte of sources for each SGI. */
static void sgi_pending_access(struct vgic *vgic, struct vgic_cpu *cpu, struct mmio_access *access,
			       unsigned int base, bool set)
{
	unsigned int sgi = (unsigned int)(access->offset - base);

	lock_acquire(&cpu->lock);
	vgic_sync(cpu);
	for (unsigned int i = 0; i < access->size && sgi < VGIC_NR_SGIS; i++, sgi++) {
		struct vgic_irq *irq = &cpu->private_irqs[sgi];
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

static uint64_t read_targets(struct vgic *vgic, struct vgic_irq *irq)
{
	/* one CPU: RAZ/WI (IHI 0048, 4.3.12) */
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

static const struct vgic_row targets_row = {.offset = GICD_ITARGETSR,
					    .length = 0x400,
					    .bits = 8,
					    .read = read_targets,
					    .write = write_targets};

/* Registers that are not arrays: words. Returns false if the access is not to one of them. */
static bool v2_single(struct vgic *vgic, struct vgic_cpu *cpu, struct mmio_access *a)
{
	if (a->size != 4)
		return false;
	switch (a->offset) {
	case GICD_TYPER:
		a->value = v2_typer(vgic);
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
	case GICD_SGIR:
		if (a->write)
			write_sgir(vgic, cpu, (uint32_t)a->value);
		return true;
	case GICD_V2_PIDR2:
		a->value = FIELD_PREP(GIC_PIDR2_ARCH, 2);
		return true;
	default:
		return false;
	}
}

enum mmio_result vgic_v2_dist_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	struct vgic *vgic = dev;
	struct vgic_cpu *cpu = vgic->host->cpu_of(vcpu);
	const struct vgic_row *row;

	if (!access->write)
		access->value = 0;
	if (access->size == 8)
		return MMIO_OK; /* no such access to a GICv2: RAZ/WI */
	if (v2_single(vgic, cpu, access))
		return MMIO_OK;
	if (access->offset >= GICD_CPENDSGIR && access->offset < GICD_CPENDSGIR + 16) {
		sgi_pending_access(vgic, cpu, access, GICD_CPENDSGIR, false);
		return MMIO_OK;
	}
	if (access->offset >= GICD_SPENDSGIR && access->offset < GICD_SPENDSGIR + 16) {
		sgi_pending_access(vgic, cpu, access, GICD_SPENDSGIR, true);
		return MMIO_OK;
	}
	/* Drivers mask and unmask by these; the first are the private ones. */
	if (access->write && access->offset % 0x80 >= 4 &&
	    access->offset - GICD_ISENABLER < GICD_ISPENDR - GICD_ISENABLER)
		return vgic_write_enables(vgic, access);
	if (access->offset >= GICD_ITARGETSR && access->offset < GICD_ICFGR)
		row = &targets_row;
	else
		row = vgic_find_row(vgic_shared_rows, access->offset);
	return row ? vgic_row_access(vgic, cpu, cpu, row, access) : MMIO_OK;
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
	irq = vgic_get(vgic, vgic->host->cpu_of(vcpu), (uint32_t)(access->value & GICC_IAR_INTID));
	if (irq)
		vgic_deactivate_by_guest(vgic, irq);
	return MMIO_OK;
}
