/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: which entity runs next on a physical CPU, and for how long.
 *
 * sched.c owns the per-CPU state and calls the CPU's policy; a policy is a
 * small table of functions over `struct sched_cpu` and embedded
 * `struct sched_entity`s. It knows nothing of vCPUs, takes the time as an
 * argument and touches no globals, so unit tests drive it on the host.
 *
 * A CPU's time is spent in stretches: each begins where the one before it
 * ends, and is one entity's or nobody's. What EL2 does for an entity is part
 * of its stretch. The policy hears of every stretch, also of one whose entity
 * cannot run any more.
 *
 * Entities never move between CPUs. All functions run on the CPU that owns
 * the sched_cpu, with interrupts masked; there is no lock.
 */
#pragma once

#include "lib/bits.h"
#include "lib/list.h"
#include "lib/types.h"

struct sched_policy;

/* What an entity was promised; the system's description or its defaults say it. */
struct sched_params {
	uint64_t slice; /* ticks that it runs before others have their turn; not 0 */
};

struct sched_entity {
	struct list link; /* in the policy's queue; unlinked while not runnable */
	bool runnable;
	struct sched_params params;
	uint64_t runtime; /* ticks that were spent on it, for statistics */
	uint64_t turn;	  /* ticks left of its slice */
	uint64_t used;	  /* ticks spent while others waited; see round_robin.c */
};

struct sched_cpu {
	const struct sched_policy *policy;
	struct list queue;	      /* runnable entities, in the policy's order */
	struct sched_entity *current; /* runs now, or NULL: idle */
	uint64_t since;		      /* when the stretch began that has not been charged, ticks */
	bool contended;		      /* others wait for what current has; the policy's */
	unsigned int nr_entities;     /* that have this CPU as their home */
};

struct sched_policy {
	const char *name;
	void (*enqueue)(struct sched_cpu *cpu, struct sched_entity *entity);
	void (*dequeue)(struct sched_cpu *cpu, struct sched_entity *entity);
	/* `ticks` were spent on `entity`, which need not be runnable any more. */
	void (*charge)(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t ticks);
	/* The entity that should run, or NULL; *limit: ask again after so many ticks, 0: never. */
	struct sched_entity *(*pick)(struct sched_cpu *cpu, uint64_t *limit);
};

extern const struct sched_policy sched_round_robin;

/* Prepares a CPU's state. */
void sched_init(struct sched_cpu *cpu, const struct sched_policy *policy);

/* An entity gets this CPU as its home. Boot only. */
void sched_add(struct sched_cpu *cpu, struct sched_entity *entity,
	       const struct sched_params *params);

/* The entity can run again, or cannot. Returns true if sched_pick() should be asked again. */
bool sched_wake(struct sched_cpu *cpu, struct sched_entity *entity);
void sched_block(struct sched_cpu *cpu, struct sched_entity *entity);

/* The stretch up to `now` (ticks) was spent on `entity`; NULL: on nobody. The next one begins. */
void sched_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t now);

/*
 * Charges the current entity with the stretch up to `now` and picks who runs
 * from then on, or NULL. *limit is the number of ticks after which to ask
 * again, 0 if nobody waits.
 */
struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now, uint64_t *limit);

/* True if the CPU has one entity at most: it never needs to be preempted. */
static inline bool sched_is_dedicated(const struct sched_cpu *cpu)
{
	return cpu->nr_entities <= 1;
}
