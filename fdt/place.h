/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides which physical memory each VM gets.
 */
#pragma once

#include "fdt/system.h"

/* Memory that is in use, and by whom, for messages: "Bulkhead's image". */
struct place_taken {
	struct range range;
	const char *owner;
};

/*
 * Chooses vm_memory.pa for all VMs, out of the host's RAM less its reserved
 * ranges less taken[0..nr_taken) (the hypervisor, its pool, the system
 * description). The largest alignment first: a region gets a physical address
 * congruent to its IPA modulo 1 GiB if that fits, else modulo 2 MiB, else
 * any page, so that stage 2 can use blocks. Reports what does not fit to
 * `diag`: returns 0 or -EINVAL or -ENOMEM (arena), the last two after reporting why.
 */
int place_memory(struct system_config *config, const struct host *host,
		 const struct place_taken *taken, unsigned int nr_taken, struct arena *arena,
		 struct diag *diag);
