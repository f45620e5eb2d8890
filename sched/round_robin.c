// SPDX-License-Identifier: BSD-2-Clause
/*
 * Round robin with equal shares: the entity that has had the least runs for a
 * slice. Those that always want the CPU so take turns, in one order.
 *
 * `used` is what an entity has had while others waited. The queue is sorted by
 * it, equal ones by who came first. An entity alone on its CPU is not
 * interrupted, and its `used` stands still.
 *
 * Let S be the slice of all. An entity begins a turn when it has had the
 * least, and goes on until it has had S, or S more than the least of those
 * that wait. So two that both want the CPU all the time differ by S and one
 * exit's length at most, and an overrun is made good in the next turn.
 *
 * An entity that waits in WFI keeps what it had. It comes back with what it
 * lacks, and takes the CPU at once from an entity that has had S more. So a
 * guest that waits often, and shortly, gets its share. It may lack 2 S, which
 * is what it gains by waiting for long; at S, it would lose some of that
 * whenever the others' turns happen to end late. What it had beyond the others
 * is forgotten but for 2 S: they may not have been there.
 */
#include "sched/sched.h"

static struct sched_entity *entity_of(struct list *link)
{
	return container_of(link, struct sched_entity, link);
}

/* Behind all that have had as much. */
static void insert(struct sched_cpu *cpu, struct sched_entity *entity)
{
	struct list *position = cpu->queue.next;

	while (position != &cpu->queue && entity_of(position)->used <= entity->used)
		position = position->next;
	list_insert_before(position, &entity->link);
}

/* Whether the one behind it has had more; who comes to have as much goes behind. */
static bool is_in_order(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	struct list *next = entity->link.next;

	return next == &cpu->queue || entity_of(next)->used > entity->used;
}

static void rr_enqueue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (!list_is_empty(&cpu->queue)) {
		uint64_t least = entity_of(cpu->queue.next)->used;
		uint64_t most = 2 * entity->params.slice;

		entity->used = MIN(entity->used, least + most);
		entity->used = MAX(entity->used, least > most ? least - most : 0);
	}
	insert(cpu, entity);
}

static void rr_dequeue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	(void)cpu;
	list_remove(&entity->link);
}

static void rr_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t ticks)
{
	entity->turn -= MIN(ticks, entity->turn);
	if (cpu->contended)
		entity->used += ticks;
	if (entity->runnable && !is_in_order(cpu, entity)) {
		list_remove(&entity->link);
		insert(cpu, entity);
	}
}

/* Whether the current entity's turn goes on although `least` waits. */
static bool goes_on(const struct sched_entity *current, const struct sched_entity *least)
{
	return current && current->runnable && current->turn != 0 &&
	       current->used < least->used + current->params.slice;
}

static struct sched_entity *rr_pick(struct sched_cpu *cpu, uint64_t *limit)
{
	struct sched_entity *entity;

	*limit = 0;
	if (list_is_empty(&cpu->queue))
		return NULL;

	entity = entity_of(cpu->queue.next);
	if (goes_on(cpu->current, entity))
		entity = cpu->current;
	else
		entity->turn = entity->params.slice;
	cpu->contended = cpu->queue.next->next != &cpu->queue;
	if (cpu->contended)
		*limit = entity->turn;
	return entity;
}

const struct sched_policy sched_round_robin = {
    .name = "round-robin",
    .enqueue = rr_enqueue,
    .dequeue = rr_dequeue,
    .charge = rr_charge,
    .pick = rr_pick,
};
