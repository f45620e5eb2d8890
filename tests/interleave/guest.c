// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests: what their operations do, and what vcpu/vectors.S does around them.
 * See machine.h.
 */
#include <string.h>

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/gic.h"
#include "arm64/psci.h"
#include "arm64/sysreg.h"
#include "fdt/guest.h"
#include "fdt/platform.h"
#include "tests/interleave/machine_state.h"
#include "vcpu/crash.h"
#include "vcpu/exit.h"
#include "vdev/vgic_irq.h"
#include "vdev/vgic_sgi.h"

#define POKED 25u
#define GUEST_SGI 1u
#define STARTED 0x57a27ed

/* ---- Guests ---- */

static struct exit_result leave(struct vcpu *vcpu, uint64_t ec)
{
	write_sysreg(esr_el2, FIELD_PREP(ESR_EC, ec));
	return exit_sync_fast(vcpu);
}

/* A hypercall; the result is in vcpu->regs.x[0] when the guest goes on. */
static struct exit_result call(struct vcpu *vcpu, uint32_t function, uint64_t x1, uint64_t x2)
{
	vcpu->regs.x[0] = function;
	vcpu->regs.x[1] = x1;
	vcpu->regs.x[2] = x2;
	vcpu->regs.x[3] = STARTED; /* CPU_ON: what the other one finds in x0 */
	return leave(vcpu, ESR_EC_HVC64);
}

/* One that does not return */
static struct exit_result call_last(struct vcpu *vcpu, uint32_t function)
{
	machine_guests[vcpu->vm - vms].gone[vcpu->id] = true;
	return call(vcpu, function, 0, 0);
}

static void set_pc(unsigned int index)
{
	write_sysreg(elr_el2, 4 * (uint64_t)index);
}

static void enable_irq(struct vgic *vgic, struct vgic_cpu *cpu, uint32_t intid)
{
	struct vgic_irq *irq = vgic_get(vgic, cpu, intid);

	lock_acquire(&cpu->lock);
	irq->enabled = true;
	irq->group1 = true;
	vgic_update(vgic, irq);
	lock_release(&cpu->lock);
}

static void begin_life(struct vcpu *vcpu)
{
	struct machine_guest *guest = &machine_guests[vcpu->vm - vms];
	struct vgic *vgic = &vcpu->vm->vgic;

	if (vcpu->id != 0 || guest->loaded != MACHINE_LOAD_STEPS)
		explore_fail("%s begins on vCPU %u after %u steps", vcpu->vm->config->name,
			     vcpu->id, guest->loaded);
	if (vgic->enable_group1)
		explore_fail("%s: the distributor was not reset", vcpu->vm->config->name);
	guest->lives++;
	guest->reports = 0;
	memset(guest->called, 0, sizeof(guest->called));
	memset(guest->gone, 0, sizeof(guest->gone));
	vgic->enable_group1 = true;
	for (unsigned int i = 0; i < vcpu->vm->nr_vcpus; i++) {
		struct vgic_cpu *cpu = &vcpu->vm->vcpus[i].vgic;

		for (unsigned int n = 0; n < VGIC_NR_PRIVATE; n++)
			if (vgic_get_private(cpu, n)->active || vgic_get_private(cpu, n)->latch ||
			    vgic_get_private(cpu, n)->lr != VGIC_NO_LR ||
			    vgic_get_private(cpu, n)->line)
				explore_fail("%s: vCPU %u: interrupt %u was not reset",
					     vcpu->vm->config->name, i, n);
		enable_irq(vgic, cpu, PLATFORM_PPI_VTIMER);
		enable_irq(vgic, cpu, GUEST_SGI);
		enable_irq(vgic, cpu, POKED);
	}
}

