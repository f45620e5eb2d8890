// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vpl011.c: registers, flags and interrupts of the emulated PL011, with
 * the test in the console's place: it empties the ring and types.
 */
#include <atf-c.h>
#include <string.h>

#include "console/console.h"
#include "lib/bits.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "vdev/vpl011.h"

#define RING_SIZE 64u

#define INTID 40u

static struct vpl011 uart;
static struct vgic the_vgic;
static uint8_t ring[RING_SIZE];
static unsigned int kicks;
static bool line;	     /* the interrupt line */
static unsigned int changes; /* of it */
static bool on_console;

static void kick(struct console_port *port)
{
	ATF_REQUIRE_EQ(port, &uart.port);
	ATF_REQUIRE(!lock_is_held(&uart.lock));
	kicks++;
}

/* The interrupt line, in the vGIC's place */
void vgic_set_line(struct vgic *vgic, unsigned int cpu, uint32_t intid, bool level)
{
	ATF_REQUIRE_EQ(vgic, &the_vgic);
	ATF_REQUIRE_EQ(cpu, 0);
	ATF_REQUIRE_EQ(intid, INTID);
	ATF_REQUIRE(level != line);
	line = level;
	changes++;
}

/* The VM's life, in the console's place */
void console_start_vm(struct console_port *port)
{
	ATF_REQUIRE_EQ(port, &uart.port);
	on_console = true;
}

void console_stop_vm(struct console_port *port)
{
	ATF_REQUIRE_EQ(port, &uart.port);
	ATF_REQUIRE(!lock_is_held(&uart.lock));
	on_console = false;
}

static void set_up(void)
{
	line = false;
	changes = kicks = 0;
	struct vdev *devices = NULL;

	vpl011_init(&uart);
	vdev_attach(&uart.vdev, &devices, &the_vgic, INTID);
	uart.port.data = ring;
	uart.port.size = RING_SIZE;
	uart.port.kick = kick;
}

static uint64_t read_size(unsigned int offset, uint8_t size)
{
	struct mmio_access access = {.offset = offset, .size = size, .value = ~UINT64_C(0)};

	ATF_REQUIRE_EQ(vpl011_access(NULL, &uart, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&uart.lock));
	return access.value;
}

static uint64_t get(unsigned int offset)
{
	return read_size(offset, 4);
}

static void write_size(unsigned int offset, uint64_t value, uint8_t size)
{
	struct mmio_access access = {.offset = offset, .size = size, .value = value, .write = true};

	ATF_REQUIRE_EQ(vpl011_access(NULL, &uart, &access), MMIO_OK);
	ATF_REQUIRE(!lock_is_held(&uart.lock));
}

static void set(unsigned int offset, uint64_t value)
{
	write_size(offset, value, 4);
}

/* Somebody types. Returns how many characters were taken. */
static size_t type(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0' && uart.port.input(&uart.port, (uint8_t)text[n]))
		n++;
	return n;
}

/* The console takes n characters from the ring, and says so as it would. */
static void drain(uint32_t n)
{
	uart.port.tail += n;
	if (uart.port.wants_room && console_port_used(&uart.port) <= RING_SIZE / 2) {
		uart.port.wants_room = false;
		uart.port.room(&uart.port);
	}
}

static void fill(void)
{
	while (!console_port_is_full(&uart.port))
		set(PL011_DR, 'x');
}

#define IDLE (PL011_FR_CTS | PL011_FR_DSR | PL011_FR_DCD)

