/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers and virtual CPU interface of a GICv3: ICH_*_EL2 (IHI 0069,
 * 12.4), for the vCPU that is loaded on the calling CPU.
 */
#pragma once

#include "vdev/vgic.h"

extern const struct vgic_lr_ops ich_lr_ops;

/*
 * ICC_PMR_EL1, ICC_CTLR_EL1 and ICC_RPR_EL1 as the guest of the loaded vCPU means them, which is
 * ICV_*. Accesses of them trap on CPUs that have no trap for ICC_DIR_EL1 alone.
 */
uint64_t ich_read_pmr(void);
void ich_write_pmr(uint64_t value);
uint64_t ich_read_ctlr(void);
void ich_write_ctlr(uint64_t value);
uint64_t ich_read_rpr(void);
