/*
 * A bump allocator over one block of memory that its owner provides. Boot
 * code builds its data structures in one; nothing is ever given back.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t size;
	size_t used;
};

/* Makes an arena of the size bytes at base, which must be 16-byte aligned. */
void arena_init(struct arena *a, void *base, size_t size);

/*
 * Returns count * size zeroed bytes, aligned to 16, or NULL if the arena is
 * too small or the product overflows.
 */
void *arena_alloc(struct arena *a, size_t count, size_t size);
