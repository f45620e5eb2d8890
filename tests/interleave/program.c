// SPDX-License-Identifier: BSD-2-Clause
/*
 * The program that is explored: how the machine boots and its VMs are built, as
 * boot/main.c and boot/build.c do it, and what must hold at each step. See
 * machine.h.
 */
#include <stdio.h>

#include "arm64/sysreg.h"
#include "core/irq.h"
#include "core/smp.h"
#include "fdt/guest.h"
#include "fdt/platform.h"
#include "tests/interleave/machine_state.h"
#include "vcpu/exit.h"
#include "vcpu/forward.h"
#include "vcpu/wiring.h"
#include "vdev/vgic_state.h"

#define FREQUENCY 1000000u /* a tick is a microsecond */
#define SLICE 40u

extern struct cpu *smp_starting;
_Noreturn void smp_secondary_main(struct cpu *cpu);

const char *const machine_vm_names[MACHINE_MAX_VMS] = {"vm0", "vm1"};
static struct vm_config configs[MACHINE_MAX_VMS];
static struct vm vm_array[MACHINE_MAX_VMS];
static struct vcpu vcpu_array[MACHINE_MAX_VMS][MACHINE_MAX_CPUS];
static struct vcpu *slots[MACHINE_MAX_CPUS][MACHINE_MAX_VMS * MACHINE_MAX_CPUS];
static uint8_t memory[96 * 1024] __attribute__((aligned(16)));
static struct arena arena = {.base = memory, .size = sizeof(memory)};
static bool booted;

/* ---- Invariants ---- */

static void check_vm(const struct vm *vm)
{
	unsigned int running = 0;

	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		const struct vcpu *vcpu = &vm->vcpus[i];
		const struct pcpu *home = vcpu->home;

		running += vcpu->state != VCPU_OFF;
		if (vcpu->state != VCPU_OFF)
			continue;
		if (home->current == vcpu || vcpu->vgic.loaded)
			explore_fail("%s: vCPU %u is OFF and loaded", vm->config->name, i);
		if (home->fp_owner == vcpu)
			explore_fail("%s: vCPU %u is OFF, its FP registers are on the CPU",
				     vm->config->name, i);
		if (vcpu->blocked)
			explore_fail("%s: vCPU %u is OFF and waits", vm->config->name, i);
		if (vcpu->sched.runnable && (vm->state != VM_LOADING || i != 0))
			explore_fail("%s: vCPU %u is OFF and runnable", vm->config->name, i);
	}
	if (running != vm->running)
		explore_fail("%s: %u vCPUs are not OFF, counted are %u", vm->config->name, running,
			     vm->running);
	if ((running == 0) != (vm->state == VM_LOADING || vm->state == VM_STOPPED))
		explore_fail("%s: in state %u with %u vCPUs", vm->config->name,
			     (unsigned int)vm->state, running);
}

static void machine_check(void)
{
	if (!booted)
		return;
	for (unsigned int i = 0; i < nr_vms; i++)
		if (!lock_is_held(&vms[i].lock))
			check_vm(&vms[i]);
}

/* ---- Boot: what boot/main.c and boot/build.c do ---- */

static void build_vcpu(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu = &vm->vcpus[id];
	struct pcpu *home = &pcpus[vm->config->cpus[id]];
	struct sched_params params = {.slice = SLICE};

	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->home = home;
	vcpu->slot = home->nr_vcpus++;
	home->vcpus[vcpu->slot] = vcpu;
	sched_add(&home->sched, &vcpu->sched, &params);
	if (vcpu_timers_init(vcpu, &arena) || vgic_cpu_init(&vm->vgic, &vcpu->vgic, id, &arena))
		explore_fail("no room");
}

static void build_vm(unsigned int n)
{
	const struct machine_vm *wanted = &machine->vms[n];
	struct vm_config *config = &configs[n];
	struct vm *vm = &vm_array[n];

	config->name = machine_vm_names[n];
	config->cpus = (unsigned int *)(uintptr_t)wanted->cpus;
	config->nr_cpus = wanted->nr_cpus;
	vm->config = config;
	vm->lock = (struct lock)LOCK_INIT(LOCK_VM, n);
	vm->nr_vcpus = wanted->nr_cpus;
	vm->vcpus = vcpu_array[n];
	vm->state = VM_LOADING;
	if (vgic_init(&vm->vgic, machine->gic_version, vm->nr_vcpus, gic->nr_irqs, MACHINE_NR_LRS,
		      &machine_lr_ops, &wiring_vgic_host, &arena))
		explore_fail("no room");
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		build_vcpu(vm, i);
	forward_assign_vtimer(vm);
	sched_wake(&vm->vcpus[0].home->sched, &vm->vcpus[0].sched);
}

static void boot(void)
{
	struct host_cpu host_cpus[MACHINE_MAX_CPUS] = {0};
	struct host host = {
	    .cpus = host_cpus,
	    .nr_cpus = machine->nr_cpus,
	    .psci = HOST_CONDUIT_SMC,
	    .timer_irq = {29, 30, MACHINE_VTIMER, MACHINE_HYP_TIMER},
	    .gic = {.version = machine->gic_version, .maintenance = MACHINE_MAINTENANCE},
	};

	explore_quiet(!machine->explore_boot);
	machine_gic.version = machine->gic_version;
	for (unsigned int i = 0; i < machine->nr_cpus; i++)
		host_cpus[i] = (struct host_cpu){.mpidr = i, .method = HOST_CPU_PSCI};
	if (pcpu_init_all(&host, &arena) || irq_init(&host, &arena) ||
	    forward_init(&host, &arena) || vcpu_init())
		explore_fail("the boot CPU does not get ready");
	for (unsigned int i = 0; i < machine->nr_cpus; i++)
		if (smp_start(&host_cpus[i], &pcpus[i].base, pa(0)))
			explore_fail("CPU %u does not start", i);
	for (unsigned int i = 0; i < machine->nr_cpus; i++) {
		if (!pcpus[i].base.online)
			explore_fail("CPU %u was started and is not online", i);
		pcpus[i].vcpus = slots[i];
		sched_init(&pcpus[i].sched);
	}
	vms = vm_array;
	nr_vms = machine->nr_vms;
	for (unsigned int n = 0; n < machine->nr_vms; n++)
		build_vm(n);
	vm_set_alive(nr_vms, 0);
	booted = true;
	explore_quiet(false);
	smp_go();
}

static void thread(unsigned int n)
{
	if (n == machine->nr_cpus)
		machine_gic_thread();
	SYSREG(n, mpidr_el1) = n;
	SYSREG(n, cntfrq_el0) = FREQUENCY;
	if (n == 0)
		boot();
	explore_wait(machine_has_started, &machine_cpus[n], "for its start");
	SYSREG(n, tpidr_el2) = (uintptr_t)smp_starting;
	smp_secondary_main(smp_starting);
}

const struct explore_program *machine_program(const struct machine *what)
{
	static struct explore_program program EXPLORE_KEEP;

	machine = what;
	program = (struct explore_program){
	    .nr_threads = what->nr_cpus + 1,
	    .thread = thread,
	    .check = machine_check,
	    .idle = machine_idle,
	    .max_steps = 20000,
	};
	return &program;
}
