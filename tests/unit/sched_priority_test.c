// SPDX-License-Identifier: BSD-2-Clause
/*
 * sched/priority.c with priorities and budgets: 10^7 random stretches, waits,
 * wake-ups and overruns, and what must hold at each.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "sched/sched.h"

#define SLICE 1000
#define EXIT 20 /* EL2 takes the CPU away so much too late at most */
#define NR 6
#define EVENTS 10000000u
#define SYSTEMS 50u

static struct sched_cpu cpu;
static struct sched_entity e[NR];
static unsigned int seed;

static struct sched_entity *pick(uint64_t now, uint64_t *limit)
{
	struct sched_entity *entity = sched_pick(&cpu, now);

	*limit = cpu.limit;
	return entity;
}

static uint64_t any(uint64_t below)
{
	return (uint64_t)rand_r(&seed) % below;
}

static void add(unsigned int n, unsigned int priority, uint64_t budget, uint64_t period)
{
	struct sched_params params = {
	    .slice = SLICE, .priority = priority, .budget = budget, .period = period};

	sched_add(&cpu, &e[n], &params);
}

/* Whether it could have the CPU. */
static bool may_run(const struct sched_entity *entity, uint64_t now)
{
	return entity->runnable &&
	       (entity->server.budget == 0 || server_left(&entity->server, now) != 0);
}

/* Nobody of a higher priority could run, and the CPU is idle only if nobody could at all. */
static void check_order(const struct sched_entity *who, uint64_t now)
{
	ATF_REQUIRE(!who || may_run(who, now));
	for (unsigned int i = 0; i < cpu.nr_entities; i++)
		if (may_run(&e[i], now))
			ATF_REQUIRE(who && e[i].params.priority <= who->params.priority);
}

/*
 * The limit ends neither later than the budget, nor than another one comes that would have the CPU,
 * nor, if an equal waits, than the slice; and there is none where nothing would end.
 */
static void check_limit(const struct sched_entity *who, uint64_t now, uint64_t limit)
{
	uint64_t most = UINT64_MAX;

	if (who && who->server.budget != 0)
		most = server_left(&who->server, now);
	for (unsigned int i = 0; i < cpu.nr_entities; i++) {
		const struct sched_entity *other = &e[i];

		if (other == who || !other->runnable ||
		    (who && other->params.priority < who->params.priority))
			continue;
		if (!may_run(other, now))
			most = MIN(most, server_next(&other->server) - now);
		else
			most = MIN(most, SLICE);
	}
	if (most == UINT64_MAX)
		ATF_REQUIRE_EQ(limit, 0);
	else
		ATF_REQUIRE(limit != 0 && limit <= most);
}

/* What an entity had in windows of its period that begin when the last one is over. */
struct window {
	uint64_t end, had;
};

/* A stretch that ends at `now` and is not longer than a period. */
static void check_budget(struct window *window, const struct sched_entity *entity, uint64_t from,
			 uint64_t ticks)
{
	if (entity->server.budget == 0)
		return;
	if (from >= window->end)
		*window = (struct window){.end = from + entity->server.period};
	window->had += MIN(ticks, window->end - from);
	ATF_REQUIRE(window->had <= entity->server.budget + EXIT);
	if (from + ticks > window->end) {
		window->had = from + ticks - window->end;
		window->end += entity->server.period;
	}
}

/* A system of random entities; e[0] and e[1] are equals without budget that never wait. */
static void set_up(void)
{
	unsigned int priority = (unsigned int)any(3);

	sched_init(&cpu);
	add(0, priority, 0, 0);
	add(1, priority, 0, 0);
	for (unsigned int i = 2; i < NR; i++) {
		uint64_t period = 2000 + any(20000);

		add(i, (unsigned int)any(3), any(3) ? 1 + any(period / 4) : 0, period);
	}
}

/* The longest that e[0] may have to wait if all above it have budgets, or UINT64_MAX. */
static uint64_t longest_wait(void)
{
	uint64_t wait = 0;

	for (unsigned int i = 1; i < NR; i++) {
		if (e[i].params.priority < e[0].params.priority)
			continue;
		if (e[i].params.priority > e[0].params.priority && e[i].server.budget == 0)
			return UINT64_MAX;
		wait += 4 * (uint64_t)SLICE;
		if (e[i].params.priority > e[0].params.priority)
			wait += 40000; /* some periods of less than a quarter's load each */
	}
	return 8 * wait;
}

