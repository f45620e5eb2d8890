/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual machine: its memory, devices and vCPUs, and its life.
 *
 * vm->lock guards it: vm.state, vm.next, vm.running, the vCPUs' power states
 * and their start addresses.
 *
 *     built --> LOADING --------> RUNNING --------> STOPPING --------> STOPPED
 *                  ^     loaded     |     vm_stop()           last out    |
 *                  |                +-------------------------------------+
 *                  |                      last out, by CPU_OFF            |
 *                  +------------------------------------------------------+
 *                                   vm.next is VM_NEXT_RESET
 *
 * and in it each vCPU's (vCPU 0 goes from OFF to ON when its VM is loaded):
 *
 *                 CPU_ON                 home CPU                CPU_OFF
 *          OFF -----------> STARTING -----------------> ON ------------------+
 *           ^                  |      reset, runnable    |                   v
 *           |                  v                         v                LEAVING
 *           +------------------+-------------------------+-------------------+
 *             its home CPU: unloaded, timers off, not runnable; then counted
 *             out, under the lock. From LEAVING always, else if VM_STOPPING
 *
 * OFF means that the vCPU is on no CPU: its context, list registers, timers
 * and the active state of its forwarded private interrupts have left the
 * hardware. vm.running counts those that are not OFF, so that whoever counts
 * the last one out has the VM's memory, vGIC and devices to himself, and goes
 * on with vm.next; and so that a vCPU that is seen OFF can be started anew.
 *
 * A vCPU's own CPU does what is done to it. It is asked by VCPU_REQ_LIFE,
 * which says only that there is something to look at: what it is, the states
 * above say, under the lock. A request that comes late, or is left over from
 * an earlier life, finds nothing to do.
 */
#pragma once

#include "arm64/lock.h"
#include "fdt/system.h"
#include "lib/types.h"
#include "mm/stage2.h"
#include "vcpu/load.h"
#include "vcpu/seeds.h"
#include "vdev/mmio.h"
#include "vdev/vdev.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

struct vcpu;

enum vm_state {
	VM_LOADING, /* vCPU 0's CPU copies its images */
	VM_RUNNING,
	VM_STOPPING, /* its vCPUs leave their CPUs; the last one out goes on with vm.next */
	VM_STOPPED,  /* all its vCPUs are OFF */
};

/* What comes after a VM's vCPUs have all stopped. */
enum vm_next { VM_NEXT_OFF, VM_NEXT_RESET, VM_NEXT_CRASHED };

struct vm {
	const struct vm_config *config;
	struct lock lock;
	uint64_t state; /* enum vm_state; written under the lock */
	enum vm_next next;
	unsigned int running; /* vCPUs that are not OFF */
	unsigned int nr_vcpus;
	struct vcpu *vcpus;
	struct stage2 stage2;
	struct mmio_map mmio;
	struct vgic vgic;
	struct vdev *devices; /* its emulated ones that have a life; NULL: none */
	/* CNTVOFF_EL2: 0, or when the VM started if it has a counter of its own */
	uint64_t cntvoff;
	struct vm_load load;
	struct vm_seeds seeds;
};

extern struct vm *vms;
extern unsigned int nr_vms;

/*
 * The guest did something that cannot go on: stops the VM, alone, and reports
 * why with the vCPU's registers, unless another of its vCPUs has stopped it
 * already. Called on the vCPU's CPU while it is loaded. The caller then returns
 * to the exit path, which asks the scheduler.
 */
void vm_crash(struct vcpu *vcpu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A vCPU, loaded on this CPU, asks for its VM's power-off or reset (PSCI): all
 * vCPUs stop, then it goes on with `next`. Returns at once; the caller runs no
 * more of the guest. Returns true if it was the first to ask: its `next` counts.
 */
bool vm_stop(struct vcpu *vcpu, enum vm_next next);

/*
 * Counts a vCPU out that has left its CPU: its state is VCPU_OFF now. With
 * vm->lock held. Returns true if it was the last one: its caller goes on with
 * vm_stopped().
 */
bool vm_vcpu_left(struct vcpu *vcpu);

/* No vCPU of the VM is on any CPU: resets it, and goes on with vm.next. Without vm->lock. */
void vm_stopped(struct vm *vm);

/*
 * So many VMs begin to live: when all have stopped, the machine goes off. `time` is CNTPCT_EL0 at
 * the image's entry. Boot.
 */
void vm_set_alive(unsigned int count, uint64_t time);

/* Loading is complete: vCPU 0 starts. On its CPU. */
void vm_loaded(struct vm *vm);
