// SPDX-License-Identifier: BSD-2-Clause
/*
 * console/console_mux.c, through console/console.c and on a fake UART: lines of
 * several sources, the live line, colours, hostile escape sequences, raw mode.
 */
#include "tests/unit/console_rig.h"

#include "lib/log.h"

#define A "\033[36ma   | \033[0m"
#define A_MORE "\033[36ma   + \033[0m"
#define B "\033[33mbcd | \033[0m"
#define B_MORE "\033[33mbcd + \033[0m"
#define ERASE "\r\033[K"

/* What the hypervisor says goes to the console without lib/log.c here. */
static const struct log_sink *sink;

void log_set_sink(const struct log_sink *given)
{
	sink = given;
}

static void say(const char *text)
{
	sink->line(text, strlen(text));
}

ATF_TC_WITHOUT_HEAD(whole_lines);
ATF_TC_BODY(whole_lines, tc)
{
	set_up_two();
	put(1, "one\r\ntwo\n\nthr");
	CHECK_SENT(B "one\r\n" B "two\r\n" B "\r\n");
	put(1, "ee\r\r\n");
	CHECK_SENT(B "three\r\n");
	put(0, "x\n\ry\n\r");
	CHECK_SENT(A "x\r\n" A "y\r\n");
}

ATF_TC_WITHOUT_HEAD(live_line);
ATF_TC_BODY(live_line, tc)
{
	set_up_two();
	put(0, "~ #");
	CHECK_SENT(A "~ #");
	put(0, " ");
	CHECK_SENT(" ");
	put(1, "hello");
	CHECK_SENT("");
	put(1, "\r\n");
	CHECK_SENT(ERASE B "hello\r\n" A "~ # ");
	put(0, "ls");
	say("text");
	CHECK_SENT("ls" ERASE "bulkhead: text\r\n" A "~ # ls");
	put(0, "\r\nfile\r\n");
	CHECK_SENT("\r\n" A "file\r\n");
}

/* An edited line is drawn again as it looked, and what asks the terminal is not asked again. */
ATF_TC_WITHOUT_HEAD(edited_line);
ATF_TC_BODY(edited_line, tc)
{
	set_up_two();
	put(0, "\033[6n~ # lss\b \b -\033[2D\033[K\007l");
	ATF_CHECK(strstr(sent, "\033[6n") != NULL);
	ATF_CHECK(strchr(sent, '\007') != NULL);
	sent_len = 0;
	put(1, "x\n");
	ATF_CHECK(strstr(sent, "\033[6n") == NULL);
	ATF_CHECK(strchr(sent, '\007') == NULL);
	render();
	ATF_CHECK_STREQ(screen[0], "bcd | x");
	ATF_CHECK_STREQ(screen[1], "a   | ~ # lsl");
	ATF_CHECK_EQ(column, strlen("a   | ~ # lsl"));
}

ATF_TC_WITHOUT_HEAD(carriage_return);
ATF_TC_BODY(carriage_return, tc)
{
	set_up_two();
	put(0, "10%\r");
	CHECK_SENT(A "10%");
	put(0, "2");
	CHECK_SENT("\r" A "2");
	put(0, "0%");
	CHECK_SENT("0%");
	/* The first return's text was written over, and is not drawn again. */
	put(1, "x\n");
	CHECK_SENT(ERASE B "x\r\n" A "20%");
	/* The second one's was not yet. */
	put(0, "\rab");
	put(1, "y\n");
	CHECK_SENT("\r" A "ab" ERASE B "y\r\n" A "20%\r" A "ab");
	put(0, "\n");
	CHECK_SENT("\r\n");
	/* The same in a whole line; a return before any text changes nothing. */
	put(1, "\rab\rc\n");
	CHECK_SENT(B "ab\r" B "c\r\n");
	/* Colours end where the prefix is written. */
	put(1, "\033[31mab\rc\n");
	CHECK_SENT(B "\033[31mab\033[0m\r" B "c\r\n");
}

ATF_TC_WITHOUT_HEAD(colours);
ATF_TC_BODY(colours, tc)
{
	set_up_two();
	put(1, "\033[1;31mred\n");
	CHECK_SENT(B "\033[1;31mred\033[0m\r\n");
	put(1, "\033[38:5:9mx\033[m\n");
	CHECK_SENT(B "\033[38:5:9mx\033[m\r\n");
	put(0, "\033[7m$");
	put(1, "x\n");
	CHECK_SENT(A "\033[7m$\033[0m" ERASE B "x\r\n" A "\033[7m$");
}

