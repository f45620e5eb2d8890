// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console's input, from the UART to the VM that has the focus. On the way
 * console_terminal.c takes out the terminal's answer, and console_keys.c the
 * keys that are the console's own. console.lock guards all state.
 *
 * Characters are taken from the UART one by one and wait in the VM's
 * type-ahead buffer until its UART takes them. When the buffer is full they
 * stay in the physical UART, so that its own flow control works; unless the
 * VM does not read at all.
 */
#include "console/console_state.h"

#define CONSOLE_RX_BUDGET 64u /* characters received by one call */
#define CONSOLE_DEAF_MS 2000u /* so long without reading that input is dropped */

/* Calls of port->input() in a row: a guest that reads at once must not hold this CPU forever. */
#define CONSOLE_DELIVER_BUDGET (2 * CONSOLE_INPUT_SIZE)

/* Characters that are held back may be input: they have their places in the buffer. */
static bool is_full(const struct console_vm *vm)
{
	return vm->in_head - vm->in_tail + console.nr_held >= CONSOLE_INPUT_SIZE;
}

bool console_input_is_blocked(void)
{
	struct console_vm *vm = console_focus();

	lock_assert_held(&console.lock);
	return vm != NULL && vm->running && !vm->deaf && is_full(vm);
}

void console_queue_input(uint8_t c)
{
	struct console_vm *vm = console_focus();

	if (vm == NULL || !vm->running || vm->in_head - vm->in_tail >= CONSOLE_INPUT_SIZE)
		return;
	vm->in[vm->in_head++ % CONSOLE_INPUT_SIZE] = c;
	if (!vm->refused)
		console.due = true;
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
		console_terminal_receive((uint8_t)c);
	}
}

/* A VM that does not read must not hide an escape key that is behind its input. */
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
 * CPU, which comes because the guest has just read, has the first one try once more.
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
			/* A VM that has stopped meanwhile has lost its input already. */
			if (vm->in_tail == tail)
				vm->in_tail++;
		}
		vm->refused = !taken && !vm->retry;
	}
	vm->delivering = false;
}
