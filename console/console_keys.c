// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console's keys: the escape key, and what each key after it does. Every other character is
 * the focused VM's. console.lock guards all state.
 */
#include "console/console_state.h"

#define ESCAPE_KEY 0x14 /* Ctrl-T: see docs/console.md for why */

/* ---- Who has the input ---- */

static void set_focus(struct console_vm *vm)
{
	console_set_raw(false);
	console_mux_focus(&console.mux, &vm->source);
	console.blocked_ms = 0;
	console_say("console: input goes to %s%s", vm->source.name,
		    vm->running ? "" : ", which is stopped");
}

static void focus_number(uint8_t key)
{
	unsigned int number = (unsigned int)(key - '0');

	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm)) {
		if (vm->source.number == number) {
			set_focus(vm);
			return;
		}
	}
	console_say("console: there is no VM %u; Ctrl-T l: list", number);
}

static void focus_next(uint8_t key)
{
	struct console_vm *vm = console_focus();

	(void)key;
	if (vm == NULL)
		return;
	vm = console_next_vm(vm);
	set_focus(vm != NULL ? vm : console_next_vm(NULL));
}

static void list_vms(uint8_t key)
{
	(void)key;
	for (struct console_vm *vm = console_next_vm(NULL); vm != NULL; vm = console_next_vm(vm))
		console_say("console: %u %s, %s%s", vm->source.number, vm->source.name,
			    vm->running ? "running" : "stopped",
			    vm == console_focus() ? ", has the input" : "");
}

/* ---- What the output looks like ---- */

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

static void switch_raw(uint8_t key)
{
	struct console_vm *vm = console_focus();

	(void)key;
	if (vm != NULL && vm->running)
		console_set_raw(!console.mux.raw);
}

static void switch_colours(uint8_t key)
{
	(void)key;
	if (console.mux.plain) {
		console_say("console: plain output has no colours; Ctrl-T p: leave it");
		return;
	}
	console.mux.colours = !console.mux.colours;
	console.colours_chosen = true;
	console_say("console: colours %s", console.mux.colours ? "on" : "off");
}

static void switch_plain(uint8_t key)
{
	bool plain = !console.mux.plain;

	(void)key;
	console_mux_set_plain(&console.mux, plain);
	console_say(plain ? "console: plain output, whole lines only; Ctrl-T p: leave it"
			  : "console: plain output left");
}

/* ---- The keys ---- */

static void send_escape_key(uint8_t key)
{
	(void)key;
	console_queue_input(ESCAPE_KEY);
}

static void ask_power_off(uint8_t key)
{
	(void)key;
	console.power_off = true;
}

/* The keys from `first` to `last` */
struct key {
	uint8_t first, last;
	const char *name;
	const char *help;
	void (*press)(uint8_t key);
};

/* clang-format off */
static const struct key keys[] = {
    {'1', '9', "1-9", "input to that VM",             focus_number},
    {'n', 'n', "n",   "input to the next VM",         focus_next},
    {'l', 'l', "l",   "list the VMs",                 list_vms},
    {'r', 'r', "r",   "raw mode on or off",           switch_raw},
    {'c', 'c', "c",   "colours on or off",            switch_colours},
    {'p', 'p', "p",   "plain output on or off",       switch_plain},
    {'t', 't', "t",   "send Ctrl-T, as Ctrl-T does",  send_escape_key},
    {'x', 'x', "x",   "power off",                    ask_power_off},
};
/* clang-format on */

static void help(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		console_say("console: Ctrl-T %s: %s", keys[i].name, keys[i].help);
}

/* The key after the escape key. */
static void command(uint8_t c)
{
	if (c == ESCAPE_KEY)
		c = 't';
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
		if (c >= keys[i].first && c <= keys[i].last) {
			keys[i].press(c);
			return;
		}
	}
	help();
}

void console_key(uint8_t c)
{
	lock_assert_held(&console.lock);
	if (console.escape) {
		console.escape = false;
		command(c);
	} else if (c == ESCAPE_KEY) {
		console.escape = true;
	} else {
		console_queue_input(c);
	}
}
