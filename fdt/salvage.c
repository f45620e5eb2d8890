// SPDX-License-Identifier: BSD-2-Clause
/*
 * See salvage.h; Devicetree Specification 5 for the format. The structure block is
 * read token by token. Cells that are no token are passed over, one at a time, up to
 * the next token.
 */
#include "fdt/salvage.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/token.h"
#include "fdt/tree.h"
#include "lib/bits.h"

#define HEADER_SIZE sizeof(struct fdt_header)
#define RESERVATIONS_SIZE sizeof(struct fdt_reserve_entry) /* only the end */
/* Of nodes and properties; real ones have up to 40 characters. */
#define MAX_NAME 64

struct salvage {
	const uint8_t *bytes;
	uint32_t size;
	uint32_t structure; /* where it begins */
	uint32_t names;	    /* the strings block, as far as it is one */
	uint32_t names_size;
	uint8_t *out;
	size_t room;
	size_t written; /* more than room: only counted */
	unsigned int depth;
};

static bool is_printable(uint8_t c)
{
	return c > ' ' && c <= '~';
}

/* The length of the name at an offset; 0 if no name is there, or none that ends before `end`. */
static uint32_t name_length(const struct salvage *s, uint32_t at, uint32_t end)
{
	uint32_t n = 0;

	while (at + n < end && n <= MAX_NAME && is_printable(s->bytes[at + n]))
		n++;
	return at + n < end && s->bytes[at + n] == '\0' ? n : 0;
}

/* ---- Tokens ---- */

static bool is_tag(const struct salvage *s, uint32_t at)
{
	uint32_t tag = at <= s->size - 4 ? token_load(s->bytes + at) : 0;

	return (tag >= FDT_BEGIN_NODE && tag <= FDT_NOP) || tag == FDT_END;
}

/* True if at least `least` of these are there: the root's tag, its empty name, another token. */
static bool is_root(const struct salvage *s, uint32_t at, int least)
{
	return at <= s->size - 12 && (token_load(s->bytes + at) == FDT_BEGIN_NODE) +
					     (token_load(s->bytes + at + 4) == 0) +
					     is_tag(s, at + 8) >=
					 least;
}

/* The offset behind a token with this tag; 0 if the token makes no sense. */
static uint32_t after_tag(const struct salvage *s, uint32_t at, uint32_t tag)
{
	uint32_t next = at + 4, length;

	switch (tag) {
	case FDT_BEGIN_NODE:
		length = name_length(s, next, s->size);
		/* only the root has an empty one */
		return length != 0 ? (uint32_t)ALIGN_UP(next + length + 1, 4u) : 0;
	case FDT_PROP:
		if (s->size - at < 12)
			return 0;
		length = token_load(s->bytes + next);
		next += 8;
		if (length > s->size - next)
			return 0;
		next = (uint32_t)ALIGN_UP(next + length, 4u);
		/* A length that is wrong would swallow what comes after it. */
		return is_tag(s, next) || is_tag(s, next + 4) ? next : 0;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		return next;
	default:
		return 0;
	}
}

/*
 * The offset behind the token that is here, whose tag goes to *tag; 0 if no token is here. Where a
 * token is `due`, a cell that differs from a tag in one bit is taken for that tag, if the token
 * makes sense then.
 */
static uint32_t after_token(const struct salvage *s, uint32_t at, bool due, uint32_t *tag)
{
	static const uint32_t tags[] = {FDT_PROP, FDT_BEGIN_NODE, FDT_END_NODE};
	uint32_t word = token_load(s->bytes + at);
	uint32_t next = after_tag(s, at, word);

	*tag = word;
	for (unsigned int i = 0; next == 0 && due && i < ARRAY_SIZE(tags); i++) {
		uint32_t odd = word ^ tags[i];

		*tag = tags[i];
		if ((odd & (odd - 1)) == 0 && (tags[i] != FDT_END_NODE || is_tag(s, at + 4)))
			next = after_tag(s, at, tags[i]);
	}
	return next;
}

/* ---- The blocks ---- */

static bool find_structure(struct salvage *s)
{
	s->structure = fdt_off_dt_struct(s->bytes);
	if (IS_ALIGNED(s->structure, 4u) && s->structure < s->size && is_root(s, s->structure, 2))
		return true;
	for (uint32_t at = HEADER_SIZE; at <= s->size - 12; at += 4)
		if (is_root(s, at, 3)) {
			s->structure = at;
			return true;
		}
	return false;
}

/* How many properties' names begin where a string begins, with the strings at this offset. */
static unsigned int count_names(const struct salvage *s, uint32_t names)
{
	unsigned int n = 0;
	uint32_t next, tag;

	for (uint32_t at = s->structure; at <= s->size - 4; at = next) {
		uint32_t name;

		next = after_token(s, at, false, &tag);
		if (next == 0) {
			next = at + 4;
			continue;
		}
		if (tag == FDT_END)
			break;
		name = tag == FDT_PROP ? token_load(s->bytes + at + 8) : 0;
		n += tag == FDT_PROP && name < s->size - names &&
		     name_length(s, names + name, s->size) != 0 &&
		     (name == 0 || s->bytes[names + name - 1] == '\0');
	}
	return n;
}

/* Where the structure ends, by its tokens. */
static uint32_t end_of_structure(const struct salvage *s)
{
	for (uint32_t at = s->structure; at <= s->size - 4;) {
		uint32_t tag, next = after_token(s, at, false, &tag);

		if (next != 0 && tag == FDT_END)
			return next;
		at = next != 0 ? next : at + 4;
	}
	return 0;
}

