/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnostics: how parsers and checks report what is wrong. Every message is
 * one line of the form
 *
 *	error: /linux-b: cpus: CPU 7 does not exist: this machine has CPUs 0 to 3
 *
 * that is severity, node path, property (if any), what is wrong and how to
 * mend it. All problems are reported, not only the first one; but after DIAG_MAX
 * lines one more says that there are others, which are only counted.
 */
#pragma once

#include <stdbool.h>

#define DIAG_MAX 100

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

/*
 * Where messages go. `emit` gets the finished line without a newline; EL2
 * hands it to the log, the host tools print it, tests compare it.
 */
struct diag {
	void (*emit)(struct diag *diag, enum diag_severity severity, const char *line);
	unsigned int errors;
	unsigned int warnings;
};

/*
 * Reports one problem. `path` is the node's path, `property` the property's
 * name or NULL. Counts it in diag->errors.
 */
void diag_error(struct diag *diag, const char *path, const char *property, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for what is suspicious but can be run. Counts in diag->warnings. */
void diag_warning(struct diag *diag, const char *path, const char *property, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
