// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler's core: per-CPU state, accounting, and calls into the CPU's
 * policy. See sched.h for who may call what; there is no lock.
 */
#include "sched/sched.h"

#include "lib/assert.h"

void sched_init(struct sched_cpu *cpu, const struct sched_policy *policy)
{
	*cpu = (struct sched_cpu){.policy = policy};
	list_init(&cpu->queue);
}

void sched_add(struct sched_cpu *cpu, struct sched_entity *entity,
	       const struct sched_params *params)
{
	*entity = (struct sched_entity){.params = *params};
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

void sched_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t now)
{
	uint64_t ticks = now - cpu->since;

	cpu->since = now;
	if (!entity)
		return;
	entity->runtime += ticks;
	cpu->policy->charge(cpu, entity, ticks);
}

struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now, uint64_t *limit)
{
	sched_charge(cpu, cpu->current, now);
	cpu->current = cpu->policy->pick(cpu, limit);
	ASSERT(!cpu->current || cpu->current->runnable);
	return cpu->current;
}
