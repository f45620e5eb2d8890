// SPDX-License-Identifier: BSD-2-Clause
/*
 * console/console_text.c: how bytes are taken apart, wherever they end, and that
 * no bytes at all get stuck or run over the end.
 */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "console/console_text.h"
#include "lib/bits.h"

#define SIZE 256u

static uint8_t ring[SIZE];
static struct console_port port = {.data = ring, .size = SIZE};

/* The unit at the start of n bytes, which stand across the ring's end. */
static struct text_unit next_of(const char *text, uint32_t n, bool in_string)
{
	const uint32_t pos = 0xfffffffe;

	for (uint32_t i = 0; i < n; i++)
		ring[(pos + i) % SIZE] = (uint8_t)text[i];
	return console_text_next(&port, pos, pos + n, in_string);
}

static struct text_unit next(const char *text)
{
	return next_of(text, (uint32_t)strlen(text), false);
}

#define CHECK_UNIT(text, kind_, length_)                                                           \
	do {                                                                                       \
		struct text_unit u_ = next(text);                                                  \
		ATF_CHECK_EQ_MSG(u_.kind, kind_, "kind %d", (int)u_.kind);                         \
		ATF_CHECK_EQ_MSG(u_.length, length_, "length %u", u_.length);                      \
	} while (0)

ATF_TC_WITHOUT_HEAD(characters);
ATF_TC_BODY(characters, tc)
{
	CHECK_UNIT("a", TEXT_PRINT, 1);
	CHECK_UNIT("\t", TEXT_PRINT, 1);
	CHECK_UNIT("\nx", TEXT_NEWLINE, 1);
	CHECK_UNIT("\r", TEXT_PARTIAL, 0);
	CHECK_UNIT("\r\n", TEXT_DROP, 1);
	CHECK_UNIT("\r\r", TEXT_DROP, 1);
	CHECK_UNIT("\rx", TEXT_RETURN, 1);
	CHECK_UNIT("\b", TEXT_BACKSPACE, 1);
	CHECK_UNIT("\a", TEXT_BELL, 1);
	for (char c = 1; c < 0x20; c++) {
		if (strchr("\a\b\t\n\r\033", c) == NULL)
			CHECK_UNIT(((char[]){c, 0}), TEXT_DROP, 1);
	}
	ATF_CHECK_EQ(next_of("\0", 1, false).kind, TEXT_DROP);
	CHECK_UNIT("\177", TEXT_DROP, 1);
}

