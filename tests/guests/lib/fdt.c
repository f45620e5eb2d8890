// SPDX-License-Identifier: BSD-2-Clause
/*
 * A flattened device tree, walked once from start to end.
 */
#include "tests/guests/lib/fdt.h"

#include "lib/bits.h"
#include "lib/string.h"

#define FDT_MAGIC 0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE 2
#define FDT_PROP 3
#define FDT_NOP 4

/* Header fields, as byte offsets */
#define FDT_TOTALSIZE 4
#define FDT_OFF_STRUCT 8
#define FDT_OFF_STRINGS 12

#define MAX_PATH 128

static uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint32_t fdt_size(const void *dtb)
{
	const uint8_t *header = dtb;

	if (dtb == NULL || read_be32(header) != FDT_MAGIC)
		return 0;
	return read_be32(header + FDT_TOTALSIZE);
}

uint64_t fdt_number(const struct fdt_property *property, unsigned int n, unsigned int cells)
{
	uint64_t value = 0;

	if ((n + cells) * 4 > property->size)
		return 0;
	for (unsigned int i = n; i < n + cells; i++)
		value = value << 32 | read_be32(property->value + (size_t)4 * i);
	return value;
}

/* Appends "/name" to path[0..length); the root's name is empty. Returns the new length. */
static size_t path_push(char *path, size_t length, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || length + n + 2 > MAX_PATH)
		return length;
	path[length] = '/';
	memcpy(path + length + 1, name, n + 1);
	return length + n + 1;
}

static size_t path_pop(char *path, size_t length)
{
	while (length > 0 && path[--length] != '/')
		;
	path[length] = '\0';
	return length;
}

void fdt_walk(const void *dtb, void (*visit)(const struct fdt_property *property, void *arg),
	      void *arg)
{
	const uint8_t *header = dtb;
	const uint8_t *p = header + read_be32(header + FDT_OFF_STRUCT);
	const char *strings = (const char *)header + read_be32(header + FDT_OFF_STRINGS);
	char path[MAX_PATH] = "";
	size_t length = 0;

	for (;;) {
		uint32_t token = read_be32(p);

		p += 4;
		if (token == FDT_BEGIN_NODE) {
			length = path_push(path, length, (const char *)p);
			p += ALIGN_UP(strlen((const char *)p) + 1, 4);
		} else if (token == FDT_END_NODE) {
			length = path_pop(path, length);
		} else if (token == FDT_PROP) {
			struct fdt_property property = {
			    .path = path,
			    .name = strings + read_be32(p + 4),
			    .value = p + 8,
			    .size = read_be32(p),
			};

			visit(&property, arg);
			p += 8 + ALIGN_UP(property.size, 4);
		} else if (token != FDT_NOP) {
			return;
		}
	}
}
