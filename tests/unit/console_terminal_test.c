// SPDX-License-Identifier: BSD-2-Clause
/*
 * console/console_terminal.c, and the colours and the plain output that it decides about: what is
 * asked, which answer counts, and that a guest gets all that is no answer.
 */
#include "tests/unit/console_rig.h"

#define ANSWER "\033[?62;22c"

static const char *const names[] = {"a", "bcd"};

static void set_up_asked(void)
{
	set_up_style(2, names, CONSOLE_AUTO);
	ATF_CHECK_EQ(strncmp(sent, "\033[cbulkhead: console: input goes to a", 37), 0);
	sent_len = 0;
	sent[0] = '\0';
}

static void check_input(unsigned int vm, const char *text)
{
	vms[vm].input[vms[vm].input_len] = '\0';
	ATF_CHECK_STREQ(text, vms[vm].input);
	vms[vm].input_len = 0;
}

/* The time that the console has asked for passes. Returns how long that is. */
static unsigned int let_poll(void)
{
	unsigned int ms = poll_ms;

	polls_armed = 0;
	console_poll();
	return ms;
}

#define WITHOUT "bcd | text\r\n"
#define WITH "\033[33mbcd | \033[0mtext\r\n"

ATF_TC_WITHOUT_HEAD(answer);
ATF_TC_BODY(answer, tc)
{
	set_up_asked();
	put(1, "text\n");
	CHECK_SENT(WITHOUT);
	type("x" ANSWER "y");
	check_input(0, "xy");
	put(1, "text\n");
	CHECK_SENT(WITH);
	/* Asked once: this is somebody else's. */
	type(ANSWER);
	check_input(0, ANSWER);
}

/* Interrupts come when they will, between any two characters. */
ATF_TC_WITHOUT_HEAD(split_answer);
ATF_TC_BODY(split_answer, tc)
{
	for (size_t first = 1; first < strlen(ANSWER); first++) {
		set_up_asked();
		polls_armed = 0;
		type_bytes(ANSWER, first);
		ATF_CHECK_EQ(polls_armed, 1);
		let_poll();
		type(ANSWER + first);
		check_input(0, "");
		put(1, "text\n");
		CHECK_SENT(WITH);
	}
}

/* Long after the question; a key of the console's may be half typed. */
ATF_TC_WITHOUT_HEAD(late_answer);
ATF_TC_BODY(late_answer, tc)
{
	set_up_asked();
	put(0, "prompt$ ");
	CHECK_SENT("a   | prompt$ ");
	type("\024" ANSWER);
	type("2z");
	check_input(0, "");
	check_input(1, "z");
	put(1, "text\n");
	ATF_CHECK(strstr(sent, WITH) != NULL);
}

ATF_TC_WITHOUT_HEAD(look_alikes);
ATF_TC_BODY(look_alikes, tc)
{
	static const char *const typed_keys[] = {
	    "\033[A",	  "\033OP",	 "\033[1;2R",	  "\033[?c",	 "\033[?;1c",
	    "\033[?1;2R", "\033[?1;2$y", "\033[>1c",	  "\033[[?1c",	 "\033[?1 c",
	    "\033\033[A", "\033x",	 "\033[?1\033[A", "\033[?1;2\r", "[?1c",
	};

	set_up_asked();
	for (unsigned int i = 0; i < ARRAY_SIZE(typed_keys); i++) {
		type(typed_keys[i]);
		check_input(0, typed_keys[i]);
	}
	put(1, "text\n");
	CHECK_SENT(WITHOUT);
	/* The end of one is the beginning of the other. */
	type("\033[?1" ANSWER);
	check_input(0, "\033[?1");
	put(1, "text\n");
	CHECK_SENT(WITH);
}

/* Digits without end are no answer. */
ATF_TC_WITHOUT_HEAD(endless_answer);
ATF_TC_BODY(endless_answer, tc)
{
	char text[2 * CONSOLE_ANSWER_MAX] = "\033[?1";

	memset(text + 4, '7', sizeof(text) - 5);
	set_up_asked();
	type(text);
	check_input(0, text);
	type("c");
	check_input(0, "c");
}

