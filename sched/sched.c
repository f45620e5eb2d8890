// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler's core: per-CPU state, accounting, and calls into the CPU's
 * policy. See sched.h for who may call what; there is no lock.
 */
#include "sched/sched.h"

#include "lib/assert.h"

void sched_init(struct sched_cpu *cpu)
{
	*cpu = (struct sched_cpu){.policy = &sched_priority};
	list_init(&cpu->queue);
	list_init(&cpu->held);
}

void sched_add(struct sched_cpu *cpu, struct sched_entity *entity,
	       const struct sched_params *params)
{
	*entity = (struct sched_entity){.params = *params};
	list_init(&entity->link);
	server_init(&entity->server, params->budget, params->period);
	cpu->nr_entities++;
	cpu->limited |= params->budget != 0;
}

void sched_set_frame(struct sched_cpu *cpu, const struct sched_frame *frame)
{
	cpu->policy = &sched_time_partition;
	cpu->frame = frame;
	cpu->limited = true;
}

bool sched_wake(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (entity->runnable)
		return false;
	entity->runnable = true;
	cpu->policy->enqueue(cpu, entity);
	return true;
}

void sched_block(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (!entity->runnable)
		return;
	entity->runnable = false;
	cpu->policy->dequeue(cpu, entity);
}

void sched_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t now)
{
	uint64_t from = cpu->since;

	cpu->since = now;
	if (!entity)
		return;
	entity->runtime += now - from;
	if (cpu->policy->charge)
		cpu->policy->charge(cpu, entity, from, now - from);
}

struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now)
{
	sched_charge(cpu, cpu->current, now);
	cpu->current = cpu->policy->pick(cpu, now);
	ASSERT(!cpu->current || cpu->current->runnable);
	return cpu->current;
}
