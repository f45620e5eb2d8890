/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a VM whose guest cannot go on.
 */
#pragma once

struct vcpu;

/*
 * The guest did something that cannot go on: stops the VM, alone, and reports
 * why with the vCPU's registers, unless another of its vCPUs has stopped it
 * already. Called on the vCPU's CPU while it is loaded. The caller then returns
 * to the exit path, which asks the scheduler.
 */
void vm_crash(struct vcpu *vcpu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
