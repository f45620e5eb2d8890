// SPDX-License-Identifier: BSD-2-Clause
/*
 * lib/format.c: each conversion, against what the C library makes of the same
 * format; then what is ours (cut-off, unknown conversions) and a random run.
 */
#include <atf-c.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"

/* The same text and length as snprintf() gives. */
#define CHECK_AS_LIBC(...)                                                                         \
	do {                                                                                       \
		char ours_[256], theirs_[256];                                                     \
		size_t length_ = format(ours_, sizeof(ours_), __VA_ARGS__);                        \
		int expected_ = snprintf(theirs_, sizeof(theirs_), __VA_ARGS__);                   \
		ATF_CHECK_STREQ(theirs_, ours_);                                                   \
		ATF_CHECK_EQ((size_t)expected_, length_);                                          \
	} while (0)

#define CHECK_TEXT(expected, ...)                                                                  \
	do {                                                                                       \
		char ours_[256];                                                                   \
		ATF_CHECK_EQ(strlen(expected), format(ours_, sizeof(ours_), __VA_ARGS__));         \
		ATF_CHECK_STREQ(expected, ours_);                                                  \
	} while (0)

ATF_TC_WITHOUT_HEAD(integers);
ATF_TC_BODY(integers, tc)
{
	(void)tc;
	CHECK_AS_LIBC("%d %i %u", 0, -1, 42u);
	CHECK_AS_LIBC("%d %d", INT_MIN, INT_MAX);
	CHECK_AS_LIBC("%u", UINT_MAX);
	CHECK_AS_LIBC("%ld %lld", LONG_MIN, LLONG_MIN);
	CHECK_AS_LIBC("%lu %llu", ULONG_MAX, ULLONG_MAX);
	CHECK_AS_LIBC("%zu %zd", SIZE_MAX, (ptrdiff_t)-5);
	CHECK_AS_LIBC("%jd %ju", INTMAX_MIN, UINTMAX_MAX);
	CHECK_AS_LIBC("%hhd %hhu %hd %hu", (signed char)-3, (unsigned char)250, (short)-300,
		      (unsigned short)65000);
	CHECK_AS_LIBC("%x %X %#x %#X %#x", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu, 0u);
	CHECK_AS_LIBC("%" PRIx64 " %#" PRIx64, UINT64_MAX, UINT64_C(0x123456789abcdef));
	CHECK_AS_LIBC("%hhx %hx", (unsigned char)0xff, (unsigned short)0xffff);
}

/* What is wider than its type is cut to it, as the conversion says. */
ATF_TC_WITHOUT_HEAD(narrowing);
ATF_TC_BODY(narrowing, tc)
{
	const char *volatile fmt = "%hhu %hhd %hu";

	(void)tc;
	CHECK_TEXT("1 -1 2", fmt, 0x101, 0xff, 0x10002);
}

ATF_TC_WITHOUT_HEAD(padding);
ATF_TC_BODY(padding, tc)
{
	(void)tc;
	CHECK_AS_LIBC("[%5d] [%-5d] [%05d] [%05d]", 42, 42, 42, -42);
	CHECK_AS_LIBC("[%016" PRIx64 "] [%#018" PRIx64 "] [%#10x] [%-#10x]", UINT64_C(0xabc),
		      UINT64_C(0xabc), 0xabcu, 0xabcu);
	CHECK_AS_LIBC("[%2d] [%02x]", 12345, 0x12345u);
	CHECK_AS_LIBC("[%*d] [%*d] [%-*d]", 6, 7, -6, 7, 6, 7);
	CHECK_AS_LIBC("[%10s] [%-10s] [%1s]", "text", "text", "text");
	CHECK_AS_LIBC("[%.2s] [%.9s] [%.0s] [%5.1s] [%-5.3s]", "text", "text", "text", "text",
		      "text");
	CHECK_AS_LIBC("[%.*s] [%.*s] [%*.*s]", 3, "text", -1, "text", 6, 2, "text");
	CHECK_AS_LIBC("[%3c] [%-3c] [%c]", 'a', 'b', 'c');
}

ATF_TC_WITHOUT_HEAD(others);
ATF_TC_BODY(others, tc)
{
	/* volatile: the compiler would rightly warn of these */
	const char *volatile string = "%s", *volatile odd = "%q %y %", *volatile empty = "";
	const char *volatile null = NULL;

	(void)tc;
	CHECK_AS_LIBC("100%% of %s", "it");
	CHECK_AS_LIBC("%p", (void *)0x12345678);
	CHECK_TEXT("0", "%p", NULL);
	CHECK_TEXT("(null)", string, null);
	/* not a conversion, and an end in the middle of one: shown as they are */
	CHECK_TEXT("%q %y %", odd, 0);
	CHECK_TEXT("", empty, 0);
}

/* A string with a precision is not read beyond it: AddressSanitizer watches. */
ATF_TC_WITHOUT_HEAD(unterminated);
ATF_TC_BODY(unterminated, tc)
{
	char *text = malloc(4);

	(void)tc;
	for (int i = 0; i < 4; i++)
		text[i] = (char)('a' + i);
	CHECK_TEXT("abcd", "%.*s", 4, text);
	CHECK_TEXT("  abc", "%5.3s", text);
	free(text);
}

ATF_TC_WITHOUT_HEAD(cut_off);
ATF_TC_BODY(cut_off, tc)
{
	(void)tc;
	for (size_t size = 0; size <= 12; size++) {
		char *buf = malloc(size + 1);

		buf[size] = '!';
		ATF_CHECK_EQ(10, format(buf, size, "%d-%s", 1234, "words"));
		if (size != 0) {
			size_t kept = size - 1 < 10 ? size - 1 : 10;

			ATF_CHECK_EQ(kept, strlen(buf));
			ATF_CHECK(memcmp(buf, "1234-words", kept) == 0);
		}
		ATF_CHECK_EQ('!', buf[size]);
		free(buf);
	}
	ATF_CHECK_EQ(1000, format(NULL, 0, "%1000d", 1));
}

/* Random flags, widths and values, always as the C library. */
ATF_TC_WITHOUT_HEAD(random_formats);
ATF_TC_BODY(random_formats, tc)
{
	static const char *const letters[] = {"d", "u", "x", "X", "ld", "lu", "lx", "hhd", "hu"};

	(void)tc;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		char spec[32], ours[64], theirs[64];
		unsigned long value = (unsigned long)random() << (random() % 34);
		size_t letter = (size_t)random() % (sizeof(letters) / sizeof(letters[0]));
		bool hex = strchr(letters[letter], 'x') || strchr(letters[letter], 'X');

		/* '#' with %d and %u is undefined in C */
		snprintf(spec, sizeof(spec), "%%%s%s%s%.0d%s", random() % 2 ? "-" : "",
			 random() % 2 ? "0" : "", hex && random() % 2 ? "#" : "",
			 (int)(random() % 25), letters[letter]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		ATF_CHECK_EQ((size_t)snprintf(theirs, sizeof(theirs), spec, value),
			     format(ours, sizeof(ours), spec, value));
#pragma GCC diagnostic pop
		ATF_CHECK_MSG(strcmp(theirs, ours) == 0, "%s: \"%s\", not \"%s\"", spec, ours,
			      theirs);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, integers);
	ATF_TP_ADD_TC(tp, narrowing);
	ATF_TP_ADD_TC(tp, padding);
	ATF_TP_ADD_TC(tp, others);
	ATF_TP_ADD_TC(tp, unterminated);
	ATF_TP_ADD_TC(tp, cut_off);
	ATF_TP_ADD_TC(tp, random_formats);
	return atf_no_error();
}