ATF_TC_WITHOUT_HEAD(reset_values);
ATF_TC_BODY(reset_values, tc)
{
	static const uint8_t id[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

	set_up();
	ATF_CHECK_EQ(get(PL011_DR), 0);
	ATF_CHECK_EQ(get(PL011_RSR), 0);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFE);
	ATF_CHECK_EQ(get(PL011_LCR_H), 0);
	ATF_CHECK_EQ(get(PL011_CR), 0x300);
	ATF_CHECK_EQ(get(PL011_IFLS), 0x12);
	ATF_CHECK_EQ(get(PL011_IMSC), 0);
	ATF_CHECK_EQ(get(PL011_RIS), 0);
	ATF_CHECK_EQ(get(PL011_MIS), 0);
	ATF_CHECK_EQ(get(PL011_ICR), 0);
	for (unsigned int i = 0; i < 8; i++)
		ATF_CHECK_EQ(get(PL011_ID + 4 * i), id[i]);
}

ATF_TC_WITHOUT_HEAD(registers_keep_their_bits);
ATF_TC_BODY(registers_keep_their_bits, tc)
{
	/* clang-format off */
	static const struct {
		unsigned int offset;
		uint32_t mask;
	} regs[] = {
		{PL011_ILPR,  0xff},
		{PL011_IBRD,  0xffff},
		{PL011_FBRD,  0x3f},
		{PL011_LCR_H, 0xff},
		{PL011_CR,    0xff87},
		{PL011_IFLS,  0x3f},
		{PL011_IMSC,  0x7ff},
		{PL011_DMACR, 7},
		{PL011_RSR,   0},
		{0x008,       0},
		{0x01c,       0},
		{PL011_RIS,   0},
		{PL011_MIS,   0},
		{PL011_ICR,   0},
		{0x04c,       0},
		{0x080,       0},
		{0xfdc,       0},
		{0x1000,      0},
	};
	/* clang-format on */

	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		set(regs[i].offset, 0xffffffff);
		ATF_CHECK_EQ_MSG(get(regs[i].offset), regs[i].mask, "%#x", regs[i].offset);
		ATF_CHECK_EQ(read_size(regs[i].offset, 2), regs[i].mask & 0xffff);
		ATF_CHECK_EQ(read_size(regs[i].offset, 1), regs[i].mask & 0xff);
		ATF_CHECK_EQ(read_size(regs[i].offset + 1, 1), regs[i].mask >> 8);
		ATF_CHECK_EQ(read_size(regs[i].offset + 2, 2), 0);
		/* Bytes further up are not there to be written. */
		write_size(regs[i].offset + 1, 0, 1);
		ATF_CHECK_EQ(get(regs[i].offset), regs[i].mask);
		set(regs[i].offset, 0);
		ATF_CHECK_EQ(get(regs[i].offset), 0);
	}
	ATF_CHECK_EQ(uart.port.head, 0);
	set(PL011_ID, 0xff);
	ATF_CHECK_EQ(get(PL011_ID), 0x11);
}

ATF_TC_WITHOUT_HEAD(wrong_accesses);
ATF_TC_BODY(wrong_accesses, tc)
{
	static const struct mmio_access wrong[] = {
	    {.offset = PL011_DR, .size = 8},
	    {.offset = PL011_FR, .size = 8},
	    {.offset = PL011_DR + 1, .size = 4},
	    {.offset = PL011_FR + 3, .size = 2},
	    {.offset = PL011_DR, .size = 8, .write = true},
	};

	set_up();
	type("a");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct mmio_access access = wrong[i];

		ATF_CHECK_EQ(vpl011_access(NULL, &uart, &access), MMIO_FAULT);
	}
	ATF_CHECK_EQ(uart.port.head, 0);
	ATF_CHECK_EQ(get(PL011_DR), 'a');
}

/* As the simplest guest does: no set-up, bytes or words. */
ATF_TC_WITHOUT_HEAD(bare_metal_output);
ATF_TC_BODY(bare_metal_output, tc)
{
	set_up();
	for (const char *s = "hello\n"; *s != '\0'; s++) {
		ATF_REQUIRE((read_size(PL011_FR, 1) & PL011_FR_TXFF) == 0);
		write_size(PL011_DR, (uint8_t)*s, *s == 'l' ? 1 : 4);
	}
	ATF_CHECK_EQ(uart.port.head, 6);
	ATF_CHECK_EQ(memcmp(ring, "hello\n", 6), 0);
	/* The console is called when it has something to show: the line's end. */
	ATF_CHECK_EQ(kicks, 1);
	uart.port.live = true;
	set(PL011_DR, 'x');
	ATF_CHECK_EQ(kicks, 2);
	/* Sent already, as far as the guest can see, though the ring is not empty. */
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFE);
	ATF_CHECK_EQ(changes, 0);
}

