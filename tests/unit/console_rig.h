/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the console stand on: a UART that takes as many
 * characters as the test lets it, VMs' serial ports, and a terminal.
 */
#pragma once

#include <atf-c.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "console/console_state.h"

/* ---- The UART ---- */

static char sent[1 << 20]; /* everything that the UART has sent, terminated */
static size_t sent_len;
static unsigned int uart_room; /* characters that it takes now */
static char typed[4096];
static size_t typed_head, typed_tail;
static unsigned int uart_irqs, uart_acks;

static bool rig_try_put(struct uart *uart, char c)
{
	(void)uart;
	if (uart_room == 0)
		return false;
	if (uart_room != UINT_MAX)
		uart_room--;
	ATF_REQUIRE(sent_len < sizeof(sent) - 1);
	sent[sent_len++] = c;
	sent[sent_len] = '\0';
	return true;
}

static int rig_try_get(struct uart *uart)
{
	(void)uart;
	return typed_tail == typed_head ? -1 : (uint8_t)typed[typed_tail++ % sizeof(typed)];
}

static void rig_set_irqs(struct uart *uart, unsigned int irqs)
{
	(void)uart;
	uart_irqs = irqs;
}

static void rig_ack(struct uart *uart)
{
	(void)uart;
	uart_acks++;
}

static bool rig_is_idle(struct uart *uart)
{
	(void)uart;
	return true;
}

static const struct uart_ops rig_uart_ops = {
    .init = rig_ack,
    .try_put = rig_try_put,
    .try_get = rig_try_get,
    .set_irqs = rig_set_irqs,
    .ack = rig_ack,
    .is_idle = rig_is_idle,
};

static struct uart rig_uart;

/* ---- Core ---- */

static unsigned int polls_armed, power_offs, poll_ms;

static void rig_arm_poll(unsigned int ms)
{
	ATF_REQUIRE(!lock_is_held(&console.lock));
	polls_armed++;
	poll_ms = ms;
}

static void rig_power_off(void)
{
	ATF_REQUIRE(!lock_is_held(&console.lock));
	power_offs++;
}

static const struct console_hooks rig_hooks = {rig_arm_poll, rig_power_off};

/* ---- VMs ---- */

#define RIG_MAX_VMS 4

struct rig_vm {
	struct console_port port;
	char input[4096];
	size_t input_len;
	size_t input_room;
	unsigned int refusals;
	unsigned int rooms; /* calls of room() */
};

static struct rig_vm vms[RIG_MAX_VMS];
static _Alignas(16) uint8_t rig_memory[RIG_MAX_VMS * 4096];

static bool rig_input(struct console_port *port, uint8_t c)
{
	struct rig_vm *vm = container_of(port, struct rig_vm, port);

	ATF_REQUIRE(!lock_is_held(&console.lock));
	if (vm->input_room == 0) {
		vm->refusals++;
		return false;
	}
	vm->input_room--;
	ATF_REQUIRE(vm->input_len < sizeof(vm->input) - 1);
	vm->input[vm->input_len++] = (char)c;
	return true;
}

static void rig_room(struct console_port *port)
{
	ATF_REQUIRE(!lock_is_held(&console.lock));
	container_of(port, struct rig_vm, port)->rooms++;
}

/* Boots with `nr` VMs of these names; the UART is fast. What was sent until now is in `sent`. */
__attribute__((unused)) static void set_up_style(unsigned int nr, const char *const *names,
						 enum console_style style)
{
	static struct arena arena;

	arena_init(&arena, rig_memory, sizeof(rig_memory));
	memset(vms, 0, sizeof(vms));
	rig_uart = (struct uart){.ops = &rig_uart_ops, .irq = 33};
	uart_room = UINT_MAX;
	console_init_early();
	console_set_uart(&rig_uart);
	for (unsigned int i = 0; i < nr; i++) {
		vms[i].port.room = rig_room;
		vms[i].port.input = rig_input;
		vms[i].input_room = sizeof(vms[i].input);
		ATF_REQUIRE_EQ(console_add_vm(&vms[i].port, names[i], &arena), 0);
	}
	sent_len = 0;
	sent[0] = '\0';
	console_start(&rig_hooks, style);
	for (unsigned int i = 0; i < nr; i++)
		console_start_vm(&vms[i].port);
}

/* The same, in colours. Nothing has been sent yet. */
__attribute__((unused)) static void set_up(unsigned int nr, const char *const *names)
{
	set_up_style(nr, names, CONSOLE_COLOURS);
	sent_len = 0;
	sent[0] = '\0';
}

__attribute__((unused)) static void set_up_two(void)
{
	static const char *const names[] = {"a", "bcd"};

	set_up(2, names);
}

