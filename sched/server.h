/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bandwidth server: how much of a CPU's time an entity may have, `budget`
 * ticks in every `period` ticks, wherever the period is laid. It is the
 * sporadic server (B. Sprunt, L. Sha, J. Lehoczky: Aperiodic Task Scheduling
 * for Hard-Real-Time Systems, Real-Time Systems 1, 1989), in the form that
 * keeps its bound (M. Stanovich, T. Baker, A.-I. Wang, M. Gonzalez Harbour:
 * Defects of the POSIX Sporadic Server and How to Correct Them, RTAS 2010).
 * server.c has the proof.
 *
 * Times are ticks of one clock, which never goes back. No lock: a server is
 * its entity's.
 */
#pragma once

#include "lib/types.h"

/* Parts that the budget may be in; with more of them it comes back later than it could. */
#define SERVER_PARTS 8

struct server_part {
	uint64_t time; /* not to be used before */
	uint64_t ticks;
};

struct sched_server {
	uint64_t budget;			/* ticks; 0: no limit */
	uint64_t period;			/* ticks, at least the budget */
	struct server_part parts[SERVER_PARTS]; /* a ring, by time; together the budget */
	unsigned int first, nr_parts;
};

/* Begins with all of the budget. A budget of 0 is no limit: the functions below are not for that.
 */
void server_init(struct sched_server *server, uint64_t budget, uint64_t period);

/* The ticks that the entity may run from now on, at least, without a pause; 0: not now. */
uint64_t server_left(const struct sched_server *server, uint64_t now);

/* When there is something to run with: a time that may be past. */
uint64_t server_next(const struct sched_server *server);

/*
 * The entity has run for `ticks` from `from` on. If that is more than it had left, what comes back
 * next is less by as much.
 */
void server_charge(struct sched_server *server, uint64_t from, uint64_t ticks);
