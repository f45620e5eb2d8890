/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bump allocator over memory that its owner provides: one block, or one after the
 * other as they are used up. Boot code builds its data structures in one; nothing is
 * ever given back.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t size;
	size_t used;
	void *(*grow)(size_t *size);
};

/* Makes an arena of the size bytes at base, which must be 16-byte aligned. */
void arena_init(struct arena *a, void *base, size_t size);

/*
 * From now on, when the arena is used up, grow(&size) gives it another block for good. The
 * block is 16-byte aligned and has at least `size` bytes; grow() sets `size` to the block's
 * real size. NULL: there is none. The rest of the block before is lost.
 */
void arena_set_grow(struct arena *a, void *(*grow)(size_t *size));

/*
 * Returns count * size zeroed bytes, aligned to 16, or NULL if the arena is
 * too small or the product overflows.
 */
void *arena_alloc(struct arena *a, size_t count, size_t size);
