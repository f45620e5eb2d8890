// SPDX-License-Identifier: BSD-2-Clause
/*
 * sched/time_partition.c: 10^7 random decisions against what the frame says,
 * reckoned in another way; that windows begin and end at their ticks, for ever,
 * and shares are exact; and that CPUs with one epoch stay aligned.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "sched/sched.h"
#include "sched/time_partition.h"

#define NR 4
#define MAX_WINDOWS 9
#define EVENTS 10000000u
#define SYSTEMS 100u
#define US 1000000u

/* Common frequencies, and some that make no whole ticks of a microsecond */
static const uint64_t frequencies[] = {62500000, 1000000000, 24000000, 19200000, 54000000,
				       8000000,	 32768,	     33333333, 999999937};

static struct sched_cpu cpu;
static struct sched_entity e[NR];
static struct sched_window windows[MAX_WINDOWS];
static struct sched_frame frame;
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

static void set_up(uint64_t hz)
{
	static const struct sched_params params = {.slice = 1};

	sched_init(&cpu);
	for (unsigned int i = 0; i < NR; i++)
		sched_add(&cpu, &e[i], &params);
	frame = (struct sched_frame){.hz = hz, .windows = windows};
	sched_set_frame(&cpu, &frame);
	ATF_CHECK(!sched_is_dedicated(&cpu));
}

static void add_window(struct sched_entity *entity, uint64_t us)
{
	frame.length += us;
	windows[frame.nr_windows++] = (struct sched_window){entity, frame.length};
}

/* The first tick of what is `us` microseconds behind the epoch. */
static uint64_t tick_of(unsigned __int128 us)
{
	return frame.epoch + (uint64_t)((us * frame.hz + US - 1) / US);
}

/* Where the frames are, stepped from window to window. */
struct place {
	unsigned __int128 begin; /* of the frame, us from the epoch */
	unsigned int window;	 /* nr_windows: behind the last one */
	uint64_t end;		 /* of the window, ticks */
};

static void place_end(struct place *place)
{
	uint64_t end = place->window < frame.nr_windows ? windows[place->window].end : frame.length;

	place->end = tick_of(place->begin + end);
}

static void place_next(struct place *place)
{
	place->window++;
	if (place->window > frame.nr_windows ||
	    (place->window == frame.nr_windows && windows[place->window - 1].end == frame.length)) {
		place->window = 0;
		place->begin += frame.length;
	}
	place_end(place);
}

static struct sched_entity *owner(const struct place *place)
{
	return place->window < frame.nr_windows ? windows[place->window].entity : NULL;
}

static void make_frame(void)
{
	uint64_t us = frequencies[any(ARRAY_SIZE(frequencies))];

	set_up(us);
	frame.epoch = any(1000000);
	frame.slack = any(2) ? &e[any(NR)] : NULL;
	for (unsigned int n = 1 + (unsigned int)any(MAX_WINDOWS); n != 0; n--)
		add_window(any(5) ? &e[any(NR)] : NULL, 1 + any(20000));
	if (any(2))
		frame.length += any(5000);
	for (unsigned int i = 0; i < NR; i++)
		sched_wake(&cpu, &e[i]);
}

static void run(unsigned int events)
{
	uint64_t now, limit;
	struct place place = {0};

	make_frame();
	now = frame.epoch;
	place_end(&place);
	for (unsigned int i = 0; i < events; i++) {
		struct sched_entity *who = pick(now, &limit), *expected;
		struct sched_entity *other = &e[any(NR)];

		while (place.end <= now)
			place_next(&place);
		expected = owner(&place);
		if (!expected || !expected->runnable)
			expected = frame.slack && frame.slack->runnable ? frame.slack : NULL;
		ATF_REQUIRE_EQ(who, expected);
		ATF_REQUIRE_EQ(limit, place.end - now);
		/* mostly until the window ends or shortly after that */
		now += any(4) ? limit + (any(4) ? 0 : any(2000)) : any(limit + 1);
		if (any(2))
			sched_block(&cpu, other);
		else
			sched_wake(&cpu, other);
	}
}

