// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whether a terminal is connected. It is asked for its Device Attributes ("\e[c": ECMA-48 8.3.24,
 * DEC's DA1), and a terminal answers "\e[?...c". No key sends such an answer, and no guest can ask
 * for it except in raw mode. Nobody waits: the answer is found among the typed characters, and
 * colours begin then. console.lock guards all state.
 *
 * Characters that may begin the answer are held back until they do or do not. The Esc key sends
 * such a character: if no other one follows within CONSOLE_HELD_MS, it goes to the VM.
 */
#include "console/console_state.h"

#define ESC 0x1b

/* Whether c can be character n of an answer, the last one aside. */
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
	console.asked = style == CONSOLE_AUTO && console_mux_ask(&console.mux);
}

void console_terminal_receive(uint8_t c)
{
	lock_assert_held(&console.lock);
	/* In raw mode the answer is the guest's, which may have asked, too. */
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
