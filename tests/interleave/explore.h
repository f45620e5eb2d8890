/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a small concurrent program again and again, each time in another
 * interleaving of its threads, which are coroutines of one thread of the build
 * machine.
 *
 * Where threads can meet (locks, atomic words, interrupts) the program calls
 * explore_point(). There the current thread goes on unless the schedule
 * deviates: another one that can run is taken. Where a thread has to wait, the
 * next one that can run is taken, in turn, again unless the schedule deviates.
 * Schedules with few deviations are few enough to try all, and nearly all
 * faults need only one or two (delay-bounded scheduling: Emmi, Qadeer,
 * Rakamaric, POPL 2011; compare Musuvathi and Qadeer's CHESS, OSDI 2008).
 * Larger programs are tried at random.
 *
 * Every run finds static data as they were before the very first one, but for
 * what is EXPLORE_KEEP. AddressSanitizer is not for programs that change
 * stacks and have their data copied over from below; UBSan is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EXPLORE_MAX_THREADS 4u

/* Static data that outlive a run: explorers' and caches. */
#define EXPLORE_KEEP __attribute__((section("explore_keep")))

struct explore_program {
	unsigned int nr_threads;
	/* Thread n. When it returns, the thread is over; when all have, the run is. */
	void (*thread)(unsigned int n);
	/* Invariants, at each step; calls explore_fail() if one is broken. May be NULL. */
	void (*check)(void);
	/* Nobody can run: makes time pass. Returns false if nothing ever will. May be NULL. */
	bool (*idle)(void);
	/* Steps after which a run is one too many: nobody gets anywhere. */
	unsigned int max_steps;
};

/* What became of an exploration */
struct explore_result {
	bool failed;
	char why[256];	      /* of the first failure */
	uint64_t runs;	      /* up to there */
	uint64_t steps;	      /* of all runs */
	unsigned int longest; /* run, in steps */
};

/*
 * Tries all schedules with up to `deviations`, those with few first. Stops at
 * the first failure, and prints the steps that led there.
 */
struct explore_result explore_all(const struct explore_program *program, unsigned int deviations);

/* Tries `runs` random schedules, which the seed determines. */
struct explore_result explore_random(const struct explore_program *program, uint64_t seed,
				     uint64_t runs);

/* ---- For the program's threads ---- */

/* The thread that runs. */
unsigned int explore_self(void);

/* Here others may be faster. `what` is for the report: a constant string, and a number. */
void explore_point(const char *what, uint64_t number);

/* Waits until ready(arg). */
void explore_wait(bool (*ready)(const void *arg), const void *arg, const char *what);

/* One round of a loop that waits for others: goes on when another thread has run, or time has. */
void explore_relax(void);

/* From here on (in this run) there are no deviations; or there are again. */
void explore_quiet(bool quiet);

/* The run ends: with success, or as a failure. */
_Noreturn void explore_done(void);
_Noreturn void explore_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For the report only: printed in a run that is repeated because it failed. */
void explore_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
