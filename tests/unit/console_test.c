// SPDX-License-Identifier: BSD-2-Clause
/*
 * console/console.c and lib/log.c: early text, the UART's interrupts, polling,
 * flow control and call-backs, draining, panic.
 */
/* The fakes define its functions, weakly, and so the linker would not take it from the archive. */
#include "lib/errno.h"
#include "lib/log.c" // NOLINT(bugprone-suspicious-include): for that reason
#include "tests/unit/console_rig.h"
#include "vdev/vgic.h"
#include "vdev/vpl011.h"

#define A "\033[36ma   | \033[0m"
#define B "\033[33mbcd | \033[0m"

/* Before console_set_uart(). */
static void set_up_early(void)
{
	rig_uart = (struct uart){.ops = &rig_uart_ops, .irq = 33};
	uart_room = UINT_MAX;
	sent_len = 0;
	sent[0] = '\0';
	console_init_early();
}

ATF_TC_WITHOUT_HEAD(early_text_is_kept);
ATF_TC_BODY(early_text_is_kept, tc)
{
	set_up_early();
	log_info("one %d", 1);
	log_warn("two");
	log_error("three\nlines\nof it");
	CHECK_SENT("");
	console_set_uart(&rig_uart);
	CHECK_SENT("bulkhead: one 1\r\nbulkhead: warning: two\r\nbulkhead: error: three\r\n"
		   "bulkhead: lines\r\nbulkhead: of it\r\n");
	log_info("four");
	CHECK_SENT("bulkhead: four\r\n");
}

ATF_TC_WITHOUT_HEAD(too_much_early_text);
ATF_TC_BODY(too_much_early_text, tc)
{
	unsigned long lost;

	set_up_early();
	for (int i = 0; i < 3000; i++)
		log_info("line %d", i);
	console_set_uart(&rig_uart);
	ATF_CHECK_EQ(strncmp(sent, "bulkhead: line 0\r\nbulkhead: line 1\r\n", 36), 0);
	sent_len = 0;
	log_info("after");
	ATF_REQUIRE_EQ(strncmp(sent, "bulkhead: (", 11), 0);
	lost = strtoul(sent + 11, NULL, 10);
	ATF_CHECK(lost > 1000 && lost < 2900);
	ATF_CHECK(strstr(sent, "\r\nbulkhead: after\r\n") != NULL);
	sent_len = 0;
	log_info("more");
	CHECK_SENT("bulkhead: more\r\n");
}

ATF_TC_WITHOUT_HEAD(long_line_is_cut);
ATF_TC_BODY(long_line_is_cut, tc)
{
	char text[1000];

	set_up_early();
	console_set_uart(&rig_uart);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	ATF_CHECK_EQ(sent_len, strlen("bulkhead: ") + 255 + 2);
	ATF_CHECK_STREQ(sent + sent_len - 6, "x...\r\n");
}

/* A transmitter that is never ready costs boot some time, but does not stop it. */
ATF_TC_WITHOUT_HEAD(stuck_transmitter);
ATF_TC_BODY(stuck_transmitter, tc)
{
	set_up_early();
	uart_room = 10;
	console_set_uart(&rig_uart);
	for (int i = 0; i < 1000; i++)
		log_info("line %d", i);
	ATF_CHECK(rig_uart.stuck);
	CHECK_SENT("bulkhead: ");
	uart_room = UINT_MAX;
	log_info("again");
	ATF_CHECK(!rig_uart.stuck);
	CHECK_SENT("bulkhead: again\r\n");
}

ATF_TC_WITHOUT_HEAD(first_words);
ATF_TC_BODY(first_words, tc)
{
	static const char *const names[] = {"linux-a"};

	set_up(1, names);
	console_stop_vm(&vms[0].port);
	console_start_vm(&vms[0].port);
	CHECK_SENT("");
	set_up_early();
	console_set_uart(&rig_uart);
	console_add_vm(&vms[0].port, "linux-a",
		       &(struct arena){.base = rig_memory, .size = sizeof(rig_memory)});
	console_start(&rig_hooks, CONSOLE_COLOURS);
	console_start_vm(&vms[0].port);
	CHECK_SENT(
	    "bulkhead: console: input goes to linux-a; Ctrl-T n: next VM, Ctrl-T h: help\r\n");
}

