/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Software-generated interrupts, from a vCPU to itself or to others of its VM:
 * by GICD_SGIR of a GICv2, where the receiver is told who sent it, and by
 * ICC_SGI1R_EL1 of a GICv3.
 */
#pragma once

#include "vdev/mmio.h"
#include "vdev/vgic.h"

/* A vCPU wrote GICD_SGIR (IHI 0048, 4.3.15). The security bit does not count. MMIO_OK. */
enum mmio_result vgic_v2_write_sgir(struct vcpu *from, struct vgic *vgic, uint32_t value);

/*
 * vCPU `cpu` accesses GICD_CPENDSGIR<n> or GICD_SPENDSGIR<n> (IHI 0048, 4.3.16 and 4.3.17): a byte
 * of senders for each of its SGIs. access->value of a read must be 0.
 */
void vgic_v2_pending_sgi_access(struct vgic *vgic, struct vgic_cpu *cpu,
				struct mmio_access *access);

/*
 * vCPU `from` wrote ICC_SGI1R_EL1 (IHI 0069, 12.2.20). With one security state ICC_SGI0R_EL1 and
 * ICC_ASGI1R_EL1 are not for it.
 */
void vgic_v3_write_sgi1r(struct vgic_cpu *from, uint64_t value);

/* What ICC_SGI1R_EL1 is written for the vCPU with this affinity alone, without the SGI's number. */
uint64_t vgic_v3_sgi1r_to(uint64_t mpidr);
