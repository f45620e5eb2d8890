// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the PrimeCell UART PL011 (DDI 0183).
 *
 * The transmit interrupt says that the FIFO has drained through its trigger
 * level (2.8.2). Its raw status stays set while the FIFO is below the level
 * unless it is cleared, so it never is: enabling the interrupt then works
 * like asking for a level, if something was written before.
 */
#include "arm64/barrier.h"
#include "arm64/mmio.h"
#include "arm64/pl011.h"
#include "drivers/uart.h"

/* Polls of FR.BUSY before the FIFOs are turned on: 32 characters at 9600 baud, generously. */
#define PL011_DRAIN_POLLS 1000000u

static uint32_t pl011_read(const struct uart *uart, unsigned int reg)
{
	return mmio_read32(uart->base + reg);
}

static void pl011_write(struct uart *uart, unsigned int reg, uint64_t value)
{
	mmio_write32(uart->base + reg, (uint32_t)value);
}

static bool pl011_is_idle(struct uart *uart)
{
	return (pl011_read(uart, PL011_FR) & PL011_FR_BUSY) == 0;
}

/* LCR_H may change only while the UART is disabled and has sent everything (3.3.7, 3.3.8). */
static void pl011_enable_fifos(struct uart *uart, uint32_t lcr_h)
{
	for (unsigned int polls = PL011_DRAIN_POLLS; polls > 0 && !pl011_is_idle(uart); polls--)
		cpu_yield();
	pl011_write(uart, PL011_CR, pl011_read(uart, PL011_CR) & ~PL011_CR_UARTEN);
	pl011_write(uart, PL011_LCR_H, lcr_h | PL011_LCR_H_FEN);
}

static void pl011_init(struct uart *uart)
{
	uint32_t lcr_h = pl011_read(uart, PL011_LCR_H);

	pl011_write(uart, PL011_IMSC, 0);
	pl011_write(uart, PL011_DMACR, 0);
	if ((lcr_h & PL011_LCR_H_FEN) == 0)
		pl011_enable_fifos(uart, lcr_h);
	pl011_write(uart, PL011_CR,
		    pl011_read(uart, PL011_CR) | PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

static bool pl011_try_put(struct uart *uart, char c)
{
	if ((pl011_read(uart, PL011_FR) & PL011_FR_TXFF) != 0)
		return false;
	pl011_write(uart, PL011_DR, (uint8_t)c);
	return true;
}

static int pl011_try_get(struct uart *uart)
{
	uint32_t dr;

	/* A break is received as one NUL (3.3.1): nobody typed it. */
	do {
		if ((pl011_read(uart, PL011_FR) & PL011_FR_RXFE) != 0)
			return -1;
		dr = pl011_read(uart, PL011_DR);
	} while ((dr & PL011_DR_BE) != 0);
	return (int)(dr & PL011_DR_DATA);
}

static void pl011_set_irqs(struct uart *uart, unsigned int irqs)
{
	uint64_t imsc = 0;

	if ((irqs & UART_IRQ_RX) != 0)
		imsc |= PL011_INT_RX | PL011_INT_RT;
	if ((irqs & UART_IRQ_TX) != 0)
		imsc |= PL011_INT_TX;
	pl011_write(uart, PL011_IMSC, imsc);
}

static void pl011_ack(struct uart *uart)
{
	pl011_write(uart, PL011_ICR, PL011_INT_ALL & ~(PL011_INT_RX | PL011_INT_RT | PL011_INT_TX));
}

const struct uart_ops uart_pl011_ops = {
    .init = pl011_init,
    .try_put = pl011_try_put,
    .try_get = pl011_try_get,
    .set_irqs = pl011_set_irqs,
    .ack = pl011_ack,
    .is_idle = pl011_is_idle,
};
