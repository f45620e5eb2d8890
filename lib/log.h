/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor says. Lines appear on the console with the prefix
 * "bulkhead: ", whole, in the order of the calls on one CPU. Callable in every
 * folder, on any CPU, at any time once the console has set the sink; it keeps
 * what is said before there is a UART, and shows it then. Host tests provide
 * their own.
 */
#pragma once

#include "lib/types.h"

/* Where log lines go: the console sets it. */
struct log_sink {
	/* n characters, a line without its newline. Any CPU, under any lock. */
	void (*line)(const char *text, size_t n);
	/* Waits, for a bounded time, until all that was said has been sent. */
	void (*drain)(void);
	/* Text of a CPU that fails, newlines included: at once, past all locks. */
	void (*emergency)(const char *text);
};

/* The sink must stay. Before anything is said; once, on the boot CPU. */
void log_set_sink(const struct log_sink *sink);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Before the machine ends: all that was said has been sent. */
void log_drain(void);

/* For reports of failures: see log_sink.emergency. */
void log_emergency(const char *text);
