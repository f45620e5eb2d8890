/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest sends to its serial port, taken apart: one character, one
 * escape sequence or one line end at a time. Text of guests is hostile, and
 * the terminal obeys everything that it is sent, so whatever is not recognized
 * here is dropped. See docs/console.md for what passes.
 *
 * Pure: reads a port's ring, keeps no state. The caller holds console.lock.
 */
#pragma once

#include "console/console_port.h"

enum text_kind {
	TEXT_PARTIAL,	/* goes on behind the end: look again when there is more */
	TEXT_DROP,	/* must not or need not reach the terminal */
	TEXT_PRINT,	/* characters to show as they are */
	TEXT_INVALID,	/* a byte that is no character: show a '?' */
	TEXT_NEWLINE,	/* line feed */
	TEXT_RETURN,	/* a carriage return that does not belong to a line feed */
	TEXT_BACKSPACE, /* the cursor one column to the left */
	TEXT_BELL,
	TEXT_COLOUR, /* SGR, "\e[...m": colours and attributes */
	TEXT_MOVE,   /* a CSI that works to the right of the cursor, or moves it in its line */
	TEXT_QUERY,  /* "\e[6n": where is the cursor? The terminal answers as if typed */
};

struct text_unit {
	enum text_kind kind;
	uint32_t length;      /* bytes in the ring; 0 if TEXT_PARTIAL */
	unsigned int columns; /* TEXT_PRINT: by how many columns it moves the cursor, at least */
	unsigned int count; /* TEXT_MOVE: its parameter, 0: none. TEXT_COLOUR: 0: back to normal */
	char final;	    /* TEXT_MOVE: C, D, K, @, P or X */
	bool in_string;	    /* whether what follows is inside a control string */
};

/* The longest escape sequence; a longer one is cut, and its rest shown as text. */
#define TEXT_ESCAPE_MAX 32u

/*
 * Takes apart what stands at `pos` in the port's ring, looking no further
 * than `end`, which is not pos. in_string: pos is inside a control string
 * (OSC, DCS and so on), as the unit before it said.
 */
struct text_unit console_text_next(const struct console_port *port, uint32_t pos, uint32_t end,
				   bool in_string);
