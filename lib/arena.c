// SPDX-License-Identifier: BSD-2-Clause
/*
 * See arena.h. The owner sees to it that one CPU at a time uses an arena.
 */
#include "lib/arena.h"

#include <stdbool.h>
#include <string.h>

#include "lib/bits.h"

#define ARENA_ALIGN 16

void arena_init(struct arena *a, void *base, size_t size)
{
	*a = (struct arena){.base = base, .size = size};
}

void arena_set_grow(struct arena *a, void *(*grow)(size_t *size))
{
	a->grow = grow;
}

/* True if there is room for so many bytes now. */
static bool make_room(struct arena *a, size_t bytes)
{
	size_t size = bytes;
	void *block;

	if (bytes <= a->size - a->used)
		return true;
	block = a->grow ? a->grow(&size) : NULL;
	if (!block)
		return false;
	a->base = block;
	a->size = size;
	a->used = 0;
	return true;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes) || !make_room(a, bytes))
		return NULL;
	p = a->base + a->used;
	a->used += MIN(ALIGN_UP(bytes, ARENA_ALIGN), a->size - a->used);
	memset(p, 0, bytes);
	return p;
}
