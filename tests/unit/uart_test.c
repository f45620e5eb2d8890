// SPDX-License-Identifier: BSD-2-Clause
/*
 * drivers/uart.c, uart_pl011.c and uart_8250.c on models of the devices: what
 * initialization changes and leaves alone, FIFOs, interrupts, quirks.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/mmio.h"
#include "arm64/pl011.h"
#include "drivers/uart.h"

static struct uart uart;
static uint8_t *const base = (uint8_t *)0x1000;

static char out[256];
static size_t out_len;
static uint16_t rx[16]; /* with a PL011's error bits */
static unsigned int rx_head, rx_tail;

static void reset_line(void)
{
	memset(out, 0, sizeof(out));
	out_len = 0;
	rx_head = rx_tail = 0;
}

/* ---- A PL011 ---- */

static struct {
	uint32_t regs[32];
	unsigned int busy;  /* reads of FR until it is idle */
	unsigned int space; /* in the transmit FIFO */
	bool lcr_h_written_while_on;
	uint32_t cleared;
} pl011;

static uint64_t pl011_model_read(uintptr_t addr, unsigned int width)
{
	uintptr_t offset = addr - (uintptr_t)base;
	uint64_t fr = 0;

	ATF_REQUIRE_EQ(width, 4);
	switch (offset) {
	case PL011_DR:
		ATF_REQUIRE(rx_tail != rx_head);
		return rx[rx_tail++];
	case PL011_FR:
		if (pl011.busy > 0) {
			pl011.busy--;
			fr |= PL011_FR_BUSY;
		}
		if (pl011.space == 0)
			fr |= PL011_FR_TXFF;
		if (rx_tail == rx_head)
			fr |= PL011_FR_RXFE;
		return fr;
	default:
		return pl011.regs[offset / 4];
	}
}

static void pl011_model_write(uintptr_t addr, unsigned int width, uint64_t value)
{
	uintptr_t offset = addr - (uintptr_t)base;

	ATF_REQUIRE_EQ(width, 4);
	switch (offset) {
	case PL011_DR:
		ATF_REQUIRE(pl011.space > 0);
		pl011.space--;
		out[out_len++] = (char)value;
		return;
	case PL011_LCR_H:
		if ((pl011.regs[PL011_CR / 4] & PL011_CR_UARTEN) != 0 || pl011.busy > 0)
			pl011.lcr_h_written_while_on = true;
		break;
	case PL011_ICR:
		pl011.cleared |= (uint32_t)value;
		return;
	default:
		ATF_REQUIRE(offset == PL011_CR || offset == PL011_IMSC || offset == PL011_DMACR);
		break;
	}
	pl011.regs[offset / 4] = (uint32_t)value;
}

static const struct fake_mmio_device pl011_model = {pl011_model_read, pl011_model_write};

static void pl011_start(uint32_t cr, uint32_t lcr_h)
{
	static const struct host_uart host = {
	    .type = HOST_UART_PL011, .reg = {0x9000000, 0x1000}, .irq = 33};

	reset_line();
	memset(&pl011, 0, sizeof(pl011));
	pl011.space = 32;
	pl011.busy = 10;
	pl011.regs[PL011_CR / 4] = cr;
	pl011.regs[PL011_LCR_H / 4] = lcr_h;
	pl011.regs[PL011_IMSC / 4] = 0x7ff;
	fake_mmio_set_device(&pl011_model);
	uart_init(&uart, &host, base);
}

ATF_TC_WITHOUT_HEAD(pl011_from_reset);
ATF_TC_BODY(pl011_from_reset, tc)
{
	pl011_start(0x300, 0);
	ATF_CHECK_EQ(pl011.regs[PL011_CR / 4], 0x301);
	ATF_CHECK_EQ(pl011.regs[PL011_LCR_H / 4], PL011_LCR_H_FEN);
	ATF_CHECK_EQ(pl011.regs[PL011_IMSC / 4], 0);
	ATF_CHECK(!pl011.lcr_h_written_while_on);
	ATF_CHECK_EQ(uart.irq, 33);
}