/* Esc reaches the guest without another key, soon. */
ATF_TC_WITHOUT_HEAD(escape_alone);
ATF_TC_BODY(escape_alone, tc)
{
	unsigned int ms = 0;

	set_up_asked();
	polls_armed = 0;
	type("\033");
	check_input(0, "");
	while (vms[0].input_len == 0 && ms < 1000) {
		ATF_REQUIRE_EQ(polls_armed, 1);
		ms += let_poll();
	}
	check_input(0, "\033");
	ATF_CHECK(ms >= CONSOLE_HELD_MS && ms <= 100);
	ATF_CHECK_EQ(polls_armed, 0);
	/* What comes now is not taken for the rest of it. */
	type("[?1c");
	check_input(0, "[?1c");
}

/* The same without an interrupt. */
ATF_TC_WITHOUT_HEAD(escape_alone_polled);
ATF_TC_BODY(escape_alone_polled, tc)
{
	unsigned int ms = 0;

	set_up_asked();
	rig_uart.irq = 0;
	console_poll();
	typed[typed_head++ % sizeof(typed)] = '\033';
	while (vms[0].input_len == 0 && ms < 1000)
		ms += let_poll();
	check_input(0, "\033");
	ATF_CHECK(ms >= CONSOLE_HELD_MS && ms <= 100);
}

/* Nothing of what is held back is lost when the guest does not read. */
ATF_TC_WITHOUT_HEAD(held_back_and_full);
ATF_TC_BODY(held_back_and_full, tc)
{
	char text[CONSOLE_INPUT_SIZE + 8];

	memset(text, 'x', sizeof(text));
	memcpy(text + CONSOLE_INPUT_SIZE - 2, "\033[?1;2x", 8);
	text[sizeof(text) - 1] = '\0';
	set_up_asked();
	vms[0].input_room = 0;
	type(text);
	vms[0].input_room = sizeof(text);
	vms[0].port.kick(&vms[0].port);
	for (unsigned int i = 0; i < 10; i++) {
		let_poll();
		console_irq(NULL);
	}
	check_input(0, text);
}

/* In raw mode the guest asks, and is answered. */
ATF_TC_WITHOUT_HEAD(raw);
ATF_TC_BODY(raw, tc)
{
	set_up_asked();
	type("\024r" ANSWER);
	check_input(0, ANSWER);
	type("\024r" ANSWER);
	check_input(0, "");
}

ATF_TC_WITHOUT_HEAD(colour_key);
ATF_TC_BODY(colour_key, tc)
{
	set_up_asked();
	type("\024c");
	CHECK_SENT("bulkhead: console: colours on\r\n");
	put(1, "text\n");
	CHECK_SENT(WITH);
	type("\024c");
	CHECK_SENT("bulkhead: console: colours off\r\n");
	type(ANSWER);
	check_input(0, "");
	put(1, "text\n");
	CHECK_SENT(WITHOUT);
}

/* Guests' own colours go the way of ours. */
ATF_TC_WITHOUT_HEAD(guests_colours);
ATF_TC_BODY(guests_colours, tc)
{
	set_up_style(2, names, CONSOLE_NO_COLOURS);
	ATF_CHECK_EQ(sent[0], 'b'); /* nobody was asked */
	sent_len = 0;
	put(1, "\033[1;31mred\033[0m\n");
	CHECK_SENT("bcd | red\r\n");
	type(ANSWER);
	check_input(0, ANSWER);
	type("\024c");
	sent_len = 0;
	put(1, "\033[1;31mred\033[0m\n");
	CHECK_SENT("\033[33mbcd | \033[0m\033[1;31mred\033[0m\r\n");
}

