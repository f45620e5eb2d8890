// SPDX-License-Identifier: BSD-2-Clause
/*
 * sched/sched.c with the round-robin policy: fairness, wake-ups, blocking,
 * yielding, and that an entity alone on a CPU has no limit. Time is a number.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "sched/sched.h"

#define SLICE 1000

static struct sched_cpu cpu;
static struct sched_entity e[4];

static void set_up(unsigned int n)
{
	sched_init(&cpu, &sched_round_robin, SLICE);
	for (unsigned int i = 0; i < n; i++)
		sched_add(&cpu, &e[i]);
}

ATF_TC_WITHOUT_HEAD(idle);
ATF_TC_BODY(idle, tc)
{
	uint64_t limit = 1;

	set_up(2);
	ATF_CHECK_EQ(sched_pick(&cpu, 0, &limit), NULL);
	ATF_CHECK_EQ(limit, 0);
	ATF_CHECK_EQ(cpu.nr_entities, 2);
	ATF_CHECK(!sched_is_dedicated(&cpu));
}

ATF_TC_WITHOUT_HEAD(alone_has_no_limit);
ATF_TC_BODY(alone_has_no_limit, tc)
{
	uint64_t limit = 1;

	set_up(1);
	ATF_CHECK(sched_is_dedicated(&cpu));
	ATF_CHECK(sched_wake(&cpu, &e[0]));
	ATF_CHECK(!sched_wake(&cpu, &e[0]));
	for (uint64_t now = 0; now < 100 * SLICE; now += 777) {
		ATF_CHECK_EQ(sched_pick(&cpu, now, &limit), &e[0]);
		ATF_CHECK_EQ(limit, 0);
	}
}

ATF_TC_WITHOUT_HEAD(turns);
ATF_TC_BODY(turns, tc)
{
	uint64_t limit, now = 5;

	set_up(3);
	for (int i = 0; i < 3; i++)
		sched_wake(&cpu, &e[i]);
	for (int turn = 0; turn < 30; turn++) {
		ATF_CHECK_EQ(sched_pick(&cpu, now, &limit), &e[turn % 3]);
		ATF_CHECK_EQ(limit, SLICE);
		/* asked too early: the same one goes on, for the rest */
		ATF_CHECK_EQ(sched_pick(&cpu, now + SLICE / 4, &limit), &e[turn % 3]);
		ATF_CHECK_EQ(limit, SLICE - SLICE / 4);
		now += SLICE;
	}
	ATF_CHECK_EQ(sched_pick(&cpu, now, &limit), &e[0]);
	for (int i = 0; i < 3; i++)
		ATF_CHECK_EQ(e[i].runtime, 10 * SLICE);
}

ATF_TC_WITHOUT_HEAD(block_and_yield);
ATF_TC_BODY(block_and_yield, tc)
{
	uint64_t limit;

	set_up(2);
	sched_wake(&cpu, &e[0]);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(sched_pick(&cpu, 0, &limit), &e[0]);
	sched_end_slice(&cpu);
	ATF_CHECK_EQ(sched_pick(&cpu, 10, &limit), &e[1]);
	sched_block(&cpu, &e[1]);
	sched_block(&cpu, &e[1]);
	ATF_CHECK_EQ(sched_pick(&cpu, 20, &limit), &e[0]);
	ATF_CHECK_EQ(limit, 0);
	ATF_CHECK_EQ(e[1].runtime, 10);
	sched_block(&cpu, &e[0]);
	ATF_CHECK_EQ(sched_pick(&cpu, 30, &limit), NULL);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(sched_pick(&cpu, 100, &limit), &e[1]);
	/* the idle time was nobody's */
	ATF_CHECK_EQ(e[0].runtime + e[1].runtime, 30);
}

ATF_TC_WITHOUT_HEAD(fair_over_random_sleep);
ATF_TC_BODY(fair_over_random_sleep, tc)
{
	uint64_t limit, now = 0;

	/* two hogs and one that sleeps half of the time: the hogs get equal shares */
	set_up(3);
	for (int i = 0; i < 3; i++)
		sched_wake(&cpu, &e[i]);
	srand(1);
	for (int i = 0; i < 200000; i++) {
		sched_pick(&cpu, now, &limit);
		if (rand() % 3 == 0)
			sched_block(&cpu, &e[2]);
		else
			sched_wake(&cpu, &e[2]);
		now += (uint64_t)(rand() % SLICE);
	}
	sched_pick(&cpu, now, &limit);
	ATF_CHECK_EQ(e[0].runtime + e[1].runtime + e[2].runtime, now);
	ATF_CHECK(e[0].runtime > e[2].runtime);
	int64_t diff = (int64_t)(e[0].runtime - e[1].runtime);
	ATF_CHECK(llabs(diff) < (int64_t)now / 100);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, idle);
	ATF_TP_ADD_TC(tp, alone_has_no_limit);
	ATF_TP_ADD_TC(tp, turns);
	ATF_TP_ADD_TC(tp, block_and_yield);
	ATF_TP_ADD_TC(tp, fair_over_random_sleep);
	return atf_no_error();
}
