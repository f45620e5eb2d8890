// SPDX-License-Identifier: BSD-2-Clause
/*
 * console/console_input.c: where typed characters go, the escape key, and guests
 * that do not read.
 */
#include "tests/unit/console_rig.h"

static void check_input(unsigned int vm, const char *text)
{
	vms[vm].input[vms[vm].input_len] = '\0';
	ATF_CHECK_STREQ(text, vms[vm].input);
	vms[vm].input_len = 0;
}

/* The guest of `vm` reads n characters: there is room, and the console is told. */
static void guest_reads(unsigned int vm, size_t n)
{
	vms[vm].input_room += n;
	vms[vm].port.kick(&vms[vm].port);
}

ATF_TC_WITHOUT_HEAD(focus);
ATF_TC_BODY(focus, tc)
{
	static const char *const names[] = {"a", "b", "c"};

	set_up(3, names);
	type("one");
	check_input(0, "one");
	type("\0243two");
	check_input(2, "two");
	type("\024nthree");
	check_input(0, "three");
	type("\024n");
	type("\024");
	type("nfour");
	check_input(2, "four");
	sent_len = 0;
	type("\0249five");
	CHECK_SENT("bulkhead: console: there is no VM 9; Ctrl-T l: list\r\n");
	check_input(2, "five");
	for (unsigned int vm = 0; vm < 3; vm++)
		check_input(vm, "");
}

ATF_TC_WITHOUT_HEAD(escape_key);
ATF_TC_BODY(escape_key, tc)
{
	set_up_two();
	type("a\024\024b\024tc");
	check_input(0, "a\024b\024c");
	CHECK_SENT("");
	type("\024h");
	ATF_CHECK_EQ(strncmp(sent, "bulkhead: console: Ctrl-T 1-9: input to that VM\r\n", 49), 0);
	sent_len = 0;
	type("\024?\024\003");
	ATF_CHECK(strstr(sent, "bulkhead: console: Ctrl-T n: input to the next VM\r\n") != NULL);
	check_input(0, "");
	console_stop_vm(&vms[1].port);
	let_send(UINT_MAX);
	sent_len = 0;
	type("\024l");
	CHECK_SENT("bulkhead: console: 1 a, running, has the input\r\n"
		   "bulkhead: console: 2 bcd, stopped\r\n");
	power_offs = 0;
	type("x");
	ATF_CHECK_EQ(power_offs, 0);
	check_input(0, "x");
	type("\024x");
	ATF_CHECK_EQ(power_offs, 1);
	check_input(0, "");
	type("y");
	ATF_CHECK_EQ(power_offs, 1);
}

/* The escape key is not the guests' to press. */
ATF_TC_WITHOUT_HEAD(output_is_not_input);
ATF_TC_BODY(output_is_not_input, tc)
{
	set_up_two();
	power_offs = 0;
	put(0, "\024x\n");
	put(1, "\024x\n");
	ATF_CHECK_EQ(power_offs, 0);
}

ATF_TC_WITHOUT_HEAD(every_byte);
ATF_TC_BODY(every_byte, tc)
{
	char all[256];
	size_t n = 0;

	set_up_two();
	for (unsigned int c = 0; c < 256; c++) {
		if (c != 0x14)
			all[n++] = (char)c;
	}
	type_bytes(all, n);
	ATF_CHECK_EQ(vms[0].input_len, n);
	ATF_CHECK_EQ(memcmp(vms[0].input, all, n), 0);
}

/* A guest that reads slowly gets everything, in order; what does not fit waits in the UART. */
ATF_TC_WITHOUT_HEAD(slow_guest);
ATF_TC_BODY(slow_guest, tc)
{
	char text[1001];

	set_up_two();
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 23);
	text[sizeof(text) - 1] = '\0';
	vms[0].input_room = 0;
	type(text);
	ATF_CHECK_EQ(vms[0].input_len, 0);
	ATF_CHECK_EQ(typed_head - typed_tail, sizeof(text) - 1 - CONSOLE_INPUT_SIZE);
	ATF_CHECK_EQ(uart_irqs, 0);
	for (int i = 0; i < 2000 && vms[0].input_len < sizeof(text) - 1; i++) {
		guest_reads(0, 1);
		if ((uart_irqs & UART_IRQ_RX) != 0)
			console_irq(NULL);
	}
	check_input(0, text);
	ATF_CHECK_EQ(uart_irqs, UART_IRQ_RX);
}

/* It is asked again only when it has said that there is room. */
ATF_TC_WITHOUT_HEAD(refused_once);
ATF_TC_BODY(refused_once, tc)
{
	set_up_two();
	vms[0].input_room = 0;
	type("abc");
	ATF_CHECK_EQ(vms[0].refusals, 1);
	put(1, "x\n");
	console_irq(NULL);
	ATF_CHECK_EQ(vms[0].refusals, 1);
	guest_reads(0, 2);
	check_input(0, "ab");
	ATF_CHECK_EQ(vms[0].refusals, 2);
	guest_reads(0, 2);
	check_input(0, "c");
}

/* What is typed ahead belongs to the VM that had the focus then. */
ATF_TC_WITHOUT_HEAD(typed_ahead);
ATF_TC_BODY(typed_ahead, tc)
{
	set_up_two();
	vms[0].input_room = 0;
	type("for a\0242for b");
	check_input(1, "for b");
	guest_reads(0, 100);
	check_input(0, "for a");
}

