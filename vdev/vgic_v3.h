/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC as a GICv3, which a guest sees on a host with one: the distributor
 * and the redistributors (IHI 0069, 12.8 and 12.10), and ICC_DIR_EL1 where it
 * traps. One security state, affinity routing always on, no LPIs. Other system
 * registers are the hardware's virtual interface, but for SGIs (vgic_sgi.h).
 */
#pragma once

#include "fdt/guest.h"
#include "vdev/mmio.h"
#include "vdev/vgic_state.h"

/* GICD; `dev` is the struct vgic. */
mmio_handler vgic_v3_dist_access;

/* The GICR frames of all vCPUs, 128 KiB each, from one base on; `dev` is the struct vgic. */
mmio_handler vgic_v3_redist_access;

/* The vCPU that is loaded here wrote ICC_DIR_EL1 while VGIC_MAINT_TRAP_DIR was set. */
void vgic_v3_write_dir(struct vgic_cpu *cpu, uint64_t value);

/* The vCPU with this affinity, or NULL. */
static inline struct vgic_cpu *vgic_v3_find_cpu(const struct vgic *vgic, uint64_t affinity)
{
	unsigned int n = guest_cpu(affinity, vgic->nr_cpus);

	return n == GUEST_NO_CPU ? NULL : vgic->cpus[nospec_index(n, vgic->nr_cpus)];
}
