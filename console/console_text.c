// SPDX-License-Identifier: BSD-2-Clause
/*
 * Recognizing characters and escape sequences: ECMA-48 for the sequences'
 * form, Unicode 15 table 3-7 for well-formed UTF-8. No state, no lock of its own.
 */
#include "console/console_text.h"

#define ESC 0x1b

static uint8_t byte_at(const struct console_port *port, uint32_t pos)
{
	return port->data[pos & (port->size - 1)];
}

static struct text_unit unit(enum text_kind kind, uint32_t length)
{
	return (struct text_unit){.kind = kind, .length = length};
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/*
 * The bytes that may follow the first byte of a character of two bytes or
 * more. C2 80 to C2 9F are U+0080 to U+009F, controls that terminals obey.
 */
static bool is_second_byte(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xc2:
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

/*
 * Columns are counted too low rather than too high, because they limit how far
 * a guest may move to the left: 1 only where no combining characters are
 * (U+00C0 to U+02FF and U+0380 to U+047F), else 0.
 */
static unsigned int utf8_columns(uint8_t first)
{
	return (first >= 0xc3 && first <= 0xcb) || (first >= 0xce && first <= 0xd1);
}

static struct text_unit utf8(const struct console_port *port, uint32_t pos, uint32_t end)
{
	uint8_t first = byte_at(port, pos);
	struct text_unit u = unit(TEXT_PRINT, 0);

	if (first >= 0xc2 && first <= 0xdf)
		u.length = 2;
	else if (first >= 0xe0 && first <= 0xef)
		u.length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		u.length = 4;
	else
		return unit(TEXT_INVALID, 1);

	for (uint32_t i = 1; i < u.length; i++) {
		uint8_t c;

		if (pos + i == end)
			return unit(TEXT_PARTIAL, 0);
		c = byte_at(port, pos + i);
		if (i == 1 ? !is_second_byte(first, c) : (c & 0xc0) != 0x80)
			return unit(TEXT_INVALID, 1);
	}
	u.columns = utf8_columns(first);
	return u;
}

/* A complete control sequence of `length` bytes: "\e[", parameters, final byte. */
static struct text_unit control_sequence(const struct console_port *port, uint32_t pos,
					 uint32_t length)
{
	struct text_unit u = unit(TEXT_DROP, length);
	bool number = true, colour = true, reset = true;

	u.final = (char)byte_at(port, pos + length - 1);
	for (uint32_t i = 2; i < length - 1; i++) {
		uint8_t c = byte_at(port, pos + i);

		number &= is_digit(c);
		colour &= is_digit(c) || c == ';' || c == ':';
		reset &= c == '0';
		if (number && u.count < 1000)
			u.count = u.count * 10 + (unsigned int)(c - '0');
	}

	switch (u.final) {
	case 'm':
		/* No '>' and the like: those set up the keyboard. */
		if (colour)
			u.kind = TEXT_COLOUR;
		u.count = !reset;
		break;
	case 'C':
	case 'D':
	case '@':
	case 'P':
	case 'X':
		if (number)
			u.kind = TEXT_MOVE;
		break;
	case 'J':
	case 'K':
		/* To the right only. There is nothing below a live line, so J is K. */
		u.final = 'K';
		if (number && u.count == 0)
			u.kind = TEXT_MOVE;
		break;
	case 'n':
		if (number && u.count == 6)
			u.kind = TEXT_QUERY;
		break;
	default:
		break;
	}
	return u;
}

/*
 * From pos + skip on: bytes up to the one in [final, 0x7e], which ends the
 * sequence. A control character breaks it off and stands for itself.
 */
static uint32_t sequence_length(const struct console_port *port, uint32_t pos, uint32_t end,
				uint32_t skip, uint8_t final, bool *complete)
{
	*complete = false;
	for (uint32_t i = skip; i < TEXT_ESCAPE_MAX; i++) {
		uint8_t c;

		if (pos + i == end)
			return 0;
		c = byte_at(port, pos + i);
		if (c < 0x20 || c > 0x7e)
			return i;
		if (c >= final) {
			*complete = true;
			return i + 1;
		}
	}
	return TEXT_ESCAPE_MAX;
}

static struct text_unit escape(const struct console_port *port, uint32_t pos, uint32_t end)
{
	struct text_unit u;
	uint32_t length;
	bool complete;

	if (pos + 1 == end)
		return unit(TEXT_PARTIAL, 0);
	switch (byte_at(port, pos + 1)) {
	case '[':
		length = sequence_length(port, pos, end, 2, 0x40, &complete);
		if (complete)
			return control_sequence(port, pos, length);
		break;
	case 'P': /* DCS */
	case 'X': /* SOS */
	case ']': /* OSC */
	case '^': /* PM */
	case '_': /* APC */
		u = unit(TEXT_DROP, 2);
		u.in_string = true;
		return u;
	default:
		/* Character sets, saving the cursor, resetting the terminal ... */
		length = sequence_length(port, pos, end, 1, 0x30, &complete);
		break;
	}
	return unit(length == 0 ? TEXT_PARTIAL : TEXT_DROP, length);
}

/* "\r\n", "\r\r\n": the returns are part of the line end. */
static struct text_unit carriage_return(const struct console_port *port, uint32_t pos, uint32_t end)
{
	uint8_t next;

	if (pos + 1 == end)
		return unit(TEXT_PARTIAL, 0);
	next = byte_at(port, pos + 1);
	return unit(next == '\n' || next == '\r' ? TEXT_DROP : TEXT_RETURN, 1);
}

/*
 * Inside a control string everything is dropped up to its end: BEL, or an
 * escape (ST is one). A line end is never swallowed: it ends the string, too.
 */
static bool stays_in_string(uint8_t c)
{
	return c != ESC && c != '\n' && c != '\a' && c != 0x18 && c != 0x1a;
}

struct text_unit console_text_next(const struct console_port *port, uint32_t pos, uint32_t end,
				   bool in_string)
{
	uint8_t c = byte_at(port, pos);
	struct text_unit u;

	if (in_string && c != ESC && c != '\n') {
		u = unit(TEXT_DROP, 1);
		u.in_string = stays_in_string(c);
		return u;
	}
	if (c >= 0x80)
		return utf8(port, pos, end);
	if (c >= 0x20 && c != 0x7f) {
		u = unit(TEXT_PRINT, 1);
		u.columns = 1;
		return u;
	}
	switch (c) {
	case '\n':
		return unit(TEXT_NEWLINE, 1);
	case '\r':
		return carriage_return(port, pos, end);
	case '\t':
		/* No column: at the right margin it does not move the cursor. */
		return unit(TEXT_PRINT, 1);
	case '\b':
		return unit(TEXT_BACKSPACE, 1);
	case '\a':
		return unit(TEXT_BELL, 1);
	case ESC:
		return escape(port, pos, end);
	default:
		return unit(TEXT_DROP, 1);
	}
}
