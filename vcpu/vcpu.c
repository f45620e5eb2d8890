// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests to vCPUs from other CPUs; starting, stopping and waiting of vCPUs.
 *
 * A request is a bit in vcpu->requests, a bit for the vCPU in its home CPU's
 * mailbox, and an SGI if that is another CPU. If the bit in the mailbox is set
 * already, no SGI is needed: the home CPU takes the mailbox before it looks at
 * requests, and requests before it looks at their subjects. A request says only
 * that something has changed. The home CPU reads from the state what is to be
 * done, so that requests may be merged and may come late.
 */
#include "vcpu/vcpu.h"

#include "arm64/atomic.h"
#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "core/irq.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "fdt/guest.h"
#include "lib/string.h"
#include "vcpu/pcpu.h"
#include "vcpu/reset.h"
#include "vcpu/switch.h"
#include "vcpu/trap_config.h"
#include "vcpu/vm.h"

void vcpu_request(struct vcpu *vcpu, uint64_t requests)
{
	struct pcpu *home = vcpu->home;

	atomic_set_bits(&vcpu->requests, requests);
	if (atomic_set_bits(&home->mailbox, BIT(vcpu->slot)) & BIT(vcpu->slot))
		return;
	if (home == this_pcpu())
		home->resched = true;
	else
		irq_kick(&home->base);
}

/*
 * vgic_cpu.lock makes both questions safe:
 *
 * - vgic.loaded changes under the lock only. A vCPU that is not loaded is flushed
 *   when it is loaded: vgic_load() takes the lock, and sets resync.
 * - A vCPU that goes to wait sets `blocked`, and then takes the lock to look for
 *   a pending interrupt (vcpu_wait()). An interrupt that we have made pending
 *   before is found there. If we have come later, the vCPU released the lock after
 *   it had set `blocked`, and we have acquired the lock since: we see `blocked`.
 *
 * `blocked` may still be seen for a vCPU that was woken just now and has looked
 * at resync for its entry already, because a load may overtake a store. So
 * VCPU_REQ_WAKE has a running vCPU look at resync again, as VCPU_REQ_FLUSH does;
 * at worst a WFI ends for nothing.
 *
 * A kick wakes the vCPU even if nothing is pending any more when its CPU looks.
 * Otherwise a guest that makes an interrupt pending and takes it back, again and
 * again, would interrupt its neighbours' CPU each time. Like this it spends its
 * own vCPU's time, up to that vCPU's next WFI.
 */
void vcpu_kick(struct vgic_cpu *vgic)
{
	struct vcpu *vcpu = container_of(vgic, struct vcpu, vgic);

	lock_assert_held(&vgic->lock);
	if (atomic_load_relaxed(&vcpu->blocked))
		vcpu_request(vcpu, VCPU_REQ_WAKE);
	else if (!vgic->loaded)
		return;
	else if (vcpu->home == this_pcpu())
		vcpu->home->flush = true; /* on its way into the guest */
	else
		vcpu_request(vcpu, VCPU_REQ_FLUSH);
}

/* Returns true if the scheduler has to be asked. */
static bool wake(struct vcpu *vcpu)
{
	if (!vcpu->blocked)
		return false;
	atomic_store(&vcpu->blocked, false);
	return sched_wake(&vcpu->home->sched, &vcpu->sched);
}

void vcpu_look(struct vcpu *vcpu)
{
	vcpu->look = true;
	vcpu->home->look = true;
	vcpu->home->resched = true;
}

bool vcpu_read_mailbox(struct pcpu *cpu)
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
		if (requests & (VCPU_REQ_FLUSH | VCPU_REQ_WAKE))
			cpu->flush |= vcpu == cpu->current;
		if (requests & VCPU_REQ_WAKE)
			resched |= wake(vcpu);
		if (requests & VCPU_REQ_LIFE)
			vcpu->look = cpu->look = true;
		resched |= vcpu->look;
	}
	return resched;
}

static void take_kick(void *context)
{
	struct pcpu *cpu = this_pcpu();

	(void)context;
	/* The mailbox is not read before the SGI was: pairs with send_sgi()'s. */
	dmb(ld);
	cpu->resched |= vcpu_read_mailbox(cpu);
}

int vcpu_init(void)
{
	return irq_claim(GIC_SGI_KICK, 0, take_kick, NULL);
}

/* Takes a vCPU off its CPU: it does not run, and nothing of it is in the hardware. */
static void detach(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->home;

	sched_block(&cpu->sched, &vcpu->sched);
	atomic_store(&vcpu->blocked, false);
	if (cpu->current == vcpu)
		vcpu_unload(cpu);
	if (cpu->fp_owner == vcpu)
		cpu->fp_owner = NULL;
	vcpu_timers_reset(vcpu);
}

/* With vm->lock held: the vCPU is on, or about to be, and must not be. */
static bool must_leave(const struct vcpu *vcpu)
{
	lock_assert_held(&vcpu->vm->lock);
	return vcpu->state == VCPU_LEAVING ||
	       (vcpu->state != VCPU_OFF && vcpu->vm->state == VM_STOPPING);
}

/* Does what the states of the vCPU and its VM say: vcpu/vm.h has the picture. */
static void look_at_life(struct vcpu *vcpu)
{
	struct sched_cpu *sched = &vcpu->home->sched;
	struct vm *vm = vcpu->vm;
	bool last = false;

	lock_acquire(&vm->lock);
	if (must_leave(vcpu)) {
		detach(vcpu);
		last = vm_vcpu_left(vcpu);
	} else if (vcpu->state == VCPU_STARTING) {
		vcpu_reset(vcpu, vcpu->start_pc, vcpu->start_x0);
		atomic_store(&vcpu->state, VCPU_ON);
		sched_wake(sched, &vcpu->sched);
	} else if (vm->state == VM_LOADING && vcpu->id == 0) {
		sched_wake(sched, &vcpu->sched); /* as the loader */
	}
	lock_release(&vm->lock);
	if (last)
		vm_stopped(vm);
}

void vcpu_look_at_lives(struct pcpu *cpu)
{
	cpu->look = false; /* what is asked for from here on comes after another look */
	for (unsigned int i = 0; i < cpu->nr_vcpus; i++) {
		struct vcpu *vcpu = cpu->vcpus[i];

		if (!vcpu->look)
			continue;
		vcpu->look = false;
		sched_charge(&cpu->sched, cpu->sched.current, timer_now());
		look_at_life(vcpu);
		sched_charge(&cpu->sched, &vcpu->sched, timer_now());
	}
}

void vcpu_wait(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->home;

	/* A pending virtual SError ends WFI, masked or not: DDI 0487, D1.6.2 */
	if (read_sysreg(hcr_el2) & HCR_VSE || vgic_has_pending(&vcpu->vgic))
		return;
	/* From here on a kick wakes it. An earlier interrupt is seen now: see vcpu_kick(). */
	atomic_store(&vcpu->blocked, true);
	if (vgic_has_pending(&vcpu->vgic)) {
		atomic_store(&vcpu->blocked, false);
		return;
	}
	sched_block(&cpu->sched, &vcpu->sched);
	cpu->resched = true;
}
