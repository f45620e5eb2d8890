/*
 * What the hypervisor says, as lines on the console. No state, no lock of its own.
 */
#include "core/log.h"

#include "core/console.h"
#include "lib/format.h"
#include "lib/string.h"

#define LOG_LINE_MAX 256

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
	console_log(line, n);
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
