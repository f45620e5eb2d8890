/*
 * A virtual machine: its memory, devices and vCPUs, and its life: built,
 * loaded, running, stopped, loaded again.
 *
 * vm->lock guards the life cycle: vm.state, the vCPUs' power states and their
 * start addresses.
 */
#pragma once

#include "arm64/lock.h"
#include "fdt/system.h"
#include "lib/types.h"
#include "mm/stage2.h"
#include "vcpu/load.h"
#include "vdev/mmio.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "vdev/vpl011.h"

struct vcpu;

enum vm_state {
	VM_LOADING, /* vCPU 0's CPU copies its images */
	VM_RUNNING,
	VM_STOPPING, /* its vCPUs leave their CPUs; the last one out goes on with vm.next */
	VM_STOPPED,
};

/* What comes after a VM's vCPUs have all stopped. */
enum vm_next { VM_NEXT_OFF, VM_NEXT_RESET, VM_NEXT_CRASHED };

struct vm {
	const struct vm_config *config;
	struct lock lock;
	uint64_t state; /* enum vm_state; written under the lock */
	enum vm_next next;
	unsigned int running; /* vCPUs that are not off */
	unsigned int nr_vcpus;
	struct vcpu *vcpus;
	struct stage2 stage2;
	struct mmio_map mmio;
	struct vgic vgic;
	struct vpl011 uart;
	uint64_t cntvoff; /* CNTVOFF_EL2: the guest's counter starts at 0 with the VM */
	struct vm_load load;
};

extern struct vm *vms;
extern unsigned int nr_vms;

/*
 * The guest did something that cannot go on: reports `why` with the vCPU's
 * registers and stops the VM, alone. Called on the vCPU's CPU while it is
 * loaded. The caller then returns to the exit path, which asks the scheduler.
 */
void vm_crash(struct vcpu *vcpu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The guest asked for power-off or reset (PSCI): stops all vCPUs, then goes on
 * with `next`. Returns at once; the first caller's `next` counts.
 */
void vm_stop(struct vm *vm, enum vm_next next);

/* One vCPU has left its CPU because of VCPU_REQ_STOP; its state is VCPU_OFF now. */
void vm_vcpu_stopped(struct vcpu *vcpu);

/*
 * So many VMs begin to live: when all have stopped, the machine goes off. `time` is CNTPCT_EL0 at
 * the image's entry. Boot.
 */
void vm_set_alive(unsigned int count, uint64_t time);

/* Loading is complete: vCPU 0 starts. On its CPU. */
void vm_loaded(struct vm *vm);

/* All VMs are off, or the user wants it so: everything is written out, the machine goes off. */
_Noreturn void vm_system_off(void);
