// SPDX-License-Identifier: BSD-2-Clause
/*
 * Formatted output. One pass over the format, one conversion at a time; the
 * text goes through a sink that counts what no longer fits. No state, no lock.
 * Follows C11 7.21.6.1 for the subset that lib/format.h names.
 */
#include "lib/format.h"

#include <stdbool.h>
#include <stdint.h>

/* Where the text goes: length may exceed size, what is beyond is only counted. */
struct sink {
	char *buf;
	size_t size;
	size_t length;
};

/* One conversion, as written between '%' and its letter. */
struct spec {
	bool left;
	bool zero;
	bool alternate;
	size_t width;
	size_t precision; /* SIZE_MAX: none given */
	char length;	  /* 0, 'h', 'H' for hh, 'l' for l, ll and j, 'z' */
};

/* Digits of UINT64_MAX in decimal, the longest that is printed. */
#define MAX_DIGITS 20

static void sink_put(struct sink *sink, char c)
{
	if (sink->size != 0 && sink->length < sink->size - 1)
		sink->buf[sink->length] = c;
	sink->length++;
}

static void sink_fill(struct sink *sink, char c, size_t count)
{
	while (count-- != 0)
		sink_put(sink, c);
}

static void sink_write(struct sink *sink, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sink_put(sink, text[i]);
}

/* prefix (a sign or "0x") stands before zero padding and after blanks. */
static void put_padded(struct sink *sink, const struct spec *spec, const char *prefix,
		       size_t prefix_length, const char *text, size_t length)
{
	size_t whole = prefix_length + length;
	size_t padding = spec->width > whole ? spec->width - whole : 0;
	bool zeros = spec->zero && !spec->left;

	if (!spec->left && !zeros)
		sink_fill(sink, ' ', padding);
	sink_write(sink, prefix, prefix_length);
	if (zeros)
		sink_fill(sink, '0', padding);
	sink_write(sink, text, length);
	if (spec->left)
		sink_fill(sink, ' ', padding);
}

static void put_hex(struct sink *sink, const struct spec *spec, uint64_t value, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[MAX_DIGITS];
	char *p = text + sizeof(text);
	bool prefix = spec->alternate && value != 0;

	do {
		*--p = digits[value % 16];
		value /= 16;
	} while (value != 0);
	put_padded(sink, spec, upper ? "0X" : "0x", prefix ? 2 : 0, p,
		   (size_t)(text + sizeof(text) - p));
}

static void put_decimal(struct sink *sink, const struct spec *spec, uint64_t value, bool negative)
{
	char text[MAX_DIGITS];
	char *p = text + sizeof(text);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	put_padded(sink, spec, "-", negative ? 1 : 0, p, (size_t)(text + sizeof(text) - p));
}

static void put_string(struct sink *sink, struct spec *spec, const char *text)
{
	size_t length = 0;

	if (text == NULL)
		text = "(null)";
	/* The precision bounds the read too: the text need not be terminated. */
	while (length < spec->precision && text[length] != '\0')
		length++;
	spec->zero = false;
	put_padded(sink, spec, "", 0, text, length);
}

static int64_t next_signed(const struct spec *spec, va_list *args)
{
	switch (spec->length) {
	case 'H':
		return (signed char)va_arg(*args, int);
	case 'h':
		return (short)va_arg(*args, int);
	case 'l':
		return va_arg(*args, int64_t);
	case 'z':
		return va_arg(*args, ptrdiff_t);
	default:
		return va_arg(*args, int);
	}
}

static uint64_t next_unsigned(const struct spec *spec, va_list *args)
{
	switch (spec->length) {
	case 'H':
		return (unsigned char)va_arg(*args, unsigned int);
	case 'h':
		return (unsigned short)va_arg(*args, unsigned int);
	case 'l':
		return va_arg(*args, uint64_t);
	case 'z':
		return va_arg(*args, size_t);
	default:
		return va_arg(*args, unsigned int);
	}
}

static void parse_flags(const char **fmt, struct spec *spec)
{
	for (;; (*fmt)++) {
		if (**fmt == '-')
			spec->left = true;
		else if (**fmt == '0')
			spec->zero = true;
		else if (**fmt == '#')
			spec->alternate = true;
		else
			return;
	}
}

/* A number, or '*' for the next argument; a negative argument is returned as it is. */
static int parse_number(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*args, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + (*(*fmt)++ - '0');
	return n;
}

static void parse_length(const char **fmt, struct spec *spec)
{
	switch (**fmt) {
	case 'h':
	case 'l':
	case 'z':
		spec->length = *(*fmt)++;
		break;
	case 'j':
		spec->length = 'l';
		(*fmt)++;
		return;
	default:
		return;
	}
	/* long and long long are both 64 bits wide here */
	if (**fmt == 'h' && spec->length == 'h')
		spec->length = 'H';
	else if (**fmt != 'l' || spec->length != 'l')
		return;
	(*fmt)++;
}

static struct spec parse_spec(const char **fmt, va_list *args)
{
	struct spec spec = {.precision = SIZE_MAX};
	int n;

	parse_flags(fmt, &spec);
	n = parse_number(fmt, args);
	if (n < 0)
		spec.left = true;
	spec.width = n < 0 ? 0 - (size_t)n : (size_t)n;
	if (**fmt == '.') {
		(*fmt)++;
		n = parse_number(fmt, args);
		if (n >= 0)
			spec.precision = (size_t)n;
	}
	parse_length(fmt, &spec);
	return spec;
}

static void put_conversion(struct sink *sink, struct spec *spec, char letter, va_list *args)
{
	int64_t value;
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		value = next_signed(spec, args);
		put_decimal(sink, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value,
			    value < 0);
		break;
	case 'u':
		put_decimal(sink, spec, next_unsigned(spec, args), false);
		break;
	case 'x':
	case 'X':
		put_hex(sink, spec, next_unsigned(spec, args), letter == 'X');
		break;
	case 'p':
		spec->alternate = true;
		put_hex(sink, spec, (uintptr_t)va_arg(*args, void *), false);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		spec->zero = false;
		put_padded(sink, spec, "", 0, &c, 1);
		break;
	case 's':
		put_string(sink, spec, va_arg(*args, const char *));
		break;
	case '%':
		sink_put(sink, '%');
		break;
	default: /* not one of ours: shown, so that it is noticed */
		sink_put(sink, '%');
		sink_put(sink, letter);
		break;
	}
}

size_t format_va(char *buf, size_t size, const char *fmt, va_list args)
{
	struct sink sink = {.buf = buf, .size = size};
	va_list ap; /* a copy: the parameter's address has another type where va_list is an array */

	va_copy(ap, args);
	while (*fmt != '\0') {
		if (*fmt != '%') {
			sink_put(&sink, *fmt++);
			continue;
		}
		fmt++;
		struct spec spec = parse_spec(&fmt, &ap);
		if (*fmt == '\0') {
			sink_put(&sink, '%');
			break;
		}
		put_conversion(&sink, &spec, *fmt++, &ap);
	}
	va_end(ap);
	if (size != 0)
		buf[sink.length < size ? sink.length : size - 1] = '\0';
	return sink.length;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = format_va(buf, size, fmt, args);
	va_end(args);
	return length;
}
