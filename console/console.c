// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console: owns the physical UART. console_mux.c makes what is shown;
 * console_input.c takes what is typed. This file moves the characters, drives
 * the UART's interrupts, and calls devices back.
 *
 * console.lock guards all state here, including the multiplexer, the UART and
 * the readers' side of the ports' rings. It is the innermost lock: devices
 * are called back only after it has been released, by release_and_deliver().
 */
#include "console/console.h"

#include "console/console_state.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"

#define CONSOLE_RING_SIZE 2048u /* of a VM; a power of two */
#define CONSOLE_TX_BUDGET 256u	/* characters sent by one call */
#define CONSOLE_DRAIN_BUDGET 0x100000u
#define CONSOLE_PANIC_POLLS 1000000u

#define CONSOLE_POLL_BUSY_MS 2u /* a UART without interrupt that has output to send */
#define CONSOLE_POLL_IDLE_MS 10u
#define CONSOLE_POLL_HELD_MS 25u     /* what may be the terminal's answer is held back */
#define CONSOLE_POLL_BLOCKED_MS 100u /* the focused VM does not read */

_Static_assert(CONSOLE_RING_SIZE >= 2 * MUX_REDRAW_MAX, "a live line leaves room in the ring");

struct console_state console;

static uint8_t log_ring[CONSOLE_LOG_SIZE];

/* ---- The hypervisor's lines ---- */

static void log_append(const char *text, size_t n)
{
	struct console_port *port = &console.log;

	for (size_t i = 0; i < n; i++)
		port->data[(port->head + i) & (port->size - 1)] = (uint8_t)text[i];
	atomic_store(&port->head, port->head + (uint32_t)n);
}

static void log_line(const char *text, size_t n)
{
	char note[40];
	size_t length = 0, room = console.log.size - console_port_used(&console.log);

	if (console.lost > 0)
		length = format(note, sizeof(note), "(%u lines lost)\n", console.lost);
	if (n + 1 + length > room) {
		console.lost++;
		return;
	}
	console.lost = 0;
	log_append(note, length);
	log_append(text, n);
	log_append("\n", 1);
}

void console_say(const char *fmt, ...)
{
	char line[160];
	va_list args;
	size_t n;

	lock_assert_held(&console.lock);
	va_start(args, fmt);
	n = format_va(line, sizeof(line), fmt, args);
	va_end(args);
	log_line(line, MIN(n, sizeof(line) - 1));
	if (console.mux.raw)
		console_mux_set_raw(&console.mux, true);
}

/* ---- Output ---- */

/*
 * Sends what the UART takes, up to a limit; during boot, all of it. Returns
 * whether there is more.
 */
static bool send(bool polled)
{
	struct console_mux *mux = &console.mux;

	if (console.uart == NULL || atomic_load(&console.panicked))
		return false;
	for (uint32_t n = polled ? CONSOLE_DRAIN_BUDGET : CONSOLE_TX_BUDGET; n > 0; n--) {
		if (mux->out_pos == mux->out_len) {
			if (!console_mux_fill(mux))
				return false;
			continue;
		}
		if (polled)
			uart_put_polled(console.uart, mux->out[mux->out_pos]);
		else if (!uart_try_put(console.uart, mux->out[mux->out_pos]))
			return true;
		mux->out_pos++;
	}
	return true;
}

/* Finds the devices that have waited for room. */
static void note_room(void)
{
	/* Orders the stores of tail before the loads of wants_room: see raise_tx(). */
	dmb(ish);
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm)) {
		struct console_port *port = vm->source.port;

		if (atomic_load_relaxed(&port->wants_room) &&
		    console_port_used(port) <= port->size / 2) {
			atomic_store(&port->wants_room, false);
			vm->room_due = true;
			console.due = true;
		}
	}
}

/* ---- The lock, and what is done after it ---- */

