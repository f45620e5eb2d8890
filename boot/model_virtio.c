// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot: a page of empty virtio slots.
 */
#include "boot/model.h"
#include "vcpu/vm.h"
#include "vdev/virtio_empty.h"

static int build(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	(void)arena;
	return mmio_map_add(&vm->mmio, config->base, config->size, virtio_empty_access, NULL,
			    "virtio slots");
}

const struct model_builder build_virtio = {.regions = 1, .build = build};
