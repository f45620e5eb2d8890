// SPDX-License-Identifier: BSD-2-Clause
/*
 * Priorities, preemptive; equal shares within one; budgets. The default: all
 * entities of a CPU have one priority and no budget.
 *
 * An entity with a budget runs only while its server lets it (sched/server.h).
 * Until then it is held: it is in no queue, and nobody waits for it.
 *
 * Equal shares: `used` is what an entity has had while others of its priority
 * waited. The queue is sorted by priority, and within one by `used`, equal ones
 * by who came first. An entity for which nobody waits is not interrupted, and
 * its `used` stands still.
 *
 * Let S be the slice of all. An entity begins a turn when it has had the
 * least, and goes on until it has had S, or S more than the least of those
 * that wait. So two that both want the CPU all the time differ by S and one
 * exit's length at most, and an overrun is made good in the next turn. Those
 * that never wait in WFI have turns of S in one order: round robin.
 *
 * An entity that waits in WFI keeps what it had. It comes back with what it
 * lacks, and takes the CPU at once from an equal that has had S more. So a
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

/* Whether `a` comes before `b`, which is there already. */
static bool precedes(const struct sched_entity *a, const struct sched_entity *b)
{
	return a->params.priority != b->params.priority ? a->params.priority > b->params.priority
							: a->used < b->used;
}

/* From `position` on, which nothing that comes behind the entity is before. */
static void insert_from(struct sched_cpu *cpu, struct list *position, struct sched_entity *entity)
{
	while (position != &cpu->queue && !precedes(entity, entity_of(position)))
		position = position->next;
	list_insert_before(position, &entity->link);
}

/* An entity that was not there for a time comes back. */
static void admit(struct sched_cpu *cpu, struct sched_entity *entity)
{
	struct list *equal = cpu->queue.next;
	uint64_t most = 2 * entity->params.slice;

	while (equal != &cpu->queue && entity_of(equal)->params.priority > entity->params.priority)
		equal = equal->next;
	if (equal != &cpu->queue && entity_of(equal)->params.priority == entity->params.priority) {
		uint64_t least = entity_of(equal)->used;

		entity->used = MIN(entity->used, least + most);
		entity->used = MAX(entity->used, least > most ? least - most : 0);
	}
	insert_from(cpu, equal, entity);
}

static void hold(struct sched_cpu *cpu, struct sched_entity *entity)
{
	entity->held = true;
	entity->turn = 0;
	list_insert_before(&cpu->held, &entity->link);
}

static void priority_enqueue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (entity->server.budget != 0)
		hold(cpu, entity); /* until the next decision, at least */
	else
		admit(cpu, entity);
}

static void priority_dequeue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	(void)cpu;
	entity->held = false;
	entity->turn = 0;
	list_remove(&entity->link);
}

/* Whether the one behind it may stay there; who comes to have as much goes behind. */
static bool is_in_order(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	struct list *next = entity->link.next;

	return next == &cpu->queue || precedes(entity, entity_of(next));
}

static void reorder(struct sched_cpu *cpu, struct sched_entity *entity)
{
	if (is_in_order(cpu, entity))
		return;
	list_remove(&entity->link);
	insert_from(cpu, cpu->queue.next, entity);
}

static __attribute__((noinline)) void charge_server(struct sched_cpu *cpu,
						    struct sched_entity *entity, uint64_t from,
						    uint64_t ticks)
{
	server_charge(&entity->server, from, ticks);
	if (!entity->runnable || entity->held)
		return;
	if (server_left(&entity->server, from + ticks) == 0) {
		list_remove(&entity->link);
		hold(cpu, entity);
	} else {
		reorder(cpu, entity);
	}
}

static void priority_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t from,
			    uint64_t ticks)
{
	entity->turn -= MIN(ticks, entity->turn);
	if (cpu->contended)
		entity->used += ticks;
	if (entity->server.budget != 0)
		charge_server(cpu, entity, from, ticks);
	else if (entity->runnable)
		reorder(cpu, entity);
}

/* Those whose servers let them run now come back. */
static void release(struct sched_cpu *cpu, uint64_t now)
{
	struct list *at = cpu->held.next;

	while (at != &cpu->held) {
		struct sched_entity *entity = entity_of(at);

		at = at->next;
		if (server_left(&entity->server, now) == 0)
			continue;
		entity->held = false;
		list_remove(&entity->link);
		admit(cpu, entity);
	}
}

/* The limit of `entity`, or of nobody, by its server, and by those that are held. */
static uint64_t limit_by_servers(const struct sched_cpu *cpu, const struct sched_entity *entity,
				 uint64_t now)
{
	uint64_t limit = entity && cpu->contended ? entity->turn : UINT64_MAX;

	if (entity && entity->server.budget != 0)
		limit = MIN(limit, server_left(&entity->server, now));
	for (struct list *at = cpu->held.next; at != &cpu->held; at = at->next) {
		const struct sched_entity *held = entity_of(at);

		if (!entity || held->params.priority >= entity->params.priority)
			limit = MIN(limit, server_next(&held->server) - now);
	}
	return limit == UINT64_MAX ? 0 : limit;
}

/*
 * Whether the turn of `current` goes on although `least` waits, which has the highest priority. An
 * entity that has left the queue has no turn.
 */
static bool goes_on(const struct sched_entity *current, const struct sched_entity *least)
{
	return current && current->turn != 0 &&
	       current->params.priority == least->params.priority &&
	       current->used < least->used + current->params.slice;
}

/* Of those that may run now. The limit is by the slice, or 0. */
static inline struct sched_entity *pick_of_queue(struct sched_cpu *cpu)
{
	struct list *first = cpu->queue.next, *second = first->next;
	struct sched_entity *entity;

	cpu->limit = 0;
	cpu->contended = false;
	if (first == &cpu->queue)
		return NULL;
	entity = entity_of(first);
	if (goes_on(cpu->current, entity))
		entity = cpu->current;
	else
		entity->turn = entity->params.slice;
	if (second != &cpu->queue &&
	    entity_of(second)->params.priority == entity->params.priority) {
		cpu->contended = true;
		cpu->limit = entity->turn;
	}
	return entity;
}

static __attribute__((noinline)) struct sched_entity *pick_within_budgets(struct sched_cpu *cpu,
									  uint64_t now)
{
	struct sched_entity *entity;

	release(cpu, now);
	entity = pick_of_queue(cpu);
	cpu->limit = limit_by_servers(cpu, entity, now);
	return entity;
}

/* Where nobody has a budget, as by default, nothing is done for budgets. */
static struct sched_entity *priority_pick(struct sched_cpu *cpu, uint64_t now)
{
	return cpu->limited ? pick_within_budgets(cpu, now) : pick_of_queue(cpu);
}

const struct sched_policy sched_priority = {
    .name = "priority",
    .enqueue = priority_enqueue,
    .dequeue = priority_dequeue,
    .charge = priority_charge,
    .pick = priority_pick,
};
