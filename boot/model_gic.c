// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot: the vGIC's frames. The vGIC itself has been made with the vCPUs.
 */
#include "boot/model.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "vcpu/vm.h"
#include "vdev/vgic_v2.h"
#include "vdev/vgic_v3.h"

/* The distributor, and GICC_DIR (GICv2) or the redistributors (GICv3) */
static int build(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	bool v2 = gic->version == 2;
	int err = mmio_map_add(&vm->mmio, config->base, config->size,
			       v2 ? vgic_v2_dist_access : vgic_v3_dist_access, &vm->vgic, "GICD");

	(void)arena;
	if (err)
		return err;
	if (v2)
		return mmio_map_add(&vm->mmio, ipa(PLATFORM_GICC_BASE + PAGE_SIZE), PAGE_SIZE,
				    vgic_v2_dir_access, &vm->vgic, "GICC_DIR");
	return mmio_map_add(&vm->mmio, ipa(PLATFORM_GICR_BASE),
			    (uint64_t)PLATFORM_GICR_STRIDE * vm->nr_vcpus, vgic_v3_redist_access,
			    &vm->vgic, "GICR");
}

const struct model_builder build_gic = {.regions = 2, .build = build};
