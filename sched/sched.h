/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: which entity runs next on a physical CPU, and for how long.
 *
 * sched.c owns the per-CPU state and calls the CPU's policy; a policy is a
 * small table of functions over `struct sched_cpu` and embedded
 * `struct sched_entity`s. It knows nothing of vCPUs, takes the time as an
 * argument and touches no globals, so unit tests drive it on the host.
 *
 * Entities never move between CPUs. All functions run on the CPU that owns
 * the sched_cpu, with interrupts masked; there is no lock.
 */
#pragma once

#include "lib/bits.h"
#include "lib/list.h"
#include "lib/types.h"

struct sched_policy;

struct sched_entity {
	struct list link; /* in the policy's queue; unlinked while not runnable */
	bool runnable;
	uint64_t runtime;   /* ticks run so far, for statistics */
	uint64_t remaining; /* ticks left of its slice */
};

struct sched_cpu {
	const struct sched_policy *policy;
	struct list queue;	      /* runnable entities, the policy's order */
	struct sched_entity *current; /* runs now, or NULL: idle */
	uint64_t started;	      /* when current was picked or last accounted, ticks */
	uint64_t slice;		      /* length of a slice, ticks */
	unsigned int nr_entities;     /* that have this CPU as their home */
};

struct sched_policy {
	const char *name;
	void (*enqueue)(struct sched_cpu *cpu, struct sched_entity *entity);
	void (*dequeue)(struct sched_cpu *cpu, struct sched_entity *entity);
	/* `entity` ran for `ticks` and is still runnable; its slice may be over. */
	void (*account)(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t ticks);
	/* The entity that should run, or NULL; *deadline: run at most so many ticks, 0: no limit.
	 */
	struct sched_entity *(*pick)(struct sched_cpu *cpu, uint64_t *limit);
};

extern const struct sched_policy sched_round_robin;

/* Prepares a CPU's state; slice in ticks of the system counter. */
void sched_init(struct sched_cpu *cpu, const struct sched_policy *policy, uint64_t slice);

/* An entity gets this CPU as its home. Boot only. */
void sched_add(struct sched_cpu *cpu, struct sched_entity *entity);

/* The entity can run again, or cannot. Returns true if sched_pick() should be asked again. */
bool sched_wake(struct sched_cpu *cpu, struct sched_entity *entity);
void sched_block(struct sched_cpu *cpu, struct sched_entity *entity);

/* The current entity gives up the rest of its slice. */
void sched_end_slice(struct sched_cpu *cpu);

/*
 * Accounts for the time since the last call and picks who runs from `now`
 * on, or NULL. *limit is the number of ticks after which to ask again, 0 if
 * nobody waits.
 */
struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now, uint64_t *limit);

/* True if the CPU has one entity at most: it never needs to be preempted. */
static inline bool sched_is_dedicated(const struct sched_cpu *cpu)
{
	return cpu->nr_entities <= 1;
}
