// SPDX-License-Identifier: BSD-2-Clause
/*
 * See time_partition.h. A window's owner has the CPU in it, whenever it wants
 * it. What it does not want, and what is nobody's, has the entity that slack
 * is given to; it leaves when the owner wakes. There is no queue: where the
 * time is in the frame says all.
 */
#include "sched/time_partition.h"

#include "sched/sched.h"

#define US_PER_S 1000000u

/* Whole microseconds in so many ticks; exact, because whole seconds are taken apart. */
static uint64_t to_us(uint64_t ticks, uint64_t hz)
{
	return ticks / hz * US_PER_S + ticks % hz * US_PER_S / hz;
}

/* The first tick at which to_us() says so: rounded up, as that rounds down. */
static uint64_t to_ticks(uint64_t us, uint64_t hz)
{
	return us / US_PER_S * hz + (us % US_PER_S * hz + US_PER_S - 1) / US_PER_S;
}

static void partition_enqueue(struct sched_cpu *cpu, struct sched_entity *entity)
{
	(void)cpu;
	(void)entity;
}

static struct sched_entity *partition_pick(struct sched_cpu *cpu, uint64_t now)
{
	const struct sched_frame *frame = cpu->frame;
	uint64_t us = to_us(now - frame->epoch, frame->hz);
	uint64_t at = us % frame->length, end = frame->length;
	struct sched_entity *entity = NULL;

	for (unsigned int i = 0; i < frame->nr_windows; i++)
		if (at < frame->windows[i].end) {
			entity = frame->windows[i].entity;
			end = frame->windows[i].end;
			break;
		}
	if (!entity || !entity->runnable)
		entity = frame->slack;
	cpu->limit = frame->epoch + to_ticks(us - at + end, frame->hz) - now;
	return entity && entity->runnable ? entity : NULL;
}

const struct sched_policy sched_time_partition = {
    .name = "time-partition",
    .enqueue = partition_enqueue,
    .dequeue = partition_enqueue,
    .pick = partition_pick,
};
