/*
 * At EL2, in the place of libfdt's sequential writer, as flat.c is of the rest.
 * Boot only, and one tree at a time.
 */
#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"

/* A header, and no reservations but the empty one that ends them */
#define STRUCTURE (FDT_V17_SIZE + sizeof(struct fdt_reserve_entry))

static struct {
	uint8_t *buf;
	uint32_t next;			/* where the structure block goes on */
	uint32_t strings, strings_size; /* the strings block, up to the buffer's end at first */
	uint32_t size;
} writing;

int fdt_create(void *buf, int bufsize)
{
	uint32_t size = (uint32_t)bufsize;

	if (size < 2 * STRUCTURE)
		return -FDT_ERR_NOSPACE;
	memset(buf, 0, STRUCTURE);
	writing.buf = buf;
	writing.next = STRUCTURE;
	/* names are few, and most of them are there many times */
	writing.strings = (size - size / 4) & ~3u;
	writing.strings_size = 0;
	writing.size = size;
	return 0;
}

int fdt_finish_reservemap(void *fdt)
{
	(void)fdt;
	return 0;
}

/* Adds a cell, and room for len bytes, padded with zeroes. NULL: there is none. */
static uint8_t *add(uint32_t cell, size_t len)
{
	uint8_t *at = writing.buf + writing.next;
	size_t padded = ALIGN_UP(len, 4u);

	if (padded + 4 > writing.strings - writing.next)
		return NULL;
	fdt32_st(at, cell);
	if (padded != 0)
		memset(at + padded, 0, 4);
	writing.next += (uint32_t)padded + 4;
	return at + 4;
}

int fdt_begin_node(void *fdt, const char *name)
{
	size_t len = strlen(name) + 1;
	uint8_t *place = add(FDT_BEGIN_NODE, len);

	(void)fdt;
	if (!place)
		return -FDT_ERR_NOSPACE;
	memcpy(place, name, len);
	return 0;
}

int fdt_end_node(void *fdt)
{
	(void)fdt;
	return add(FDT_END_NODE, 0) ? 0 : -FDT_ERR_NOSPACE;
}

/* The offset of a name in the strings block, or a negative number. */
static int find_string(const char *name)
{
	uint32_t len = (uint32_t)strlen(name) + 1, at = 0;
	char *strings = (char *)writing.buf + writing.strings;

	while (at < writing.strings_size) {
		if (strcmp(strings + at, name) == 0)
			return (int)at;
		at += (uint32_t)strlen(strings + at) + 1;
	}
	if (len > writing.size - writing.strings - at)
		return -FDT_ERR_NOSPACE;
	memcpy(strings + at, name, len);
	writing.strings_size += len;
	return (int)at;
}

int fdt_property(void *fdt, const char *name, const void *val, int len)
{
	int string = find_string(name);
	uint8_t *place = string < 0 ? NULL : add(FDT_PROP, 8 + (size_t)len);

	(void)fdt;
	if (!place)
		return -FDT_ERR_NOSPACE;
	fdt32_st(place, (uint32_t)len);
	fdt32_st(place + 4, (uint32_t)string);
	if (len != 0)
		memcpy(place + 8, val, (size_t)len);
	return 0;
}

int fdt_finish(void *fdt)
{
	if (!add(FDT_END, 0))
		return -FDT_ERR_NOSPACE;
	memmove(writing.buf + writing.next, writing.buf + writing.strings, writing.strings_size);
	fdt_set_magic(fdt, FDT_MAGIC);
	fdt_set_version(fdt, 17);
	fdt_set_last_comp_version(fdt, 16);
	fdt_set_off_mem_rsvmap(fdt, FDT_V17_SIZE);
	fdt_set_off_dt_struct(fdt, STRUCTURE);
	fdt_set_size_dt_struct(fdt, writing.next - (uint32_t)STRUCTURE);
	fdt_set_off_dt_strings(fdt, writing.next);
	fdt_set_size_dt_strings(fdt, writing.strings_size);
	fdt_set_totalsize(fdt, writing.next + writing.strings_size);
	return 0;
}
