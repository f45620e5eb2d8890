// SPDX-License-Identifier: BSD-2-Clause
/*
 * See pcpu.h. The CPUs' data are made at boot, on the boot CPU: no lock.
 */
#include "vcpu/pcpu.h"

#include "core/smp.h"
#include "lib/errno.h"
#include "vcpu/exit.h"
#include "vcpu/idregs.h"
#include "vcpu/switch.h"

struct pcpu *pcpus;
unsigned int nr_pcpus;

static void prepare(struct cpu *cpu)
{
	idregs_merge();
	vcpu_init_cpu();
	vcpu_init_slice(container_of(cpu, struct pcpu, base));
}

static __attribute__((noreturn)) void run(struct cpu *cpu)
{
	vcpu_enter(vcpu_schedule(container_of(cpu, struct pcpu, base)));
}

int pcpu_init_all(const struct host *host, struct arena *arena)
{
	static const struct smp_ops ops = {.prepare = prepare, .run = run};

	pcpus = arena_alloc(arena, host->nr_cpus, sizeof(*pcpus));
	if (!pcpus)
		return -ENOMEM;
	nr_pcpus = host->nr_cpus;
	for (unsigned int i = 0; i < nr_pcpus; i++)
		smp_init_cpu(&pcpus[i].base, i, host->cpus[i].mpidr);
	return smp_init(&ops);
}
