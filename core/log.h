/*
 * What the hypervisor says. Lines appear on the console with the prefix
 * "bulkhead: ", whole, in the order of the calls on one CPU. Callable on any
 * CPU, at any time once console_init_early() has run; earlier text is kept
 * and shown then. Host tests provide their own.
 */
#pragma once

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A bug in the hypervisor: says why, with registers and a backtrace, and
 * halts every CPU. Never reachable by a guest's doing; see vm_crash().
 */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