/* Acknowledges what is pending in a list register. */
static bool take(struct vcpu *vcpu, uint32_t wanted)
{
	struct machine_cpu *cpu = machine_self();

	for (unsigned int n = 0; n < MACHINE_NR_LRS; n++) {
		if (cpu->lr[n].state != VGIC_LR_PENDING)
			continue;
		if (wanted && cpu->lr[n].intid != wanted)
			explore_fail("vCPU %u takes interrupt %u, and %u was asked for", vcpu->id,
				     cpu->lr[n].intid, wanted);
		cpu->lr[n].state = VGIC_LR_ACTIVE;
		machine_guests[vcpu->vm - vms].taken[vcpu->id] = cpu->lr[n].intid;
		if (cpu->lr[n].intid == PLATFORM_PPI_VTIMER)
			write_sysreg(cntv_ctl_el0, 0);
		return true;
	}
	return false;
}

static void end_interrupt(const struct vcpu *vcpu)
{
	struct machine_cpu *cpu = machine_self();

	for (unsigned int n = 0; n < MACHINE_NR_LRS; n++) {
		struct vgic_lr *lr = &cpu->lr[n];

		if (!(lr->state & VGIC_LR_ACTIVE) ||
		    lr->intid != machine_guests[vcpu->vm - vms].taken[vcpu->id])
			continue;
		lr->state &= (uint8_t)~VGIC_LR_ACTIVE;
		if (lr->hw)
			gic->deactivate(lr->pintid);
		return;
	}
	explore_fail("vCPU %u ends an interrupt that is not active", vcpu->id);
}

/* WFI, and then the same operation again; it traps where vCPUs share the CPU. */
static struct exit_result wait_for_interrupt(struct vcpu *vcpu)
{
	if (read_sysreg(hcr_el2) & HCR_TWI) {
		/* it will be left behind */
		write_sysreg(elr_el2, read_sysreg(elr_el2) - 4);
		return leave(vcpu, ESR_EC_WFX);
	}
	explore_wait(machine_has_interrupt, machine_self(), "in the guest's WFI");
	return EXIT_DONE(vcpu);
}

/* One round of the guest's waiting without WFI */
static void poll(void)
{
	if (!machine_has_interrupt(machine_self()))
		explore_relax();
}

static void poke(const struct vcpu *vcpu, const struct op *op)
{
	struct vgic_cpu *target = &vcpu->vm->vcpus[op->a].vgic;

	lock_acquire(&target->lock);
	vgic_get_private(target, POKED)->latch = op->b;
	vgic_update(&vcpu->vm->vgic, vgic_get_private(target, POKED));
	lock_release(&target->lock);
}

/* True in the first of two steps: what was called has yet to be looked at. */
static bool first_step(const struct vcpu *vcpu)
{
	bool *called = &machine_guests[vcpu->vm - vms].called[vcpu->id];

	*called = !*called;
	return *called;
}

/* One that takes two: a call, and the same operation again for the answer. */
static struct exit_result psci_step(struct vcpu *vcpu, const struct op *op, unsigned int index)
{
	uint64_t mpidr = guest_mpidr(op->a), result = vcpu->regs.x[0];
	unsigned int next = index;

	if (first_step(vcpu)) {
		if (op->code == OP_ON)
			return call(vcpu, PSCI_CPU_ON_64, mpidr, 4 * (uint64_t)op->b);
		return call(vcpu, PSCI_AFFINITY_INFO_64, mpidr, 0);
	}
	if (op->code == OP_ON) {
		if ((int64_t)result == PSCI_SUCCESS)
			next++;
		else if (!op->c ||
			 ((int64_t)result != PSCI_ALREADY_ON && (int64_t)result != PSCI_ON_PENDING))
			explore_fail("CPU_ON returns %lld", (long long)result);
	} else {
		next += result == (op->code == OP_WAIT_OFF ? PSCI_AFFINITY_OFF : PSCI_AFFINITY_ON);
	}
	set_pc(next);
	if (next == index)
		poll();
	return EXIT_DONE(vcpu);
}

/* One operation. Returns as a fast path does. */
static struct exit_result guest_step(struct vcpu *vcpu)
{
	unsigned int vm = (unsigned int)(vcpu->vm - vms);
	unsigned int index = (unsigned int)(read_sysreg(elr_el2) / 4);
	const struct op *op = &machine->vms[vm].program[index];

