// SPDX-License-Identifier: BSD-2-Clause
/*
 * Puts diagnostics into words. See diag.h.
 */
#include "fdt/diag.h"

#include <stdarg.h>

#include "lib/bits.h"
#include "lib/format.h"

/* A longer line is cut: paths and names come from untrusted trees. */
#define DIAG_LINE_MAX 320

static void emit(struct diag *diag, enum diag_severity severity, const char *path,
		 const char *property, const char *fmt, va_list args)
{
	char line[DIAG_LINE_MAX];
	unsigned int count = diag->errors + diag->warnings;
	size_t n;

	if (count > DIAG_MAX) {
		if (count == DIAG_MAX + 1)
			diag->emit(diag, DIAG_ERROR,
				   "error: there is more: mend what is listed first");
		return;
	}
	n = format(line, sizeof(line), "%s: %.100s: ", severity == DIAG_ERROR ? "error" : "warning",
		   path);
	if (property)
		n += format(line + n, sizeof(line) - n, "%.40s: ", property);
	format_va(line + n, sizeof(line) - n, fmt, args);
	/* Names come from untrusted trees: none of them gets at the terminal. */
	for (char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	diag->emit(diag, severity, line);
}

void diag_error(struct diag *diag, const char *path, const char *property, const char *fmt, ...)
{
	va_list args;

	diag->errors++;
	va_start(args, fmt);
	emit(diag, DIAG_ERROR, path, property, fmt, args);
	va_end(args);
}

void diag_warning(struct diag *diag, const char *path, const char *property, const char *fmt, ...)
{
	va_list args;

	diag->warnings++;
	va_start(args, fmt);
	emit(diag, DIAG_WARNING, path, property, fmt, args);
	va_end(args);
}
