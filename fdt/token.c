// SPDX-License-Identifier: BSD-2-Clause
/*
 * See token.h. The blob is not trusted: nothing outside of the block is read.
 */
#include "fdt/token.h"

#include <libfdt.h>

#include "lib/bits.h"

struct token_walk token_walk(const void *dtb, uint32_t offset)
{
	uint32_t start = fdt_off_dt_struct(dtb);

	return (struct token_walk){
	    .structure = (const uint8_t *)dtb + start,
	    .size = fdt_version(dtb) >= 17 ? fdt_size_dt_struct(dtb) : fdt_totalsize(dtb) - start,
	    .next = offset,
	};
}

/* Moves on by len bytes, and to the next cell. False if that is not within the block. */
static inline bool skip(struct token_walk *walk, uint32_t len)
{
	if (len > walk->size - walk->next)
		return false;
	len = (uint32_t)ALIGN_UP(walk->next + len, 4u);
	if (len > walk->size)
		return false;
	walk->next = len;
	return true;
}

bool token_next(struct token_walk *walk, struct token *token)
{
	const uint8_t *at = walk->structure + walk->next, *end;

	token->offset = walk->next;
	if (!skip(walk, 4))
		return false;
	token->tag = token_load(at);
	switch (token->tag) {
	case FDT_BEGIN_NODE:
		for (end = at + 4; end != walk->structure + walk->size && *end; end++)
			;
		token->name = token->offset + 4;
		token->len = (uint32_t)(end - at - 4);
		return skip(walk, token->len + 1);
	case FDT_PROP:
		if (!skip(walk, 8))
			return false;
		token->len = token_load(at + 4);
		token->name = token_load(at + 8);
		token->value = token->offset + 12;
		return skip(walk, token->len);
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		return true;
	default:
		return false;
	}
}
