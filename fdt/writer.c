// SPDX-License-Identifier: BSD-2-Clause
/*
 * See writer.h.
 */
#include "fdt/writer.h"

#include <libfdt.h>
#include <string.h>

#include "lib/errno.h"
#include "lib/format.h"

void writer_init(struct writer *w, void *buf, size_t size, const void *blob, int joined)
{
	*w = (struct writer){.fdt = buf, .blob = blob};
	/*
	 * Names are not looked up to be used twice: that takes a walk through all of them for
	 * each property, and saves some 10 bytes.
	 */
	w->err = fdt_create_with_flags(buf, (int)size, FDT_CREATE_FLAG_NO_NAME_DEDUP);
	if (!w->err)
		w->err = fdt_finish_reservemap(buf);
	w->joined[0] = joined;
}

int writer_finish(struct writer *w)
{
	if (!w->err)
		w->err = fdt_finish(w->fdt);
	return w->err ? -ENOSPC : (int)fdt_totalsize(w->fdt);
}

/* Begins a node that the given one joins, with that one's properties. */
static void begin(struct writer *w, const char *name, int joined)
{
	int property;

	if (!w->err)
		w->err =
		    w->depth < WRITER_DEPTH ? fdt_begin_node(w->fdt, name) : -FDT_ERR_BADSTRUCTURE;
	if (w->err)
		return;
	w->joined[w->depth++] = joined;
	if (joined < 0)
		return;
	fdt_for_each_property_offset(property, w->blob, joined) {
		const char *own;
		int len;
		const void *value = fdt_getprop_by_offset(w->blob, property, &own, &len);

		if (value && !w->err)
			w->err = fdt_property(w->fdt, own, value, len);
	}
}

void writer_begin(struct writer *w, const char *name)
{
	int joined = w->joined[w->depth ? w->depth - 1 : 0];

	if (w->depth != 0 && joined >= 0) {
		joined = fdt_subnode_offset(w->blob, joined, name);
		if (joined >= 0 && w->nr_found == ARRAY_SIZE(w->found))
			w->err = -FDT_ERR_NOSPACE;
		else if (joined >= 0)
			w->found[w->nr_found++] = joined;
	}
	begin(w, name, joined);
}

void writer_begin_at(struct writer *w, const char *name, uint64_t address)
{
	char full[64];

	format(full, sizeof(full), "%.40s@%llx", name, (unsigned long long)address);
	writer_begin(w, full);
}

static bool is_found(const struct writer *w, int node)
{
	for (unsigned int i = 0; i < w->nr_found; i++)
		if (w->found[i] == node)
			return true;
	return false;
}

/* Recursion ends at WRITER_DEPTH, which is an error. */
void writer_end(struct writer *w)
{
	int joined, child;

	if (w->err)
		return;
	joined = w->joined[w->depth - 1];
	if (joined >= 0)
		fdt_for_each_subnode(child, w->blob, joined) {
			if (is_found(w, child) || w->err)
				continue;
			begin(w, fdt_get_name(w->blob, child, NULL), child);
			writer_end(w);
		}
	w->depth--;
	if (!w->err)
		w->err = fdt_end_node(w->fdt);
}

void writer_bytes(struct writer *w, const char *name, const void *data, size_t size)
{
	if (w->err || (w->joined[w->depth - 1] >= 0 &&
		       fdt_getprop(w->blob, w->joined[w->depth - 1], name, NULL)))
		return;
	w->err = fdt_property(w->fdt, name, data, (int)size);
}

void writer_string(struct writer *w, const char *name, const char *value)
{
	writer_bytes(w, name, value, strlen(value) + 1);
}

void writer_cells(struct writer *w, const char *name, const uint32_t *values, size_t n)
{
	fdt32_t data[WRITER_MAX_CELLS];

	for (size_t i = 0; i < n; i++)
		data[i] = cpu_to_fdt32(values[i]);
	writer_bytes(w, name, data, n * sizeof(*data));
}
