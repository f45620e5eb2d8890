/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC's guest side: register frames, and the system registers that trap.
 * Which registers exist is data: tables of (offset, length, bits per
 * interrupt, read, write), shared between GICv2 and GICv3 where they agree.
 */
#pragma once

#include "vdev/mmio.h"
#include "vdev/vgic.h"

/* GICD of either version; dev is the struct vgic. */
mmio_handler vgic_v2_dist_access;
mmio_handler vgic_v3_dist_access;
/* GICR frames of all vCPUs, 128 KiB each, from one base; dev is the struct vgic. */
mmio_handler vgic_v3_redist_access;
/* Second page of the GICv2 CPU interface (GICC_DIR); the first is GICV itself, mapped to the guest.
 */
mmio_handler vgic_v2_dir_access;

/* A vCPU wrote ICC_SGI1R_EL1 (or ICC_SGI0R/ASGI1R: ignored, no such groups for it). */
void vgic_v3_write_sgi1r(struct vgic_cpu *from, uint64_t value);
/* The vCPU that is loaded here wrote ICC_DIR_EL1 while VGIC_MAINT_TRAP_DIR was set. */
void vgic_v3_write_dir(struct vgic_cpu *cpu, uint64_t value);
