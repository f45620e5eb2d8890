// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console and the count of checks. `lock` guards both.
 */
#include "tests/guests/lib/check.h"

#include <stdarg.h>

#include "arm64/barrier.h"
#include "arm64/lock.h"
#include "arm64/mmio.h"
#include "arm64/pl011.h"
#include "lib/format.h"
#include "tests/guests/lib/machine.h"
#include "tests/guests/lib/psci.h"

#define LINE_SIZE 256

static struct lock lock;
static unsigned int passed;
static unsigned int failed;

static void put_text(const char *text)
{
	uint8_t *uart = (uint8_t *)machine.uart;

	if (uart == NULL)
		return;
	for (; *text != '\0'; text++) {
		while (mmio_read32(uart + PL011_FR) & PL011_FR_TXFF)
			cpu_yield();
		mmio_write32(uart + PL011_DR, (uint8_t)*text);
	}
}

void print(const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	format_va(text, sizeof(text), fmt, args);
	va_end(args);
	lock_acquire(&lock);
	put_text(text);
	lock_release(&lock);
}

static void report(bool pass, const char *name, const char *detail)
{
	lock_acquire(&lock);
	if (pass)
		passed++;
	else
		failed++;
	put_text(pass ? "PASS: " : "FAIL: ");
	put_text(name);
	put_text(detail);
	put_text("\n");
	lock_release(&lock);
}

/* Where it stands, and the reason, as the line's end. */
#define DETAIL(detail, ...) format(detail, sizeof(detail), __VA_ARGS__)

bool check_report(bool pass, const char *file, int line, const char *fmt, ...)
{
	char name[LINE_SIZE], detail[LINE_SIZE] = "";
	va_list args;

	va_start(args, fmt);
	format_va(name, sizeof(name), fmt, args);
	va_end(args);
	if (!pass)
		DETAIL(detail, " (%s:%d)", file, line);
	report(pass, name, detail);
	return pass;
}

bool check_report_equal(uint64_t value, uint64_t expected, const char *file, int line,
			const char *fmt, ...)
{
	char name[LINE_SIZE], detail[LINE_SIZE] = "";
	bool pass = value == expected;
	va_list args;

	va_start(args, fmt);
	format_va(name, sizeof(name), fmt, args);
	va_end(args);
	if (!pass)
		DETAIL(detail, " (%s:%d: %#llx, not %#llx)", file, line, (unsigned long long)value,
		       (unsigned long long)expected);
	report(pass, name, detail);
	return pass;
}

void check_fail(const char *file, int line, const char *fmt, ...)
{
	char name[LINE_SIZE], detail[LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	format_va(name, sizeof(name), fmt, args);
	va_end(args);
	DETAIL(detail, " (%s:%d)", file, line);
	report(false, name, detail);
}

void check_get_counts(unsigned int *p, unsigned int *f)
{
	lock_acquire(&lock);
	*p = passed;
	*f = failed;
	lock_release(&lock);
}

void check_set_counts(unsigned int p, unsigned int f)
{
	lock_acquire(&lock);
	passed = p;
	failed = f;
	lock_release(&lock);
}

void check_summary(void)
{
	print("DONE: %u passed, %u failed\n", passed, failed);
}

void check_done(void)
{
	check_summary();
	psci_system_off();
}
