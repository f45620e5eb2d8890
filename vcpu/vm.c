// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life cycle of VMs: vcpu/vm.h has the picture. Each vCPU's own CPU stops it,
 * after a request, for which nobody waits: the CPU of the last vCPU to stop goes
 * on with vm.next.
 */
#include "vcpu/vm.h"

#include "arm64/atomic.h"
#include "core/power.h"
#include "core/timer.h"
#include "lib/log.h"
#include "vcpu/reset.h"
#include "vcpu/vcpu.h"

struct vm *vms;
unsigned int nr_vms;

/* VMs that are not stopped; atomic */
static int32_t vms_alive;

/* CNTPCT_EL0 when the image was entered */
static uint64_t entry_time;

void vm_set_alive(unsigned int count, uint64_t time)
{
	vms_alive = (int32_t)count;
	entry_time = time;
}

bool vm_stop(struct vcpu *vcpu, enum vm_next next)
{
	struct vm *vm = vcpu->vm;
	bool first;

	lock_acquire(&vm->lock);
	first = vm->state == VM_RUNNING;
	if (first) {
		atomic_store(&vm->state, VM_STOPPING);
		vm->next = next;
		for (unsigned int i = 0; i < vm->nr_vcpus; i++)
			if (vm->vcpus[i].state != VCPU_OFF)
				vcpu_request(&vm->vcpus[i], VCPU_REQ_LIFE);
	}
	lock_release(&vm->lock);
	/* The request of whoever stopped it before may reach this CPU after the next entry only. */
	vcpu_look(vcpu);
	return first;
}

void vm_stopped(struct vm *vm)
{
	static const char *const what[] = {
	    [VM_NEXT_OFF] = "powered off",
	    [VM_NEXT_RESET] = "restarts",
	    [VM_NEXT_CRASHED] = "stopped",
	};

	vm_reset(vm);
	log_info("%s: %s", vm->config->name, what[vm->next]);

	if (vm->next == VM_NEXT_RESET) {
		lock_acquire(&vm->lock);
		atomic_store(&vm->state, VM_LOADING);
		lock_release(&vm->lock);
		vcpu_request(&vm->vcpus[0], VCPU_REQ_LIFE);
		return;
	}
	if (atomic_add(&vms_alive, -1) == 0) {
		log_info("all guests are off: powering off");
		power_off();
	}
}

bool vm_vcpu_left(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	lock_assert_held(&vm->lock);
	atomic_store(&vcpu->state, VCPU_OFF);
	if (--vm->running != 0)
		return false;
	/* The last vCPU has turned itself off, and nobody is left to turn one on: the VM is off. */
	if (vm->state == VM_RUNNING)
		vm->next = VM_NEXT_OFF;
	atomic_store(&vm->state, VM_STOPPED);
	return true;
}

void vm_loaded(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];

	uint64_t now = timer_now();

	/* Without an offset no deadline overflows, which QEMU before 8.2 does not survive. */
	vm->cntvoff = vm->config->own_counter ? now : 0;
	lock_acquire(&vm->lock);
	atomic_store(&vm->state, VM_RUNNING);
	vm->running = 1;
	atomic_store(&vcpu->state, VCPU_ON);
	lock_release(&vm->lock);
	vcpu_reset(vcpu, vm->config->image.entry.v, vm->config->dtb_ipa.v);
	log_info("%s: starts, %llu us after the machine", vm->config->name,
		 (unsigned long long)timer_us(now - entry_time));
	vdev_start_all(vm->devices);
}
