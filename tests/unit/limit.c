// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linked into every test program: a test that does not end is ended when it
 * has used too much CPU time, which busy neighbours on the build machine do
 * not bring nearer. Kyua's timeout, by the clock, is for a test that waits.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/limit.h"

#define TEST_CPU_TIME 120u /* seconds for every test: the slowest needs 30 */

static void too_long(int signal)
{
	static const char text[] = "the test has used up its CPU time\n";
	ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)signal;
	(void)written; /* with the text or without it, the test ends */
	abort();
}

void limit_cpu_time(unsigned int seconds)
{
	struct rlimit limit;

	if (signal(SIGXCPU, too_long) == SIG_ERR || getrlimit(RLIMIT_CPU, &limit) != 0)
		abort();
	limit.rlim_cur = seconds < limit.rlim_max ? seconds : limit.rlim_max;
	if (setrlimit(RLIMIT_CPU, &limit) != 0)
		abort();
}

__attribute__((constructor)) static void limit_test(void)
{
	limit_cpu_time(TEST_CPU_TIME);
}
