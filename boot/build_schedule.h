/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPUs' schedules, as the description has them.
 */
#pragma once

#include "sched/sched.h"

struct system_config;
struct vm_config;

/* What the VM's vCPUs are promised on their CPUs. Boot. */
struct sched_params build_share(const struct vm_config *config);

/*
 * Divides the CPUs that have windows, after all VMs are built and before anything runs. Boot.
 * Returns 0, or -ENOMEM after saying so.
 */
int build_schedules(const struct system_config *config);
