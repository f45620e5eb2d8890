/*
 * List registers and virtual CPU interface of a GICv3: ICH_*_EL2 (IHI 0069,
 * 12.4), for the vCPU that is loaded on the calling CPU.
 */
#pragma once

#include "vdev/vgic.h"

extern const struct vgic_lr_ops ich_lr_ops;
