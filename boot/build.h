/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: makes the VMs that the system description declares.
 */
#pragma once

#include "fdt/system.h"
#include "lib/types.h"

struct diag;
struct random;

/*
 * Builds all VMs: their vCPUs on their home CPUs, address spaces, devices and
 * device trees, and what is to be loaded where. `blob` is where the system
 * description lies; it is mapped too. Memory has been placed, all CPUs have been
 * started and wait. The VMs' own generators are seeded by `random`. What devices
 * cannot have goes to `diag`. Returns 0, or a negative error after saying why.
 */
int build_vms(const struct system_config *config, const struct host *host, pa_t blob,
	      struct random *random, struct diag *diag);
