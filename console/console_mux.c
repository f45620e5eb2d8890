// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console's output multiplexer. console.lock guards everything here; see
 * console_mux.h for the idea.
 */
#include "console/console_mux.h"

#include "console/console_text.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"

/*
 * The most that one unit of text becomes: after a carriage return attributes are reset and the
 * prefix, of up to 7 + 31 + 3 + 4 characters, is written again.
 */
#define MUX_UNIT_MAX 64u

_Static_assert(TEXT_ESCAPE_MAX <= MUX_UNIT_MAX, "an escape sequence is one unit");
_Static_assert(MUX_OUT_SIZE >= 4 * MUX_UNIT_MAX, "a line's start, a unit and a line's end fit");

#define RESET "\033[0m"
#define NEWLINE "\r\n"
#define QUESTION "\033[c" /* DA1: see console_terminal.c */

static bool has_colours(const struct console_mux *mux)
{
	return mux->colours && !mux->plain;
}

/* ---- Sending ---- */

static void emit(struct console_mux *mux, const char *text)
{
	size_t n = strlen(text);

	ASSERT(n <= MUX_OUT_SIZE - mux->out_len);
	memcpy(mux->out + mux->out_len, text, n);
	mux->out_len += (unsigned int)n;
}

/* The n characters of the source that are shown next, as they are. */
static void emit_shown(struct console_mux *mux, const struct console_source *source, uint32_t n)
{
	const struct console_port *port = source->port;

	ASSERT(n <= MUX_OUT_SIZE - mux->out_len);
	for (uint32_t i = 0; i < n; i++)
		mux->out[mux->out_len++] = (char)port->data[(source->shown + i) & (port->size - 1)];
}

static void emit_move(struct console_mux *mux, unsigned int count, char final)
{
	char text[16];

	format(text, sizeof(text), "\033[%u%c", count, final);
	emit(mux, text);
}

static void emit_prefix(struct console_mux *mux, const struct console_source *source)
{
	static const char *const colours[] = {"36", "33", "35", "32", "34", "31"};
	char text[MUX_UNIT_MAX];

	if (source == mux->hypervisor) {
		emit(mux, "bulkhead: ");
		return;
	}
	if (has_colours(mux)) {
		format(text, sizeof(text), "\033[%sm",
		       colours[(source->number - 1) % ARRAY_SIZE(colours)]);
		emit(mux, text);
	}
	format(text, sizeof(text), "%-*.*s %c ", mux->name_width, MUX_NAME_MAX, source->name,
	       source->continued ? '+' : '|');
	emit(mux, text);
	if (has_colours(mux))
		emit(mux, RESET);
}

static void reset_attributes(struct console_mux *mux, struct console_source *source)
{
	if (source->coloured)
		emit(mux, RESET);
	source->coloured = false;
}

/* ---- Positions ---- */

/* Text before `tail` is not kept any longer: the ring has room for as much. */
static void forget(struct console_source *source, uint32_t tail, bool in_string)
{
	source->tail_in_string = in_string;
	atomic_store(&source->port->tail, tail);
}

static void advance(struct console_source *source, uint32_t n)
{
	source->shown += n;
	if ((int32_t)(source->shown - source->seen) > 0)
		source->seen = source->shown;
}

/* ---- Lines ---- */

static void begin_line(struct console_mux *mux, struct console_source *source)
{
	if (mux->disturbed)
		emit(mux, mux->plain ? NEWLINE : RESET NEWLINE);
	mux->disturbed = false;
	mux->line = source;
	source->column = 0;
	source->width = 0;
	source->cr_valid = false;
	source->coloured = false;
	source->broken = false;
	emit_prefix(mux, source);
}

/* Ends the line on the terminal; `continued`: the source's own line goes on. */
static void end_line(struct console_mux *mux, struct console_source *source, bool continued)
{
	reset_attributes(mux, source);
	emit(mux, NEWLINE);
	mux->line = NULL;
	source->continued = continued;
	source->broken = false;
	forget(source, source->shown, source->in_string);
}

/* Takes the unfinished line off the terminal. The ring keeps it, so that it can be drawn again. */
static void erase_line(struct console_mux *mux, struct console_source *source)
{
	reset_attributes(mux, source);
	emit(mux, "\r\033[K");
	mux->line = NULL;
	source->shown = source->port->tail;
	source->in_string = source->tail_in_string;
}

/* Makes way for another source's line. */
static void leave_line(struct console_mux *mux, struct console_source *source)
{
	if (source->broken || mux->plain)
		end_line(mux, source, true);
	else
		erase_line(mux, source);
}

/* ---- Units of text ---- */

