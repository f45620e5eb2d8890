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
#include "vcpu/timer.h"
#include "vdev/vgic_state.h"

struct cpu;
struct mmio_region;
struct vm;

/* Requests to a vCPU from other CPUs, in vcpu.requests. */
#define VCPU_REQ_FLUSH BIT(0) /* vgic_flush() before the next entry, and wake from WFI */
#define VCPU_REQ_START BIT(1) /* PSCI CPU_ON, or the VM's start */
#define VCPU_REQ_STOP BIT(2)  /* the VM stops */
#define VCPU_REQ_OFF BIT(3)   /* PSCI CPU_OFF, from itself */

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
	uint64_t deferred; /* those that wait for the scheduler's loop */
	uint64_t state;	   /* enum vcpu_state; under vm->lock */
	uint64_t start_pc; /* under vm->lock while STARTING */
	uint64_t start_x0;
	bool blocked; /* waits in WFI, not runnable */

	struct sched_entity sched;
	struct vcpu_context context;
	struct vgic_cpu vgic;
	struct vcpu_timers *timers;
	const struct mmio_region *mmio_last; /* of its last emulated access: spares the search */
	const uint64_t *idregs;		     /* its VM's identification registers, IDREGS_NR */
};

/* Sets requests of a vCPU and makes its home CPU look at them. Any CPU. */
void vcpu_request(struct vcpu *vcpu, uint64_t requests);

/*
 * Puts a vCPU that is not loaded into the state in which a CPU comes out of
 * reset, to run from pc with x0 (PSCI: DEN0022, 6.4.3).
 */
void vcpu_reset(struct vcpu *vcpu, uint64_t pc, uint64_t x0);

/* vgic_host_ops.kick: the vCPU has something new in its vGIC. Any CPU, under vgic_cpu.lock. */
void vcpu_kick(struct vgic_cpu *vgic);

/* Waits for an interrupt: blocks unless one is pending. Loaded, on its CPU. */
void vcpu_wait(struct vcpu *vcpu);

/* What has to happen before the scheduler is asked: requests that were put off. Own CPU. */
void vcpu_do_deferred(struct cpu *cpu);
