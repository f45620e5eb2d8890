/*
 * A virtual CPU: what the guest's CPU has in it, and where it stands.
 *
 * While a vCPU is loaded on its CPU, everything but x0 to x30 lives in the
 * hardware and the fields of `context` are stale. Only the home CPU touches a
 * vCPU's fields, except where a field's comment says otherwise.
 */
#pragma once

#include "lib/types.h"
#include "sched/sched.h"
#include "vcpu/context.h"
#include "vdev/vgic_state.h"

struct cpu;
struct vm;

/* Requests to a vCPU from other CPUs, in vcpu.requests. */
#define VCPU_REQ_FLUSH BIT(0) /* vgic_flush() before the next entry, and wake from WFI */
#define VCPU_REQ_START BIT(1) /* PSCI CPU_ON, or the VM's start */
#define VCPU_REQ_STOP BIT(2)  /* the VM stops: leave the CPU for good */

enum vcpu_state {
	VCPU_OFF,      /* PSCI: off */
	VCPU_STARTING, /* CPU_ON was accepted, the home CPU has not done it yet */
	VCPU_ON,
};

struct vcpu {
	struct vcpu_regs regs; /* x0 to x30: first, vectors.S saves into it */
	struct vm *vm;
	struct cpu *home;
	unsigned int id;   /* index in vm->vcpus; vCPU 0 boots */
	unsigned int slot; /* index in home->vcpus, bit in home->mailbox */

	uint64_t requests; /* VCPU_REQ_*; any CPU, atomically */
	uint64_t state;	   /* enum vcpu_state; under vm->lock */
	uint64_t start_pc; /* under vm->lock while STARTING */
	uint64_t start_x0;
	bool blocked; /* waits in WFI, not runnable */

	struct sched_entity sched;
	struct vcpu_context context;
	struct vgic_cpu vgic;
	struct vcpu_timers *timers;
};

/* Sets requests of a vCPU and makes its home CPU look at them. Any CPU. */
void vcpu_request(struct vcpu *vcpu, uint64_t requests);
