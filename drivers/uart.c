// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the UART drivers share: choosing the driver, polled output, and the
 * UART that is not there.
 */
#include "drivers/uart.h"

#include "arm64/barrier.h"

/* Looks at a device register; 100 ns each at the least, so this is 0.1 s or more. */
#define UART_POLLS 1000000u

static void none_nothing(struct uart *uart)
{
	(void)uart;
}

static bool none_try_put(struct uart *uart, char c)
{
	(void)uart;
	(void)c;
	return true;
}

static int none_try_get(struct uart *uart)
{
	(void)uart;
	return -1;
}

static void none_set_irqs(struct uart *uart, unsigned int irqs)
{
	(void)uart;
	(void)irqs;
}

static bool none_is_idle(struct uart *uart)
{
	(void)uart;
	return true;
}

static const struct uart_ops uart_none_ops = {
    .init = none_nothing,
    .try_put = none_try_put,
    .try_get = none_try_get,
    .set_irqs = none_set_irqs,
    .ack = none_nothing,
    .is_idle = none_is_idle,
};

void uart_init(struct uart *uart, const struct host_uart *host, void *base)
{
	*uart = (struct uart){
	    .ops = &uart_none_ops,
	    .base = base,
	    .size = host->reg.size,
	    .absent = host->type == HOST_UART_NONE,
	    .reg_shift = host->reg_shift,
	    .reg_io_width = host->reg_io_width,
	};
	if (host->type == HOST_UART_PL011)
		uart->ops = &uart_pl011_ops;
	else if (host->type == HOST_UART_8250)
		uart->ops = &uart_8250_ops;
	if (host->type != HOST_UART_NONE)
		uart->irq = host->irq;
	uart->ops->init(uart);
}

bool uart_put_polled(struct uart *uart, char c)
{
	for (unsigned int polls = uart->stuck ? 1 : UART_POLLS; polls > 0; polls--) {
		if (uart_try_put(uart, c)) {
			uart->stuck = false;
			return true;
		}
		cpu_yield();
	}
	uart->stuck = true;
	return false;
}

void uart_flush_polled(struct uart *uart)
{
	for (unsigned int polls = uart->stuck ? 1 : UART_POLLS; polls > 0; polls--) {
		if (uart->ops->is_idle(uart))
			return;
		cpu_yield();
	}
}
