// SPDX-License-Identifier: BSD-2-Clause
/*
 * The explorer itself: it finds what is wrong with little programs whose fault
 * is known, with as few deviations as that takes, and nothing in those that
 * are right.
 */
#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "arm64/atomic.h"
#include "arm64/lock.h"

static uint64_t word, done;
static struct lock locks[2] = {LOCK_INIT(LOCK_VM, 0), LOCK_INIT(LOCK_CONSOLE, 0)};

static bool is_done(const void *arg)
{
	return *(const uint64_t *)arg;
}

/* ---- A word that both threads increment ---- */

static void finish(void)
{
	if (++done == 2 && word != 2)
		explore_fail("an increment is lost");
}

static void increment(unsigned int n)
{
	uint64_t old;

	(void)n;
	old = atomic_load(&word);
	atomic_store(&word, old + 1);
	finish();
}

static void increment_locked(unsigned int n)
{
	(void)n;
	lock_acquire(&locks[0]);
	word++;
	lock_release(&locks[0]);
	finish();
}

/* ---- One waits for the other, which looks whether it has to be woken too early ---- */

static uint64_t waits, woken;

static void lose_wake_up(unsigned int n)
{
	if (n == 0) {
		if (atomic_load(&word))
			return;
		atomic_store(&waits, 1);
		explore_wait(is_done, &woken, "to be woken");
	} else {
		atomic_store(&word, 1);
		if (atomic_load(&waits))
			atomic_store(&woken, 1);
	}
}

static void wake_up(unsigned int n)
{
	if (n == 0) {
		atomic_store(&waits, 1);
		if (atomic_load(&word))
			return;
		explore_wait(is_done, &woken, "to be woken");
	} else {
		atomic_store(&word, 1);
		if (atomic_load(&waits))
			atomic_store(&woken, 1);
	}
}

/* ---- Two words that are locks, in two orders ---- */

static uint64_t words[2];

static bool is_zero(const void *arg)
{
	return *(const uint64_t *)arg == 0;
}

static void take_word(unsigned int n)
{
	explore_point("takes a word", n);
	while (words[n] != 0)
		explore_wait(is_zero, &words[n], "for a word");
	words[n] = 1;
}

static void cross(unsigned int n)
{
	take_word(n);
	take_word(1 - n);
	words[0] = words[1] = 0;
}

/* ---- The same with locks: found at once, for they have an order ---- */

static void cross_locks(unsigned int n)
{
	lock_acquire(&locks[n]);
	lock_acquire(&locks[1 - n]);
	lock_release(&locks[1 - n]);
	lock_release(&locks[n]);
}

/* ---- Polling ends, for there is always somebody else ---- */

static void poll(unsigned int n)
{
	if (n == 1) {
		atomic_store(&word, 1);
		return;
	}
	while (!atomic_load(&word))
		explore_relax();
}

static struct explore_result all(void (*thread)(unsigned int n), unsigned int deviations)
{
	const struct explore_program program = {
	    .nr_threads = 2, .thread = thread, .max_steps = 100};
	struct explore_result result = explore_all(&program, deviations);

	printf("%u deviations: %llu runs: %s\n", deviations, (unsigned long long)result.runs,
	       result.failed ? result.why : "right");
	return result;
}

ATF_TC_WITHOUT_HEAD(faults_are_found);
ATF_TC_BODY(faults_are_found, tc)
{
	struct explore_result result;

	ATF_CHECK(!all(increment, 0).failed);
	result = all(increment, 1);
	ATF_CHECK(result.failed && strcmp(result.why, "an increment is lost") == 0);
	result = all(lose_wake_up, 2);
	ATF_CHECK(result.failed && strstr(result.why, "nobody can run"));
	result = all(cross, 1);
	ATF_CHECK(result.failed && strstr(result.why, "nobody can run"));
	result = all(cross_locks, 0);
	ATF_CHECK(result.failed &&
		  strstr(result.why, "vm.lock 0 is taken while console.lock 0 is held"));
}

ATF_TC_WITHOUT_HEAD(right_is_right);
ATF_TC_BODY(right_is_right, tc)
{
	ATF_CHECK(!all(increment_locked, 4).failed);
	ATF_CHECK(!all(wake_up, 4).failed);
	ATF_CHECK(!all(poll, 4).failed);
}

/* At random, the same seed finds the same. */
ATF_TC_WITHOUT_HEAD(seeds);
ATF_TC_BODY(seeds, tc)
{
	const struct explore_program program = {
	    .nr_threads = 2, .thread = increment, .max_steps = 100};
	struct explore_result first = explore_random(&program, 7, 1000);
	struct explore_result second = explore_random(&program, 7, 1000);

	ATF_CHECK(first.failed && second.failed);
	ATF_CHECK_EQ(first.runs, second.runs);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, faults_are_found);
	ATF_TP_ADD_TC(tp, right_is_right);
	ATF_TP_ADD_TC(tp, seeds);
	return atf_no_error();
}