/* A VM prints n bytes. Returns how many found room. */
__attribute__((unused)) static size_t put_bytes(unsigned int vm, const char *text, size_t n)
{
	struct console_port *port = &vms[vm].port;
	size_t put = 0;

	for (size_t i = 0; i < n && !console_port_is_full(port); i++, put++) {
		bool kick = console_port_put(port, (uint8_t)text[i]);

		if (console_port_is_full(port))
			port->wants_room = true;
		if (kick)
			port->kick(port);
	}
	return put;
}

__attribute__((unused)) static size_t put(unsigned int vm, const char *text)
{
	return put_bytes(vm, text, strlen(text));
}

/* Lets the UART send, `fifo` characters at an interrupt, until it has nothing left to do. */
__attribute__((unused)) static void let_send(unsigned int fifo)
{
	for (unsigned int n = 0; (uart_irqs & UART_IRQ_TX) != 0; n++) {
		ATF_REQUIRE_MSG(n < 1000000, "the transmit interrupt never stops");
		uart_room = fifo;
		console_irq(NULL);
	}
}

/* Somebody types. */
__attribute__((unused)) static void type_bytes(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		typed[typed_head++ % sizeof(typed)] = text[i];
	for (unsigned int i = 0; i < 1000 && typed_tail != typed_head; i++) {
		if ((uart_irqs & UART_IRQ_RX) == 0)
			break;
		console_irq(NULL);
	}
}

__attribute__((unused)) static void type(const char *text)
{
	type_bytes(text, strlen(text));
}

/* What has been sent since the last call must be `text`. */
#define CHECK_SENT(text)                                                                           \
	do {                                                                                       \
		ATF_CHECK_STREQ((text), sent);                                                     \
		sent_len = 0;                                                                      \
		sent[0] = '\0';                                                                    \
	} while (0)

/* ---- Reading the output as a file: the rule of docs/console.md ---- */

/* Removes "\e[...m". */
__attribute__((unused)) static void strip_colours(char *line)
{
	char *out = line;

	for (const char *in = line; *in != '\0';) {
		if (in[0] == '\033' && in[1] == '[') {
			size_t n = 2 + strspn(in + 2, "0123456789;:");

			if (in[n] == 'm') {
				in += n + 1;
				continue;
			}
		}
		*out++ = *in++;
	}
	*out = '\0';
}

/*
 * Appends to `text` what the VM of this name has printed, as far as its lines
 * are complete: those after its prefix, joined where they are continued.
 */
__attribute__((unused)) static void read_lines(const char *name, char *text)
{
	char *copy = strdup(sent), *line = copy, *end;
	size_t n = strlen(name);

	for (; (end = strstr(line, "\r\n")) != NULL; line = end + 2) {
		char *erased;

		*end = '\0';
		while ((erased = strstr(line, "\r\033[K")) != NULL)
			line = erased + 4;
		strip_colours(line);
		if (strncmp(line, name, n) != 0)
			continue;
		line += n + strspn(line + n, " ");
		if (strncmp(line, "+ ", 2) == 0) {
			ATF_REQUIRE(text[0] != '\0');
			text[strlen(text) - 1] = '\0';
		} else {
			ATF_REQUIRE_MSG(strncmp(line, "| ", 2) == 0, "no prefix: %s", line);
		}
		stpcpy(stpcpy(text + strlen(text), line + 2), "\n");
	}
	free(copy);
}

/* ---- A terminal, wide enough not to wrap ---- */

#define TERM_ROWS 128
#define TERM_COLUMNS 512

static char screen[TERM_ROWS][TERM_COLUMNS + 1];
static unsigned int row, column;

static const char *term_escape(const char *s)
{
	unsigned int n = (unsigned int)strtoul(s, (char **)(uintptr_t)&s, 10);

	n += n == 0;
	switch (*s) {
	case 'C':
		column += n;
		break;
	case 'D':
		ATF_REQUIRE_MSG(n <= column, "moved out of the line");
		column -= n;
		break;
	case 'K':
		memset(screen[row] + column, ' ', TERM_COLUMNS - column);
		break;
	default:
		ATF_REQUIRE_MSG(*s == 'm' || *s == 'n', "not understood: %s", s);
	}
	return s;
}

/* Shows everything sent on an empty screen; row n's text without trailing spaces is screen[n]. */
__attribute__((unused)) static void render(void)
{
	memset(screen, ' ', sizeof(screen));
	row = column = 0;
	for (const char *s = sent; *s != '\0'; s++) {
		if (*s == '\r')
			column = 0;
		else if (*s == '\n')
			row++;
		else if (*s == '\b')
			column--;
		else if (s[0] == '\033' && s[1] == '[')
			s = term_escape(s + 2);
		else
			screen[row][column++] = *s;
		ATF_REQUIRE(row < TERM_ROWS && column < TERM_COLUMNS);
	}
	for (unsigned int r = 0; r < TERM_ROWS; r++) {
		size_t n = TERM_COLUMNS;

		while (n > 0 && screen[r][n - 1] == ' ')
			n--;
		screen[r][n] = '\0';
	}
}
