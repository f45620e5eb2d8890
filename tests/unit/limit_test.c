// SPDX-License-Identifier: BSD-2-Clause
/* tests/unit/limit.c: a test that never ends. */
#include <atf-c.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/limit.h"

ATF_TC_WITHOUT_HEAD(ends_what_does_not_end);
ATF_TC_BODY(ends_what_does_not_end, tc)
{
	char text[100] = "";
	int ends[2], status;
	pid_t child;

	(void)tc;
	ATF_REQUIRE_EQ(0, pipe(ends));
	child = fork();
	ATF_REQUIRE(child >= 0);
	if (child == 0) {
		if (dup2(ends[1], STDERR_FILENO) < 0)
			_exit(EXIT_FAILURE);
		limit_cpu_time(1);
		for (volatile unsigned int i = 0;; i++)
			;
	}
	ATF_REQUIRE_EQ(child, waitpid(child, &status, 0));
	ATF_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ATF_REQUIRE(read(ends[0], text, sizeof(text) - 1) > 0);
	ATF_CHECK_STREQ("the test has used up its CPU time\n", text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, ends_what_does_not_end);
	return atf_no_error();
}
