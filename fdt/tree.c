// SPDX-License-Identifier: BSD-2-Clause
/*
 * See tree.h; Devicetree Specification 5.4 for the structure block.
 */
#include "fdt/tree.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/token.h"
#include "lib/bits.h"
#include "lib/errno.h"

struct tree_node {
	uint32_t offset;
	uint32_t phandle; /* 0: none */
	uint32_t compatible;
	uint32_t compatible_len;
	uint32_t name_len;
	uint32_t parent; /* index */
	bool is_memory;
};

static struct {
	const void *dtb;
	struct tree_node *nodes; /* by offset */
	unsigned int nr_nodes;
} indexed;

int tree_check(const void *dtb)
{
	const uint8_t *names = (const uint8_t *)dtb + fdt_off_dt_strings(dtb);
	uint32_t names_size = fdt_size_dt_strings(dtb), depth = 0;
	bool has_root = false;
	struct token_walk walk = token_walk(dtb, 0);
	struct token token;

	if (fdt_num_mem_rsv(dtb) < 0)
		return -FDT_ERR_TRUNCATED;
	/* so that every name ends within the block */
	while (names_size != 0 && names[names_size - 1] != 0)
		names_size--;
	while (token_next(&walk, &token)) {
		switch (token.tag) {
		case FDT_BEGIN_NODE:
			if (depth++ == 0 && has_root)
				return -FDT_ERR_BADSTRUCTURE;
			has_root = true;
			break;
		case FDT_PROP:
			if (depth == 0 || token.name >= names_size)
				return -FDT_ERR_BADSTRUCTURE;
			break;
		case FDT_END_NODE:
			if (depth-- == 0)
				return -FDT_ERR_BADSTRUCTURE;
			break;
		case FDT_END:
			return depth == 0 && has_root ? 0 : -FDT_ERR_BADSTRUCTURE;
		default:
			break;
		}
	}
	return -FDT_ERR_TRUNCATED;
}

/* The properties that searches ask for. The first one of a name counts, as for libfdt. */
static void note_property(struct tree_node *node, const void *dtb, const struct token_walk *walk,
			  const struct token *token)
{
	const char *name = (const char *)dtb + fdt_off_dt_strings(dtb) + token->name;

	if (*name == 'c' && strcmp(name, "compatible") == 0 && !node->compatible) {
		node->compatible = token->value;
		node->compatible_len = token->len;
	} else if (token->len == sizeof("memory") && strcmp(name, "device_type") == 0) {
		node->is_memory =
		    memcmp(walk->structure + token->value, "memory", sizeof("memory")) == 0;
	} else if (token->len == 4 && node->phandle == 0 &&
		   (strcmp(name, "phandle") == 0 || strcmp(name, "linux,phandle") == 0)) {
		node->phandle = token_load(walk->structure + token->value);
	}
}

static unsigned int count_nodes(const void *dtb)
{
	struct token_walk walk = token_walk(dtb, 0);
	struct token token;
	unsigned int n = 0;

	while (token_next(&walk, &token) && token.tag != FDT_END)
		n += token.tag == FDT_BEGIN_NODE;
	return n;
}

void tree_index(const void *dtb, struct arena *arena)
{
	struct token_walk walk = token_walk(dtb, 0);
	unsigned int count = count_nodes(dtb), n = 0, current = 0;
	struct tree_node *nodes = arena_alloc(arena, count, sizeof(*nodes));
	struct token token;

	indexed.dtb = NULL;
	if (!nodes)
		return;
	while (token_next(&walk, &token) && token.tag != FDT_END) {
		if (token.tag == FDT_BEGIN_NODE) {
			nodes[n] = (struct tree_node){
			    .offset = token.offset, .name_len = token.len, .parent = current};
			current = n++;
		} else if (token.tag == FDT_END_NODE) {
			current = nodes[current].parent;
		} else if (token.tag == FDT_PROP) {
			note_property(&nodes[current], dtb, &walk, &token);
		}
	}
	indexed.nodes = nodes;
	indexed.nr_nodes = n;
	indexed.dtb = dtb;
}

static const char *name_of(const struct tree_node *node)
{
	return (const char *)indexed.dtb + fdt_off_dt_struct(indexed.dtb) + node->offset + 4;
}

/* libfdt's rule: without its unit address, a name fits any. */
static bool has_name(const struct tree_node *node, const char *name, unsigned int len)
{
	const char *own = name_of(node);

	if (node->name_len < len || *own != *name || memcmp(own, name, len) != 0)
		return false;
	return node->name_len == len || (own[len] == '@' && !memchr(name, '@', len));
}

