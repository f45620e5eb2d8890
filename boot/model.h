/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: how the devices of each model are made (fdt/model.h has the list). Boot CPU only, before
 * any guest runs; no lock is needed.
 */
#pragma once

#include "fdt/system.h"
#include "lib/arena.h"
#include "lib/types.h"

struct vdev;
struct vm;

struct model_builder {
	unsigned int regions; /* that a device adds to its VM's map, at most */
	size_t size;	      /* bytes of an arena that it takes, */
	size_t vcpu_size;     /* and for each vCPU */
	/* Before the first device, if a VM has one: takes what it needs of the machine. May be
	 * NULL. */
	void (*prepare)(const struct host *host);
	/*
	 * Makes a device: adds it to vm->mmio, and to vm->devices (model_attach()) if it has a
	 * state. The VM's vCPUs and vGIC are there, its interrupt is one of the vGIC's. Returns 0
	 * or a negative error.
	 */
	int (*build)(struct vm *vm, const struct vm_emulated *config, struct arena *arena);
};

/* For build(): the VM has this device, which has the interrupt that the description chose. */
void model_attach(struct vm *vm, const struct vm_emulated *config, struct vdev *dev);