	if (vcpu->regs.x[0] == STARTED) {
		machine_guests[vm].gone[vcpu->id] = false;
		vcpu->regs.x[0] = 0;
	}
	if (op->code != OP_BEGIN && machine_guests[vm].gone[vcpu->id])
		explore_fail("%s: vCPU %u goes on at operation %u after it has gone",
			     machine_vm_names[vm], vcpu->id, index);
	explore_note("%s, vCPU %u: operation %u (%u)", machine_vm_names[vm], vcpu->id, index,
		     op->code);
	if (op->code == OP_ON || op->code == OP_WAIT_OFF || op->code == OP_WAIT_ON)
		return psci_step(vcpu, op, index);
	if (op->code != OP_TAKE && op->code != OP_TAKE_NATIVE)
		set_pc(index + 1);
	switch (op->code) {
	case OP_BEGIN:
		begin_life(vcpu);
		break;
	case OP_OFF:
		return call_last(vcpu, PSCI_CPU_OFF);
	case OP_RESET:
		if (machine_guests[vm].lives <= op->a)
			return call_last(vcpu, PSCI_SYSTEM_RESET);
		break;
	case OP_SYSTEM_OFF:
		return call_last(vcpu, PSCI_SYSTEM_OFF);
	case OP_SUSPEND:
		return call(vcpu, PSCI_CPU_SUSPEND_64, 0, 0);
	case OP_CRASH:
		machine_guests[vm].gone[vcpu->id] = true;
		vm_crash(vcpu, "on purpose");
		return exit_done(vcpu);
	case OP_TIMER:
		write_sysreg(cntv_cval_el0, machine_time - read_sysreg(cntvoff_el2) + op->a);
		write_sysreg(cntv_ctl_el0, CNT_CTL_ENABLE);
		break;
	case OP_TAKE:
	case OP_TAKE_NATIVE:
		if (take(vcpu, op->a)) {
			set_pc(index + 1);
			break;
		}
		if (op->code == OP_TAKE_NATIVE) {
			poll();
			break;
		}
		return wait_for_interrupt(vcpu);
	case OP_EOI:
		end_interrupt(vcpu);
		break;
	case OP_SGI:
		if (vcpu->vm->vgic.version == 2) {
			vgic_v2_write_sgir(vcpu, &vcpu->vm->vgic, 1u << (16 + op->a) | GUEST_SGI);
		} else {
			vgic_v3_write_sgi1r(&vcpu->vgic,
					    vgic_v3_sgi1r_to(guest_mpidr(op->a)) |
						FIELD_PREP(ICC_SGI1R_INTID, GUEST_SGI));
		}
		return exit_done(vcpu);
	case OP_POKE:
		poke(vcpu, op);
		return exit_done(vcpu);
	case OP_FP:
		return vcpu->home->fp_owner == vcpu ? EXIT_DONE(vcpu)
						    : leave(vcpu, ESR_EC_FP_ACCESS);
	case OP_JUMP:
		set_pc(op->a);
		break;
	case OP_WORK:
		for (unsigned int i = 0; i < op->a; i++)
			explore_point("works", i);
		break;
	default:
		explore_fail("%s: vCPU %u gets where none does, operation %u", machine_vm_names[vm],
			     vcpu->id, index);
	}
	return EXIT_DONE(vcpu);
}

static void check_entry(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;

	if (pcpus[explore_self()].current != vcpu || vcpu->home != this_pcpu())
		explore_fail("enters vCPU %u, which is not loaded", vcpu->id);
	if (vcpu->state != VCPU_ON)
		explore_fail("enters vCPU %u in state %u", vcpu->id, (unsigned int)vcpu->state);
	if (vm->state != VM_RUNNING && vm->state != VM_STOPPING)
		explore_fail("enters %s in state %u", vm->config->name, (unsigned int)vm->state);
	machine_check_loaded();
}

/* The guest, and what vcpu/vectors.S does when it is left. */
void vcpu_enter(struct vcpu *vcpu)
{
	for (;;) {
		struct exit_result next;

		check_entry(vcpu);
		machine_time++;
		explore_point("in the guest", vcpu->id);
		if (machine_has_interrupt(machine_self()))
			next = exit_irq_fast(vcpu);
		else
			next = guest_step(vcpu);
		if (!exit_is_done(next))
			vcpu = exit_slow(next, vcpu);
	}
}
