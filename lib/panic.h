/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the hypervisor's own bugs end: every folder can get there. What a
 * machine does then is core/panic.c's. Host tests provide their own. No guest
 * gets here: what a guest does wrong ends in vm_crash().
 */
#pragma once

#include <stdarg.h>

/*
 * What panic() does: reports why (printf's format), with a backtrace, and halts every CPU; does
 * not return. The boot CPU, before anything can fail; until then a CPU that fails stops in silence.
 */
void panic_set_sink(void (*sink)(const char *fmt, va_list args));

/* A bug in the hypervisor: says why, with a backtrace, and halts every CPU. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