ATF_TC_WITHOUT_HEAD(flow_control);
ATF_TC_BODY(flow_control, tc)
{
	set_up();
	fill();
	ATF_CHECK_EQ(kicks, 1);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFF | PL011_FR_BUSY);
	/* Written all the same: lost, as in hardware, and nothing else. */
	set(PL011_DR, 'y');
	ATF_CHECK_EQ(uart.port.head, RING_SIZE);
	ATF_CHECK_EQ(ring[0], 'x');
	/* One place free is enough for the flag. */
	drain(1);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFE);
}

ATF_TC_WITHOUT_HEAD(transmit_interrupt);
ATF_TC_BODY(transmit_interrupt, tc)
{
	set_up();
	/* Not by being enabled: the level has not been passed yet. */
	set(PL011_IMSC, PL011_INT_TX);
	ATF_CHECK(!line);
	set(PL011_DR, 'a');
	ATF_CHECK(line);
	ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_TX);
	ATF_CHECK_EQ(get(PL011_MIS), PL011_INT_TX);
	set(PL011_IMSC, 0);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_TX);
	ATF_CHECK_EQ(get(PL011_MIS), 0);
	set(PL011_IMSC, PL011_INT_TX);
	ATF_CHECK(line);
	set(PL011_ICR, PL011_INT_ALL & ~PL011_INT_TX);
	ATF_CHECK(line);
	set(PL011_ICR, PL011_INT_TX);
	ATF_CHECK(!line);
	set(PL011_DR, 'b');
	ATF_CHECK(line);

	/* Low while the ring is full, high when half of it is free again. */
	fill();
	ATF_CHECK(!line);
	drain(RING_SIZE / 2 - 1);
	ATF_CHECK(!line);
	drain(1);
	ATF_CHECK(line);
	ATF_CHECK(!uart.port.wants_room);
}

/* The console calls room(), but by then the ring is full again: it must call once more. */
ATF_TC_WITHOUT_HEAD(room_is_gone_again);
ATF_TC_BODY(room_is_gone_again, tc)
{
	set_up();
	set(PL011_IMSC, PL011_INT_TX);
	fill();
	uart.port.wants_room = false;
	uart.port.room(&uart.port);
	ATF_CHECK(!line);
	ATF_CHECK(uart.port.wants_room);
	drain(RING_SIZE);
	ATF_CHECK(line);
}

ATF_TC_WITHOUT_HEAD(receive_without_fifo);
ATF_TC_BODY(receive_without_fifo, tc)
{
	set_up();
	set(PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
	ATF_CHECK_EQ(type("ab"), 1);
	ATF_CHECK(line);
	ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RX);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFF | PL011_FR_TXFE);
	/* It cannot be cleared away: the character is still there. */
	set(PL011_ICR, PL011_INT_ALL);
	ATF_CHECK(line);
	ATF_CHECK_EQ(kicks, 0);
	ATF_CHECK_EQ(get(PL011_DR), 'a');
	ATF_CHECK(!line);
	/* The console was refused 'b' and is told that there is room. Once. */
	ATF_CHECK_EQ(kicks, 1);
	ATF_CHECK_EQ(get(PL011_DR), 0);
	ATF_CHECK_EQ(kicks, 1);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFE);
}

