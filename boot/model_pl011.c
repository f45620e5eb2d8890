// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boot: a VM's PL011, on the console.
 */
#include "boot/model.h"
#include "console/console.h"
#include "lib/errno.h"
#include "vcpu/vm.h"
#include "vdev/vpl011.h"

static int build(struct vm *vm, const struct vm_emulated *config, struct arena *arena)
{
	struct vpl011 *uart = arena_alloc(arena, 1, sizeof(*uart));
	int err;

	if (!uart)
		return -ENOMEM;
	vpl011_init(uart);
	model_attach(vm, config, &uart->vdev);
	err = console_add_vm(&uart->port, vm->config->name, arena);
	if (err)
		return err;
	return mmio_map_add(&vm->mmio, config->base, config->size, vpl011_access, uart, "PL011");
}

const struct model_builder build_pl011 = {
    .regions = 1,
    .size = sizeof(struct vpl011),
    .build = build,
};
