/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: what the VMs have been given, as lines of the hypervisor.
 */
#pragma once

#include "fdt/system.h"

/*
 * Says who a VM is and all that it has: CPUs, ranges of memory, devices of the machine, and
 * emulated devices that are not where a guest expects them. A VM with one range and no more has one
 * line; others have further lines, indented. A list that is longer than a line goes on in the next.
 * place_memory() has been called.
 */
void report_vm(const struct vm_config *vm);