ATF_TC_WITHOUT_HEAD(receive_with_fifo);
ATF_TC_BODY(receive_with_fifo, tc)
{
	static const unsigned int triggers[] = {4, 8, 16, 24, 28};

	for (unsigned int i = 0; i < ARRAY_SIZE(triggers); i++) {
		set_up();
		set(PL011_LCR_H, PL011_LCR_H_FEN);
		set(PL011_IFLS, FIELD_PREP(PL011_IFLS_RX, i));
		set(PL011_IMSC, PL011_INT_RX);
		for (unsigned int n = 1; n < triggers[i]; n++) {
			ATF_CHECK_EQ(type("x"), 1);
			ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RT);
		}
		ATF_CHECK(!line);
		ATF_CHECK_EQ(type("x"), 1);
		ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RX | PL011_INT_RT);
		ATF_CHECK(line);
		get(PL011_DR);
		ATF_CHECK(!line);
		ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RT);
	}
}

ATF_TC_WITHOUT_HEAD(receive_order);
ATF_TC_BODY(receive_order, tc)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	set_up();
	set(PL011_LCR_H, PL011_LCR_H_FEN);
	set(PL011_IMSC, PL011_INT_RT);
	/* From every position in the FIFO. */
	for (int round = 0; round < 40; round++) {
		ATF_CHECK_EQ(type("x"), 1);
		ATF_CHECK(line);
		ATF_CHECK_EQ(get(PL011_DR), 'x');
		ATF_CHECK(!line);
		ATF_CHECK_EQ(type(text), 32);
		ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFF | PL011_FR_TXFE);
		for (unsigned int i = 0; i < 32; i++)
			ATF_CHECK_EQ(get(PL011_DR), (uint8_t)text[i]);
		ATF_CHECK(!line);
	}
}

/* Turning the FIFOs off and on loses nothing. */
ATF_TC_WITHOUT_HEAD(fifo_switched);
ATF_TC_BODY(fifo_switched, tc)
{
	set_up();
	ATF_CHECK_EQ(type("ab"), 1);
	set(PL011_LCR_H, PL011_LCR_H_FEN);
	ATF_CHECK_EQ(kicks, 1);
	ATF_CHECK_EQ(type("bcd"), 3);
	set(PL011_LCR_H, 0);
	ATF_CHECK_EQ(type("e"), 0);
	ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RX);
	for (const char *s = "abcd"; *s != '\0'; s++)
		ATF_CHECK_EQ(get(PL011_DR), (uint8_t)*s);
	ATF_CHECK_EQ(get(PL011_RIS), 0);
	ATF_CHECK_EQ(kicks, 2);
}

ATF_TC_WITHOUT_HEAD(loopback);
ATF_TC_BODY(loopback, tc)
{
	set_up();
	set(PL011_CR, PL011_CR_LBE | PL011_CR_RTS | PL011_CR_OUT2);
	ATF_CHECK_EQ(get(PL011_FR), PL011_FR_CTS | PL011_FR_RI | PL011_FR_RXFE | PL011_FR_TXFE);
	ATF_CHECK_EQ(read_size(PL011_FR, 1), PL011_FR_CTS | PL011_FR_RXFE | PL011_FR_TXFE);
	set(PL011_CR, PL011_CR_LBE | PL011_CR_DTR | PL011_CR_OUT1);
	ATF_CHECK_EQ(get(PL011_FR), PL011_FR_DSR | PL011_FR_DCD | PL011_FR_RXFE | PL011_FR_TXFE);
	set(PL011_DR, 'a');
	ATF_CHECK_EQ(uart.port.head, 0);
	ATF_CHECK_EQ(get(PL011_RIS), PL011_INT_RX | PL011_INT_TX);
	ATF_CHECK_EQ(type("b"), 0);
	ATF_CHECK_EQ(get(PL011_DR), 'a');
	/* The line is cut off, so there is no use in asking for 'b' yet. */
	ATF_CHECK_EQ(kicks, 0);
	set(PL011_CR, 0x300);
	ATF_CHECK_EQ(kicks, 1);
	ATF_CHECK_EQ(type("b"), 1);
}