static void show_return(struct console_mux *mux, struct console_source *source)
{
	if (source->width == 0)
		return;
	/* In a log, the text that would be written over stays. */
	if (mux->plain) {
		end_line(mux, source, false);
		begin_line(mux, source);
		return;
	}
	reset_attributes(mux, source);
	emit(mux, "\r");
	emit_prefix(mux, source);
	source->column = 0;
	source->cr_next = source->shown + 1;
	source->cr_valid = true;
}

/* What works at the cursor, for a line that is being edited; never left of its start. */
static void show_move(struct console_mux *mux, struct console_source *source,
		      const struct text_unit *unit)
{
	unsigned int count = MAX(unit->count, 1u);

	switch (unit->final) {
	case 'D':
		count = MIN(count, source->column);
		source->column -= count;
		break;
	case 'C':
		count = MIN(count, source->width - source->column);
		source->column += count;
		source->cr_valid = false;
		break;
	case 'K':
		source->width = source->column;
		count = 0;
		break;
	case '@':
		source->cr_valid = false;
		break;
	default:
		break;
	}
	if (count != 0 || unit->final == 'K')
		emit_move(mux, count, unit->final);
}

static void show_unit(struct console_mux *mux, struct console_source *source,
		      const struct text_unit *unit)
{
	bool live = source == mux->live;
	bool again = source->shown != source->seen;

	switch (unit->kind) {
	case TEXT_PRINT:
	case TEXT_INVALID:
		if (unit->kind == TEXT_PRINT)
			emit_shown(mux, source, unit->length);
		else
			emit(mux, "?");
		source->column += unit->columns;
		source->width = MAX(source->width, source->column);
		break;
	case TEXT_COLOUR:
		if (!has_colours(mux))
			break;
		emit_shown(mux, source, unit->length);
		source->coloured = unit->count != 0;
		break;
	case TEXT_RETURN:
		show_return(mux, source);
		break;
	case TEXT_BACKSPACE:
		if (live && source->column > 0) {
			emit(mux, "\b");
			source->column--;
		}
		break;
	case TEXT_MOVE:
		if (live)
			show_move(mux, source, unit);
		break;
	case TEXT_BELL:
	case TEXT_QUERY:
		if (live && !again)
			emit_shown(mux, source, unit->length);
		break;
	default:
		break;
	}
}

/*
 * Makes room in the ring. Of a live line, the text is kept that is on the
 * terminal, because it may have to be drawn again. Text before a carriage
 * return is not needed once other text has been written over all of it.
 */
static void settle(struct console_source *source)
{
	if (source->keep && source->shown - source->port->tail > MUX_REDRAW_MAX)
		source->broken = true;
	if (!source->keep || source->broken) {
		forget(source, source->shown, source->in_string);
	} else if (source->cr_valid && source->column >= source->width) {
		forget(source, source->cr_next, false);
		source->cr_valid = false;
	}
}

/* ---- Turns ---- */

/*
 * How far the source may be shown now: to the end of its first line; if that
 * has no end yet, all that there is, where that is wanted (a live line, one
 * that fills the ring, the last one); else not at all.
 */
static uint32_t showable(const struct console_mux *mux, struct console_source *source)
{
	const struct console_port *port = source->port;
	uint32_t head = atomic_load(&port->head);

	if ((int32_t)(source->scanned - source->shown) < 0)
		source->scanned = source->shown;
	for (; source->scanned != head; source->scanned++) {
		if (port->data[source->scanned & (port->size - 1)] == '\n')
			return source->scanned + 1;
	}
	if (source->shown == head)
		return head;
	if (source == mux->live && !source->flush &&
	    console_text_next(port, source->shown, head, source->in_string).kind == TEXT_PARTIAL)
		return source->shown;
	if (source == mux->live || source->flush || head - port->tail >= port->size)
		return head;
	return source->shown;
}

/* Whether the source can have a turn now; sets where it would end. */
static bool is_ready(const struct console_mux *mux, struct console_source *source)
{
	source->end = showable(mux, source);
	if (source->end != source->shown)
		return true;
	if (source->flush && mux->line != source)
		source->flush = false;
	return source->flush;
}

static bool is_raw_now(const struct console_mux *mux)
{
	return mux->raw && (int32_t)(mux->raw_from - mux->hypervisor->shown) <= 0;
}

/* Gives a turn to the next source that has something to show. */
static bool begin_turn(struct console_mux *mux)
{
	struct console_source *source = mux->last, *first;

	if (mux->raw) {
		source = mux->hypervisor;
	} else if (mux->burst >= MUX_BURST) {
		source = source->next;
		mux->burst = 0;
	}
	first = source;
	while (!is_ready(mux, source)) {
		source = source->next;
		if (mux->raw || source == first)
			return false;
	}
	mux->burst = source == mux->last ? mux->burst + 1 : 1;
	mux->last = source;
	mux->turn = source;
	source->keep = source == mux->live;
	return true;
}