/* Firmware's format, modem signals and so on stay; the UART is off while LCR_H is written. */
ATF_TC_WITHOUT_HEAD(pl011_from_firmware);
ATF_TC_BODY(pl011_from_firmware, tc)
{
	pl011_start(0x0c01, 0x60);
	ATF_CHECK_EQ(pl011.regs[PL011_CR / 4], 0x0f01);
	ATF_CHECK_EQ(pl011.regs[PL011_LCR_H / 4], 0x70);
	ATF_CHECK(!pl011.lcr_h_written_while_on);
	pl011_start(0xc301, 0x70);
	ATF_CHECK_EQ(pl011.regs[PL011_CR / 4], 0xc301);
	ATF_CHECK(!pl011.lcr_h_written_while_on);
}

ATF_TC_WITHOUT_HEAD(pl011_transfers);
ATF_TC_BODY(pl011_transfers, tc)
{
	pl011_start(0x301, 0x70);
	pl011.space = 2;
	ATF_CHECK(uart_try_put(&uart, 'a'));
	ATF_CHECK(uart_try_put(&uart, '\xff'));
	ATF_CHECK(!uart_try_put(&uart, 'c'));
	ATF_CHECK_STREQ(out, "a\xff");

	ATF_CHECK_EQ(uart_try_get(&uart), -1);
	rx[rx_head++] = 'x';
	rx[rx_head++] = (uint16_t)PL011_DR_BE; /* a break */
	rx[rx_head++] = (uint16_t)(PL011_DR_OE | 0xfe);
	rx[rx_head++] = (uint16_t)PL011_DR_BE;
	ATF_CHECK_EQ(uart_try_get(&uart), 'x');
	ATF_CHECK_EQ(uart_try_get(&uart), 0xfe);
	ATF_CHECK_EQ(uart_try_get(&uart), -1);
}

ATF_TC_WITHOUT_HEAD(pl011_interrupts);
ATF_TC_BODY(pl011_interrupts, tc)
{
	pl011_start(0x301, 0x70);
	uart_set_irqs(&uart, UART_IRQ_RX);
	ATF_CHECK_EQ(pl011.regs[PL011_IMSC / 4], PL011_INT_RX | PL011_INT_RT);
	uart_set_irqs(&uart, UART_IRQ_RX | UART_IRQ_TX);
	ATF_CHECK_EQ(pl011.regs[PL011_IMSC / 4], PL011_INT_RX | PL011_INT_RT | PL011_INT_TX);
	uart_set_irqs(&uart, 0);
	ATF_CHECK_EQ(pl011.regs[PL011_IMSC / 4], 0);
	/* The transmit interrupt's raw status must survive: it is not raised again by itself. */
	uart_ack(&uart);
	ATF_CHECK_EQ(pl011.cleared & (PL011_INT_TX | PL011_INT_RX | PL011_INT_RT), 0);
	ATF_CHECK(pl011.cleared != 0);
}

ATF_TC_WITHOUT_HEAD(polled_output);
ATF_TC_BODY(polled_output, tc)
{
	pl011_start(0x301, 0x70);
	ATF_CHECK(uart_put_polled(&uart, 'a'));
	pl011.space = 0;
	ATF_CHECK(!uart_put_polled(&uart, 'b'));
	ATF_CHECK(uart.stuck);
	ATF_CHECK(!uart_put_polled(&uart, 'c'));
	pl011.space = 1;
	ATF_CHECK(uart_put_polled(&uart, 'd'));
	ATF_CHECK(!uart.stuck);
	ATF_CHECK_STREQ(out, "ad");
	pl011.busy = 100;
	uart_flush_polled(&uart);
	ATF_CHECK_EQ(pl011.busy, 0);
	pl011.busy = UINT32_MAX; /* never idle: must return all the same */
	uart_flush_polled(&uart);
}

/* ---- The 8250 family ---- */

static struct {
	unsigned int width, shift;
	bool has_fifos, fifos_on;
	uint8_t ier, iir, lcr, mcr;
	unsigned int pending;	/* characters in the transmitter */
	unsigned int usr_reads; /* DesignWare's */
	unsigned int rbr_reads;
	unsigned int fcr_writes, lcr_writes;
} u8250;

