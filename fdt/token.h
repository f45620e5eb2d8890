/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tokens of a flattened tree's structure block (Devicetree
 * Specification 5.4), one after the other.
 */
#pragma once

#include "lib/types.h"

struct token {
	uint32_t tag;	 /* FDT_BEGIN_NODE and so on */
	uint32_t offset; /* of the tag, which is libfdt's name for a node */
	uint32_t name;	 /* offset: of a node's name here, of a property's in the strings block */
	uint32_t value;	 /* offset */
	uint32_t len;	 /* of the value, or of a node's name */
};

struct token_walk {
	const uint8_t *structure;
	uint32_t size;
	uint32_t next; /* offset of the next tag; a multiple of 4 */
};

/* A walk from an offset on that is a tag's. The blob's header is sound. */
struct token_walk token_walk(const void *dtb, uint32_t offset);

/* Reads the next token. Returns false at the end of the block, and at a token that is damaged. */
bool token_next(struct token_walk *walk, struct token *token);

/* A cell, which need not be aligned. */
static inline uint32_t token_load(const void *cell)
{
	uint32_t value;

	/* the builtin is one instruction */
	__builtin_memcpy(&value, cell, sizeof(value));
	return __builtin_bswap32(value);
}
