// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whether a terminal is connected that knows colours: it is asked for its Device Attributes (DA1,
 * "\e[c": ECMA-48 8.3.24), and what answers "\e[?...c" is one. No key sends that, and no guest
 * gets to ask unless it is in raw mode. Nobody waits for the answer: it is found among what is
 * typed, and colours begin then. console.lock guards all state.
 *
 * The beginning of what may be the answer is held back until it is one or is none. Someone who
 * presses Esc sends such a beginning: after CONSOLE_HELD_MS without another character it is the
 * VM's.
 */
#include "console/console_state.h"

#define ESC 0x1b

/* Whether c is the character number n of an answer, its last one aside. */
static bool belongs(unsigned int n, uint8_t c)
{
	static const uint8_t start[] = {ESC, '[', '?'};
	bool digit = c >= '0' && c <= '9';

	if (n < ARRAY_SIZE(start))
		return c == start[n];
	return n < CONSOLE_ANSWER_MAX && (digit || (c == ';' && n > ARRAY_SIZE(start)));
}

static bool is_answer(unsigned int n, uint8_t c)
{
	return n > 3 && c == 'c';
}

static void pass_held(void)
{
	for (unsigned int i = 0; i < console.nr_held; i++)
		console_key(console.held[i]);
	console.nr_held = 0;
}

void console_terminal_start(enum console_style style)
{
	lock_assert_held(&console.lock);
	console.mux.colours = style == CONSOLE_COLOURS;
	console_mux_set_plain(&console.mux, style == CONSOLE_PLAIN);
	console.asked = style == CONSOLE_AUTO;
	console.mux.ask = console.asked;
}

void console_terminal_receive(uint8_t c)
{
	lock_assert_held(&console.lock);
	/* In raw mode the answer is to the guest, who has asked too. */
	if (console.asked && !console.mux.raw) {
		if (is_answer(console.nr_held, c)) {
			console.nr_held = 0;
			console.asked = false;
			console.mux.colours |= !console.colours_chosen;
			return;
		}
		if (!belongs(console.nr_held, c))
			pass_held();
		if (belongs(console.nr_held, c)) {
			console.held[console.nr_held++] = c;
			console.held_new = true;
			console.held_ms = 0;
			return;
		}
	}
	pass_held();
	console_key(c);
}

void console_terminal_check_held(void)
{
	lock_assert_held(&console.lock);
	/* This poll may have been asked for before the character came. */
	if (console.nr_held == 0 || console.held_new) {
		console.held_new = false;
		return;
	}
	console.held_ms += console.poll_ms;
	if (console.held_ms >= CONSOLE_HELD_MS)
		pass_held();
}
