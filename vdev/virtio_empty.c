// SPDX-License-Identifier: BSD-2-Clause
/*
 * See virtio_empty.h. Constant, and so without a lock.
 */
#include "vdev/virtio_empty.h"

#include "fdt/platform.h"
#include "lib/bits.h"

/*
 * From offset 0 on: MagicValue, Version, DeviceID, VendorID. The registers behind them read as 0.
 */
static const uint32_t registers[] = {VIRTIO_MMIO_MAGIC, VIRTIO_MMIO_VERSION, 0, VIRTIO_MMIO_VENDOR};

enum mmio_result virtio_empty_access(struct vcpu *vcpu, void *dev, struct mmio_access *access)
{
	uint64_t offset = access->offset % PLATFORM_VIRTIO_STRIDE;

	(void)vcpu;
	(void)dev;
	access->value = 0;
	if (access->size == 4 && offset % 4 == 0 && offset / 4 < ARRAY_SIZE(registers))
		access->value = registers[offset / 4];
	return MMIO_OK;
}
