// SPDX-License-Identifier: BSD-2-Clause
/*
 * sched/sched.c with the default policy, and all of one priority: that every
 * stretch is charged, to whom it was spent on; equal shares, also for those
 * that wait often; and that an entity alone on a CPU has no limit. Time is a
 * number.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "sched/sched.h"

#define SLICE 1000
#define EXIT 20 /* EL2 takes the CPU away so much too late at most */

static struct sched_cpu cpu;
static struct sched_entity e[4];

static struct sched_entity *pick(uint64_t now, uint64_t *limit)
{
	struct sched_entity *entity = sched_pick(&cpu, now);

	*limit = cpu.limit;
	return entity;
}

static void set_up(unsigned int n)
{
	sched_init(&cpu);
	for (unsigned int i = 0; i < n; i++)
		sched_add(&cpu, &e[i], &(struct sched_params){.slice = SLICE});
}

ATF_TC_WITHOUT_HEAD(idle);
ATF_TC_BODY(idle, tc)
{
	uint64_t limit = 1;

	set_up(2);
	ATF_CHECK_EQ(pick(0, &limit), NULL);
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
		ATF_CHECK_EQ(pick(now, &limit), &e[0]);
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
		ATF_CHECK_EQ(pick(now, &limit), &e[turn % 3]);
		ATF_CHECK_EQ(limit, SLICE);
		/* asked too early: the same one goes on, for the rest */
		ATF_CHECK_EQ(pick(now + SLICE / 4, &limit), &e[turn % 3]);
		ATF_CHECK_EQ(limit, SLICE - SLICE / 4);
		now += SLICE;
	}
	ATF_CHECK_EQ(pick(now, &limit), &e[0]);
	for (int i = 0; i < 3; i++)
		ATF_CHECK_EQ(e[i].runtime, 10 * SLICE);
}

/* A guest that ran alone for long does not make one wait that comes, nor has it to wait for long.
 */
ATF_TC_WITHOUT_HEAD(alone_then_not);
ATF_TC_BODY(alone_then_not, tc)
{
	uint64_t limit;

	set_up(2);
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(0, &limit), &e[0]);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(1000 * SLICE, &limit), &e[1]);
	ATF_CHECK_EQ(pick(1001 * SLICE, &limit), &e[0]);
	ATF_CHECK_EQ(pick(1002 * SLICE, &limit), &e[1]);
	/* the other way round: who was there first is now who was away */
	sched_block(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(1002 * SLICE, &limit), &e[1]);
	ATF_CHECK_EQ(limit, 0);
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(2000 * SLICE, &limit), &e[0]);
	ATF_CHECK_EQ(limit, SLICE);
}

/* Every tick is somebody's or nobody's, and once; what ends in WFI too. */
ATF_TC_WITHOUT_HEAD(all_time_is_charged);
ATF_TC_BODY(all_time_is_charged, tc)
{
	uint64_t limit;

	set_up(2);
	sched_wake(&cpu, &e[0]);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(0, &limit), &e[0]);
	sched_block(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(10, &limit), &e[1]);
	ATF_CHECK_EQ(limit, 0);
	/* the policy hears of it, and not only the statistics */
	ATF_CHECK_EQ(e[0].runtime, 10);
	ATF_CHECK_EQ(e[0].used, 10);
	/* EL2 works for 0 while 1 has the CPU: from 30 to 35 */
	sched_charge(&cpu, &e[1], 30);
	sched_charge(&cpu, &e[0], 35);
	sched_block(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(40, &limit), NULL);
	ATF_CHECK_EQ(e[0].runtime, 15);
	ATF_CHECK_EQ(e[1].runtime, 25);
	sched_block(&cpu, &e[1]);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(100, &limit), &e[1]);
	/* the idle time was nobody's */
	ATF_CHECK_EQ(e[0].runtime + e[1].runtime, 40);
}

/*
 * Two hogs, and one that runs for `run` and then waits for `wait`, whoever has
 * the CPU meanwhile. Returns how much of the CPU this one got, in thousandths.
 */