ATF_TC_WITHOUT_HEAD(no_memory);
ATF_TC_BODY(no_memory, tc)
{
	static _Alignas(16) uint8_t little[1024];
	struct arena arena;

	set_up_early();
	arena_init(&arena, little, sizeof(little));
	ATF_CHECK_EQ(console_add_vm(&vms[0].port, "a", &arena), -ENOMEM);
	ATF_CHECK_EQ(console_next_vm(NULL), NULL);
}

/* Nothing is sent by waiting; the interrupt is on exactly while there is something to send. */
ATF_TC_WITHOUT_HEAD(transmit_interrupt);
ATF_TC_BODY(transmit_interrupt, tc)
{
	set_up_two();
	ATF_CHECK_EQ(uart_irqs, UART_IRQ_RX);
	uart_room = 4;
	put(1, "hello\n");
	ATF_CHECK_EQ(sent_len, 4);
	ATF_CHECK_EQ(uart_irqs, UART_IRQ_RX | UART_IRQ_TX);
	log_info("and more");
	ATF_CHECK_EQ(sent_len, 4);
	for (size_t n = 4; (uart_irqs & UART_IRQ_TX) != 0; n++) {
		ATF_CHECK_EQ(sent_len, n);
		uart_room = 1;
		uart_acks = 0;
		console_irq(NULL);
		ATF_CHECK_EQ(uart_acks, 1);
	}
	CHECK_SENT(B "hello\r\nbulkhead: and more\r\n");
}

/* One call sends a bounded number of characters, however fast the UART is. */
ATF_TC_WITHOUT_HEAD(bounded_work);
ATF_TC_BODY(bounded_work, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 100; i++)
		log_info("a line with some text in it");
	uart_room = UINT_MAX;
	for (size_t last = 0; (uart_irqs & UART_IRQ_TX) != 0; last = sent_len) {
		console_irq(NULL);
		ATF_CHECK(sent_len - last <= 256);
		ATF_CHECK(sent_len > last);
	}
	ATF_CHECK_EQ(sent_len, 100 * strlen("bulkhead: a line with some text in it\r\n"));
}

/* A log that finds no room is counted, and never waits. */
ATF_TC_WITHOUT_HEAD(log_without_room);
ATF_TC_BODY(log_without_room, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 1000; i++)
		log_info("line %d", i);
	let_send(16);
	log_info("last");
	let_send(16);
	ATF_CHECK(strstr(sent, "lines lost)\r\nbulkhead: last\r\n") != NULL);
}

/* A full ring holds its VM back, and room() comes when half of it is free; never under the lock. */
ATF_TC_WITHOUT_HEAD(room);
ATF_TC_BODY(room, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 1000; i++)
		put(1, "0123456\n");
	ATF_CHECK(console_port_is_full(&vms[1].port));
	while (console_port_used(&vms[1].port) > vms[1].port.size / 2) {
		ATF_CHECK_EQ(vms[1].rooms, 0);
		uart_room = 16;
		console_irq(NULL);
	}
	ATF_CHECK_EQ(vms[1].rooms, 1);
	let_send(16);
	ATF_CHECK_EQ(vms[1].rooms, 1);
	ATF_CHECK_EQ(vms[0].rooms, 0);
}

/*
 * A log line that is written under other locks may send a VM's output, but
 * must not call the VM's device: the interrupt does that, soon.
 */
ATF_TC_WITHOUT_HEAD(room_is_deferred);
ATF_TC_BODY(room_is_deferred, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 1000; i++)
		put(1, "0123456\n");
	uart_room = UINT_MAX;
	for (int i = 0; i < 100; i++)
		log_info("x");
	ATF_CHECK_EQ(console_port_used(&vms[1].port), 0);
	ATF_CHECK_EQ(vms[1].rooms, 0);
	ATF_CHECK_EQ(uart_irqs, UART_IRQ_RX | UART_IRQ_TX);
	console_irq(NULL);
	ATF_CHECK_EQ(vms[1].rooms, 1);
	ATF_CHECK_EQ(uart_irqs, UART_IRQ_RX);
}

