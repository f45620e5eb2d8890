/*
 * Secondary CPUs. The boot CPU starts them one after the other: smp_starting
 * says whose turn it is, cpu->online answers. No lock.
 */
#include "core/smp.h"

#include "arm64/atomic.h"
#include "arm64/barrier.h"
#include "arm64/cache.h"
#include "core/boot.h"
#include "core/cpu.h"
#include "core/firmware.h"
#include "core/irq.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "mm/window.h"
#include "vcpu/exit.h"
#include "vcpu/idregs.h"
#include "vcpu/switch.h"

/* How long a CPU may take from its start to its answer */
#define START_TIMEOUT_US 2000000

#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)

#define CPU_ONLINE 1
#define CPU_FAILED 2

struct cpu *cpus;
unsigned int nr_cpus;

/* start.S reads it, with the MMU on already. */
struct cpu *smp_starting;

static uint32_t go;

int smp_init(const struct host *host, struct arena *arena)
{
	uint64_t mpidr = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;

	nr_cpus = host->nr_cpus;
	cpus = arena_alloc(arena, nr_cpus, sizeof(*cpus));
	if (!cpus)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr_cpus; i++) {
		cpus[i].id = i;
		cpus[i].mpidr = host->cpus[i].mpidr;
		list_init(&cpus[i].timers);
		if (cpus[i].mpidr == mpidr)
			write_sysreg(tpidr_el2, (uintptr_t)&cpus[i]);
	}
	if (this_cpu())
		return 0;
	log_error("/cpus: no CPU has the MPIDR of the one that boots: 0x%llx",
		  (unsigned long long)mpidr);
	return -ENODEV;
}

/* The CPU's own part of getting ready; on every CPU. */
static int prepare(struct cpu *cpu)
{
	int err = gic->init_cpu(cpu->id, cpu->mpidr);

	if (err)
		return err;
	cpu->mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	cpu->mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	firmware_init_cpu(cpu);
	vcpu_init_cpu();
	vcpu_init_slice(cpu);
	irq_init_cpu();
	return 0;
}

_Noreturn void smp_secondary_main(struct cpu *cpu);
_Noreturn void smp_secondary_main(struct cpu *cpu)
{
	idregs_merge();
	if (prepare(cpu)) {
		atomic_store(&cpu->online, CPU_FAILED);
		for (;;)
			wfe();
	}
	/* what was prepared is seen before the answer */
	atomic_store(&cpu->online, CPU_ONLINE);
	sev();

	while (!atomic_load(&go))
		wfe();
	/* the boot CPU's last changes to our tables came before go */
	isb();
	vcpu_enter(vcpu_schedule(cpu));
}

/* The spin table's protocol (Linux, Documentation/arch/arm64/booting.rst). */
static int release_from_spin_table(const struct host_cpu *host_cpu, pa_t entry)
{
	uint64_t address = entry.v;

	phys_write(this_cpu()->id, host_cpu->release_addr, &address, sizeof(address));
	sev();
	return 0;
}

static int start(const struct host_cpu *host_cpu, pa_t entry)
{
	switch (host_cpu->method) {
	case HOST_CPU_PSCI:
		return firmware_cpu_on(host_cpu->mpidr, entry, 0);
	case HOST_CPU_SPIN_TABLE:
		return release_from_spin_table(host_cpu, entry);
	default:
		return -ENODEV;
	}
}

static bool wait_for_answer(const struct cpu *cpu)
{
	uint64_t give_up = timer_now() + timer_ticks(START_TIMEOUT_US);

	while (!atomic_load(&cpu->online) && timer_now() < give_up)
		cpu_yield();
	return atomic_load(&cpu->online) == CPU_ONLINE;
}

int smp_start(const struct host *host, unsigned int index, pa_t entry)
{
	const struct host_cpu *host_cpu = &host->cpus[index];
	struct cpu *cpu = &cpus[index];
	void *stack;
	int err;

	if (cpu == this_cpu()) {
		err = prepare(cpu);
		if (!err)
			cpu->online = CPU_ONLINE;
		return err;
	}
	stack = el2_map_stack(index);
	if (!stack)
		return -ENOMEM;
	cpu->stack_top = (uintptr_t)stack;

	smp_starting = cpu;
	/* The CPU reads it with its MMU and caches on: only the order matters. */
	dsb(ish);
	err = start(host_cpu, entry);
	if (err) {
		log_error("CPU %u (MPIDR 0x%llx) cannot be started: %s", index,
			  (unsigned long long)host_cpu->mpidr,
			  host_cpu->method == HOST_CPU_NO_METHOD ? "its node has no enable-method"
								 : "the firmware refuses");
		return -EIO;
	}
	if (!wait_for_answer(cpu)) {
		log_error("CPU %u (MPIDR 0x%llx) was started and does not answer", index,
			  (unsigned long long)host_cpu->mpidr);
		return -EIO;
	}
	return 0;
}

void smp_go(void)
{
	atomic_store(&go, 1);
	dsb(ishst); /* seen before the event wakes those who wait for it */
	sev();
}
