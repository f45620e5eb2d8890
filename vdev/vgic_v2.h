/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC as a GICv2, which a guest sees on a host with one: the distributor
 * (IHI 0048, 4.3), and GICC_DIR. The rest of the CPU interface is the hardware's
 * GICV, mapped into the guest.
 */
#pragma once

#include "vdev/mmio.h"
#include "vdev/vgic.h"

/* GICD; `dev` is the struct vgic. */
mmio_handler vgic_v2_dist_access;

/* The second page of the CPU interface, with GICC_DIR; the first is GICV. `dev`: the struct vgic.
 */
mmio_handler vgic_v2_dir_access;
