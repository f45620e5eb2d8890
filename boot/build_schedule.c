// SPDX-License-Identifier: BSD-2-Clause
/*
 * See build_schedule.h. Boot CPU only, before any guest runs; no lock is needed.
 */
#include "boot/build_schedule.h"

#include "arm64/sysreg.h"
#include "core/timer.h"
#include "fdt/system.h"
#include "lib/arena.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/pages.h"
#include "sched/time_partition.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* How long a vCPU may run while its equals wait for its CPU */
#define SLICE_US 5000

struct sched_params build_share(const struct vm_config *config)
{
	return (struct sched_params){
	    .slice = timer_ticks(SLICE_US),
	    .priority = config->priority,
	    .budget = config->budget == 0 ? 0 : timer_ticks(config->budget),
	    .period = timer_ticks(config->period),
	};
}

/* The VM's vCPU on the CPU; NULL: without a VM, nobody. The description's checks found one. */
static struct sched_entity *entity_on(const struct vm_config *config, const struct pcpu *cpu)
{
	for (unsigned int i = 0; config && i < cpu->nr_vcpus; i++)
		if (cpu->vcpus[i]->vm->config == config)
			return &cpu->vcpus[i]->sched;
	return NULL;
}

static int divide(struct pcpu *cpu, const struct schedule_config *config, uint64_t epoch,
		  struct arena *arena)
{
	struct sched_frame *frame = arena_alloc(arena, 1, sizeof(*frame));
	struct sched_window *windows = arena_alloc(arena, config->nr_windows, sizeof(*windows));
	uint64_t end = 0;

	if (!frame || !windows)
		return -ENOMEM;
	for (unsigned int i = 0; i < config->nr_windows; i++) {
		end += config->windows[i].length;
		windows[i] = (struct sched_window){entity_on(config->windows[i].vm, cpu), end};
	}
	*frame = (struct sched_frame){
	    .hz = read_sysreg(cntfrq_el0),
	    .epoch = epoch,
	    .windows = windows,
	    .nr_windows = config->nr_windows,
	    .length = config->frame,
	    .slack = entity_on(config->slack, cpu),
	};
	sched_set_frame(&cpu->sched, frame);
	return 0;
}

static size_t frames_size(const struct system_config *config)
{
	size_t size = 0;

	for (unsigned int i = 0; i < config->nr_schedules; i++)
		size += config->schedules[i].nr_cpus *
			(sizeof(struct sched_frame) + 16 +
			 config->schedules[i].nr_windows * sizeof(struct sched_window));
	return size;
}

static void report(const struct schedule_config *config, unsigned int cpu)
{
	if (config->partition)
		log_info("CPU %u: %u windows in a frame of %llu us, spare time is %s", cpu,
			 config->nr_windows, (unsigned long long)config->frame,
			 config->slack ? config->slack->name : "idle");
}

int build_schedules(const struct system_config *config)
{
	size_t pages = (frames_size(config) + PAGE_SIZE - 1) / PAGE_SIZE;
	uint64_t epoch = timer_now();
	struct arena arena;
	void *memory;
	int err = 0;

	if (pages == 0)
		return 0;
	memory = page_alloc(pages);
	if (!memory) {
		log_error("the hypervisor is out of memory for the CPUs' schedules");
		return -ENOMEM;
	}
	arena_init(&arena, memory, pages * PAGE_SIZE);
	for (unsigned int i = 0; i < config->nr_schedules; i++) {
		const struct schedule_config *group = &config->schedules[i];

		for (unsigned int n = 0; !err && n < group->nr_cpus; n++) {
			if (group->partition)
				err = divide(&pcpus[group->cpus[n]], group, epoch, &arena);
			report(group, group->cpus[n]);
		}
	}
	return err;
}
