/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers and virtual CPU interface of a GICv2: GICH (IHI 0048, 5.3),
 * for the vCPU that is loaded on the calling CPU.
 */
#pragma once

#include "vdev/vgic.h"

extern const struct vgic_lr_ops gich_lr_ops;

/* The registers are mapped at base. Boot. */
void gich_init(void *base);
