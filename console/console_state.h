/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's state, shared by console.c, console_input.c, console_keys.c and
 * console_terminal.c, and by nobody else. console.lock guards all of it.
 */
#pragma once

#include "arm64/lock.h"
#include "console/console.h"
#include "console/console_mux.h"
#include "lib/bits.h"

#define CONSOLE_INPUT_SIZE 256u /* typed ahead, for a VM; a power of two */
#define CONSOLE_LOG_SIZE 8192u	/* the hypervisor's ring */
#define CONSOLE_ANSWER_MAX 64u	/* of a terminal; what is longer is none */
#define CONSOLE_HELD_MS 50u	/* after so long, the beginning of an answer is none */

struct console_vm {
	struct console_source source;
	bool running;
	bool room_due;	 /* port->room() is to be called */
	bool deaf;	 /* did not read for long: input is dropped until it does */
	bool refused;	 /* did not take a character: wait for its kick */
	bool delivering; /* some CPU is calling port->input(): one at a time, in order */
	bool retry;	 /* kicked meanwhile */
	uint32_t in_head;
	uint32_t in_tail;
	uint8_t in[CONSOLE_INPUT_SIZE];
};

struct console_state {
	struct lock lock;
	struct uart *uart; /* NULL: not known yet */
	const struct console_hooks *hooks;
	struct console_mux mux;
	struct console_source hypervisor;
	struct console_port log;
	unsigned int lost; /* lines of the log for which there was no room */
	unsigned int irqs; /* enabled in the UART: UART_IRQ_* */
	bool started;	   /* interrupts are up, or polling is */
	bool more;	   /* there is output that the UART did not take yet */
	bool due;	   /* some device is to be called back */
	bool greeted;	   /* the first VM's start was announced */
	bool panicked;	   /* atomic: the UART belongs to reports of failures */

	/* Input */
	bool escape;	/* the escape key was the last one */
	bool power_off; /* asked for; to be passed on */
	bool poll_armed;
	unsigned int poll_ms;
	unsigned int blocked_ms; /* for how long the focused VM has not read */

	/* The terminal */
	bool asked;			  /* what it is, and has not answered */
	bool colours_chosen;		  /* by a key: the answer changes nothing */
	bool held_new;			  /* a character was held back since the last poll */
	uint8_t held[CONSOLE_ANSWER_MAX]; /* typed, and perhaps the beginning of the answer */
	unsigned int nr_held;
	unsigned int held_ms; /* for how long nothing has come after it */
};

extern struct console_state console;

/* The VM that has the input focus, or NULL. */
static inline struct console_vm *console_focus(void)
{
	struct console_source *source = console.mux.focus;

	return source == NULL ? NULL : container_of(source, struct console_vm, source);
}

/* For a loop over all VMs: returns the VM after `vm`, or the first if NULL; NULL after the last. */
static inline struct console_vm *console_next_vm(struct console_vm *vm)
{
	struct console_source *next = vm == NULL ? console.hypervisor.next : vm->source.next;

	return next == &console.hypervisor ? NULL : container_of(next, struct console_vm, source);
}

/* A line of the console's own, which is shown in raw mode, too. Lock held. */
void console_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- console_input.c ---- */

/* True while input must stay in the UART because the focused VM takes none. Lock held. */
bool console_input_is_blocked(void);

/* A character for the focused VM; lost if it is stopped or deaf. Lock held. */
void console_queue_input(uint8_t c);

/* Takes what the UART has received, as far as there is room for it. Lock held. */
void console_receive(void);

/*
 * Once in poll_ms milliseconds while input is blocked: a VM that has not read
 * for CONSOLE_DEAF_MS is given up. Lock held.
 */
void console_check_blocked(void);

/*
 * Gives a VM what was typed for it, until it takes no more. The lock is held,
 * but not while the device is called.
 */
void console_deliver_input(struct console_vm *vm);

/* ---- console_keys.c ---- */

/* Something was typed: the escape key, the key after it, or a character for the VM. Lock held. */
void console_key(uint8_t c);

/* Turns raw mode on (for the VM that has the focus) or off, and says so. Lock held. */
void console_set_raw(bool raw);

/* ---- console_terminal.c ---- */

/* What output looks like from now on; if that is open, the terminal is asked. Lock held. */
void console_terminal_start(enum console_style style);

/* A character from the UART: the terminal's answer is taken out, the rest typed. Lock held. */
void console_terminal_receive(uint8_t c);

/*
 * Once in poll_ms milliseconds while characters are held back: passes them on if nothing has come
 * after them for CONSOLE_HELD_MS. Lock held.
 */
void console_terminal_check_held(void);