ATF_TC_WITHOUT_HEAD(plain);
ATF_TC_BODY(plain, tc)
{
	set_up_style(2, names, CONSOLE_PLAIN);
	ATF_CHECK_EQ(sent[0], 'b');
	sent_len = 0;
	put(0, "prom");
	put(1, "\033[32mone\033[m\b\a\033[6n\033[K\n");
	put(0, "pt$ \033[3Dx\n");
	CHECK_SENT("bcd | one\r\na   | prompt$ x\r\n");
	/* All steps of what is overwritten are legible. */
	put(1, "10 %\r90 %\r\r\n");
	CHECK_SENT("bcd | 10 %\r\nbcd | 90 %\r\n");
	put(1, "\rx\n");
	CHECK_SENT("bcd | x\r\n");
	/* The last line of a VM that stops */
	put(0, "no end");
	console_stop_vm(&vms[0].port);
	CHECK_SENT("a   | no end\r\n");
	type("\033");
	check_input(1, "");
}

/* A line too long to be kept is broken, as ever. */
ATF_TC_WITHOUT_HEAD(plain_long_line);
ATF_TC_BODY(plain_long_line, tc)
{
	char text[8192] = "", read[16384] = "";

	set_up_style(2, names, CONSOLE_PLAIN);
	sent_len = 0;
	sent[0] = '\0';
	for (unsigned int i = 0; i < 1000; i++)
		sprintf(text + strlen(text), "%u%c", i, i < 999 ? ' ' : '\n');
	for (size_t done = 0; done < strlen(text); let_send(UINT_MAX))
		done += put(0, text + done);
	ATF_CHECK(strchr(sent, '\033') == NULL);
	read_lines("a", read);
	ATF_CHECK_STREQ(text, read);
}

ATF_TC_WITHOUT_HEAD(plain_key);
ATF_TC_BODY(plain_key, tc)
{
	set_up_two();
	put(0, "prompt$ ");
	CHECK_SENT("\033[36ma   | \033[0mprompt$ ");
	type("\024p");
	CHECK_SENT("\r\nbulkhead: console: plain output, whole lines only; Ctrl-T p: leave it\r\n");
	put(0, "date");
	CHECK_SENT("");
	put(0, "\r\n\033[1mToday\033[0m\n");
	CHECK_SENT("a   + date\r\na   | Today\r\n");
	put(0, "prompt$ ");
	type("\024c");
	CHECK_SENT("bulkhead: console: plain output has no colours; Ctrl-T p: leave it\r\n");
	/* Another VM's prompt is not shown either. */
	put(1, "other$ ");
	type("\0242");
	CHECK_SENT("bulkhead: console: input goes to bcd\r\n");
	type("\024p");
	CHECK_SENT("bulkhead: console: plain output left\r\n\033[33mbcd | \033[0mother$ ");
	put(1, "x");
	CHECK_SENT("x");
}

ATF_TC_WITHOUT_HEAD(plain_raw);
ATF_TC_BODY(plain_raw, tc)
{
	set_up_style(2, names, CONSOLE_PLAIN);
	type("\024r");
	sent_len = 0;
	sent[0] = '\0';
	put(0, "\033[7mx");
	CHECK_SENT("\033[7mx");
	type("\024r");
	CHECK_SENT("\r\nbulkhead: console: raw mode left\r\n");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, answer);
	ATF_TP_ADD_TC(tp, split_answer);
	ATF_TP_ADD_TC(tp, late_answer);
	ATF_TP_ADD_TC(tp, look_alikes);
	ATF_TP_ADD_TC(tp, endless_answer);
	ATF_TP_ADD_TC(tp, escape_alone);
	ATF_TP_ADD_TC(tp, escape_alone_polled);
	ATF_TP_ADD_TC(tp, held_back_and_full);
	ATF_TP_ADD_TC(tp, raw);
	ATF_TP_ADD_TC(tp, colour_key);
	ATF_TP_ADD_TC(tp, guests_colours);
	ATF_TP_ADD_TC(tp, plain);
	ATF_TP_ADD_TC(tp, plain_long_line);
	ATF_TP_ADD_TC(tp, plain_key);
	ATF_TP_ADD_TC(tp, plain_raw);
	return atf_no_error();
}