static void set_irqs(void)
{
	unsigned int irqs = 0;

	if (!console.started || !console.uart || console.uart->irq == 0 ||
	    atomic_load(&console.panicked))
		return;
	/*
	 * Some callers hold locks under which no device may be called back: the interrupt's
	 * handler does it then.
	 */
	if (console.more || console.due)
		irqs |= UART_IRQ_TX;
	if (!console_input_is_blocked())
		irqs |= UART_IRQ_RX;
	if (irqs != console.irqs)
		uart_set_irqs(console.uart, irqs);
	console.irqs = irqs;
}

static void release(void)
{
	console.more = send(!console.started);
	note_room();
	set_irqs();
	lock_release(&console.lock);
}

/* Milliseconds until console_poll() has to be called; 0: nothing waits for it. */
static unsigned int poll_wanted(void)
{
	if (!console.started || console.poll_armed)
		return 0;
	if (console.uart->absent)
		return 0;
	if (console.uart->irq == 0)
		console.poll_ms = console.more ? CONSOLE_POLL_BUSY_MS : CONSOLE_POLL_IDLE_MS;
	else if (console.nr_held != 0)
		console.poll_ms = CONSOLE_POLL_HELD_MS;
	else if (console_input_is_blocked())
		console.poll_ms = CONSOLE_POLL_BLOCKED_MS;
	else
		return 0;
	console.poll_armed = true;
	return console.poll_ms;
}

/* Calls back the devices that wait for it. */
static void deliver(void)
{
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm)) {
		if (vm->room_due) {
			vm->room_due = false;
			lock_release(&console.lock);
			lock_assert_none_held();
			vm->source.port->room(vm->source.port);
			lock_acquire(&console.lock);
		}
		console_deliver_input(vm);
	}
}

/* For callers that hold no other lock. */
static void release_and_deliver(void)
{
	bool power_off;
	unsigned int poll_ms;

	console.more = send(!console.started);
	note_room();
	if (console.due) {
		console.due = false;
		deliver();
	}
	set_irqs();
	power_off = console.power_off;
	console.power_off = false;
	poll_ms = poll_wanted();
	lock_release(&console.lock);
	lock_assert_none_held();

	if (poll_ms != 0)
		console.hooks->arm_poll(poll_ms);
	if (power_off)
		console.hooks->power_off();
}

/* See console_port.kick. */
static void kick(struct console_port *port)
{
	struct console_vm *vm = container_of(port->source, struct console_vm, source);

	lock_acquire(&console.lock);
	if (vm->refused || vm->delivering) {
		vm->refused = false;
		vm->retry = true;
		console.due = true;
	}
	release_and_deliver();
}

/* ---- The interface ---- */

void console_set_uart(struct uart *uart)
{
	lock_acquire(&console.lock);
	console.uart = uart;
	release();
}

int console_add_vm(struct console_port *port, const char *name, struct arena *arena)
{
	struct console_vm *vm = arena_alloc(arena, 1, sizeof(*vm));

	port->data = arena_alloc(arena, 1, CONSOLE_RING_SIZE);
	if (vm == NULL || port->data == NULL)
		return -ENOMEM;
	port->size = CONSOLE_RING_SIZE;
	port->kick = kick;
	port->source = &vm->source;
	vm->source.port = port;
	vm->source.name = name;

	lock_acquire(&console.lock);
	console_mux_add(&console.mux, &vm->source);
	release();
	return 0;
}

void console_start(const struct console_hooks *hooks, enum console_style style)
{
	lock_acquire(&console.lock);
	ASSERT(console.uart != NULL);
	console.hooks = hooks;
	console_terminal_start(style);
	console.started = true;
	release_and_deliver();
}

void console_start_vm(struct console_port *port)
{
	struct console_vm *vm = container_of(port->source, struct console_vm, source);

	lock_acquire(&console.lock);
	vm->running = true;
	vm->refused = false;
	if (!console.greeted)
		console_say("console: input goes to %s; Ctrl-T n: next VM, Ctrl-T h: help",
			    console_focus()->source.name);
	console.greeted = true;
	release();
}