/* The turn is over though the line has not ended. */
static void end_turn(struct console_mux *mux, struct console_source *source)
{
	mux->turn = NULL;
	if (source->flush) {
		advance(source, source->end - source->shown);
		source->flush = false;
		source->in_string = false;
		end_line(mux, source, false);
	} else if (!source->keep) {
		end_line(mux, source, true);
	}
}

/* Shows the source up to the end of its turn, or as far as there is room for it. */
static void show(struct console_mux *mux, struct console_source *source)
{
	while (source->shown != source->end) {
		struct text_unit unit =
		    console_text_next(source->port, source->shown, source->end, source->in_string);

		if (mux->out_len + 2 * MUX_UNIT_MAX > MUX_OUT_SIZE) {
			settle(source);
			return;
		}
		if (unit.kind == TEXT_PARTIAL)
			break;
		show_unit(mux, source, &unit);
		advance(source, unit.length);
		source->in_string = unit.in_string;
		if (unit.kind == TEXT_NEWLINE) {
			mux->turn = NULL;
			end_line(mux, source, false);
			return;
		}
	}
	settle(source);
	end_turn(mux, source);
}

/* Sends the focused VM's output as it is. */
static bool show_raw(struct console_mux *mux)
{
	struct console_source *source = mux->focus;
	uint32_t n = atomic_load(&source->port->head) - source->port->tail;

	if (n == 0)
		return false;
	n = MIN(n, (uint32_t)MUX_OUT_SIZE);
	source->shown = source->port->tail;
	emit_shown(mux, source, n);
	source->shown += n;
	source->seen = source->shown;
	source->in_string = false;
	source->continued = false;
	forget(source, source->shown, false);
	mux->disturbed = true;
	return true;
}

bool console_mux_fill(struct console_mux *mux)
{
	mux->out_pos = 0;
	mux->out_len = 0;
	if (mux->turn == NULL && is_raw_now(mux)) {
		if (mux->line == NULL)
			return show_raw(mux);
		leave_line(mux, mux->line);
		return true;
	}
	if (mux->turn == NULL && !begin_turn(mux))
		return false;
	if (mux->line != NULL && mux->line != mux->turn)
		leave_line(mux, mux->line);
	if (mux->line == NULL)
		begin_line(mux, mux->turn);
	show(mux, mux->turn);
	return true;
}

/* ---- Sources ---- */

static void init_source(struct console_source *source)
{
	source->shown = source->port->tail;
	source->seen = source->shown;
	source->scanned = source->shown;
}

void console_mux_init(struct console_mux *mux, struct console_source *hypervisor)
{
	*mux = (struct console_mux){.hypervisor = hypervisor, .last = hypervisor};
	hypervisor->number = 0;
	hypervisor->next = hypervisor;
	init_source(hypervisor);
}

void console_mux_add(struct console_mux *mux, struct console_source *source)
{
	struct console_source *before = mux->hypervisor;

	while (before->next != mux->hypervisor)
		before = before->next;
	source->number = before->number + 1;
	source->next = mux->hypervisor;
	init_source(source);
	before->next = source;
	mux->name_width = MAX(mux->name_width, (int)strnlen(source->name, MUX_NAME_MAX));
	if (mux->focus == NULL)
		console_mux_focus(mux, source);
}

/* Whether the focused VM is live, and whether its port tells of every character. */
static void update_live(struct console_mux *mux)
{
	mux->live = mux->plain ? NULL : mux->focus;
	if (mux->focus != NULL)
		atomic_store(&mux->focus->port->live, !mux->plain || mux->raw);
	/* Orders the store of live before the loads of head: see console_port_put(). */
	dmb(ish);
}

void console_mux_focus(struct console_mux *mux, struct console_source *source)
{
	if (mux->focus != NULL)
		atomic_store(&mux->focus->port->live, false);
	mux->focus = source;
	update_live(mux);
	/* The hypervisor's line about the change comes before the new live line. */
	mux->last = mux->hypervisor;
	mux->burst = 0;
}

bool console_mux_ask(struct console_mux *mux)
{
	if (MUX_OUT_SIZE - mux->out_len < strlen(QUESTION))
		return false;
	emit(mux, QUESTION);
	return true;
}

void console_mux_set_plain(struct console_mux *mux, bool plain)
{
	mux->plain = plain;
	update_live(mux);
}

void console_mux_set_raw(struct console_mux *mux, bool raw)
{
	mux->raw = raw;
	mux->raw_from = mux->hypervisor->port->head;
	update_live(mux);
}
