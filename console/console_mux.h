/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The output side of the console: makes one stream of characters out of what
 * the hypervisor and the guests print, line by line. docs/console.md says
 * what it looks like; this is how it works.
 *
 * Every source has a ring (struct console_port). A source gets a turn when it
 * has something that may be shown now: a whole line, or, for the source that
 * has the input focus, any characters. During a turn its line is the one on
 * the terminal. The focused source's unfinished line stays on the terminal
 * after its turn, and also stays in its ring: to let another source's line
 * through, it is erased, and to draw it again, its characters are gone
 * through again.
 *
 * Knows no UART and takes no lock: console.lock guards all of it.
 */
#pragma once

#include "console/console_port.h"

#define MUX_NAME_MAX 31 /* a longer name is cut */
#define MUX_OUT_SIZE 512
#define MUX_REDRAW_MAX 256 /* a longer unfinished line is broken rather than drawn again */
#define MUX_BURST 8	   /* lines of one source before another one gets its turn */

struct console_source {
	struct console_port *port;
	const char *name;
	unsigned int number;	     /* 0: the hypervisor, 1: the first VM */
	struct console_source *next; /* of all sources, in a circle */

	/* Positions in the ring; tail <= shown <= seen <= head */
	uint32_t shown;	  /* all text before it is on the terminal */
	uint32_t seen;	  /* the furthest that shown has been */
	uint32_t scanned; /* there is no line end from shown to here */
	uint32_t end;	  /* where its turn ends */

	/* The line being shown */
	unsigned int column; /* of the cursor, from the prefix on; rather too low than too high */
	unsigned int width;  /* the highest column so far */
	uint32_t cr_next;    /* behind the last carriage return, if cr_valid */
	bool cr_valid;	     /* the text right of the cursor is from before cr_next */
	bool coloured;	     /* attributes are not normal */
	bool in_string;	     /* shown is inside a control string */
	bool tail_in_string; /* the same for tail */
	bool keep;	     /* stays in the ring until the line ends, to be drawn again */
	bool broken;	     /* too long to be drawn again: breaks when another line comes */
	bool continued;	     /* the line's first part was shown: next comes a continuation */
	bool flush; /* set by the owner: nothing more comes, an unfinished line ends here */
};

struct console_mux {
	struct console_source *hypervisor; /* always there; next leads to the VMs */
	struct console_source *focus;	   /* NULL: no VM */
	struct console_source *live;	   /* focus, or NULL while output is plain */
	struct console_source *line; /* whose line the cursor is in; NULL: at a line's start */
	struct console_source *turn; /* NULL: nobody's */
	struct console_source *last; /* had the last turn */
	unsigned int burst;	     /* turns that `last` has had in a row */
	int name_width;		     /* of the longest name of a VM */
	bool colours;		     /* VMs have theirs, and may choose others; not if plain */
	bool plain;		     /* whole lines, no escape sequence: nothing is live */
	bool raw;		     /* the focused VM's output as it is, nobody else's */
	uint32_t raw_from;	     /* after the hypervisor's lines up to here */
	bool disturbed;		     /* raw output was shown: the cursor may be anywhere */

	/* Ready to be sent: out[out_pos..out_len) */
	char out[MUX_OUT_SIZE];
	unsigned int out_pos;
	unsigned int out_len;
};

/* Makes a multiplexer with the hypervisor as its only source. */
void console_mux_init(struct console_mux *mux, struct console_source *hypervisor);

/* Adds a VM: source->port and ->name are set. The first one gets the focus. Boot only. */
void console_mux_add(struct console_mux *mux, struct console_source *source);

/* Gives the focus to another VM. */
void console_mux_focus(struct console_mux *mux, struct console_source *source);

/*
 * Begins or ends raw mode. The lines that the hypervisor has said until now are
 * shown first; from then on only the focused VM's output is, all of it, unchanged.
 */
void console_mux_set_raw(struct console_mux *mux, bool raw);

/* Asks the terminal what it is, by DA1. Returns false if there is no room for the question. */
bool console_mux_ask(struct console_mux *mux);

/*
 * From now on whole lines only, with no escape sequence in them, or no longer. A line that is
 * shown in part goes on when it is complete.
 */
void console_mux_set_plain(struct console_mux *mux, bool plain);

/*
 * Puts more into out, which must be used up. Returns false if there is
 * nothing to show now. Returns true after some work, bounded by the size of a
 * ring, even if there is nothing to send after it.
 */
bool console_mux_fill(struct console_mux *mux);