ATF_TC_WITHOUT_HEAD(reset);
ATF_TC_BODY(reset, tc)
{
	set_up();
	set(PL011_LCR_H, PL011_LCR_H_FEN);
	set(PL011_IMSC, PL011_INT_ALL);
	set(PL011_DR, 'a');
	type("xyz");
	ATF_CHECK(line);
	vdev_start_all(&uart.vdev);
	ATF_CHECK(on_console);
	vdev_reset_all(&uart.vdev);
	ATF_CHECK(!on_console);
	ATF_CHECK(!line);
	ATF_CHECK_EQ(get(PL011_CR), 0x300);
	ATF_CHECK_EQ(get(PL011_IFLS), 0x12);
	ATF_CHECK_EQ(get(PL011_LCR_H), 0);
	ATF_CHECK_EQ(get(PL011_IMSC), 0);
	ATF_CHECK_EQ(get(PL011_RIS), 0);
	ATF_CHECK_EQ(get(PL011_FR), IDLE | PL011_FR_RXFE | PL011_FR_TXFE);
	/* What was printed is still going to be shown. */
	ATF_CHECK_EQ(console_port_used(&uart.port), 1);
	ATF_CHECK_EQ(ring[0], 'a');
}

/* What Linux' driver does: start-up with stale input, console output, interrupt-driven output. */
ATF_TC_WITHOUT_HEAD(linux_driver);
ATF_TC_BODY(linux_driver, tc)
{
	unsigned int written = 0;

	set_up();
	type("typed before anybody listened");
	set(PL011_ICR, 0x7d0);
	write_size(PL011_IFLS, 0x12, 2);
	write_size(PL011_LCR_H, 0x70, 2);
	write_size(PL011_CR, 0x301, 2);
	for (int i = 0; i < 64 && (get(PL011_FR) & PL011_FR_RXFE) == 0; i++)
		get(PL011_DR);
	ATF_CHECK((get(PL011_FR) & PL011_FR_RXFE) != 0);
	set(PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
	ATF_CHECK(!line);

	/* A prompt without a newline has been sent when the driver waits for that. */
	set(PL011_DR, '#');
	ATF_CHECK((get(PL011_FR) & (PL011_FR_BUSY | PL011_FR_TXFF)) == 0);

	/* Fills the FIFO, turns the interrupt on, goes on from there. */
	for (int burst = 0; burst < 10; burst++) {
		while ((get(PL011_FR) & PL011_FR_TXFF) == 0) {
			set(PL011_DR, 'x');
			written++;
		}
		set(PL011_IMSC, PL011_INT_RX | PL011_INT_RT | PL011_INT_TX);
		ATF_CHECK(!line);
		drain(console_port_used(&uart.port));
		ATF_CHECK(line);
		ATF_CHECK_EQ(get(PL011_MIS), PL011_INT_TX);
	}
	ATF_CHECK_EQ(written, 10 * RING_SIZE - 1);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, reset_values);
	ATF_TP_ADD_TC(tp, registers_keep_their_bits);
	ATF_TP_ADD_TC(tp, wrong_accesses);
	ATF_TP_ADD_TC(tp, bare_metal_output);
	ATF_TP_ADD_TC(tp, flow_control);
	ATF_TP_ADD_TC(tp, transmit_interrupt);
	ATF_TP_ADD_TC(tp, room_is_gone_again);
	ATF_TP_ADD_TC(tp, receive_without_fifo);
	ATF_TP_ADD_TC(tp, receive_with_fifo);
	ATF_TP_ADD_TC(tp, receive_order);
	ATF_TP_ADD_TC(tp, fifo_switched);
	ATF_TP_ADD_TC(tp, loopback);
	ATF_TP_ADD_TC(tp, reset);
	ATF_TP_ADD_TC(tp, linux_driver);
	return atf_no_error();
}
