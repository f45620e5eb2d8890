// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the 8250 family: 16450, 16550A and the Synopsys DesignWare APB
 * UART, which differ in the distance and width of their registers (reg-shift,
 * reg-io-width) and in FIFOs. Follows the PC16550D data sheet and the DW_apb_uart data book.
 */
#include "arm64/mmio.h"
#include "drivers/uart.h"
#include "lib/bits.h"

#define U8250_RBR 0  /* RO  receive buffer */
#define U8250_THR 0  /* WO  transmit holding */
#define U8250_IER 1  /* RW  interrupt enable */
#define U8250_IIR 2  /* RO  interrupt identification */
#define U8250_FCR 2  /* WO  FIFO control */
#define U8250_LCR 3  /* RW  line control */
#define U8250_MCR 4  /* RW  modem control */
#define U8250_LSR 5  /* RO  line status */
#define U8250_USR 31 /* RO  DesignWare only: UART status */

#define U8250_IER_RX BIT(0)
#define U8250_IER_TX BIT(1)

#define U8250_IIR_ID GENMASK(3, 0)
#define U8250_IIR_BUSY 0x7 /* DesignWare only: LCR was written while busy */
#define U8250_IIR_TIMEOUT 0xc
#define U8250_IIR_FIFOS GENMASK(7, 6) /* both set: FIFOs are there and on */

#define U8250_FCR_ENABLE BIT(0)
#define U8250_LCR_DLAB BIT(7) /* registers 0 and 1 are the divisor */
#define U8250_MCR_OUT2 BIT(3) /* gates the interrupt on PC-like boards */

#define U8250_LSR_DR BIT(0)   /* data ready */
#define U8250_LSR_BI BIT(4)   /* break */
#define U8250_LSR_THRE BIT(5) /* transmit FIFO empty */
#define U8250_LSR_TEMT BIT(6) /* and the shift register, too */

#define U8250_FIFO_SIZE 16u /* of a 16550A; others have more */

static uint32_t u8250_read(const struct uart *uart, unsigned int reg)
{
	const uint8_t *addr = uart->base + ((size_t)reg << uart->reg_shift);

	switch (uart->reg_io_width) {
	case 4:
		return mmio_read32(addr);
	case 2:
		return mmio_read16(addr);
	default:
		return mmio_read8(addr);
	}
}

static void u8250_write(struct uart *uart, unsigned int reg, uint64_t value)
{
	uint8_t *addr = uart->base + ((size_t)reg << uart->reg_shift);

	switch (uart->reg_io_width) {
	case 4:
		mmio_write32(addr, (uint32_t)value);
		break;
	case 2:
		mmio_write16(addr, (uint16_t)value);
		break;
	default:
		mmio_write8(addr, (uint8_t)value);
		break;
	}
}

static bool u8250_fifos_are_on(const struct uart *uart)
{
	return (u8250_read(uart, U8250_IIR) & U8250_IIR_FIFOS) == U8250_IIR_FIFOS;
}

static void u8250_init(struct uart *uart)
{
	uint32_t lcr = u8250_read(uart, U8250_LCR);

	/* Only if needed: a DesignWare UART takes a write while it sends as an error. */
	if ((lcr & U8250_LCR_DLAB) != 0)
		u8250_write(uart, U8250_LCR, lcr & ~U8250_LCR_DLAB);
	u8250_write(uart, U8250_IER, 0);
	/* Turning the FIFOs on empties them, so not where firmware has done it. */
	if (!u8250_fifos_are_on(uart))
		u8250_write(uart, U8250_FCR, U8250_FCR_ENABLE);
	uart->fifo_size = u8250_fifos_are_on(uart) ? U8250_FIFO_SIZE : 1;
	u8250_write(uart, U8250_MCR, u8250_read(uart, U8250_MCR) | U8250_MCR_OUT2);
}

/* LSR tells empty from not empty only, so the characters that fit are counted. */
static bool u8250_try_put(struct uart *uart, char c)
{
	if (uart->tx_room == 0) {
		if ((u8250_read(uart, U8250_LSR) & U8250_LSR_THRE) == 0)
			return false;
		uart->tx_room = uart->fifo_size;
	}
	uart->tx_room--;
	u8250_write(uart, U8250_THR, (uint8_t)c);
	return true;
}

static int u8250_try_get(struct uart *uart)
{
	uint32_t lsr, c;

	/* A break is received as one NUL: nobody typed it. */
	do {
		lsr = u8250_read(uart, U8250_LSR);
		if ((lsr & U8250_LSR_DR) == 0)
			return -1;
		c = u8250_read(uart, U8250_RBR);
	} while ((lsr & U8250_LSR_BI) != 0);
	return (int)(c & 0xff);
}

static void u8250_set_irqs(struct uart *uart, unsigned int irqs)
{
	uint64_t ier = 0;

	if ((irqs & UART_IRQ_RX) != 0)
		ier |= U8250_IER_RX;
	if ((irqs & UART_IRQ_TX) != 0)
		ier |= U8250_IER_TX;
	u8250_write(uart, U8250_IER, ier);
}

/*
 * Reading IIR acknowledges the transmit interrupt. DesignWare UARTs have two
 * more to quiet: busy detect, by reading USR, and a receive timeout that can
 * come with nothing to receive and goes away when RBR is read all the same.
 */
static void u8250_ack(struct uart *uart)
{
	uint32_t id = u8250_read(uart, U8250_IIR) & U8250_IIR_ID;

	if (id == U8250_IIR_BUSY && ((uint64_t)U8250_USR << uart->reg_shift) < uart->size)
		(void)u8250_read(uart, U8250_USR);
	else if (id == U8250_IIR_TIMEOUT && (u8250_read(uart, U8250_LSR) & U8250_LSR_DR) == 0)
		(void)u8250_read(uart, U8250_RBR);
}

static bool u8250_is_idle(struct uart *uart)
{
	return (u8250_read(uart, U8250_LSR) & U8250_LSR_TEMT) != 0;
}

const struct uart_ops uart_8250_ops = {
    .init = u8250_init,
    .try_put = u8250_try_put,
    .try_get = u8250_try_get,
    .set_irqs = u8250_set_irqs,
    .ack = u8250_ack,
    .is_idle = u8250_is_idle,
};