/* The strings are where the header says, or where tools that write trees put them: the better. */
static void find_names(struct salvage *s)
{
	uint32_t header = fdt_off_dt_strings(s->bytes), behind = end_of_structure(s), n = 0;
	unsigned int run = 0, odd = 0;

	if (header >= s->size)
		header = 0;
	s->names = header;
	if (behind != 0 && behind < s->size && behind != header &&
	    (header == 0 || count_names(s, behind) > count_names(s, header)))
		s->names = behind;
	/* the names end at padding, or at several bytes that are no text */
	while (s->names != 0 && s->names + n < s->size && run <= MAX_NAME && odd < 2) {
		uint8_t c = s->bytes[s->names + n], before = n ? s->bytes[s->names + n - 1] : 1;

		if (c == '\0' && before == '\0')
			break;
		odd = c == '\0' || is_printable(c) ? 0 : odd + 1;
		run = c == '\0' ? 0 : run + 1;
		n++;
	}
	s->names_size = n - run;
}

/* ---- The new tree ---- */

static void put(struct salvage *s, const void *data, size_t size)
{
	if (s->written + size <= s->room)
		memcpy(s->out + s->written, data, size);
	s->written += size;
}

static void put_cell(struct salvage *s, uint32_t value)
{
	fdt32_t cell = cpu_to_fdt32(value);

	put(s, &cell, sizeof(cell));
}

static void put_padding(struct salvage *s)
{
	static const uint8_t zeros[4];

	put(s, zeros, -s->written & 3);
}

/* The token is sound by itself, but may stand where the format has none of its kind. */
static void put_token(struct salvage *s, uint32_t at, uint32_t tag)
{
	uint32_t length;

	if (tag == FDT_BEGIN_NODE && s->depth < TREE_MAX_DEPTH) {
		length = name_length(s, at + 4, s->size);
		s->depth++;
		put_cell(s, tag);
		put(s, s->bytes + at + 4, length + 1);
	} else if (tag == FDT_END_NODE && s->depth > 1) {
		/* not the root's: there may be more of it */
		s->depth--;
		put_cell(s, tag);
	} else if (tag == FDT_PROP && token_load(s->bytes + at + 8) < s->names_size) {
		length = token_load(s->bytes + at + 4);
		put_cell(s, tag);
		put(s, s->bytes + at + 4, 8 + length);
	}
	put_padding(s);
}

static void put_structure(struct salvage *s)
{
	uint32_t next, tag;
	bool due = true;

	put_cell(s, FDT_BEGIN_NODE);
	put_cell(s, 0);
	s->depth = 1;
	for (uint32_t at = s->structure + 8; at <= s->size - 4; at = next) {
		next = after_token(s, at, due, &tag);
		due = next != 0;
		if (next == 0) {
			next = at + 4;
			continue;
		}
		if (tag == FDT_END)
			break;
		put_token(s, at, tag);
	}
	for (; s->depth != 0; s->depth--)
		put_cell(s, FDT_END_NODE);
	put_cell(s, FDT_END);
}

/* How many bits of n bytes are the other way. */
static unsigned int count_flips(const uint8_t *a, const char *b, size_t n)
{
	unsigned int flips = 0;

	for (size_t i = 0; i < n; i++)
		for (uint8_t odd = a[i] ^ (uint8_t)b[i]; odd != 0; odd &= (uint8_t)(odd - 1))
			flips++;
	return flips;
}

/* All properties of one name share one string: a damaged string would lose all of them. */
static void mend_names(uint8_t *names, uint32_t size)
{
	static const char *const needed[] = {"compatible",     "reg",	      "ranges",
					     "#address-cells", "#size-cells", "method",
					     "stdout-path",    "bootargs"};

	for (unsigned int i = 0; i < ARRAY_SIZE(needed); i++) {
		size_t n = strlen(needed[i]) + 1;
		uint8_t *like = NULL;
		bool there = false;

		for (uint32_t at = 0; at + n <= size; at++) {
			unsigned int flips = at == 0 || names[at - 1] == '\0'
						 ? count_flips(names + at, needed[i], n)
						 : 2;

			there |= flips == 0;
			like = flips == 1 ? names + at : like;
		}
		if (!there && like)
			memcpy(like, needed[i], n);
	}
}

size_t salvage_tree(const void *dtb, size_t size, void *out, size_t room)
{
	struct salvage s = {.bytes = dtb, .size = (uint32_t)size, .out = out, .room = room};
	struct fdt_header header = {
	    .magic = cpu_to_fdt32(FDT_MAGIC),
	    .off_mem_rsvmap = cpu_to_fdt32(HEADER_SIZE),
	    .off_dt_struct = cpu_to_fdt32(HEADER_SIZE + RESERVATIONS_SIZE),
	    .version = cpu_to_fdt32(17),
	    .last_comp_version = cpu_to_fdt32(16),
	};
	static const uint8_t end_of_reservations[RESERVATIONS_SIZE];
	size_t structure = HEADER_SIZE + RESERVATIONS_SIZE, names;

	if (size < HEADER_SIZE + 12 || size > INT32_MAX || !find_structure(&s))
		return 0;
	find_names(&s);
	put(&s, &header, sizeof(header));
	put(&s, end_of_reservations, sizeof(end_of_reservations));
	put_structure(&s);
	names = s.written;
	put(&s, s.bytes + s.names, s.names_size);
	if (s.written > room)
		return s.written;
	header.totalsize = cpu_to_fdt32((uint32_t)s.written);
	header.off_dt_strings = cpu_to_fdt32((uint32_t)names);
	header.size_dt_strings = cpu_to_fdt32(s.names_size);
	header.size_dt_struct = cpu_to_fdt32((uint32_t)(names - structure));
	memcpy(out, &header, sizeof(header));
	mend_names(s.out + names, s.names_size);
	return s.written;
}