/* What a guest must not do to the terminal, or to the lines of others. */
ATF_TC_WITHOUT_HEAD(hostile);
ATF_TC_BODY(hostile, tc)
{
	static const char *const dropped[] = {
	    "\033c",		/* reset */
	    "\033[2J",		/* clear the screen */
	    "\033[1J",		/* up to the cursor */
	    "\033[1K",		/* the prefix */
	    "\033[2K",		/* the line, with the prefix */
	    "\033[H",		/* the cursor to the top */
	    "\033[5;5H",	/* the cursor anywhere */
	    "\033[3A",		/* up */
	    "\033[3B",		/* down */
	    "\033[1G",		/* to the first column */
	    "\033[2F",		/* to an earlier line */
	    "\033[2;10r",	/* scroll region */
	    "\033[4h",		/* insert mode */
	    "\033[?7l",		/* no wrapping */
	    "\033[?25l",	/* no cursor */
	    "\033[?1049h",	/* alternate screen */
	    "\033[>4;2m",	/* keyboard */
	    "\033[5n",		/* status report */
	    "\033[c",		/* identification */
	    "\033[21t",		/* window title as input */
	    "\033[1;6n",	/* not what is allowed */
	    "\033[3 q",		/* cursor shape */
	    "\033[!p",		/* soft reset */
	    "\033[3L",		/* insert lines */
	    "\033[3S",		/* scroll */
	    "\0337",		/* save cursor */
	    "\0338",		/* restore it */
	    "\033M",		/* up */
	    "\033D",		/* down */
	    "\033(0",		/* line drawing */
	    "\033]0;title\007", /* window title */
	    "\033]52;c;aGk=\033\\",
	    "\033Pq#0;2;0\033\\", /* DCS */
	    "\033_G\033\\",	  /* APC */
	    "\033^x\033\\",	  /* PM */
	    "\033Xx\033\\",	  /* SOS */
	    "\033",		  /* an escape before the line end */
	    "\033[",
	    "\033[31",
	    "\033]0;no end",
	    "\016",	/* the other character set */
	    "\013\014", /* line feeds of sorts */
	    "\b\b\b",
	    "\033[9D",
	    "\177",
	    "\032\030\005",
	};

	set_up_two();
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++) {
		/* As a whole line, and live, to the last byte before the line end. */
		put(1, dropped[i]);
		put(1, "\n");
		CHECK_SENT(B "\r\n");
		put(0, dropped[i]);
		put(0, "\n");
		ATF_CHECK_MSG(strcmp(sent, A "\r\n") == 0, "%zu: %s", i, sent);
		sent_len = 0;
		sent[0] = '\0';
	}
}

/* The cursor is never left of a line's start, whatever counts as a column. */
ATF_TC_WITHOUT_HEAD(never_into_the_prefix);
ATF_TC_BODY(never_into_the_prefix, tc)
{
	set_up_two();
	put(0, "ab\033[50D\033[50D\b\b\033[Dx");
	CHECK_SENT(A "ab\033[2Dx");
	put(0, "\033[50C\033[50Cy\033[2D\033[C\033[9@\033[P\n");
	CHECK_SENT("\033[1Cy\033[2D\033[1C\033[9@\033[1P\r\n");
	/* Combining characters and tabs do not count, nor do the controls of ISO 8859. */
	put(0, "e\314\201\314\201\t\033[9D\n");
	CHECK_SENT(A "e\314\201\314\201\t\033[1D\r\n");
	put(0, "\303\274\b\n");
	CHECK_SENT(A "\303\274\b\r\n");
	put(0, "\2331K\302\233H\377\n");
	CHECK_SENT(A "?1K??H?\r\n");
	/* Another VM's line that is not being edited moves nothing at all. */
	put(1, "abc\b\033[D\033[K\007\033[6n\n");
	CHECK_SENT(B "abc\r\n");
}

/* A live line that is too long to be drawn again is broken where another one comes. */
ATF_TC_WITHOUT_HEAD(long_live_line);
ATF_TC_BODY(long_live_line, tc)
{
	char text[MUX_REDRAW_MAX + 2], expected[1024];

	set_up_two();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put(0, text);
	put(1, "other\n");
	put(0, "rest\n");
	snprintf(expected, sizeof(expected), "%s%s\r\n%sother\r\n%srest\r\n", A, text, B, A_MORE);
	CHECK_SENT(expected);
	put(0, "next\n");
	CHECK_SENT(A "next\r\n");
}

