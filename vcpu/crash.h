/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a VM whose guest cannot go on.
 */
#pragma once

struct vcpu;

/*
 * The guest cannot go on: stops its VM, and no other, and reports why with the
 * vCPU's registers, unless another of the VM's vCPUs has stopped it already.
 * Called on the vCPU's CPU while the vCPU is loaded. The caller then returns to
 * the exit path, which asks the scheduler.
 */
void vm_crash(struct vcpu *vcpu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