/* A stopped VM takes nothing, and the escape key works. */
ATF_TC_WITHOUT_HEAD(stopped_guest);
ATF_TC_BODY(stopped_guest, tc)
{
	set_up_two();
	vms[0].input_room = 0;
	type("typed ahead");
	console_stop_vm(&vms[0].port);
	for (int i = 0; i < 100; i++)
		type("dropped ");
	ATF_CHECK_EQ(typed_head, typed_tail);
	type("\0242x");
	check_input(1, "x");
	console_start_vm(&vms[0].port);
	guest_reads(0, 100);
	check_input(0, "");
	sent_len = 0;
	console_stop_vm(&vms[0].port);
	type("\0241");
	CHECK_SENT("bulkhead: console: input goes to a, which is stopped\r\n");
}

/* A VM that runs but never reads: after a while the escape key is found behind its input. */
ATF_TC_WITHOUT_HEAD(deaf_guest);
ATF_TC_BODY(deaf_guest, tc)
{
	char text[CONSOLE_INPUT_SIZE + 100];
	unsigned int ms = 0;

	set_up_two();
	memset(text, 'x', sizeof(text));
	vms[0].input_room = 0;
	polls_armed = 0;
	type_bytes(text, sizeof(text));
	type_bytes("\0242y", 3);
	ATF_CHECK_EQ(uart_irqs & UART_IRQ_RX, 0);
	ATF_CHECK_EQ(polls_armed, 1);
	while (typed_head != typed_tail) {
		ms += poll_ms;
		ATF_REQUIRE(ms < 10000);
		console_poll();
		if ((uart_irqs & UART_IRQ_RX) != 0)
			console_irq(NULL);
	}
	ATF_CHECK(ms >= 2000);
	ATF_CHECK(strstr(sent, "a does not read its input") != NULL);
	check_input(1, "y");
	/* If it reads after all, it has its type-ahead, and the focus works as before. */
	type("\0241z");
	guest_reads(0, 1000);
	ATF_CHECK_EQ(vms[0].input_len, CONSOLE_INPUT_SIZE);
	vms[0].input_len = 0;
	type("again");
	check_input(0, "again");
}

/* Reading in time ends the count. */
ATF_TC_WITHOUT_HEAD(not_deaf);
ATF_TC_BODY(not_deaf, tc)
{
	char text[3000];

	set_up_two();
	memset(text, 'x', sizeof(text));
	vms[0].input_room = 0;
	type_bytes(text, sizeof(text));
	for (unsigned int i = 0; i < 100; i++) {
		for (unsigned int n = 0; n < 10; n++) {
			if (console.poll_armed)
				console_poll();
		}
		guest_reads(0, 1);
		console_poll();
	}
	ATF_CHECK(strstr(sent, "does not read") == NULL);
	ATF_CHECK_EQ(vms[0].input_len, 100);
}

static unsigned int reads_in_between;

static bool greedy_input(struct console_port *port, uint8_t c)
{
	bool taken = rig_input(port, c);

	/* The guest, on another CPU, reads just then; its kick comes while we deliver. */
	if (!taken && reads_in_between > 0) {
		reads_in_between--;
		vms[0].input_room++;
		port->kick(port);
	}
	return taken;
}

/* A kick that comes in the middle of a delivery is not lost, and its order is kept. */
ATF_TC_WITHOUT_HEAD(kick_while_delivering);
ATF_TC_BODY(kick_while_delivering, tc)
{
	set_up_two();
	vms[0].port.input = greedy_input;
	vms[0].input_room = 0;
	reads_in_between = 3;
	type("abcde");
	check_input(0, "abc");
	guest_reads(0, 5);
	check_input(0, "de");
}

static bool nagging_input(struct console_port *port, uint8_t c)
{
	(void)c;
	vms[0].refusals++;
	port->kick(port);
	return false;
}

/* A guest that claims room again and again does not keep a CPU at it. */
ATF_TC_WITHOUT_HEAD(nagging_guest);
ATF_TC_BODY(nagging_guest, tc)
{
	set_up_two();
	vms[0].port.input = nagging_input;
	typed[typed_head++ % sizeof(typed)] = 'x';
	console_irq(NULL);
	ATF_CHECK(vms[0].refusals <= 2 * CONSOLE_INPUT_SIZE);
	/* It is tried again, at the next interrupt. */
	vms[0].port.input = rig_input;
	ATF_CHECK((uart_irqs & UART_IRQ_TX) != 0);
	console_irq(NULL);
	check_input(0, "x");
}

ATF_TC_WITHOUT_HEAD(no_vms);
ATF_TC_BODY(no_vms, tc)
{
	set_up(0, NULL);
	power_offs = 0;
	type("abc\024n\0241\024l\024r\024t\024h\024x");
	ATF_CHECK_EQ(power_offs, 1);
	ATF_CHECK_EQ(typed_head, typed_tail);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, focus);
	ATF_TP_ADD_TC(tp, escape_key);
	ATF_TP_ADD_TC(tp, output_is_not_input);
	ATF_TP_ADD_TC(tp, every_byte);
	ATF_TP_ADD_TC(tp, slow_guest);
	ATF_TP_ADD_TC(tp, refused_once);
	ATF_TP_ADD_TC(tp, typed_ahead);
	ATF_TP_ADD_TC(tp, stopped_guest);
	ATF_TP_ADD_TC(tp, deaf_guest);
	ATF_TP_ADD_TC(tp, not_deaf);
	ATF_TP_ADD_TC(tp, kick_while_delivering);
	ATF_TP_ADD_TC(tp, nagging_guest);
	ATF_TP_ADD_TC(tp, no_vms);
	return atf_no_error();
}
