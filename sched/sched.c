// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler's core: per-CPU state, accounting, and calls into the CPU's
 * policy. See sched.h for who may call what; there is no lock.
 */
#include "sched/sched.h"

#include "lib/assert.h"

void sched_init(struct sched_cpu *cpu, const struct sched_policy *policy, uint64_t slice)
{
	*cpu = (struct sched_cpu){.policy = policy, .slice = slice};
	list_init(&cpu->queue);
}

void sched_add(struct sched_cpu *cpu, struct sched_entity *entity)
{
	*entity = (struct sched_entity){0};
	list_init(&entity->link);
	cpu->nr_entities++;
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

void sched_end_slice(struct sched_cpu *cpu)
{
	if (cpu->current)
		cpu->current->remaining = 0;
}

struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now, uint64_t *limit)
{
	struct sched_entity *current = cpu->current;

	if (current) {
		uint64_t ticks = now - cpu->started;

		current->runtime += ticks;
		if (current->runnable)
			cpu->policy->account(cpu, current, ticks);
	}

	cpu->started = now;
	cpu->current = cpu->policy->pick(cpu, limit);
	ASSERT(!cpu->current || cpu->current->runnable);
	return cpu->current;
}
