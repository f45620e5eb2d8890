/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generates the device tree that a guest sees: CPUs, memory, timer,
 * PSCI, chosen, and the devices of each model (fdt/model.h). Written with libfdt's sequential
 * interface at boot, kept for the guest's restarts.
 */
#pragma once

#include "fdt/system.h"

struct diag;

/*
 * Writes the tree of `vm` into buf. nr_cpus PSCI CPUs with MPIDRs by
 * guest_mpidr(). References of passed devices that are left out are reported to
 * `diag`, unless that is NULL. Returns the tree's size in bytes, or -ENOSPC if
 * buf_size is too small, which is reported as an error.
 */
int guest_dtb_write(const struct vm_config *vm, const struct host *host, void *buf, size_t buf_size,
		    struct diag *diag);

/*
 * The affinity (MPIDR_EL1.Aff3..Aff0) of vCPU n: Aff0 counts to 15 on GICv3
 * (the reach of one ICC_SGI1R_EL1 target list, IHI 0069 12.2.20), then Aff1.
 * GICv2 has at most 8 CPUs, all in Aff0.
 */
static inline uint64_t guest_mpidr(unsigned int n)
{
	return (n & 15) | (uint64_t)(n >> 4) << 8;
}

#define GUEST_NO_CPU UINT32_MAX

/* Which of a VM's `nr_cpus` vCPUs has this affinity: the inverse. GUEST_NO_CPU: none. */
static inline unsigned int guest_cpu(uint64_t mpidr, unsigned int nr_cpus)
{
	unsigned int n = (mpidr & 0xf) | (mpidr >> 4 & 0xff0);

	return (mpidr & ~UINT64_C(0xff0f)) == 0 && n < nr_cpus ? n : GUEST_NO_CPU;
}