static void run(unsigned int events)
{
	uint64_t now = 0, limit, ran = 0, last_ran = 0, bound;
	struct window windows[NR] = {0};

	set_up();
	bound = longest_wait();
	sched_wake(&cpu, &e[0]);
	sched_wake(&cpu, &e[1]);
	for (unsigned int i = 0; i < events; i++) {
		struct sched_entity *who = pick(now, &limit);
		struct sched_entity *other = &e[2 + any(NR - 2)];
		uint64_t ticks = any(any(8) ? SLICE / 2 : 3 * SLICE);

		check_order(who, now);
		check_limit(who, now, limit);
		if (who == &e[0])
			last_ran = now;
		ATF_REQUIRE(now - last_ran <= bound);
		if (limit != 0)
			ticks = MIN(ticks, limit + any(EXIT));
		if (who) {
			check_budget(&windows[who - e], who, now, ticks);
			ran += ticks;
		}
		now += ticks;
		if (any(2))
			sched_block(&cpu, other);
		else
			sched_wake(&cpu, other);
		ATF_REQUIRE(llabs((int64_t)(e[0].runtime - e[1].runtime)) <= SLICE + EXIT);
	}
	pick(now, &limit);
	for (unsigned int i = 0; i < NR; i++)
		ran -= e[i].runtime;
	ATF_CHECK_EQ(ran, 0);
}

ATF_TC_WITHOUT_HEAD(random_events);
ATF_TC_BODY(random_events, tc)
{
	for (unsigned int system = 1; system <= SYSTEMS; system++) {
		seed = system;
		run(EVENTS / SYSTEMS);
	}
}

ATF_TC_WITHOUT_HEAD(preemption);
ATF_TC_BODY(preemption, tc)
{
	uint64_t limit;

	sched_init(&cpu);
	add(0, 1, 0, 0);
	add(1, 2, 0, 0);
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(0, &limit), &e[0]);
	ATF_CHECK_EQ(limit, 0);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(10, &limit), &e[1]);
	ATF_CHECK_EQ(limit, 0); /* for ever, if it wants */
	sched_block(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(20, &limit), &e[0]);
}

/* One that overruns, of a high priority, leaves the others what its budget leaves. */
ATF_TC_WITHOUT_HEAD(budget);
ATF_TC_BODY(budget, tc)
{
	uint64_t limit;

	sched_init(&cpu);
	add(0, 1, 0, 0);
	add(1, 2, 300, 1000);
	ATF_CHECK(!sched_is_dedicated(&cpu));
	sched_wake(&cpu, &e[0]);
	sched_wake(&cpu, &e[1]);
	for (uint64_t now = 0; now < 100000; now += 1000) {
		ATF_CHECK_EQ(pick(now, &limit), &e[1]);
		ATF_CHECK_EQ(limit, 300);
		ATF_CHECK_EQ(pick(now + 300, &limit), &e[0]);
		ATF_CHECK_EQ(limit, 700);
	}
	/* nor is it given more because nobody else wants it */
	sched_block(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(100000, &limit), &e[1]);
	ATF_CHECK_EQ(pick(100300, &limit), NULL);
	ATF_CHECK_EQ(limit, 700);
	/* and what it did not use is not lost */
	ATF_CHECK_EQ(pick(101000, &limit), &e[1]);
	sched_block(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(101100, &limit), NULL);
	ATF_CHECK_EQ(limit, 0);
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(101500, &limit), &e[1]);
	ATF_CHECK_EQ(limit, 200);
}

/* One alone on its CPU with a budget is limited too. */
ATF_TC_WITHOUT_HEAD(alone_with_budget);
ATF_TC_BODY(alone_with_budget, tc)
{
	uint64_t limit;

	sched_init(&cpu);
	add(0, 0, 100, 1000);
	ATF_CHECK(!sched_is_dedicated(&cpu));
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(5, &limit), &e[0]);
	ATF_CHECK_EQ(limit, 100);
	ATF_CHECK_EQ(pick(105, &limit), NULL);
	ATF_CHECK_EQ(limit, 900);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, preemption);
	ATF_TP_ADD_TC(tp, budget);
	ATF_TP_ADD_TC(tp, alone_with_budget);
	ATF_TP_ADD_TC(tp, random_events);
	return atf_no_error();
}