void console_stop_vm(struct console_port *port)
{
	struct console_vm *vm = container_of(port->source, struct console_vm, source);

	lock_acquire(&console.lock);
	vm->running = false;
	vm->deaf = false;
	vm->in_tail = vm->in_head;
	vm->source.flush = true;
	if (vm == console_focus())
		console_set_raw(false);
	release();
}

void console_irq(void *context)
{
	(void)context;
	lock_acquire(&console.lock);
	if (!atomic_load(&console.panicked))
		uart_ack(console.uart);
	console_receive();
	release_and_deliver();
}

void console_poll(void)
{
	lock_acquire(&console.lock);
	console.poll_armed = false;
	console_check_blocked();
	console_receive();
	console_terminal_check_held();
	release_and_deliver();
}

/*
 * Shows n characters of text without a newline at the end as a line of the hypervisor; a newline
 * inside begins another one. If there is no room the line is lost; the number of lost lines is said
 * later.
 */
static void log_text(const char *text, size_t n)
{
	lock_acquire(&console.lock);
	log_line(text, n);
	release();
}

/*
 * Sends everything out, unfinished lines too, by polling, and waits until the last bit has left:
 * for power-off and reset. Bounded.
 */
static void drain(void)
{
	lock_acquire(&console.lock);
	console_set_raw(false);
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm))
		vm->source.flush = true;
	send(true);
	if (console.uart != NULL && !atomic_load(&console.panicked))
		uart_flush_polled(console.uart);
	release();
}

/* ---- Panic ---- */

static void panic_put(char c)
{
	if (c == '\n')
		uart_put_polled(console.uart, '\r');
	uart_put_polled(console.uart, c);
}

/* Shows the output that was on its way, and the hypervisor's lines after it. Trusts no number. */
static void panic_show_last(void)
{
	const struct console_mux *mux = &console.mux;
	uint32_t n = MIN(console.log.head - console.hypervisor.shown, CONSOLE_LOG_SIZE);

	for (unsigned int i = mux->out_pos; i < MIN(mux->out_len, MUX_OUT_SIZE); i++)
		uart_put_polled(console.uart, mux->out[i]);
	for (const char *s = mux->colours || mux->disturbed ? "\033[0m\n" : "\n"; *s != '\0'; s++)
		panic_put(*s);
	for (uint32_t i = console.log.head - n; i != console.log.head; i++)
		panic_put((char)log_ring[i % CONSOLE_LOG_SIZE]);
}

/*
 * For reports of failures: takes the UART from everybody, forever, and sends text to it by polling.
 * Takes no lock and waits for nothing without bound; works whatever state the rest is in. The first
 * call also shows what the hypervisor said last. Without a UART the text stays in memory
 * (log_ring).
 */
static void panic_write(const char *text)
{
	if (console.uart == NULL || console.uart->absent) {
		/* for a debugger */
		log_append(text, strlen(text));
		return;
	}
	if (!atomic_load(&console.panicked)) {
		/* A CPU that holds the lock may finish. If it never does, this one goes on. */
		for (unsigned int n = CONSOLE_PANIC_POLLS; n > 0 && lock_is_held(&console.lock);
		     n--)
			cpu_yield();
		atomic_store(&console.panicked, true);
		panic_show_last();
	}
	for (; *text != '\0'; text++)
		panic_put(*text);
}

void console_init_early(void)
{
	static const struct log_sink sink = {
	    .line = log_text,
	    .drain = drain,
	    .emergency = panic_write,
	};

	memset(&console, 0, sizeof(console));
	console.lock = (struct lock)LOCK_INIT(LOCK_CONSOLE, 0);
	console.log.data = log_ring;
	console.log.size = CONSOLE_LOG_SIZE;
	console.log.source = &console.hypervisor;
	console.hypervisor.port = &console.log;
	console.hypervisor.name = "bulkhead";
	console_mux_init(&console.mux, &console.hypervisor);
	log_set_sink(&sink);
}
