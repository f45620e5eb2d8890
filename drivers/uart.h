/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical UART: what its drivers have in common. Firmware has set speed
 * and format, and they stay as they are.
 *
 * There is no lock here: console/console.c calls everything under console.lock.
 */
#pragma once

#include "fdt/host.h"
#include "lib/types.h"

struct uart;

#define UART_IRQ_RX 1u /* there is something to read */
#define UART_IRQ_TX 2u /* there is room to write */

struct uart_ops {
	/* Makes it usable by polling, interrupts off: turns on what firmware left off. */
	void (*init)(struct uart *uart);
	/* Writes c if that is possible at once; says whether it did. */
	bool (*try_put)(struct uart *uart, char c);
	/* The next character received, 0 to 255, or -1 if there is none now. */
	int (*try_get)(struct uart *uart);
	/* Exactly these of UART_IRQ_* may interrupt. */
	void (*set_irqs)(struct uart *uart, unsigned int irqs);
	/* Clears what reading and writing do not clear. Called on an interrupt, first. */
	void (*ack)(struct uart *uart);
	/* True when the last bit of what was written has left. */
	bool (*is_idle)(struct uart *uart);
};

struct uart {
	const struct uart_ops *ops;
	uint8_t *base;
	uint64_t size; /* of the registers, bytes */
	uint32_t irq;  /* INTID, 0: has none and must be polled */
	bool absent;   /* there is no UART: all output is dropped */
	bool stuck;    /* did not become ready in time; see uart_put_polled() */

	/* 8250 */
	unsigned int reg_shift;
	unsigned int reg_io_width;
	unsigned int fifo_size; /* characters that fit when the transmitter is empty */
	unsigned int tx_room;	/* that certainly fit now */
};

extern const struct uart_ops uart_pl011_ops;
extern const struct uart_ops uart_8250_ops;

/*
 * Makes `uart` the one that the host's tree describes, its registers mapped
 * at `base`. HOST_UART_NONE gives a UART that drops everything. Never waits
 * long, may be called again (with another base, say).
 */
void uart_init(struct uart *uart, const struct host_uart *host, void *base);

/*
 * Writes c, waiting for room; for when there are no interrupts. The wait is
 * bounded: a transmitter that does not become ready in about a tenth of a
 * second counts as stuck, and loses everything, without waits, until it is
 * seen ready again. Returns whether c was written.
 */
bool uart_put_polled(struct uart *uart, char c);

/* Waits, bounded in the same way, until all that was written has left. */
void uart_flush_polled(struct uart *uart);

static inline bool uart_try_put(struct uart *uart, char c)
{
	return uart->ops->try_put(uart, c);
}

static inline int uart_try_get(struct uart *uart)
{
	return uart->ops->try_get(uart);
}

static inline void uart_set_irqs(struct uart *uart, unsigned int irqs)
{
	uart->ops->set_irqs(uart, irqs);
}

static inline void uart_ack(struct uart *uart)
{
	uart->ops->ack(uart);
}
