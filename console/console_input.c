// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console's input: what is typed goes to the VM that has the focus, but
 * for the escape key and the key after it. console.lock guards all state.
 *
 * Characters are taken from the UART one by one and wait in the VM's
 * type-ahead buffer until its UART takes them. When the buffer is full they
 * stay in the physical UART, so that its own flow control works; unless the
 * VM does not read at all.
 */
#include "console/console_state.h"

#define CONSOLE_ESCAPE 0x14   /* Ctrl-T: see docs/console.md for why */
#define CONSOLE_RX_BUDGET 64u /* characters received by one call */
#define CONSOLE_DEAF_MS 2000u /* so long without reading that input is dropped */

/* Calls of port->input() in a row: a guest that reads at once must not hold this CPU forever. */
#define CONSOLE_DELIVER_BUDGET (2 * CONSOLE_INPUT_SIZE)

static bool is_full(const struct console_vm *vm)
{
	return vm->in_head - vm->in_tail >= CONSOLE_INPUT_SIZE;
}

bool console_input_is_blocked(void)
{
	struct console_vm *vm = console_focus();

	lock_assert_held(&console.lock);
	return vm != NULL && vm->running && !vm->deaf && is_full(vm);
}

static void queue_input(uint8_t c)
{
	struct console_vm *vm = console_focus();

	if (vm == NULL || !vm->running || is_full(vm))
		return;
	vm->in[vm->in_head++ % CONSOLE_INPUT_SIZE] = c;
	if (!vm->refused)
		console.due = true;
}

/* ---- The escape key ---- */

void console_set_raw(bool raw)
{
	lock_assert_held(&console.lock);
	if (raw == console.mux.raw)
		return;
	console_mux_set_raw(&console.mux, raw);
	if (raw)
		console_say("console: raw mode for %s; Ctrl-T r: leave it",
			    console.mux.focus->name);
	else
		console_say("console: raw mode left");
}

static void set_focus(struct console_vm *vm)
{
	console_set_raw(false);
	console_mux_focus(&console.mux, &vm->source);
	console.blocked_ms = 0;
	console_say("console: input goes to %s%s", vm->source.name,
		    vm->running ? "" : ", which is stopped");
}

static void focus_number(unsigned int number)
{
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm)) {
		if (vm->source.number == number) {
			set_focus(vm);
			return;
		}
	}
	console_say("console: there is no VM %u; Ctrl-T l: list", number);
}

static void focus_next(void)
{
	struct console_vm *vm = console_focus();

	if (vm == NULL)
		return;
	vm = console_next_vm(vm);
	set_focus(vm != NULL ? vm : console_next_vm(NULL));
}

static void list_vms(void)
{
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm))
		console_say("console: %u %s, %s%s", vm->source.number, vm->source.name,
			    vm->running ? "running" : "stopped",
			    vm == console_focus() ? ", has the input" : "");
}

/* The key after the escape key. */
static void command(uint8_t c)
{
	struct console_vm *vm = console_focus();

	if (c >= '1' && c <= '9') {
		focus_number((unsigned int)(c - '0'));
		return;
	}
	switch (c) {
	case 't':
	case CONSOLE_ESCAPE:
		queue_input(CONSOLE_ESCAPE);
		break;
	case 'n':
		focus_next();
		break;
	case 'l':
		list_vms();
		break;
	case 'r':
		if (vm != NULL && vm->running)
			console_set_raw(!console.mux.raw);
		break;
	case 'x':
		console.power_off = true;
		break;
	default:
		console_say("console: Ctrl-T, then 1-9: input to that VM, n: to the next VM, "
			    "l: list VMs, r: raw mode, t: send Ctrl-T, x: power off, h: this help");
		break;
	}
}

/* ---- From the UART ---- */

void console_receive(void)
{
	lock_assert_held(&console.lock);
	if (console.uart == NULL || atomic_load(&console.panicked))
		return;
	for (unsigned int n = CONSOLE_RX_BUDGET; n > 0 && !console_input_is_blocked(); n--) {
		int c = uart_try_get(console.uart);

		if (c < 0)
			break;
		if (console.escape) {
			console.escape = false;
			command((uint8_t)c);
		} else if (c == CONSOLE_ESCAPE) {
			console.escape = true;
		} else {
			queue_input((uint8_t)c);
		}
	}
}

/* A VM that has not read for so long will not: the escape key behind its input must be found. */
void console_check_blocked(void)
{
	struct console_vm *vm = console_focus();

	lock_assert_held(&console.lock);
	if (!console_input_is_blocked()) {
		console.blocked_ms = 0;
		return;
	}
	console.blocked_ms += console.poll_ms;
	if (console.blocked_ms < CONSOLE_DEAF_MS)
		return;
	console.blocked_ms = 0;
	vm->deaf = true;
	console_say("console: %s does not read its input, which is dropped until it does",
		    vm->source.name);
}

/* ---- To the VM ---- */

/*
 * Only one CPU at a time delivers to a VM, so that the order is kept. Another
 * one, which comes because the guest has just read, has it try once more.
 */
void console_deliver_input(struct console_vm *vm)
{
	lock_assert_held(&console.lock);
	if (vm->delivering) {
		vm->retry = true;
		return;
	}
	vm->delivering = true;
	for (unsigned int n = CONSOLE_DELIVER_BUDGET; vm->in_tail != vm->in_head && !vm->refused;
	     n--) {
		uint32_t tail = vm->in_tail;
		uint8_t c = vm->in[tail % CONSOLE_INPUT_SIZE];
		bool taken;

		if (n == 0) {
			console.due = true;
			break;
		}
		vm->retry = false;
		lock_release(&console.lock);
		lock_assert_none_held();
		taken = vm->source.port->input(vm->source.port, c);
		lock_acquire(&console.lock);
		if (taken) {
			vm->deaf = false;
			/* If not, the VM stopped meanwhile, and its input was dropped. */
			if (vm->in_tail == tail)
				vm->in_tail++;
		}
		vm->refused = !taken && !vm->retry;
	}
	vm->delivering = false;
}
