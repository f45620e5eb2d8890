// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the hypervisor says, made into lines. The sink is written once at boot:
 * no lock.
 */
#include "lib/log.h"

#include "lib/format.h"
#include "lib/string.h"

#define LOG_LINE_MAX 256

static const struct log_sink *log_sink;

void log_set_sink(const struct log_sink *sink)
{
	log_sink = sink;
}

__attribute__((format(printf, 2, 0))) static void log_va(const char *level, const char *fmt,
							 va_list args)
{
	char line[LOG_LINE_MAX];
	size_t n = format(line, sizeof(line), "%s", level);

	n += format_va(line + n, sizeof(line) - n, fmt, args);
	if (n >= sizeof(line)) {
		memcpy(line + sizeof(line) - 4, "...", 4);
		n = sizeof(line) - 1;
	}
	if (log_sink)
		log_sink->line(line, n);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_va("", fmt, args);
	va_end(args);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_va("warning: ", fmt, args);
	va_end(args);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_va("error: ", fmt, args);
	va_end(args);
}

void log_drain(void)
{
	if (log_sink)
		log_sink->drain();
}

void log_emergency(const char *text)
{
	if (log_sink)
		log_sink->emergency(text);
}
