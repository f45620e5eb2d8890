/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: the devices that a VM is given which are not there. For boot/build.c.
 */
#pragma once

#include "fdt/system.h"
#include "lib/arena.h"

struct vm;

/* Before the first VM's: what they take from the machine. */
void build_devices_init(const struct system_config *config, const struct host *host);

/* Bytes of an arena that build_devices() takes for this VM, at most. */
size_t build_devices_size(const struct vm_config *config);

/*
 * Makes the VM's emulated devices and the map of them. Its vCPUs and its vGIC are there. Returns 0;
 * -ENOMEM; -EINVAL if an interrupt is not one of the vGIC's; or as mmio_map_add().
 */
int build_devices(struct vm *vm, struct arena *arena);
