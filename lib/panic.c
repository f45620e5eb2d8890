// SPDX-License-Identifier: BSD-2-Clause
/*
 * See panic.h; and the ends of assertions (assert.h) and of the compiler's
 * stack protector. The sink is written once at boot: no lock.
 */
#include "lib/panic.h"

#include <stdint.h>

#include "lib/assert.h"

static void (*panic_sink)(const char *fmt, va_list args);

/* What -fstack-protector puts above a function's variables; boot makes it a random one. */
uintptr_t __stack_chk_guard = 0xb01c4ead00ff0a0d;

void panic_set_sink(void (*sink)(const char *fmt, va_list args))
{
	panic_sink = sink;
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (panic_sink)
		panic_sink(fmt, args);
	va_end(args);
	for (;;)
		;
}

void assert_failed(const char *file, int line, const char *condition)
{
	panic("%s:%d: assertion failed: %s", file, line, condition);
}

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	panic("stack overrun in the function called from %p", __builtin_return_address(0));
}
