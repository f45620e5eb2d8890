/*
 * vCPUs' coming and going: requests from other CPUs, reset, waiting.
 *
 * A request is a bit in vcpu->requests, and a bit for the vCPU in its home
 * CPU's mailbox, and an SGI if that is another CPU. Who sets a bit that is set
 * already need not send again: the home CPU takes the mailbox before it looks
 * at requests, and requests before it looks at what they are about.
 */
#include "vcpu/vcpu.h"

#include "arm64/atomic.h"
#include "arm64/el2.h"
#include "arm64/pstate.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "fdt/guest.h"
#include "lib/string.h"
#include "vcpu/switch.h"
#include "vcpu/traps.h"
#include "vcpu/vm.h"

/* SCTLR_EL1 at reset: the bits that are RES1 in Armv8.0; MMU and caches off */
#define SCTLR_EL1_RESET 0x30d00800

void vcpu_request(struct vcpu *vcpu, uint64_t requests)
{
	struct cpu *home = vcpu->home;

	atomic_set_bits(&vcpu->requests, requests);
	if (atomic_set_bits(&home->mailbox, BIT(vcpu->slot)) & BIT(vcpu->slot))
		return;
	if (home == this_cpu())
		home->resched = true;
	else
		irq_kick(home);
}

struct vgic_cpu *vcpu_vgic(struct vcpu *vcpu)
{
	return &vcpu->vgic;
}

void vcpu_kick(struct vgic_cpu *vgic)
{
	struct vcpu *vcpu = container_of(vgic, struct vcpu, vgic);
	struct cpu *cpu = this_cpu();

	/* Loaded here and on its way into the guest */
	if (vcpu->home == cpu && cpu->current == vcpu && !vcpu->blocked) {
		cpu->flush = true;
		return;
	}
	vcpu_request(vcpu, VCPU_REQ_FLUSH);
}

/* Runnable again, if there is an interrupt for it. Returns true if so. */
static bool wake_if_pending(struct vcpu *vcpu)
{
	if (!vcpu->blocked || !vgic_has_pending(&vcpu->vgic))
		return false;
	vcpu->blocked = false;
	return sched_wake(&vcpu->home->sched, &vcpu->sched);
}

bool cpu_read_mailbox(struct cpu *cpu)
{
	bool resched = false;
	uint64_t mail;

	if (!atomic_load_relaxed(&cpu->mailbox))
		return false;
	mail = atomic_take(&cpu->mailbox);
	while (mail) {
		struct vcpu *vcpu = cpu->vcpus[__builtin_ctzll(mail)];
		uint64_t requests = atomic_take(&vcpu->requests);

		mail &= mail - 1;
		if (requests & VCPU_REQ_FLUSH) {
			resched |= wake_if_pending(vcpu);
			cpu->flush |= vcpu == cpu->current;
		}
		vcpu->deferred |= requests & ~VCPU_REQ_FLUSH;
		resched |= vcpu->deferred != 0;
	}
	return resched;
}

/* Takes a vCPU off its CPU: it runs no more and nothing of it is in the hardware. */
static void detach(struct vcpu *vcpu)
{
	struct cpu *cpu = vcpu->home;

	sched_block(&cpu->sched, &vcpu->sched);
	vcpu->blocked = false;
	if (cpu->current == vcpu)
		vcpu_unload(cpu);
	if (cpu->fp_owner == vcpu)
		cpu->fp_owner = NULL;
	vcpu_timers_reset(vcpu);
}

static void start(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	uint64_t pc, x0;
	bool on;

	/* vCPU 0 of a VM that is to be loaded: it runs as the loader first. */
	if (atomic_load(&vm->state) == VM_LOADING) {
		sched_wake(&vcpu->home->sched, &vcpu->sched);
		return;
	}
	lock_acquire(&vm->lock);
	on = vcpu->state == VCPU_STARTING && vm->state == VM_RUNNING;
	pc = vcpu->start_pc;
	x0 = vcpu->start_x0;
	if (on) {
		vcpu_reset(vcpu, pc, x0);
		vcpu->state = VCPU_ON;
	}
	lock_release(&vm->lock);
	if (on)
		sched_wake(&vcpu->home->sched, &vcpu->sched);
}

void vcpu_do_deferred(struct cpu *cpu)
{
	for (unsigned int i = 0; i < cpu->nr_vcpus; i++) {
		struct vcpu *vcpu = cpu->vcpus[i];
		uint64_t deferred = vcpu->deferred;

		if (!deferred)
			continue;
		vcpu->deferred = 0;
		if (deferred & (VCPU_REQ_STOP | VCPU_REQ_OFF))
			detach(vcpu);
		/* The VM's stop is stronger than a start that came before it. */
		if (deferred & VCPU_REQ_STOP)
			vm_vcpu_stopped(vcpu);
		else if (deferred & VCPU_REQ_START)
			start(vcpu);
	}
}

void vcpu_reset(struct vcpu *vcpu, uint64_t pc, uint64_t x0)
{
	struct vcpu_context *c = &vcpu->context;

	memset(&vcpu->regs, 0, sizeof(vcpu->regs));
	memset(c, 0, sizeof(*c));
	vcpu->regs.x[0] = x0;
	c->pc = pc;
	c->pstate = PSTATE_DAIF | PSTATE_EL1H;
	c->hcr = vcpu_hcr() | (sched_is_dedicated(&vcpu->home->sched) ? 0 : HCR_TWI);
	c->sctlr_el1 = SCTLR_EL1_RESET;
	/* bit 31 is RES1, bit 30 (U) says that there is one CPU only */
	c->vmpidr = BIT(31) | (vcpu->vm->nr_vcpus == 1 ? BIT(30) : 0) | guest_mpidr(vcpu->id);
	vcpu_timers_reset(vcpu);
	vgic_reset_cpu(&vcpu->vgic);
}

void vcpu_wait(struct vcpu *vcpu)
{
	struct cpu *cpu = vcpu->home;

	if (vgic_has_pending(&vcpu->vgic))
		return;
	/* From here on, a kick comes as a request; one that came before was seen just now. */
	vcpu->blocked = true;
	if (vgic_has_pending(&vcpu->vgic)) {
		vcpu->blocked = false;
		return;
	}
	sched_block(&cpu->sched, &vcpu->sched);
	cpu->resched = true;
}
