/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a guest reports: one line per check, which tests/boot reads. Any CPU
 * may check and print; lines are never mixed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* printf as in lib/format.h, up to 255 characters; newlines are the caller's. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Passes or fails the check that the format names. Returns the condition. */
#define check(condition, ...) check_report((condition), __FILE__, __LINE__, __VA_ARGS__)

/* The same for equal numbers, and says what they were if they are not. */
#define check_equal(value, expected, ...)                                                          \
	check_report_equal((uint64_t)(value), (uint64_t)(expected), __FILE__, __LINE__, __VA_ARGS__)

bool check_report(bool passed, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool check_report_equal(uint64_t value, uint64_t expected, const char *file, int line,
			const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void check_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* How many there were; and to go on counting from there, after a reboot. */
void check_get_counts(unsigned int *passed, unsigned int *failed);
void check_set_counts(unsigned int passed, unsigned int failed);

/* The last line, "DONE: ...". */
void check_summary(void);
/* The same, and power off. */
_Noreturn void check_done(void);
