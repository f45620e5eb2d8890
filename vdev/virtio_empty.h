/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots for virtio devices with nothing in them (VIRTIO 1.2, 4.2.2: a placeholder has device ID 0).
 * Firmware that was built for QEMU's `virt` looks at all 32 slots of that machine, whatever the
 * guest's tree says. Slots have no state.
 */
#pragma once

#include "vdev/mmio.h"

#define VIRTIO_MMIO_MAGIC 0x74726976u  /* "virt" */
#define VIRTIO_MMIO_VERSION 2u	       /* not the legacy interface */
#define VIRTIO_MMIO_VENDOR 0x4b4c5542u /* "BULK" */

/*
 * mmio_handler for a page of slots, PLATFORM_VIRTIO_STRIDE apart. Registers are read by accesses of
 * 32 bits (4.2.2.2); everything else reads as 0, and writes do nothing. `dev` is not used.
 */
enum mmio_result virtio_empty_access(struct vcpu *vcpu, void *dev, struct mmio_access *access);