ATF_TC_WITHOUT_HEAD(random_events);
ATF_TC_BODY(random_events, tc)
{
	for (unsigned int system = 1; system <= SYSTEMS; system++) {
		seed = system;
		run(EVENTS / SYSTEMS);
	}
}

/* Guests that want all that they can get have just their windows. */
ATF_TC_WITHOUT_HEAD(shares);
ATF_TC_BODY(shares, tc)
{
	for (unsigned int f = 0; f < ARRAY_SIZE(frequencies); f++) {
		uint64_t now = 0, limit, end;

		set_up(frequencies[f]);
		add_window(&e[0], 6000);
		add_window(&e[1], 3500);
		add_window(&e[0], 500);
		sched_wake(&cpu, &e[0]);
		sched_wake(&cpu, &e[1]);
		sched_wake(&cpu, &e[2]); /* who has no window never runs */
		end = tick_of(1000 * frame.length);
		while (now < end) {
			ATF_REQUIRE(pick(now, &limit) != NULL);
			now += limit;
		}
		ATF_CHECK_EQ(now, end);
		pick(now, &limit);
		/* a tick is what the two ends of 1,000 windows are rounded to at most */
		ATF_CHECK(llabs((int64_t)(e[0].runtime - tick_of(6500 * 1000))) <= 1000);
		ATF_CHECK(llabs((int64_t)(e[1].runtime - tick_of(3500 * 1000))) <= 1000);
		ATF_CHECK_EQ(e[2].runtime, 0);
		ATF_CHECK_EQ(e[0].runtime + e[1].runtime, now);
	}
}

/* A hundred years on, the frame begins at its tick still, with any frequency. */
ATF_TC_WITHOUT_HEAD(no_drift);
ATF_TC_BODY(no_drift, tc)
{
	for (unsigned int f = 0; f < ARRAY_SIZE(frequencies); f++) {
		unsigned __int128 begin;
		uint64_t limit;

		set_up(frequencies[f]);
		frame.epoch = 12345;
		add_window(&e[0], 333);
		add_window(&e[1], 667);
		sched_wake(&cpu, &e[0]);
		sched_wake(&cpu, &e[1]);
		begin = (unsigned __int128)100 * 365 * 86400 * US;
		ATF_CHECK_EQ(pick(tick_of(begin) - 1, &limit), &e[1]);
		ATF_CHECK_EQ(limit, 1);
		ATF_CHECK_EQ(pick(tick_of(begin), &limit), &e[0]);
		ATF_CHECK_EQ(limit, tick_of(begin + 333) - tick_of(begin));
	}
}

/* The owner has its window whenever it wakes; slack fills the rest, and leaves at once. */
ATF_TC_WITHOUT_HEAD(slack);
ATF_TC_BODY(slack, tc)
{
	uint64_t limit;

	set_up(US);
	add_window(&e[0], 60);
	add_window(NULL, 40);
	frame.slack = &e[1];
	sched_wake(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(0, &limit), &e[1]);
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(10, &limit), &e[0]);
	ATF_CHECK_EQ(limit, 50);
	sched_block(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(20, &limit), &e[1]);
	sched_wake(&cpu, &e[0]);
	ATF_CHECK_EQ(pick(60, &limit), &e[1]);
	ATF_CHECK_EQ(limit, 40);
	sched_block(&cpu, &e[1]);
	ATF_CHECK_EQ(pick(80, &limit), NULL);
	ATF_CHECK_EQ(limit, 20);
	ATF_CHECK_EQ(pick(100, &limit), &e[0]);
	ATF_CHECK_EQ(e[0].runtime, 10);
	ATF_CHECK_EQ(e[1].runtime, 10 + 40 + 20);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, shares);
	ATF_TP_ADD_TC(tp, no_drift);
	ATF_TP_ADD_TC(tp, slack);
	ATF_TP_ADD_TC(tp, random_events);
	return atf_no_error();
}
