// SPDX-License-Identifier: BSD-2-Clause
/*
 * Secondary CPUs. The boot CPU starts them one after the other: smp_starting
 * says whose turn it is, cpu->online answers. No lock.
 */
#include "core/smp.h"

#include "arm64/atomic.h"
#include "arm64/barrier.h"
#include "arm64/cache.h"
#include "core/cpu.h"
#include "core/firmware.h"
#include "core/irq.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "mm/window.h"

/* How long a CPU may take from its start to its answer */
#define START_TIMEOUT_US 2000000

#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)

#define CPU_ONLINE 1
#define CPU_FAILED 2

/* start.S reads it, with the MMU on already. */
struct cpu *smp_starting;

static const struct smp_ops *ops;
static uint32_t go;

void smp_init_cpu(struct cpu *cpu, unsigned int id, uint64_t mpidr)
{
	cpu->id = id;
	cpu->mpidr = mpidr;
	list_init(&cpu->timers);
	if (mpidr == (read_sysreg(mpidr_el1) & MPIDR_AFFINITY))
		write_sysreg(tpidr_el2, (uintptr_t)cpu);
}

int smp_init(const struct smp_ops *upper)
{
	ops = upper;
	if (this_cpu())
		return 0;
	log_error("/cpus: no CPU has the MPIDR of the one that boots: 0x%llx",
		  (unsigned long long)(read_sysreg(mpidr_el1) & MPIDR_AFFINITY));
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
	ops->prepare(cpu);
	irq_init_cpu();
	return 0;
}

_Noreturn void smp_secondary_main(struct cpu *cpu);
_Noreturn void smp_secondary_main(struct cpu *cpu)
{
	if (prepare(cpu)) {
		atomic_store(&cpu->online, CPU_FAILED);
		for (;;)
			wfe();
	}
	/* others see this CPU's preparations before they see its answer */
	atomic_store(&cpu->online, CPU_ONLINE);
	sev();

	while (!atomic_load(&go))
		wfe();
	/* the boot CPU's last changes to our tables came before go */
	isb();
	ops->run(cpu);
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

int smp_start(const struct host_cpu *host_cpu, struct cpu *cpu, pa_t entry)
{
	void *stack;
	int err;

	if (cpu == this_cpu()) {
		err = prepare(cpu);
		if (!err)
			cpu->online = CPU_ONLINE;
		return err;
	}
	stack = el2_map_stack(cpu->id);
	if (!stack)
		return -ENOMEM;
	cpu->stack_top = (uintptr_t)stack;

	smp_starting = cpu;
	/* The CPU reads it with its MMU and caches on: only the order matters. */
	dsb(ish);
	err = start(host_cpu, entry);
	if (err) {
		log_error("CPU %u (MPIDR 0x%llx) cannot be started: %s", cpu->id,
			  (unsigned long long)host_cpu->mpidr,
			  host_cpu->method == HOST_CPU_NO_METHOD ? "its node has no enable-method"
								 : "the firmware refuses");
		return -EIO;
	}
	if (!wait_for_answer(cpu)) {
		log_error("CPU %u (MPIDR 0x%llx) was started and does not answer", cpu->id,
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
	ops->run(this_cpu());
}
