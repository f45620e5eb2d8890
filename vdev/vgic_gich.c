// SPDX-License-Identifier: BSD-2-Clause
/*
 * The GICv2 back end of the vGIC. See vgic_gich.h. GICH is banked: each CPU reaches
 * its own at the same address.
 */
#include "vdev/vgic_gich.h"

#include "arm64/gic.h"
#include "arm64/mmio.h"
#include "vdev/vgic_state.h"

static uint8_t *gich;

static void gich_read(unsigned int n, struct vgic_lr *lr)
{
	uint32_t raw = mmio_read32(gich + GICH_LR + 4 * n);

	*lr = (struct vgic_lr){
	    .intid = (uint32_t)FIELD_GET(GICH_LR_VINTID, raw),
	    .state = (uint8_t)FIELD_GET(GICH_LR_STATE, raw),
	    .priority = (uint8_t)(FIELD_GET(GICH_LR_PRIORITY, raw) << 3),
	    .hw = raw & GICH_LR_HW,
	    .group1 = raw & GICH_LR_GROUP1,
	};
	if (lr->hw) {
		lr->pintid = (uint32_t)FIELD_GET(GICH_LR_PINTID, raw);
	} else {
		lr->eoi = raw & GICH_LR_EOI;
		lr->source = (uint8_t)FIELD_GET(GICH_LR_CPUID, raw);
	}
}

static void gich_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	uint64_t raw = 0;

	if (lr->state != VGIC_LR_INVALID) {
		raw = FIELD_PREP(GICH_LR_VINTID, lr->intid) | FIELD_PREP(GICH_LR_STATE, lr->state) |
		      FIELD_PREP(GICH_LR_PRIORITY, lr->priority >> 3) |
		      (lr->group1 ? GICH_LR_GROUP1 : 0);
		if (lr->hw)
			raw |= GICH_LR_HW | FIELD_PREP(GICH_LR_PINTID, lr->pintid);
		else
			raw |= FIELD_PREP(GICH_LR_CPUID, lr->source) | (lr->eoi ? GICH_LR_EOI : 0);
	}
	cpu->lr_raw[n] = raw;
	mmio_write32(gich + GICH_LR + 4 * n, (uint32_t)raw);
}

static void gich_again(const struct vgic_cpu *cpu, unsigned int n)
{
	mmio_write32(gich + GICH_LR + 4 * n, (uint32_t)cpu->lr_raw[n]);
}

static bool gich_again_unless_active(const struct vgic_cpu *cpu, unsigned int n)
{
	uint64_t state = mmio_read32(gich + GICH_LR + 4 * n) & GICH_LR_STATE;

	if (state == 0)
		gich_again(cpu, n);
	return state <= FIELD_PREP(GICH_LR_STATE, VGIC_LR_PENDING);
}

static uint64_t gich_empty(void)
{
	return mmio_read32(gich + GICH_ELRSR0);
}

static void gich_set_maintenance(uint32_t reasons)
{
	mmio_write32(gich + GICH_HCR, (uint32_t)vgic_hcr(reasons));
}

static unsigned int gich_eoi_count(void)
{
	return (unsigned int)FIELD_GET(ICH_HCR_EOICOUNT, mmio_read32(gich + GICH_HCR));
}

static bool gich_two_steps(void)
{
	return mmio_read32(gich + GICH_VMCR) & GICH_VMCR_EOIMODE;
}

static uint32_t gich_active_priorities(const struct vgic_cpu *cpu)
{
	return cpu->loaded ? mmio_read32(gich + GICH_APR) : cpu->apr[0];
}

static void gich_save(struct vgic_cpu *cpu)
{
	cpu->vmcr = mmio_read32(gich + GICH_VMCR);
	cpu->apr[0] = mmio_read32(gich + GICH_APR);
	mmio_write32(gich + GICH_HCR, 0);
}

static void gich_load(struct vgic_cpu *cpu)
{
	mmio_write32(gich + GICH_VMCR, cpu->vmcr);
	mmio_write32(gich + GICH_APR, cpu->apr[0]);
	/* Also list registers that the next vCPU does not use are to be empty. */
	for (unsigned int i = 0; i < cpu->vgic->nr_lrs; i++)
		mmio_write32(gich + GICH_LR + 4 * i, 0);
}

static void gich_reset(struct vgic_cpu *cpu)
{
	cpu->vmcr = 0;
	cpu->apr[0] = 0;
}

void gich_init(void *base)
{
	gich = base;
}

const struct vgic_lr_ops gich_lr_ops = {
    .read = gich_read,
    .write = gich_write,
    .again = gich_again,
    .again_unless_active = gich_again_unless_active,
    .empty = gich_empty,
    .set_maintenance = gich_set_maintenance,
    .eoi_count = gich_eoi_count,
    .active_priorities = gich_active_priorities,
    .two_steps = gich_two_steps,
    .save = gich_save,
    .load = gich_load,
    .reset = gich_reset,
};
