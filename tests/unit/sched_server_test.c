// SPDX-License-Identifier: BSD-2-Clause
/*
 * sched/server.c: that no window of a period has more than the budget and one
 * overrun, wherever it begins; that what is not used too early is not lost; and
 * that the parts stay what they are, by time and together the budget.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "lib/bits.h"
#include "sched/server.h"

#define PERIOD 1000
#define EVENTS 10000000u

/* The stretches of the last period, oldest first: at most one begins at a tick. */
struct history {
	struct stretch {
		uint64_t from, ticks;
	} stretches[PERIOD + 1];
	unsigned int first, nr;
	uint64_t sum;
};

/* Adds a stretch. Returns the ticks in the window of a period that ends with it. */
static uint64_t history_add(struct history *h, uint64_t from, uint64_t ticks, uint64_t period)
{
	uint64_t end = from + ticks, begin = end > period ? end - period : 0;
	const unsigned int size = PERIOD + 1;

	ATF_REQUIRE(h->nr < size);
	h->stretches[(h->first + h->nr++) % size] = (struct stretch){from, ticks};
	h->sum += ticks;
	while (h->stretches[h->first].from + h->stretches[h->first].ticks <= begin) {
		h->sum -= h->stretches[h->first].ticks;
		h->first = (h->first + 1) % size;
		h->nr--;
	}
	from = h->stretches[h->first].from;
	return h->sum - (from < begin ? begin - from : 0);
}

static void check_parts(const struct sched_server *server)
{
	uint64_t sum = 0, last = 0;

	ATF_REQUIRE(server->nr_parts >= 1 && server->nr_parts <= SERVER_PARTS);
	for (unsigned int i = 0; i < server->nr_parts; i++) {
		const struct server_part *part = &server->parts[(server->first + i) % SERVER_PARTS];

		ATF_REQUIRE(part->ticks != 0);
		ATF_REQUIRE(part->time >= last);
		last = part->time;
		sum += part->ticks;
	}
	ATF_REQUIRE_EQ(sum, server->budget);
}

/* Stretches of random lengths, with random pauses and overruns of less than `exit` ticks. */
static void run(unsigned int seed, unsigned int events, uint64_t exit, uint64_t pause)
{
	uint64_t budget = 1 + (uint64_t)rand_r(&seed) % PERIOD, now = 0, most = 0;
	struct sched_server server;
	struct history history = {0};

	server_init(&server, budget, PERIOD);
	for (unsigned int i = 0; i < events; i++) {
		uint64_t left = server_left(&server, now), ticks, got;

		check_parts(&server);
		if (left == 0) {
			ATF_REQUIRE(server_next(&server) > now);
			now = server_next(&server);
			left = server_left(&server, now);
		}
		ATF_REQUIRE(left != 0 && left <= budget);
		ticks = 1 + (uint64_t)rand_r(&seed) % left;
		if (ticks == left || rand_r(&seed) % 4 == 0)
			ticks = left + (uint64_t)rand_r(&seed) % exit;
		server_charge(&server, now, ticks);
		got = history_add(&history, now, ticks, PERIOD);
		most = MAX(most, got);
		ATF_REQUIRE(got <= budget + exit - 1);
		now += ticks;
		if (pause && rand_r(&seed) % 2)
			now += (uint64_t)rand_r(&seed) % pause;
	}
	/* the bound is met: the test looks where something is */
	ATF_CHECK(most >= budget);
}

ATF_TC_WITHOUT_HEAD(never_more_in_any_window);
ATF_TC_BODY(never_more_in_any_window, tc)
{
	for (unsigned int seed = 1; seed <= 100; seed++) {
		run(seed, EVENTS / 200, 1, seed % 2 ? 10 : 3 * PERIOD);
		run(seed, EVENTS / 200, 1 + seed % 30, seed % 3 ? 0 : PERIOD / 3);
	}
}

/* An entity that takes all that it may gets budget by budget, a period apart: nothing is lost. */
ATF_TC_WITHOUT_HEAD(all_of_it);
ATF_TC_BODY(all_of_it, tc)
{
	struct sched_server server;
	uint64_t now = 0, had = 0;

	server_init(&server, 300, PERIOD);
	for (unsigned int i = 0; i < 1000; i++) {
		uint64_t left;

		now = MAX(now, server_next(&server));
		left = server_left(&server, now);
		server_charge(&server, now, left);
		now += left;
		had += left;
	}
	ATF_CHECK_EQ(had, 300 * 1000);
	ATF_CHECK_EQ(now, 999 * PERIOD + 300);
}

/* An overrun comes off what follows. */
ATF_TC_WITHOUT_HEAD(overrun);
ATF_TC_BODY(overrun, tc)
{
	struct sched_server server;

	server_init(&server, 300, PERIOD);
	server_charge(&server, 50, 320);
	ATF_CHECK_EQ(server_next(&server), 1050);
	ATF_CHECK_EQ(server_left(&server, 1049), 0);
	ATF_CHECK_EQ(server_left(&server, 1050), 280);
	server_charge(&server, 1050, 280);
	ATF_CHECK_EQ(server_left(&server, 2049), 0);
	/* the 20 are back a period after 1050, the 280 behind them */
	ATF_CHECK_EQ(server_left(&server, 2050), 300);
	/* several budgets at once, as by a debugger that held the CPU */
	server_charge(&server, 2050, 950);
	ATF_CHECK_EQ(server_next(&server), 5050);
	ATF_CHECK_EQ(server_left(&server, 5050), 250);
	check_parts(&server);
}

/* More pieces than there are parts: some come back later than they could, none too early. */
ATF_TC_WITHOUT_HEAD(pieces);
ATF_TC_BODY(pieces, tc)
{
	struct sched_server server;
	uint64_t had = 0;

	server_init(&server, 100, PERIOD);
	for (unsigned int i = 0; i < 20; i++)
		server_charge(&server, i * 40, 5);
	check_parts(&server);
	ATF_CHECK_EQ(server_left(&server, PERIOD - 1), 0);
	for (uint64_t now = PERIOD; now < 2 * PERIOD; now++)
		if (server_left(&server, now) != 0) {
			server_charge(&server, now, 1);
			had++;
		}
	ATF_CHECK_EQ(had, 100);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, never_more_in_any_window);
	ATF_TP_ADD_TC(tp, all_of_it);
	ATF_TP_ADD_TC(tp, overrun);
	ATF_TP_ADD_TC(tp, pieces);
	return atf_no_error();
}