ATF_TC_WITHOUT_HEAD(polled);
ATF_TC_BODY(polled, tc)
{
	set_up_early();
	rig_uart.irq = 0;
	console_set_uart(&rig_uart);
	polls_armed = 0;
	console_start(&rig_hooks, CONSOLE_COLOURS);
	ATF_CHECK_EQ(polls_armed, 1);
	uart_irqs = 0;
	/* Without asking, it is polled once in a while; and more often while there is output. */
	for (unsigned int i = 2; i < 5; i++) {
		console_poll();
		ATF_CHECK_EQ(polls_armed, i);
		ATF_CHECK(poll_ms >= 10);
	}
	uart_room = 3;
	log_info("x");
	ATF_CHECK_EQ(polls_armed, 4);
	ATF_CHECK_EQ(sent_len, 3);
	console_poll();
	ATF_CHECK(poll_ms < 10);
	uart_room = UINT_MAX;
	console_poll();
	CHECK_SENT("bulkhead: x\r\n");
	ATF_CHECK(poll_ms >= 10);
	ATF_CHECK_EQ(uart_irqs, 0);
}

ATF_TC_WITHOUT_HEAD(no_uart);
ATF_TC_BODY(no_uart, tc)
{
	static const struct host_uart none = {.type = HOST_UART_NONE, .irq = 33};
	static struct uart uart;
	static struct arena arena;

	arena_init(&arena, rig_memory, sizeof(rig_memory));
	console_init_early();
	uart_init(&uart, &none, NULL);
	console_set_uart(&uart);
	vms[0].port.room = rig_room;
	vms[0].port.input = rig_input;
	ATF_REQUIRE_EQ(console_add_vm(&vms[0].port, "a", &arena), 0);
	polls_armed = 0;
	console_start(&rig_hooks, CONSOLE_COLOURS);
	console_start_vm(&vms[0].port);
	for (int i = 0; i < 1000; i++)
		ATF_REQUIRE_EQ(put(0, "0123456\n"), 8);
	log_info("x");
	log_drain();
	log_emergency("x\n");
	ATF_CHECK_EQ(polls_armed, 0);
}

ATF_TC_WITHOUT_HEAD(drain);
ATF_TC_BODY(drain, tc)
{
	set_up_two();
	uart_room = 0;
	put(1, "whole\nhalf");
	put(0, "prompt");
	log_info("off");
	uart_room = UINT_MAX;
	log_drain();
	ATF_CHECK(strstr(sent, "bulkhead: off\r\n") != NULL);
	ATF_CHECK(strstr(sent, B "whole\r\n") != NULL);
	ATF_CHECK(strstr(sent, B "half\r\n") != NULL);
	ATF_CHECK(strstr(sent, A "prompt\r\n") != NULL);
	/* If the power stays on, life goes on. */
	sent_len = 0;
	log_info("x");
	CHECK_SENT("bulkhead: x\r\n");
}

ATF_TC_WITHOUT_HEAD(drain_in_raw_mode);
ATF_TC_BODY(drain_in_raw_mode, tc)
{
	set_up_two();
	type("\024r");
	log_info("held back");
	sent_len = 0;
	log_drain();
	ATF_CHECK(strstr(sent, "bulkhead: held back\r\n") != NULL);
}

ATF_TC_WITHOUT_HEAD(drain_of_a_stuck_transmitter);
ATF_TC_BODY(drain_of_a_stuck_transmitter, tc)
{
	set_up_two();
	uart_room = 0;
	for (int i = 0; i < 100; i++)
		log_info("line %d", i);
	log_drain();
	ATF_CHECK(rig_uart.stuck);
}

ATF_TC_WITHOUT_HEAD(panic_takes_over);
ATF_TC_BODY(panic_takes_over, tc)
{
	set_up_two();
	put(0, "prompt");
	uart_room = 0;
	log_info("last words");
	log_info("never shown");
	sent_len = 0;
	uart_room = UINT_MAX;
	/* The lock is held by a CPU that will never release it. */
	lock_acquire(&console.lock);
	log_emergency("panic: why\n");
	log_emergency("x\n");
	CHECK_SENT("\r\033[Kbulkhead: last words\r\n\033[0m\r\nnever shown\r\npanic: why\r\nx\r\n");
	lock_release(&console.lock);
	/* Nobody else writes any more, or waits. */
	put(0, "guest\n");
	log_info("log");
	console_irq(NULL);
	console_poll();
	log_drain();
	CHECK_SENT("");
}

