/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: what the VMs have been given, as lines of the hypervisor.
 */
#pragma once

#include "fdt/system.h"

/*
 * Says who a VM is and all that it has: CPUs, ranges of memory, devices of the machine, and
 * emulated ones that are not where a guest expects them. One line if there is no more to say than
 * one range; else further lines, indented. place_memory() has been called. A list that is longer
 * than a line goes on in the next.
 */
void report_vm(const struct vm_config *vm);
