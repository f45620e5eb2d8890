// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linked into every test program: AddressSanitizer's settings, so that they
 * also hold for a program that is started by hand.
 */

const char *__asan_default_options(void);

/* What is tested never allocates; libatf leaves its list of cases behind at exit. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