static uint64_t share_of_waiter(uint64_t run, uint64_t wait)
{
	uint64_t limit, now = 0, left = run, wake_at = 0;

	set_up(3);
	for (int i = 0; i < 3; i++)
		sched_wake(&cpu, &e[i]);
	while (now < 3000 * SLICE) {
		struct sched_entity *who = pick(now, &limit);
		uint64_t step = limit;

		ATF_REQUIRE(who && limit != 0 && limit <= SLICE);
		if (who == &e[2])
			step = MIN(step, left);
		else if (!e[2].runnable)
			step = MIN(step, wake_at - now);
		now += step;
		if (who == &e[2] && (left -= step) == 0) {
			sched_block(&cpu, &e[2]);
			left = run;
			wake_at = now + wait;
		} else if (!e[2].runnable && now == wake_at) {
			sched_wake(&cpu, &e[2]);
		}
	}
	pick(now, &limit);
	ATF_CHECK_EQ(e[0].runtime + e[1].runtime + e[2].runtime, now);
	ATF_CHECK(llabs((int64_t)(e[0].runtime - e[1].runtime)) <= SLICE);
	ATF_CHECK(e[2].runtime <= e[0].runtime + 3 * SLICE);
	return e[2].runtime * 1000 / now;
}

ATF_TC_WITHOUT_HEAD(waiting_costs_no_share);
ATF_TC_BODY(waiting_costs_no_share, tc)
{
	/* one that waits shortly gets its third, whenever in its slice it waits */
	ATF_CHECK(share_of_waiter(SLICE - 1, 1) >= 330);
	ATF_CHECK(share_of_waiter(SLICE / 2, 1) >= 330);
	ATF_CHECK(share_of_waiter(SLICE / 5, SLICE / 5) >= 330);
	ATF_CHECK(share_of_waiter(10, 1) >= 330);
	/* one that wants less than a third gets all that it wants */
	ATF_CHECK(share_of_waiter(SLICE / 10, SLICE * 9 / 10) >= 95);
	ATF_CHECK(share_of_waiter(SLICE, 9 * SLICE) >= 95);
}

ATF_TC_WITHOUT_HEAD(waiting_gains_no_share);
ATF_TC_BODY(waiting_gains_no_share, tc)
{
	srand(2);
	for (int i = 0; i < 100; i++) {
		uint64_t run = 1 + (uint64_t)rand() % (2 * SLICE);

		/* a third, and what a slice is of 3,000 */
		ATF_CHECK(share_of_waiter(run, 1 + (uint64_t)rand() % SLICE) <= 334);
	}
}

/*
 * Random stretches, waits, wake-ups and overruns. Two entities never wait, and
 * never differ by more than a slice and an exit; nobody passes them by more
 * than that and what waiting may bring; all time is accounted for; and the CPU
 * is never idle, nor its holder unlimited, while somebody waits.
 */
ATF_TC_WITHOUT_HEAD(random_events);
ATF_TC_BODY(random_events, tc)
{
	uint64_t limit, now = 0, events = 0;
	unsigned int seed = 1;

	set_up(4);
	sched_wake(&cpu, &e[0]);
	sched_wake(&cpu, &e[1]);
	while (events++ < 1000000) {
		struct sched_entity *other = &e[2 + rand_r(&seed) % 2];
		struct sched_entity *who = pick(now, &limit);
		uint64_t stretch = (uint64_t)rand_r(&seed) % (2 * SLICE);

		ATF_REQUIRE(who && who->runnable);
		ATF_REQUIRE(limit != 0 && limit <= SLICE);
		now += MIN(stretch, limit + (uint64_t)rand_r(&seed) % EXIT);
		if (rand_r(&seed) % 2)
			sched_block(&cpu, other);
		else
			sched_wake(&cpu, other);
		ATF_REQUIRE(llabs((int64_t)(e[0].runtime - e[1].runtime)) <= SLICE + EXIT);
	}
	pick(now, &limit);
	ATF_CHECK_EQ(e[0].runtime + e[1].runtime + e[2].runtime + e[3].runtime, now);
	for (int i = 2; i < 4; i++)
		ATF_CHECK(e[i].runtime <= e[0].runtime + 4 * SLICE);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, idle);
	ATF_TP_ADD_TC(tp, alone_has_no_limit);
	ATF_TP_ADD_TC(tp, turns);
	ATF_TP_ADD_TC(tp, alone_then_not);
	ATF_TP_ADD_TC(tp, all_time_is_charged);
	ATF_TP_ADD_TC(tp, waiting_costs_no_share);
	ATF_TP_ADD_TC(tp, waiting_gains_no_share);
	ATF_TP_ADD_TC(tp, random_events);
	return atf_no_error();
}