/* A line that does not fit into the ring comes in pieces, and all of it. */
ATF_TC_WITHOUT_HEAD(line_longer_than_the_ring);
ATF_TC_BODY(line_longer_than_the_ring, tc)
{
	static char text[10001], read[20000];
	size_t n = 0;

	set_up_two();
	for (size_t i = 0; i < sizeof(text) - 2; i++)
		text[i] = (char)('a' + i % 23);
	text[sizeof(text) - 2] = '\n';
	while (text[n] != '\0') {
		n += put(1, text + n);
		let_send(16);
	}
	ATF_CHECK(strstr(sent, B_MORE) != NULL);
	read_lines("bcd", read);
	ATF_CHECK_STREQ(text, read);
}

ATF_TC_WITHOUT_HEAD(focus_changes);
ATF_TC_BODY(focus_changes, tc)
{
	set_up_two();
	put(0, "a> ");
	put(1, "b> ");
	CHECK_SENT(A "a> ");
	type("\0242");
	CHECK_SENT(ERASE "bulkhead: console: input goes to bcd\r\n" B "b> ");
	put(0, "still ");
	put(1, "x");
	CHECK_SENT("x");
	/* The line that was live before appears whole. */
	put(0, "here\n");
	CHECK_SENT(ERASE A "a> still here\r\n" B "b> x");
	put(0, "p");
	type("\0241");
	CHECK_SENT(ERASE "bulkhead: console: input goes to a\r\n" A "p");
}

/* Turns: a VM that prints a lot does not keep others from the terminal. */
ATF_TC_WITHOUT_HEAD(fair);
ATF_TC_BODY(fair, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 100; i++)
		put(1, "flood\n");
	put(0, "here\n");
	say("said");
	let_send(16);
	render();
	ATF_CHECK_STREQ(screen[MUX_BURST], "bulkhead: said");
	ATF_CHECK_STREQ(screen[MUX_BURST + 1], "a   | here");
	ATF_CHECK_STREQ(screen[MUX_BURST + 2], "bcd | flood");
}

ATF_TC_WITHOUT_HEAD(stopped_vm);
ATF_TC_BODY(stopped_vm, tc)
{
	set_up_two();
	put(0, "prompt");
	put(1, "half\033[3");
	CHECK_SENT(A "prompt");
	console_stop_vm(&vms[1].port);
	CHECK_SENT(ERASE B "half\r\n" A "prompt");
	console_stop_vm(&vms[0].port);
	CHECK_SENT("\r\n");
	console_stop_vm(&vms[0].port);
	CHECK_SENT("");
	/* Started again, they print as if nothing had happened. */
	console_start_vm(&vms[1].port);
	put(1, "again\n");
	CHECK_SENT(B "again\r\n");
}

ATF_TC_WITHOUT_HEAD(raw_mode);
ATF_TC_BODY(raw_mode, tc)
{
	set_up_two();
	put(0, "$ ");
	CHECK_SENT(A "$ ");
	type("\024r");
	CHECK_SENT(ERASE "bulkhead: console: raw mode for a; Ctrl-T r: leave it\r\n$ ");
	put_bytes(0, "\033[2J\000x\r\ny", 10);
	ATF_CHECK_EQ(memcmp(sent, "\033[2J\000x\r\ny", 10), 0);
	sent_len = 0;
	sent[0] = '\0';
	/* The others wait. */
	ATF_CHECK_EQ(put(1, "other\n"), 6);
	say("said");
	CHECK_SENT("");
	type("\024r");
	CHECK_SENT("\033[0m\r\nbulkhead: said\r\nbulkhead: console: raw mode left\r\n" B
		   "other\r\n");
	put(0, "z");
	CHECK_SENT(A "z");
}

/* In raw mode even the VM's stop is seen, and what was held back. */
ATF_TC_WITHOUT_HEAD(raw_mode_ends);
ATF_TC_BODY(raw_mode_ends, tc)
{
	set_up_two();
	type("\024r");
	put(0, "a");
	put(1, "b\n");
	sent_len = 0;
	console_stop_vm(&vms[0].port);
	CHECK_SENT("\033[0m\r\nbulkhead: console: raw mode left\r\n" B "b\r\n");
	ATF_CHECK(!console.mux.raw);
	type("\024r");
	ATF_CHECK(!console.mux.raw);
	console_start_vm(&vms[0].port);
	type("\024r\0242");
	ATF_CHECK(!console.mux.raw);
}

