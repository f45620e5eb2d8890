// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/diag.c: the form of a line, and what hostile names and floods of
 * mistakes do to it.
 */
#include "fdt/diag.h"

#include <string.h>

#include "tests/unit/dts.h"

static struct dts_diag d;

ATF_TC_WITHOUT_HEAD(form);
ATF_TC_BODY(form, tc)
{
	dts_diag_init(&d);
	diag_error(&d.diag, "/vm", "cpus", "CPU %u does not exist", 7u);
	diag_warning(&d.diag, "/vm", NULL, "is odd: %s", "100%");
	ATF_CHECK_STREQ(d.lines[0], "error: /vm: cpus: CPU 7 does not exist");
	ATF_CHECK_STREQ(d.lines[1], "warning: /vm: is odd: 100%");
	ATF_CHECK_EQ(d.diag.errors, 1);
	ATF_CHECK_EQ(d.diag.warnings, 1);
}

ATF_TC_WITHOUT_HEAD(long_names_are_cut);
ATF_TC_BODY(long_names_are_cut, tc)
{
	char name[1000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	dts_diag_init(&d);
	diag_error(&d.diag, name, name, "end");
	ATF_CHECK_EQ(strlen(d.lines[0]), strlen("error: : : end") + 100 + 40);
	/* A text that is too long is cut at the end of the line. */
	diag_error(&d.diag, name, name, "%s", name);
	ATF_CHECK_EQ(strlen(d.lines[1]), 319);
}

/* Names may hold anything; terminals act upon some of it. */
ATF_TC_WITHOUT_HEAD(nothing_for_the_terminal);
ATF_TC_BODY(nothing_for_the_terminal, tc)
{
	dts_diag_init(&d);
	diag_error(&d.diag, "/\033[2Jvm", "a\nb", "\x7f\x80\xff %s", "\r~ ");
	ATF_CHECK_STREQ(d.lines[0], "error: /?[2Jvm: a?b: ??? ?~ ");
}

ATF_TC_WITHOUT_HEAD(flood);
ATF_TC_BODY(flood, tc)
{
	dts_diag_init(&d);
	for (unsigned int i = 0; i < 1000; i++) {
		diag_warning(&d.diag, "/", NULL, "w%u", i);
		diag_error(&d.diag, "/", NULL, "e%u", i);
	}
	ATF_CHECK_EQ(d.nr_lines, DIAG_MAX + 1);
	ATF_CHECK_STREQ(d.lines[DIAG_MAX - 1], "error: /: e49");
	ATF_CHECK_STREQ(d.lines[DIAG_MAX], "error: there is more: mend what is listed first");
	ATF_CHECK_EQ(d.diag.errors, 1000);
	ATF_CHECK_EQ(d.diag.warnings, 1000);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, form);
	ATF_TP_ADD_TC(tp, long_names_are_cut);
	ATF_TP_ADD_TC(tp, nothing_for_the_terminal);
	ATF_TP_ADD_TC(tp, flood);
	return atf_no_error();
}