ATF_TC_WITHOUT_HEAD(utf8);
ATF_TC_BODY(utf8, tc)
{
	static const char *const valid[] = {
	    "\302\240",	    "\337\277",	    "\340\240\200",	"\355\237\277",
	    "\356\200\200", "\357\277\277", "\360\220\200\200", "\364\217\277\277",
	};
	static const char *const invalid[] = {
	    "\200",
	    "\277",
	    "\300\200",
	    "\301\277",
	    "\302\200",
	    "\302\237",
	    "\302x",
	    "\340\237\277",
	    "\355\240\200",
	    "\360\217\277\277",
	    "\364\220\200\200",
	    "\365\200\200\200",
	    "\377",
	    "\342\202x",
	    "\342\n",
	    "\360\237\230\033",
	};

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		uint32_t n = (uint32_t)strlen(valid[i]);

		CHECK_UNIT(valid[i], TEXT_PRINT, n);
		for (uint32_t part = 1; part < n; part++)
			ATF_CHECK_EQ(next_of(valid[i], part, false).kind, TEXT_PARTIAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		CHECK_UNIT(invalid[i], TEXT_INVALID, 1);
	/* Columns: for letters that always have one, not where combining characters are. */
	ATF_CHECK_EQ(next("\303\251").columns, 1);
	ATF_CHECK_EQ(next("\316\261").columns, 1);
	ATF_CHECK_EQ(next("\320\226").columns, 1);
	ATF_CHECK_EQ(next("\302\255").columns, 0);
	ATF_CHECK_EQ(next("\314\201").columns, 0);
	ATF_CHECK_EQ(next("\342\200\213").columns, 0);
	ATF_CHECK_EQ(next("\t").columns, 0);
}

ATF_TC_WITHOUT_HEAD(control_sequences);
ATF_TC_BODY(control_sequences, tc)
{
	static const char *const partial[] = {"\033",	   "\033[", "\033[1",
					      "\033[1;31", "\033(", "\033[?25"};

	for (size_t i = 0; i < ARRAY_SIZE(partial); i++)
		CHECK_UNIT(partial[i], TEXT_PARTIAL, 0);
	CHECK_UNIT("\033[m", TEXT_COLOUR, 3);
	ATF_CHECK_EQ(next("\033[m").count, 0);
	ATF_CHECK_EQ(next("\033[00m").count, 0);
	ATF_CHECK(next("\033[0;1m").count != 0);
	CHECK_UNIT("\033[38;5;1mx", TEXT_COLOUR, 9);
	CHECK_UNIT("\033[>4;1m", TEXT_DROP, 7);
	CHECK_UNIT("\033[?1m", TEXT_DROP, 5);
	CHECK_UNIT("\033[1 m", TEXT_DROP, 5);
	CHECK_UNIT("\033[12D", TEXT_MOVE, 5);
	ATF_CHECK_EQ(next("\033[12D").count, 12);
	ATF_CHECK_EQ(next("\033[12D").final, 'D');
	ATF_CHECK_EQ(next("\033[C").count, 0);
	ATF_CHECK_EQ(next("\033[J").final, 'K');
	CHECK_UNIT("\033[0K", TEXT_MOVE, 4);
	CHECK_UNIT("\033[1K", TEXT_DROP, 4);
	CHECK_UNIT("\033[1;2C", TEXT_DROP, 6);
	CHECK_UNIT("\033[6n", TEXT_QUERY, 4);
	CHECK_UNIT("\033[16n", TEXT_DROP, 5);
	/* A number beyond all terminals stays a number. */
	ATF_CHECK(next("\033[99999999999999999999C").count >= 1000);
	ATF_CHECK(next("\033[99999999999999999999C").count < 100000);
	/* A control character breaks a sequence off and stands for itself. */
	CHECK_UNIT("\033[1\n", TEXT_DROP, 3);
	CHECK_UNIT("\033\n", TEXT_DROP, 1);
	CHECK_UNIT("\033\033[m", TEXT_DROP, 1);
	CHECK_UNIT("\033[1\302\240", TEXT_DROP, 3);
	CHECK_UNIT("\033(B", TEXT_DROP, 3);
	CHECK_UNIT("\033c", TEXT_DROP, 2);
	/* Too long a one is cut, even unfinished: what follows is text. */
	CHECK_UNIT("\033[1111111111111111111111111111111", TEXT_DROP, TEXT_ESCAPE_MAX);
}

ATF_TC_WITHOUT_HEAD(control_strings);
ATF_TC_BODY(control_strings, tc)
{
	ATF_CHECK(next("\033]").in_string);
	ATF_CHECK(next("\033P").in_string);
	ATF_CHECK(!next("\033\\").in_string);
	ATF_CHECK(!next("x").in_string);
	ATF_CHECK(next_of("x", 1, true).in_string);
	ATF_CHECK_EQ(next_of("x", 1, true).kind, TEXT_DROP);
	ATF_CHECK(next_of("\r", 1, true).in_string);
	ATF_CHECK(next_of("\302", 1, true).in_string);
	ATF_CHECK(!next_of("\a", 1, true).in_string);
	ATF_CHECK_EQ(next_of("\a", 1, true).kind, TEXT_DROP);
	ATF_CHECK(!next_of("\030", 1, true).in_string);
	ATF_CHECK(!next_of("\032", 1, true).in_string);
	ATF_CHECK_EQ(next_of("\n", 1, true).kind, TEXT_NEWLINE);
	ATF_CHECK(!next_of("\033\\", 2, true).in_string);
}

/* Whatever the bytes are: progress is made, within the end, and nothing is partial for long. */
ATF_TC_WITHOUT_HEAD(random_bytes);
ATF_TC_BODY(random_bytes, tc)
{
	static const char likely[] = "\033[]P0;9mKDn\r\n\302\233\b";

	srand(1);
	for (int round = 0; round < 20000; round++) {
		uint32_t pos = (uint32_t)rand(), end = pos + 1 + (uint32_t)rand() % 200;
		bool in_string = false;

		for (uint32_t i = 0; i < SIZE; i++)
			ring[i] = rand() % 2 ? (uint8_t)rand()
					     : (uint8_t)likely[rand() % (int)(sizeof(likely) - 1)];
		while (pos != end) {
			struct text_unit u = console_text_next(&port, pos, end, in_string);

			if (u.kind == TEXT_PARTIAL) {
				ATF_REQUIRE(end - pos < TEXT_ESCAPE_MAX);
				break;
			}
			ATF_REQUIRE(u.length > 0 && u.length <= end - pos);
			ATF_REQUIRE(u.length <= TEXT_ESCAPE_MAX);
			pos += u.length;
			in_string = u.in_string;
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, characters);
	ATF_TP_ADD_TC(tp, utf8);
	ATF_TP_ADD_TC(tp, control_sequences);
	ATF_TP_ADD_TC(tp, control_strings);
	ATF_TP_ADD_TC(tp, random_bytes);
	return atf_no_error();
}
