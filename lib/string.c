// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bytes and strings. Blocks are handled in 64-bit words: the destination's
 * alignment decides, the other side may then be unaligned, which costs little
 * on normal memory. While the MMU is off everything must be aligned alike.
 *
 * The build keeps the compiler from recognising these loops as what they are,
 * or memset() would become a call of memset().
 */
#include "lib/string.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define WORD sizeof(uint64_t)

typedef uint64_t __attribute__((may_alias)) word;
typedef uint64_t __attribute__((may_alias, aligned(1))) unaligned_word;

static inline bool is_aligned(const void *p)
{
	return (uintptr_t)p % WORD == 0;
}

/* Each step loads before it stores, so that dst may overlap src if it is below. */
static inline void copy_up(unsigned char *d, const unsigned char *s, size_t n)
{
	for (; n != 0 && !is_aligned(d); n--)
		*d++ = *s++;
	for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD, s += 4 * WORD) {
		const unaligned_word *from = (const unaligned_word *)s;
		uint64_t w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
		word *to = (word *)d;

		to[0] = w0;
		to[1] = w1;
		to[2] = w2;
		to[3] = w3;
	}
	for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
		*(word *)d = *(const unaligned_word *)s;
	for (; n != 0; n--)
		*d++ = *s++;
}

/* The same from the end, for a dst above src. */
static void copy_down(unsigned char *d, const unsigned char *s, size_t n)
{
	d += n;
	s += n;
	for (; n != 0 && !is_aligned(d); n--)
		*--d = *--s;
	for (; n >= WORD; n -= WORD) {
		d -= WORD;
		s -= WORD;
		*(word *)d = *(const unaligned_word *)s;
	}
	for (; n != 0; n--)
		*--d = *--s;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst <= (uintptr_t)src)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint64_t pattern = (unsigned char)c * (UINT64_MAX / UCHAR_MAX);
	unsigned char *d = dst;

	for (; n != 0 && !is_aligned(d); n--)
		*d++ = (unsigned char)c;
	for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD) {
		word *to = (word *)d;

		to[0] = pattern;
		to[1] = pattern;
		to[2] = pattern;
		to[3] = pattern;
	}
	for (; n >= WORD; n -= WORD, d += WORD)
		*(word *)d = pattern;
	for (; n != 0; n--)
		*d++ = (unsigned char)c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	/* Words while they are equal; the bytes decide. */
	if (is_aligned(x)) {
		for (; n >= WORD && *(const word *)x == *(const unaligned_word *)y; n -= WORD) {
			x += WORD;
			y += WORD;
		}
	}
	for (; n != 0; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n != 0; n--, p++) {
		if (*p == (unsigned char)c)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p != '\0')
		p++;
	return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (*s == '\0')
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (*s == '\0')
			return (char *)(uintptr_t)last;
	}
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n != 0; n--, a++, b++) {
		if (*a != *b || *a == '\0')
			return (unsigned char)*a - (unsigned char)*b;
	}
	return 0;
}

/* The value of a digit; 36 if it is none. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A') + 10;
	return 36;
}

/* Skips "0x" where a hexadecimal digit follows, and resolves base 0. */
static unsigned int parse_prefix(const char **s, unsigned int base)
{
	const char *p = *s;
	bool hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && digit(p[2]) < 16;

	if (hex && (base == 0 || base == 16)) {
		*s += 2;
		return 16;
	}
	if (base == 0)
		return p[0] == '0' ? 8 : 10;
	return base;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	const char *p = s;
	unsigned long value = 0;
	bool negative, any = false, overflow = false;
	unsigned int radix;

	while (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		p++;
	negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	radix = parse_prefix(&p, (unsigned int)base);
	for (; radix >= 2 && radix <= 36 && digit(*p) < radix; p++) {
		any = true;
		overflow |= __builtin_mul_overflow(value, radix, &value);
		overflow |= __builtin_add_overflow(value, digit(*p), &value);
	}
	if (end != NULL)
		*end = (char *)(uintptr_t)(any ? p : s);
	if (overflow)
		return ULONG_MAX;
	return negative ? 0 - value : value;
}
