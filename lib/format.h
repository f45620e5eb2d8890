/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output into a buffer: the subset of printf that a hypervisor
 * needs, the same at EL2 and on the build machine.
 *
 * Conversions: %d %i %u %x %X %c %s %p %%, length modifiers hh, h, l, ll, z
 * and j, flags '0', '-' and '#', a width and (for %s) a precision, both also as '*'.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * Formats into buf, of size bytes, and terminates it if size is not 0.
 * Returns the length that the whole text has, which is size or more if it
 * was cut off.
 */
size_t format_va(char *buf, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
size_t format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
