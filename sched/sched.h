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
#include "sched/server.h"

struct sched_frame;
struct sched_policy;

/* What an entity was promised; the system's description or its defaults say it. */
struct sched_params {
	uint64_t slice;	       /* ticks that it runs before its equals have their turn; not 0 */
	unsigned int priority; /* a larger one comes first */
	uint64_t budget;       /* ticks that it runs at most ... */
	uint64_t period;       /* ... in so many; a budget of 0 is no limit */
};

struct sched_entity {
	struct list link; /* in the policy's queue; unlinked while not runnable */
	bool runnable;
	struct sched_params params;
	uint64_t runtime; /* ticks that were spent on it, for statistics */
	/* sched_priority's */
	struct sched_server server;
	bool held;     /* in sched_cpu.held, not in the queue */
	uint64_t turn; /* ticks left of its slice; 0 while it is not in the queue */
	uint64_t used; /* ticks spent while its equals waited */
};

struct sched_cpu {
	const struct sched_policy *policy;
	struct list queue;	      /* entities that may run, in the policy's order */
	struct list held;	      /* runnable ones that may not before their servers say so */
	struct sched_entity *current; /* runs now, or NULL: idle */
	uint64_t limit; /* sched_pick() has to be asked again after so many ticks; 0: never */
	uint64_t since; /* when the stretch began that has not been charged, ticks */
	bool contended; /* equals of current wait; sched_priority's */
	const struct sched_frame *frame; /* sched_time_partition's */
	unsigned int nr_entities;	 /* that have this CPU as their home */
	bool limited;			 /* also one alone does not run all the time */
};

struct sched_policy {
	const char *name;
	void (*enqueue)(struct sched_cpu *cpu, struct sched_entity *entity);
	void (*dequeue)(struct sched_cpu *cpu, struct sched_entity *entity);
	/*
	 * `ticks` from `from` on were spent on `entity`, which need not be runnable any more. NULL:
	 * the policy does not look at what was used.
	 */
	void (*charge)(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t from,
		       uint64_t ticks);
	/* Returns the entity that should run from `now` on, or NULL, and sets cpu->limit. */
	struct sched_entity *(*pick)(struct sched_cpu *cpu, uint64_t now);
};

/* Preemptive, by priority; equal shares of what is left to one priority; budgets. */
extern const struct sched_policy sched_priority;

/* A frame of windows, repeated: sched/time_partition.h. */
extern const struct sched_policy sched_time_partition;

/* Prepares a CPU's state for sched_priority; sched_set_frame() makes it another. */
void sched_init(struct sched_cpu *cpu);

/* An entity gets this CPU as its home. Boot only. */
void sched_add(struct sched_cpu *cpu, struct sched_entity *entity,
	       const struct sched_params *params);

/* The CPU is divided by a frame, which stays the caller's. Boot only. */
void sched_set_frame(struct sched_cpu *cpu, const struct sched_frame *frame);

/* The entity can run again, or cannot. Returns true if sched_pick() should be asked again. */
bool sched_wake(struct sched_cpu *cpu, struct sched_entity *entity);
void sched_block(struct sched_cpu *cpu, struct sched_entity *entity);

/* The stretch up to `now` (ticks) was spent on `entity`; NULL: on nobody. The next one begins. */
void sched_charge(struct sched_cpu *cpu, struct sched_entity *entity, uint64_t now);

/*
 * Charges the current entity with the stretch up to `now`, and returns who runs
 * from then on, or NULL. cpu->limit says when to ask again, if nothing happens
 * before; it may also be set when nobody runs.
 */
struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now);

/* True if the CPU has one entity at most and no limits: it never needs to be preempted. */
static inline bool sched_is_dedicated(const struct sched_cpu *cpu)
{
	return cpu->nr_entities <= 1 && !cpu->limited;
}
