// SPDX-License-Identifier: BSD-2-Clause
/*
 * lib/string.c, against the C library's functions of the same names: it is
 * compiled in here under other names. Buffers are allocated to size, so that
 * AddressSanitizer sees each byte too far.
 */
#include <atf-c.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define memcpy el2_memcpy
#define memmove el2_memmove
#define memset el2_memset
#define memcmp el2_memcmp
#define memchr el2_memchr
#define strlen el2_strlen
#define strnlen el2_strnlen
#define strchr el2_strchr
#define strrchr el2_strrchr
#define strcmp el2_strcmp
#define strncmp el2_strncmp
#define strtoul el2_strtoul
#include "lib/string.c" // NOLINT(bugprone-suspicious-include)
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strchr
#undef strrchr
#undef strcmp
#undef strncmp
#undef strtoul

/* Every alignment of both sides, and lengths around the loops' steps. */
#define MAX_OFFSET 9
#define MAX_LENGTH 75

static void fill(unsigned char *p, size_t n, unsigned int seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(seed + i * 7 + i / 5);
}

ATF_TC_WITHOUT_HEAD(copying);
ATF_TC_BODY(copying, tc)
{
	(void)tc;
	for (size_t to = 0; to < MAX_OFFSET; to++) {
		for (size_t from = 0; from < MAX_OFFSET; from++) {
			for (size_t n = 0; n < MAX_LENGTH; n++) {
				unsigned char *src = malloc(from + n + 1);
				unsigned char *dst = malloc(to + n + 1);
				unsigned char expected[MAX_OFFSET + MAX_LENGTH];

				fill(src, from + n, 3);
				fill(dst, to + n, 99);
				fill(expected, to + n, 99);
				memcpy(expected + to, src + from, n);
				ATF_REQUIRE_EQ(dst + to, el2_memcpy(dst + to, src + from, n));
				ATF_REQUIRE(memcmp(expected, dst, to + n) == 0);
				free(src);
				free(dst);
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(overlapping);
ATF_TC_BODY(overlapping, tc)
{
	unsigned char ours[160], theirs[160];

	(void)tc;
	for (size_t to = 0; to < 80; to++) {
		for (size_t from = 0; from < 80; from += 3) {
			for (size_t n = 0; n < 80; n++) {
				fill(ours, sizeof(ours), 5);
				fill(theirs, sizeof(theirs), 5);
				memmove(theirs + to, theirs + from, n);
				ATF_REQUIRE_EQ(ours + to, el2_memmove(ours + to, ours + from, n));
				ATF_REQUIRE(memcmp(theirs, ours, sizeof(ours)) == 0);
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(setting);
ATF_TC_BODY(setting, tc)
{
	static const int values[] = {0, 1, 0x7f, 0xff, -1, 0x1234};

	(void)tc;
	for (size_t at = 0; at < MAX_OFFSET; at++) {
		for (size_t n = 0; n < MAX_LENGTH; n++) {
			unsigned char *ours = malloc(at + n + 1);
			unsigned char theirs[MAX_OFFSET + MAX_LENGTH + 1];
			int c = values[(at + n) % 6];

			fill(ours, at + n + 1, 1);
			fill(theirs, at + n + 1, 1);
			memset(theirs + at, c, n);
			ATF_REQUIRE_EQ(ours + at, el2_memset(ours + at, c, n));
			ATF_REQUIRE(memcmp(theirs, ours, at + n + 1) == 0);
			free(ours);
		}
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

ATF_TC_WITHOUT_HEAD(comparing);
ATF_TC_BODY(comparing, tc)
{
	(void)tc;
	for (size_t offset = 0; offset < MAX_OFFSET; offset++) {
		for (size_t n = 0; n < 40; n++) {
			unsigned char *a = malloc(offset + n + 1), *b = malloc(n + 1);

			fill(a + offset, n, 200);
			fill(b, n, 200);
			ATF_REQUIRE_EQ(0, el2_memcmp(a + offset, b, n));
			ATF_REQUIRE_EQ(0, el2_memcmp(b, a + offset, n));
			for (size_t i = 0; i < n; i++) {
				b[i] ^= 0x80;
				ATF_REQUIRE_EQ(sign(memcmp(a + offset, b, n)),
					       sign(el2_memcmp(a + offset, b, n)));
				ATF_REQUIRE_EQ(sign(memcmp(b, a + offset, n)),
					       sign(el2_memcmp(b, a + offset, n)));
				b[i] ^= 0x80;
			}
			free(a);
			free(b);
		}
	}
}

/* A copy with nothing behind its terminator. */
static char *exact(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(malloc(size), s, size);
}

ATF_TC_WITHOUT_HEAD(strings);
ATF_TC_BODY(strings, tc)
{
	static const char *const texts[] = {"",	   "a",	  "b",	  "ab",	  "abc",
					    "abd", "ABC", "\xff", "a\x80"};
	const size_t count = sizeof(texts) / sizeof(texts[0]);

	(void)tc;
	for (size_t i = 0; i < count; i++) {
		char *a = exact(texts[i]);

		ATF_CHECK_EQ(strlen(a), el2_strlen(a));
		for (size_t max = 0; max < 6; max++)
			ATF_CHECK_EQ(strnlen(a, max), el2_strnlen(a, max));
		for (size_t j = 0; j < count; j++) {
			char *b = exact(texts[j]);

			ATF_CHECK_EQ(sign(strcmp(a, b)), sign(el2_strcmp(a, b)));
			for (size_t n = 0; n < 5; n++)
				ATF_CHECK_EQ(sign(strncmp(a, b, n)), sign(el2_strncmp(a, b, n)));
			free(b);
		}
		free(a);
	}
}

ATF_TC_WITHOUT_HEAD(searching);
ATF_TC_BODY(searching, tc)
{
	static const int wanted[] = {'a', 'c', 'x', '\0', 'a' + 256, -1};
	char *text = exact("abcabc\xff");

	(void)tc;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		ATF_CHECK_EQ(strchr(text, wanted[i]), el2_strchr(text, wanted[i]));
		ATF_CHECK_EQ(strrchr(text, wanted[i]), el2_strrchr(text, wanted[i]));
		for (size_t n = 0; n <= 8; n++)
			ATF_CHECK_EQ(memchr(text, wanted[i], n), el2_memchr(text, wanted[i], n));
	}
	/* a limit is enough of an end */
	ATF_CHECK_EQ(3, el2_strnlen((const char[]){'a', 'b', 'c'}, 3));
	free(text);
}

ATF_TC_WITHOUT_HEAD(numbers);
ATF_TC_BODY(numbers, tc)
{
	static const char *const texts[] = {
	    "0",
	    "1",
	    "42abc",
	    "  \t\n17",
	    "+5",
	    "-5",
	    "- 5",
	    "+-5",
	    "0x1F",
	    "0X1f",
	    "0x",
	    "0xg",
	    "x1",
	    "077",
	    "089",
	    "zZ9",
	    "",
	    " ",
	    "-",
	    "18446744073709551615",
	    "18446744073709551616",
	    "-18446744073709551615",
	    "0xffffffffffffffff",
	    "0x10000000000000000",
	    "99999999999999999999999999999999 x",
	    "9000000",
	};
	static const int bases[] = {0, 2, 8, 10, 16, 36};

	(void)tc;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
			char *text = exact(texts[i]), *ours, *theirs;
			unsigned long expected = strtoul(text, &theirs, bases[b]);

			ATF_CHECK_EQ_MSG(expected, el2_strtoul(text, &ours, bases[b]),
					 "\"%s\" base %d", texts[i], bases[b]);
			ATF_CHECK_EQ_MSG(theirs, ours, "\"%s\" base %d: ends at %td, not %td",
					 texts[i], bases[b], ours - text, theirs - text);
			ATF_CHECK_EQ(expected, el2_strtoul(text, NULL, bases[b]));
			free(text);
		}
	}
}

ATF_TC_WITHOUT_HEAD(bad_bases);
ATF_TC_BODY(bad_bases, tc)
{
	static const int bases[] = {1, 37, -1, INT_MIN, INT_MAX};
	const char *text = "101";
	char *end;

	(void)tc;
	for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		ATF_CHECK_EQ(0, el2_strtoul(text, &end, bases[b]));
		ATF_CHECK_EQ(text, end);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, copying);
	ATF_TP_ADD_TC(tp, overlapping);
	ATF_TP_ADD_TC(tp, setting);
	ATF_TP_ADD_TC(tp, comparing);
	ATF_TP_ADD_TC(tp, strings);
	ATF_TP_ADD_TC(tp, searching);
	ATF_TP_ADD_TC(tp, numbers);
	ATF_TP_ADD_TC(tp, bad_bases);
	return atf_no_error();
}
