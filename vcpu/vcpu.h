/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual CPU: its registers, its interrupts, its power state.
 *
 * While a vCPU is loaded on its CPU, everything but x0 to x30 lives in the
 * hardware and the fields of `context` are stale. Only the home CPU touches a
 * vCPU's fields, except where a field's comment says otherwise.
 */
#pragma once

#include "lib/types.h"
#include "mm/guest.h"
#include "sched/sched.h"
#include "vcpu/context.h"
#include "vcpu/timer.h"
#include "vdev/vgic_state.h"

struct pcpu;
struct mmio_region;
struct vm;

/* Requests to a vCPU from other CPUs, in vcpu.requests. */
#define VCPU_REQ_FLUSH BIT(0) /* vgic_flush() before the next entry */
#define VCPU_REQ_WAKE BIT(1)  /* VCPU_REQ_FLUSH; and runnable again, if it waits */
#define VCPU_REQ_LIFE BIT(2)  /* its state and its VM's do not go together: vcpu/vm.h */

/* Power states. See the picture in vcpu/vm.h. */
enum vcpu_state {
	VCPU_OFF,      /* on no CPU. PSCI: OFF */
	VCPU_STARTING, /* by CPU_ON; the home CPU has not started it yet. PSCI: ON_PENDING */
	VCPU_ON,       /* PSCI: ON */
	VCPU_LEAVING,  /* called CPU_OFF, and is still on its CPU. PSCI: ON */
};

struct vcpu {
	struct vcpu_regs regs; /* x0 to x30: first, vectors.S saves into it */
	struct vm *vm;
	struct pcpu *home;
	unsigned int id;   /* index in vm->vcpus; vCPU 0 boots */
	unsigned int slot; /* index in home->vcpus, bit in home->mailbox */

	uint64_t requests; /* VCPU_REQ_*; any CPU, atomically */
	uint64_t state;	   /* enum vcpu_state; written under vm->lock */
	uint64_t start_pc; /* under vm->lock while STARTING */
	uint64_t start_x0;
	bool look;    /* VCPU_REQ_LIFE was taken: the scheduler's loop does it */
	bool blocked; /* waits in WFI, not runnable; atomically, see vcpu_kick() */

	struct sched_entity sched;
	struct vcpu_context context;
	struct vgic_cpu vgic;
	struct vcpu_timers *timers;
	const struct mmio_region *mmio_last; /* of its last emulated access: spares the search */
	struct guest_piece code;	     /* has the instruction that was emulated last */
	const uint64_t *idregs;		     /* its VM's identification registers, IDREGS_NR */
};

/* Claims the SGI by which CPUs are made to look at their mailboxes. Boot. irq_claim()'s errors. */
int vcpu_init(void);

/*
 * Takes the requests of other CPUs to this CPU's vCPUs. Returns true if the scheduler is to be
 * asked again.
 */
bool vcpu_read_mailbox(struct pcpu *cpu);

/* Sets requests of a vCPU and makes its home CPU look at them. Any CPU. */
void vcpu_request(struct vcpu *vcpu, uint64_t requests);

/* The vCPU does not go on in the guest before its life was looked at. Own CPU. */
void vcpu_look(struct vcpu *vcpu);

/*
 * vgic_host_ops.kick: the vCPU has something new in its vGIC, and resync is set. Only a vCPU that
 * runs on another CPU, or that waits, costs an interrupt there. Any CPU, with vgic_cpu.lock held.
 */
void vcpu_kick(struct vgic_cpu *vgic);

/* Waits for an interrupt: blocks unless one, or a virtual SError, is pending. Loaded, on its CPU. */
void vcpu_wait(struct vcpu *vcpu);

/*
 * Before the scheduler is asked, if pcpu.look: vCPUs start and stop as their VMs want it. What that
 * takes is charged to them, not to the vCPU that ran. Own CPU.
 */
void vcpu_look_at_lives(struct pcpu *cpu);
