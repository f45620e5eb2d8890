/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions on bytes and strings, as far as EL2 and libfdt
 * need them; contracts as in C11 7.24 and 7.22.1.4, and POSIX for strnlen().
 * Normal memory only: wide and possibly repeated accesses do not suit devices.
 */
#pragma once

#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/* Without errno: a value too large becomes ULONG_MAX, a bad base parses nothing. */
unsigned long strtoul(const char *s, char **end, int base);
