/*
 * The node of a passed device in its guest's tree.
 */
#pragma once

#include "fdt/system.h"

/* The phandles of the guest's clocks begin here; below are the platform's. */
#define DEVICE_PHANDLES 16u

/* True if a property names other devices, so that the guest cannot have it. */
bool device_leaves_out(const char *property);

/*
 * Writes the VM's passed devices, with their clocks, where libfdt's sequential
 * interface stands in `fdt`: in the root. 0 or a libfdt error.
 */
int device_write_all(void *fdt, const struct vm_config *vm, const struct host *host);
