// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names in the system description: an unknown name is an error, with a hint if it
 * looks like a known one.
 */
#include "fdt/check.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/diag.h"
#include "lib/bits.h"

/* Longer names are not compared. */
#define SIMILAR_MAX 24

/* Counts the letters to change, add or take away to come from a to b (Levenshtein). */
static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	uint8_t row[SIMILAR_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 1; i <= a_len; i++) {
		uint8_t diagonal = row[0];

		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int change = diagonal + (a[i - 1] != b[j - 1] ? 1u : 0u);

			diagonal = row[j];
			row[j] = (uint8_t)MIN(change, MIN(row[j], row[j - 1]) + 1u);
		}
	}
	return row[b_len];
}

const char *check_similar(const char *name, const char *const *names)
{
	size_t len = strnlen(name, SIMILAR_MAX + 1);

	if (len > SIMILAR_MAX)
		return NULL;
	for (; *names; names++)
		if (distance(name, len, *names, strlen(*names)) < MIN(len, (size_t)3))
			return *names;
	return NULL;
}

static bool is_known(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

void check_property_names(struct parser *p, int node, const char *path, const char *const *names)
{
	int property;

	fdt_for_each_property_offset(property, p->blob, node) {
		const char *name = NULL, *similar;

		if (!fdt_getprop_by_offset(p->blob, property, &name, NULL) || !name ||
		    is_known(name, names))
			continue;
		similar = check_similar(name, names);
		if (similar)
			diag_error(p->diag, path, name, "unknown property: did you mean %s?",
				   similar);
		else
			diag_error(p->diag, path, name, "unknown property: remove it");
	}
}
