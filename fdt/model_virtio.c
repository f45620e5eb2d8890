// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pages of virtio slots with nothing in them, for software that looks at all slots of QEMU's virt.
 * They stay where they are, for drivers know no other place: a page where the VM has something else
 * is left out. The guest's tree does not name them.
 */
#include "fdt/check.h"
#include "fdt/model.h"
#include "fdt/platform.h"

static void place(struct parser *p, struct vm_config *vm)
{
	for (unsigned int i = 0; vm->empty_devices && i < PLATFORM_VIRTIO_PAGES; i++) {
		const struct vm_emulated page = {
		    .base = ipa(PLATFORM_VIRTIO_BASE + i * PAGE_SIZE),
		    .size = PAGE_SIZE,
		};

		if (!model_is_taken(vm, &page))
			model_add(p, vm, MODEL_VIRTIO, page.base.v, page.size);
	}
}

const struct model model_virtio = {.place = place};