int tree_find_path(const void *dtb, const char *path, unsigned int len)
{
	unsigned int at = 0, n = 0;

	if (dtb != indexed.dtb || len == 0 || *path != '/')
		return fdt_path_offset_namelen(dtb, path, (int)len);
	for (;;) {
		unsigned int parent = n, end;

		while (at < len && path[at] == '/')
			at++;
		if (at == len)
			return (int)indexed.nodes[n].offset;
		for (end = at; end < len && path[end] != '/'; end++)
			;
		/* children come after their parent */
		for (n = parent + 1; n < indexed.nr_nodes; n++)
			if (indexed.nodes[n].parent == parent &&
			    has_name(&indexed.nodes[n], path + at, end - at))
				break;
		if (n == indexed.nr_nodes)
			return -FDT_ERR_NOTFOUND;
		at = end;
	}
}

int tree_find_phandle(const void *dtb, uint32_t phandle)
{
	if (dtb != indexed.dtb)
		return fdt_node_offset_by_phandle(dtb, phandle);
	if (phandle == 0 || phandle == UINT32_MAX)
		return -FDT_ERR_BADPHANDLE;
	for (unsigned int n = 0; n < indexed.nr_nodes; n++)
		if (indexed.nodes[n].phandle == phandle)
			return (int)indexed.nodes[n].offset;
	return -FDT_ERR_NOTFOUND;
}

uint32_t tree_max_phandle(const void *dtb)
{
	uint32_t max = 0;

	if (dtb != indexed.dtb)
		(void)fdt_find_max_phandle(dtb, &max);
	else
		for (unsigned int n = 0; n < indexed.nr_nodes; n++)
			if (indexed.nodes[n].phandle != UINT32_MAX)
				max = MAX(max, indexed.nodes[n].phandle);
	return max;
}

int tree_find_compatible(const void *dtb, int node, const char *compatible)
{
	const char *structure;

	if (dtb != indexed.dtb)
		return fdt_node_offset_by_compatible(dtb, node, compatible);
	structure = (const char *)dtb + fdt_off_dt_struct(dtb);
	for (unsigned int n = 0; n < indexed.nr_nodes; n++) {
		const struct tree_node *other = &indexed.nodes[n];

		if ((int)other->offset > node && other->compatible != 0 &&
		    fdt_stringlist_contains(structure + other->compatible,
					    (int)other->compatible_len, compatible))
			return (int)other->offset;
	}
	return -FDT_ERR_NOTFOUND;
}

int tree_find_memory(const void *dtb, int node)
{
	if (dtb != indexed.dtb)
		return fdt_node_offset_by_prop_value(dtb, node, "device_type", "memory",
						     sizeof("memory"));
	for (unsigned int n = 0; n < indexed.nr_nodes; n++)
		if ((int)indexed.nodes[n].offset > node && indexed.nodes[n].is_memory)
			return (int)indexed.nodes[n].offset;
	return -FDT_ERR_NOTFOUND;
}

/* The index of the node at an offset, or -1. */
static int search(int offset)
{
	unsigned int low = 0, high = indexed.nr_nodes;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if ((int)indexed.nodes[middle].offset == offset)
			return (int)middle;
		if ((int)indexed.nodes[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* By libfdt, in one walk (its fdt_parent_offset() takes one for each level). */
static int walk_ancestors(const void *dtb, int node, int path[TREE_MAX_DEPTH + 1])
{
	int depth = 0;

	for (int next = 0; next >= 0 && next <= node && depth >= 0;
	     next = fdt_next_node(dtb, next, &depth)) {
		if (depth <= TREE_MAX_DEPTH)
			path[depth] = next;
		if (next == node)
			return depth <= TREE_MAX_DEPTH ? depth : -EINVAL;
	}
	return -EINVAL;
}

int tree_ancestors(const void *dtb, int node, int path[TREE_MAX_DEPTH + 1])
{
	int n, depth = 0;

	if (dtb != indexed.dtb)
		return walk_ancestors(dtb, node, path);
	n = search(node);
	if (n < 0)
		return -EINVAL;
	for (int up = n; up != 0; up = (int)indexed.nodes[up].parent)
		depth++;
	if (depth > TREE_MAX_DEPTH)
		return -EINVAL;
	for (int i = depth; i >= 0; i--, n = (int)indexed.nodes[n].parent)
		path[i] = (int)indexed.nodes[n].offset;
	return depth;
}
