/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: the physical UART shared by the hypervisor and all guests.
 * docs/console.md describes what its user sees.
 *
 * Lock order: vm.lock < vpl011.lock < vgic_cpu.lock < console.lock. Functions that
 * may call devices back (interrupt, polling, a device's kick) must be called
 * with no lock held; the others may be called under any lock.
 */
#pragma once

#include "console/console_port.h"
#include "drivers/uart.h"
#include "fdt/system.h"
#include "lib/arena.h"

/* What the console asks of core. Called with no lock held. */
struct console_hooks {
	/*
	 * Have console_poll() called once, on this CPU, in about `ms` milliseconds. Never
	 * asked for again before that call.
	 */
	void (*arm_poll)(unsigned int ms);
	/* The user wants all VMs and the system powered off. */
	void (*power_off)(void);
};

/* Before anything else here, on one CPU; from then on text is kept. */
void console_init_early(void);

/*
 * Shows the text that was kept, and from now on all text at once, by polling
 * with bounded waits. The caller has initialized the UART and never touches
 * it again. Boot only.
 */
void console_set_uart(struct uart *uart);

/*
 * Connects a VM's UART: the device's functions in `port` are filled in, the
 * ring comes from the arena. `name` must stay. The first VM gets the input.
 * Boot only, before console_start(). Returns 0 or -ENOMEM.
 */
int console_add_vm(struct console_port *port, const char *name, struct arena *arena);

/*
 * Ends boot's polled output (console_set_uart() has been called): the UART's interrupt can be taken
 * from now on, or `arm_poll` be used if it has none, and nothing waits for the UART any more. VMs'
 * output will look as `style` says.
 */
void console_start(const struct console_hooks *hooks, enum console_style style);

/* The VM runs (again) from now on: input goes to it. */
void console_start_vm(struct console_port *port);

/* The VM stopped: its unfinished line is ended, input for it is dropped. */
void console_stop_vm(struct console_port *port);

/* The UART's interrupt, as irq_claim_spi() has it called. No lock held. */
void console_irq(void *context);

/* The call that console_hooks.arm_poll() asked for. No lock held. */
void console_poll(void);
