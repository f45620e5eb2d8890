/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual machine: its memory, devices and vCPUs, and its life.
 *
 * vm.lock guards a VM's life: vm.state, vm.next, vm.running, and of each vCPU
 * its power state and where it starts. All else of a VM is constant after boot,
 * has a lock of its own, or is its loader's.
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
 * hardware. So a vCPU that is seen OFF can be started anew. vm.running counts
 * the vCPUs that are not OFF. Who counts the last one out has the VM's memory,
 * vGIC and devices to himself: he resets them, and goes on with vm.next.
 *
 * Only a vCPU's own CPU changes the vCPU's registers and loads or unloads it.
 * The CPU is asked by VCPU_REQ_LIFE, which says only that there is something to
 * look at; the states above, read under the lock, say what to do. A request that
 * comes late, or is left over from an earlier life, finds nothing to do.
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

/* The next step after all vCPUs of a VM have stopped. */
enum vm_next { VM_NEXT_OFF, VM_NEXT_RESET, VM_NEXT_CRASHED };

struct vm {
	/* Its life, under the lock */
	struct lock lock;
	uint64_t state;	      /* enum vm_state; read without the lock, too */
	enum vm_next next;    /* since VM_STOPPING */
	unsigned int running; /* vCPUs that are not OFF */

	/* Its parts: boot decides */
	const struct vm_config *config;
	unsigned int nr_vcpus;
	struct vcpu *vcpus;
	struct stage2 stage2;
	struct mmio_map mmio;
	struct vgic vgic;     /* has locks of its own */
	struct vdev *devices; /* its emulated ones that have a life; NULL: none */

	/* While it is VM_LOADING, the CPU of its vCPU 0 has these to itself */
	struct vm_load load;
	struct vm_seeds seeds;
	uint64_t cntvoff; /* CNTVOFF_EL2: 0, or when it started if its counter is its own */
};

extern struct vm *vms;
extern unsigned int nr_vms;

/*
 * A vCPU, loaded on this CPU, ends this life of its VM (PSCI, crash): all vCPUs
 * stop, and then the VM goes on with `next`. Returns at once; the caller runs no
 * more of the guest. Returns true if nobody has ended it before, so that this
 * `next` counts.
 */
bool vm_stop(struct vcpu *vcpu, enum vm_next next);

/*
 * Counts a vCPU out that has left its CPU: its state is VCPU_OFF now. With
 * vm->lock held. Returns true if no vCPU is left: the caller goes on with
 * vm_stopped(), without the lock.
 */
bool vm_vcpu_left(struct vcpu *vcpu);

/* No vCPU of the VM is on any CPU: resets it, and goes on with vm.next. Without vm->lock. */
void vm_stopped(struct vm *vm);

/*
 * `count` VMs begin to live: when all have stopped, the machine goes off. `time` is CNTPCT_EL0 at
 * the image's entry. Boot.
 */
void vm_set_alive(unsigned int count, uint64_t time);

/* Loading is complete: vCPU 0 starts. On its CPU. */
void vm_loaded(struct vm *vm);