/* With a real vPL011 in front of a slow UART: a guest that looks at TXFF loses nothing. */
static struct vpl011 uarts[2];
static bool irq_lines[2];

/* The interrupt line, in the vGIC's place */
void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool level)
{
	(void)vgic;
	(void)cpu;
	irq_lines[intid] = level;
}

static uint64_t access_reg(struct vpl011 *u, unsigned int offset, bool write, uint64_t value)
{
	struct mmio_access access = {.offset = offset, .size = 4, .write = write, .value = value};

	ATF_REQUIRE_EQ(vpl011_access(NULL, u, &access), MMIO_OK);
	return access.value;
}

ATF_TC_WITHOUT_HEAD(vpl011_loses_nothing);
ATF_TC_BODY(vpl011_loses_nothing, tc)
{
	static const char *const names[] = {"one", "two"};
	static char lines[2][1 << 17], read[1 << 17];
	static struct arena arena;
	struct vdev *devices = NULL;
	size_t at[2] = {0};

	arena_init(&arena, rig_memory, sizeof(rig_memory));
	set_up_early();
	console_set_uart(&rig_uart);
	for (int vm = 0; vm < 2; vm++) {
		vpl011_init(&uarts[vm]);
		vdev_attach(&uarts[vm].vdev, &devices, NULL, (uint32_t)vm);
		ATF_REQUIRE_EQ(console_add_vm(&uarts[vm].port, names[vm], &arena), 0);
		for (int i = 0; i < 1500; i++)
			sprintf(lines[vm] + strlen(lines[vm]), "%s prints line %d\n", names[vm], i);
	}
	console_start(&rig_hooks, CONSOLE_COLOURS);
	for (int vm = 0; vm < 2; vm++) {
		console_start_vm(&uarts[vm].port);
		access_reg(&uarts[vm], PL011_IMSC, true, PL011_INT_TX);
	}
	/* The first polls TXFF, the second one fills up at each transmit interrupt. */
	irq_lines[1] = true;
	srand(1);
	while (lines[0][at[0]] != '\0' || lines[1][at[1]] != '\0') {
		uart_room = (unsigned int)rand() % 17;
		if ((uart_irqs & UART_IRQ_TX) != 0)
			console_irq(NULL);
		for (int vm = 0; vm < 2; vm++) {
			int n = rand() % 100;

			while (n-- > 0 && lines[vm][at[vm]] != '\0' && (vm == 0 || irq_lines[1]) &&
			       (access_reg(&uarts[vm], PL011_FR, false, 0) & PL011_FR_TXFF) == 0)
				access_reg(&uarts[vm], PL011_DR, true,
					   (uint8_t)lines[vm][at[vm]++]);
		}
	}
	let_send(16);
	for (int vm = 0; vm < 2; vm++) {
		read[0] = '\0';
		read_lines(names[vm], read);
		ATF_CHECK(strcmp(read, lines[vm]) == 0);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, early_text_is_kept);
	ATF_TP_ADD_TC(tp, too_much_early_text);
	ATF_TP_ADD_TC(tp, long_line_is_cut);
	ATF_TP_ADD_TC(tp, stuck_transmitter);
	ATF_TP_ADD_TC(tp, first_words);
	ATF_TP_ADD_TC(tp, no_memory);
	ATF_TP_ADD_TC(tp, transmit_interrupt);
	ATF_TP_ADD_TC(tp, bounded_work);
	ATF_TP_ADD_TC(tp, log_without_room);
	ATF_TP_ADD_TC(tp, room);
	ATF_TP_ADD_TC(tp, room_is_deferred);
	ATF_TP_ADD_TC(tp, polled);
	ATF_TP_ADD_TC(tp, no_uart);
	ATF_TP_ADD_TC(tp, drain);
	ATF_TP_ADD_TC(tp, drain_in_raw_mode);
	ATF_TP_ADD_TC(tp, drain_of_a_stuck_transmitter);
	ATF_TP_ADD_TC(tp, panic_takes_over);
	ATF_TP_ADD_TC(tp, vpl011_loses_nothing);
	return atf_no_error();
}