ATF_TC_WITHOUT_HEAD(names);
ATF_TC_BODY(names, tc)
{
	static const char *const many[] = {"a-name-of-more-than-thirty-one-characters", "b"};

	set_up(2, many);
	put(1, "x\n");
	CHECK_SENT("\033[33mb                               | \033[0mx\r\n");
	put(0, "x\n");
	CHECK_SENT("\033[36ma-name-of-more-than-thirty-one- | \033[0mx\r\n");
}

/* Makes up a line: text, and now and then a return or an escape sequence that is dropped. */
static void make_line(char *line, const char *name, unsigned int number)
{
	static const char *const extras[] = {"\033[2J", "\033]0;x\007", "\016", "\033(B"};
	char *s = line + sprintf(line, "%s-%u ", name, number);

	for (int n = rand() % (rand() % 20 == 0 ? 4000 : 80); n > 0; n--) {
		*s++ = (char)('!' + rand() % 80);
		if (rand() % 40 == 0)
			s = stpcpy(s, extras[rand() % 4]);
	}
	stpcpy(s, "\r\n");
}

static void remove_extras(char *text, char *line)
{
	static const char *const extras[] = {"\033[2J", "\033]0;x\007", "\016", "\033(B", "\r"};

	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		for (char *s; (s = strstr(line, extras[i])) != NULL;)
			memmove(s, s + strlen(extras[i]), strlen(s + strlen(extras[i])) + 1);
	}
	stpcpy(text + strlen(text), line);
}

/*
 * Three VMs print at random, in random pieces, on a UART that takes a random
 * number of characters at a time, while the focus moves: not one character is
 * lost, torn or out of order.
 */
ATF_TC_WITHOUT_HEAD(nothing_is_lost);
ATF_TC_BODY(nothing_is_lost, tc)
{
	static const char *const names[] = {"x", "yy", "zzz"};
	static char lines[3][8192], printed[3][1 << 18], read[1 << 18];
	size_t at[3] = {0};
	unsigned int number[3] = {0};

	for (unsigned int seed = 1; seed <= 10; seed++) {
		srand(seed);
		set_up(3, names);
		memset(printed, 0, sizeof(printed));
		memset(lines, 0, sizeof(lines));
		memset(at, 0, sizeof(at));
		for (int step = 0; step < 3000; step++) {
			int vm = rand() % 3;
			size_t n = (size_t)rand() % 200;

			if (lines[vm][at[vm]] == '\0') {
				make_line(lines[vm], names[vm], number[vm]++);
				at[vm] = 0;
			}
			uart_room = (unsigned int)rand() % 60;
			at[vm] += put_bytes((unsigned int)vm, lines[vm] + at[vm],
					    strnlen(lines[vm] + at[vm], n));
			if (lines[vm][at[vm]] == '\0')
				remove_extras(printed[vm], lines[vm]);
			if (rand() % 100 == 0)
				type((const char *[]){"\0241", "\0242", "\0243"}[rand() % 3]);
			if ((uart_irqs & UART_IRQ_TX) != 0)
				console_irq(NULL);
		}
		for (unsigned int vm = 0; vm < 3; vm++) {
			let_send(16);
			while (lines[vm][at[vm]] != '\0') {
				at[vm] += put(vm, lines[vm] + at[vm]);
				let_send(16);
				if (lines[vm][at[vm]] == '\0')
					remove_extras(printed[vm], lines[vm]);
			}
		}
		for (unsigned int vm = 0; vm < 3; vm++) {
			read[0] = '\0';
			read_lines(names[vm], read);
			ATF_REQUIRE_MSG(strcmp(printed[vm], read) == 0, "seed %u, VM %u", seed, vm);
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, whole_lines);
	ATF_TP_ADD_TC(tp, live_line);
	ATF_TP_ADD_TC(tp, edited_line);
	ATF_TP_ADD_TC(tp, carriage_return);
	ATF_TP_ADD_TC(tp, colours);
	ATF_TP_ADD_TC(tp, hostile);
	ATF_TP_ADD_TC(tp, never_into_the_prefix);
	ATF_TP_ADD_TC(tp, long_live_line);
	ATF_TP_ADD_TC(tp, line_longer_than_the_ring);
	ATF_TP_ADD_TC(tp, focus_changes);
	ATF_TP_ADD_TC(tp, fair);
	ATF_TP_ADD_TC(tp, stopped_vm);
	ATF_TP_ADD_TC(tp, raw_mode);
	ATF_TP_ADD_TC(tp, raw_mode_ends);
	ATF_TP_ADD_TC(tp, names);
	ATF_TP_ADD_TC(tp, nothing_is_lost);
	return atf_no_error();
}