static unsigned int u8250_reg(uintptr_t addr, unsigned int width)
{
	uintptr_t offset = addr - (uintptr_t)base;

	ATF_REQUIRE_EQ(width, u8250.width);
	ATF_REQUIRE_EQ(offset & ((1u << u8250.shift) - 1), 0);
	return (unsigned int)(offset >> u8250.shift);
}

static uint64_t u8250_model_read(uintptr_t addr, unsigned int width)
{
	switch (u8250_reg(addr, width)) {
	case 0:
		u8250.rbr_reads++;
		return rx_tail == rx_head ? 0 : rx[rx_tail++] & 0xff;
	case 1:
		return u8250.ier;
	case 2:
		return u8250.iir | (u8250.fifos_on ? 0xc0 : 0);
	case 3:
		return u8250.lcr;
	case 4:
		return u8250.mcr;
	case 5:
		return (rx_tail != rx_head ? 0x01u : 0) |
		       (rx_tail != rx_head && (rx[rx_tail] & PL011_DR_BE) != 0 ? 0x10u : 0) |
		       (u8250.pending == 0 ? 0x60u : 0);
	case 31:
		u8250.usr_reads++;
		return 0;
	default:
		atf_tc_fail("register %u", u8250_reg(addr, width));
	}
}

static void u8250_model_write(uintptr_t addr, unsigned int width, uint64_t value)
{
	switch (u8250_reg(addr, width)) {
	case 0:
		ATF_REQUIRE((u8250.lcr & 0x80) == 0);
		out[out_len++] = (char)value;
		u8250.pending++;
		ATF_REQUIRE(u8250.pending <= (u8250.fifos_on ? 16 : 1));
		break;
	case 1:
		ATF_REQUIRE((u8250.lcr & 0x80) == 0);
		u8250.ier = (uint8_t)value;
		break;
	case 2:
		u8250.fcr_writes++;
		u8250.fifos_on = u8250.has_fifos && (value & 1) != 0;
		break;
	case 3:
		u8250.lcr_writes++;
		u8250.lcr = (uint8_t)value;
		break;
	case 4:
		u8250.mcr = (uint8_t)value;
		break;
	default:
		atf_tc_fail("register %u", u8250_reg(addr, width));
	}
}

static const struct fake_mmio_device u8250_model = {u8250_model_read, u8250_model_write};

static void u8250_start(unsigned int width, unsigned int shift, bool has_fifos, bool fifos_on,
			uint64_t size)
{
	struct host_uart host = {.type = HOST_UART_8250,
				 .reg = {0x1000, size},
				 .reg_io_width = width,
				 .reg_shift = shift,
				 .irq = 40};

	reset_line();
	memset(&u8250, 0, sizeof(u8250));
	u8250.width = width;
	u8250.shift = shift;
	u8250.has_fifos = has_fifos;
	u8250.fifos_on = fifos_on;
	u8250.lcr = 0x03;
	u8250.mcr = 0x03;
	u8250.ier = 0x0f;
	u8250.iir = 1;
	fake_mmio_set_device(&u8250_model);
	uart_init(&uart, &host, base);
}

ATF_TC_WITHOUT_HEAD(u8250_from_firmware);
ATF_TC_BODY(u8250_from_firmware, tc)
{
	u8250_start(1, 0, true, true, 8);
	ATF_CHECK_EQ(u8250.ier, 0);
	ATF_CHECK_EQ(u8250.mcr, 0x0b);
	ATF_CHECK_EQ(u8250.fcr_writes, 0);
	ATF_CHECK_EQ(u8250.lcr_writes, 0);
	ATF_CHECK_EQ(uart.fifo_size, 16);
	u8250_start(4, 2, true, false, 0x100);
	ATF_CHECK_EQ(u8250.fcr_writes, 1);
	ATF_CHECK_EQ(uart.fifo_size, 16);
	u8250_start(2, 1, false, false, 16);
	ATF_CHECK_EQ(uart.fifo_size, 1);
	/* Left with the divisor in the registers' place. */
	u8250.lcr = 0x83;
	uart.ops->init(&uart);
	ATF_CHECK_EQ(u8250.lcr, 0x03);
}

