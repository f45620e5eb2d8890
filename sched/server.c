// SPDX-License-Identifier: BSD-2-Clause
/*
 * See server.h. The budget Q is Q tokens, of one tick each. They are in a
 * queue, in parts with a time before which none of the part is used. A tick
 * takes the first token. What a stretch of running takes goes to the end of
 * the queue at once, as a part that may be used a period P after the stretch
 * began.
 *
 * Bound: in any window of P ticks, wherever it begins, an entity runs for Q
 * ticks and one overrun at most. An overrun is what it runs on after its
 * limit, until EL2 has taken the CPU away: one exit's length.
 *
 * Proof. Without overruns it is enough that no token is used twice within P.
 * The n-th token of a stretch that begins at s is used at s + n. It goes to a
 * part with a time of s + P or later, behind the n tokens that the stretch
 * took before it. Tokens are used in the queue's order and one in a tick, so
 * it is used next at s + P + n at the earliest. Two parts become one only
 * where no token gets a chance to be used earlier by that (append(), join()).
 *
 * An overrun takes tokens before their time r, and they go to the end as if
 * used at r. Nothing is left to run with until the last of these r, so there is
 * no second overrun before. So of the ticks in a window at most one overrun
 * takes tokens whose time comes after the window, and all others count as
 * above, at the tick itself or at an r in the window.
 *
 * A period "of its own", from a part's time to the time P later, is such a
 * window. Of a fraction Q / P of a long time it gets that and Q more at most.
 */
#include "sched/server.h"

#include "lib/bits.h"

static struct server_part *part_at(struct sched_server *server, unsigned int n)
{
	return &server->parts[(server->first + n) % SERVER_PARTS];
}

void server_init(struct sched_server *server, uint64_t budget, uint64_t period)
{
	*server = (struct sched_server){.budget = budget, .period = period, .nr_parts = 1};
	server->parts[0].ticks = budget;
}

/*
 * To the end of the queue, for use at `time`. The last part and this one become one if that costs
 * nothing, as when they are of one stretch, or if there is no room for another. The last part's
 * tokens come first: this one's first is used so many ticks after the common time.
 */
static void append(struct sched_server *server, uint64_t time, uint64_t ticks)
{
	struct server_part *last = part_at(server, server->nr_parts - 1);

	if (server->nr_parts != 0 &&
	    (time <= last->time + last->ticks || server->nr_parts == SERVER_PARTS)) {
		if (time > last->time + last->ticks)
			last->time = time - last->ticks;
		last->ticks += ticks;
		return;
	}
	*part_at(server, server->nr_parts++) = (struct server_part){time, ticks};
}

uint64_t server_next(const struct sched_server *server)
{
	return server->parts[server->first].time;
}

uint64_t server_left(const struct sched_server *server, uint64_t now)
{
	uint64_t left = 0;

	for (unsigned int i = 0; i < server->nr_parts; i++) {
		const struct server_part *part = &server->parts[(server->first + i) % SERVER_PARTS];

		if (part->time > now + left)
			break;
		left += part->ticks;
	}
	return left;
}

/* The first part and those behind it that can be used without a pause, at `from` or later. */
static void join(struct sched_server *server, uint64_t from)
{
	while (server->nr_parts > 1) {
		struct server_part *first = part_at(server, 0), *second = part_at(server, 1);
		uint64_t begin = MAX(first->time, from);

		if (second->time > begin + first->ticks)
			break;
		*second = (struct server_part){begin, first->ticks + second->ticks};
		server->first = (server->first + 1) % SERVER_PARTS;
		server->nr_parts--;
	}
}

void server_charge(struct sched_server *server, uint64_t from, uint64_t ticks)
{
	/* As often as all of the budget was used, all of it goes round. */
	uint64_t late = ticks / server->budget * server->period;

	if (late != 0)
		for (unsigned int i = 0; i < server->nr_parts; i++) {
			struct server_part *part = part_at(server, i);

			part->time = MAX(part->time, from) + late;
		}
	ticks %= server->budget;
	join(server, from);
	while (ticks != 0) {
		struct server_part *part = part_at(server, 0);
		uint64_t taken = MIN(ticks, part->ticks);
		uint64_t begin = MAX(from, part->time);

		part->ticks -= taken;
		if (part->ticks == 0) {
			server->first = (server->first + 1) % SERVER_PARTS;
			server->nr_parts--;
		}
		append(server, begin + server->period, taken);
		from = begin + taken;
		ticks -= taken;
	}
}
