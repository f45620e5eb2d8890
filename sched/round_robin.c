// SPDX-License-Identifier: BSD-2-Clause
/*
 * Round robin: every runnable entity gets the CPU for one slice in turn. One
 * that wakes goes to the end of the queue, so that nobody gains from sleeping
 * often; what is left of its slice is kept, so that nobody loses by it either.
 *
 * An entity alone on its CPU is never interrupted: there is no limit then.
 */
#include "sched/sched.h"

static void rr_enqueue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (entity->remaining == 0)
		entity->remaining = cpu->slice;
	list_insert_before(&cpu->queue, &entity->link);
}

static void rr_dequeue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	(void)cpu;
	list_remove(&entity->link);
}

static void rr_account(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t ticks)
{
	if (ticks < entity->remaining) {
		entity->remaining -= ticks;
		return;
	}
	entity->remaining = cpu->slice;
	list_remove(&entity->link);
	list_insert_before(&cpu->queue, &entity->link);
}

static struct sched_entity *rr_pick(struct sched_cpu *cpu, uint64_t *limit)
{
	struct list *first = cpu->queue.next;
	struct sched_entity *entity;

	*limit = 0;
	if (list_is_empty(&cpu->queue))
		return NULL;

	entity = container_of(first, struct sched_entity, link);
	if (first->next != &cpu->queue)
		*limit = entity->remaining;
	return entity;
}

const struct sched_policy sched_round_robin = {
    .name = "round-robin",
    .enqueue = rr_enqueue,
    .dequeue = rr_dequeue,
    .account = rr_account,
    .pick = rr_pick,
};