ATF_TC_WITHOUT_HEAD(u8250_transfers);
ATF_TC_BODY(u8250_transfers, tc)
{
	u8250_start(1, 0, true, true, 8);
	for (unsigned int i = 0; i < 16; i++)
		ATF_CHECK(uart_try_put(&uart, 'x'));
	ATF_CHECK(!uart_try_put(&uart, 'y'));
	u8250.pending = 1;
	ATF_CHECK(!uart_try_put(&uart, 'y'));
	ATF_CHECK(!uart.ops->is_idle(&uart));
	u8250.pending = 0;
	ATF_CHECK(uart.ops->is_idle(&uart));
	ATF_CHECK(uart_try_put(&uart, 'y'));
	ATF_CHECK_STREQ(out, "xxxxxxxxxxxxxxxxy");

	u8250_start(4, 2, false, false, 0x100);
	ATF_CHECK(uart_try_put(&uart, 'x'));
	ATF_CHECK(!uart_try_put(&uart, 'y'));

	ATF_CHECK_EQ(uart_try_get(&uart), -1);
	rx[rx_head++] = (uint16_t)PL011_DR_BE;
	rx[rx_head++] = 0xff;
	ATF_CHECK_EQ(uart_try_get(&uart), 0xff);
	ATF_CHECK_EQ(uart_try_get(&uart), -1);
}

ATF_TC_WITHOUT_HEAD(u8250_interrupts);
ATF_TC_BODY(u8250_interrupts, tc)
{
	u8250_start(4, 2, true, true, 0x100);
	uart_set_irqs(&uart, UART_IRQ_RX | UART_IRQ_TX);
	ATF_CHECK_EQ(u8250.ier, 3);
	uart_set_irqs(&uart, UART_IRQ_TX);
	ATF_CHECK_EQ(u8250.ier, 2);
	uart_set_irqs(&uart, 0);
	ATF_CHECK_EQ(u8250.ier, 0);

	/* DesignWare: busy detect, and a receive timeout without anything received. */
	u8250.iir = 0x7;
	uart_ack(&uart);
	ATF_CHECK_EQ(u8250.usr_reads, 1);
	u8250.iir = 0xc;
	uart_ack(&uart);
	ATF_CHECK_EQ(u8250.rbr_reads, 1);
	/* With something received, nothing is thrown away. */
	rx[rx_head++] = 'a';
	uart_ack(&uart);
	ATF_CHECK_EQ(u8250.rbr_reads, 1);
	ATF_CHECK_EQ(uart_try_get(&uart), 'a');
	/* Where there is no USR, none is read. */
	u8250_start(1, 0, true, true, 8);
	u8250.iir = 0x7;
	uart_ack(&uart);
	ATF_CHECK_EQ(u8250.usr_reads, 0);
}

ATF_TC_WITHOUT_HEAD(none);
ATF_TC_BODY(none, tc)
{
	static const struct host_uart host = {.type = HOST_UART_NONE, .irq = 33};

	fake_mmio_set_device(NULL);
	uart_init(&uart, &host, NULL);
	ATF_CHECK(uart.absent);
	ATF_CHECK_EQ(uart.irq, 0);
	ATF_CHECK(uart_try_put(&uart, 'a'));
	ATF_CHECK(uart_put_polled(&uart, 'a'));
	ATF_CHECK_EQ(uart_try_get(&uart), -1);
	uart_set_irqs(&uart, UART_IRQ_RX | UART_IRQ_TX);
	uart_ack(&uart);
	uart_flush_polled(&uart);
	ATF_CHECK(!uart.stuck);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pl011_from_reset);
	ATF_TP_ADD_TC(tp, pl011_from_firmware);
	ATF_TP_ADD_TC(tp, pl011_transfers);
	ATF_TP_ADD_TC(tp, pl011_interrupts);
	ATF_TP_ADD_TC(tp, polled_output);
	ATF_TP_ADD_TC(tp, u8250_from_firmware);
	ATF_TP_ADD_TC(tp, u8250_transfers);
	ATF_TP_ADD_TC(tp, u8250_interrupts);
	ATF_TP_ADD_TC(tp, none);
	return atf_no_error();
}
