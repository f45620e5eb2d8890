/*
 * At EL2, in the place of libfdt: those of its functions for reading trees that
 * boot calls, with the same results (libfdt.h says which), for trees that
 * reg_check_tree() has found sound. The library comes in whole objects, of which
 * boot would use a third, and checks header and bounds anew in every call. All
 * programs of the build machine use the library itself, and its unit test
 * compares the two.
 */
#include <libfdt.h>
#include <string.h>

#include "fdt/token.h"
#include "lib/bits.h"

/* ---- The blob ---- */

int fdt_check_header(const void *fdt)
{
	uint32_t header = FDT_V17_SIZE, size, version, structure;

	if (!IS_ALIGNED((uintptr_t)fdt, 8))
		return -FDT_ERR_ALIGNMENT;
	if (fdt_magic(fdt) != FDT_MAGIC)
		return -FDT_ERR_BADMAGIC;
	size = fdt_totalsize(fdt);
	version = fdt_version(fdt);
	/* before 16, nodes had other names, and after 17 there is nothing yet */
	if (version < 16 || fdt_last_comp_version(fdt) > 17 || version < fdt_last_comp_version(fdt))
		return -FDT_ERR_BADVERSION;
	structure = fdt_size_dt_struct(fdt);
	if (version == 16) {
		header = FDT_V16_SIZE;
		structure = 0;
	}
	if (size < header || size > INT32_MAX ||
	    !range_within(fdt_off_mem_rsvmap(fdt), 0, header, size - header) ||
	    !range_within(fdt_off_dt_struct(fdt), structure, header, size - header) ||
	    !range_within(fdt_off_dt_strings(fdt), fdt_size_dt_strings(fdt), header, size - header))
		return -FDT_ERR_TRUNCATED;
	return 0;
}

/* Entry n of the reservations; NULL if they do not end within the blob before it. */
static const struct fdt_reserve_entry *reservation(const void *fdt, int n)
{
	uint32_t offset = fdt_off_mem_rsvmap(fdt), size = fdt_totalsize(fdt);
	uint64_t at = offset + (uint64_t)(uint32_t)n * sizeof(struct fdt_reserve_entry);

	if (n < 0 || !range_within(at, sizeof(struct fdt_reserve_entry), 0, size))
		return NULL;
	return (const struct fdt_reserve_entry *)((const char *)fdt + at);
}

int fdt_num_mem_rsv(const void *fdt)
{
	const struct fdt_reserve_entry *entry;

	for (int n = 0; (entry = reservation(fdt, n)); n++)
		if (fdt64_ld(&entry->size) == 0)
			return n;
	return -FDT_ERR_TRUNCATED;
}

int fdt_get_mem_rsv(const void *fdt, int n, uint64_t *address, uint64_t *size)
{
	const struct fdt_reserve_entry *entry = reservation(fdt, n);

	if (!entry)
		return -FDT_ERR_BADOFFSET;
	*address = fdt64_ld(&entry->address);
	*size = fdt64_ld(&entry->size);
	return 0;
}

/* ---- Nodes ---- */

/* The token at an offset, if it has this tag; the walk is behind it. */
static bool get_token(const void *fdt, int offset, uint32_t tag, struct token_walk *walk,
		      struct token *token)
{
	*walk = token_walk(fdt, (uint32_t)offset);
	return offset >= 0 && offset % 4 == 0 && (uint32_t)offset < walk->size &&
	       token_next(walk, token) && token->tag == tag;
}

int fdt_next_node(const void *fdt, int offset, int *depth)
{
	struct token_walk walk = token_walk(fdt, 0);
	struct token token;

	if (offset >= 0 && !get_token(fdt, offset, FDT_BEGIN_NODE, &walk, &token))
		return -FDT_ERR_BADOFFSET;
	while (token_next(&walk, &token) && token.tag != FDT_END) {
		if (token.tag == FDT_BEGIN_NODE) {
			if (depth)
				++*depth;
			return (int)token.offset;
		}
		if (token.tag == FDT_END_NODE && depth && --*depth < 0)
			return (int)walk.next;
	}
	return -FDT_ERR_NOTFOUND;
}

int fdt_first_subnode(const void *fdt, int offset)
{
	int depth = 0;

	offset = fdt_next_node(fdt, offset, &depth);
	return offset < 0 || depth != 1 ? -FDT_ERR_NOTFOUND : offset;
}

int fdt_next_subnode(const void *fdt, int offset)
{
	int depth = 1;

	do {
		offset = fdt_next_node(fdt, offset, &depth);
		if (offset < 0 || depth < 1)
			return -FDT_ERR_NOTFOUND;
	} while (depth > 1);
	return offset;
}

const char *fdt_get_name(const void *fdt, int nodeoffset, int *lenp)
{
	struct token_walk walk;
	struct token token;
	bool ok = get_token(fdt, nodeoffset, FDT_BEGIN_NODE, &walk, &token);

	if (lenp)
		*lenp = ok ? (int)token.len : -FDT_ERR_BADOFFSET;
	return ok ? (const char *)walk.structure + token.name : NULL;
}

static int find_subnode(const void *fdt, int parent, const char *name, size_t len)
{
	int node, own_len;

	for (node = fdt_first_subnode(fdt, parent); node >= 0; node = fdt_next_subnode(fdt, node)) {
		const char *own = fdt_get_name(fdt, node, &own_len);

		/* without its unit address, a name fits any */
		if ((size_t)own_len >= len && memcmp(own, name, len) == 0 &&
		    (own[len] == '\0' || (own[len] == '@' && !memchr(name, '@', len))))
			break;
	}
	return node;
}

int fdt_subnode_offset(const void *fdt, int parentoffset, const char *name)
{
	return find_subnode(fdt, parentoffset, name, strlen(name));
}

int fdt_path_offset_namelen(const void *fdt, const char *path, int namelen)
{
	const char *end = path + namelen;
	int node = 0;

	/* aliases are not followed: who has one looks it up */
	if (path == end || *path != '/')
		return -FDT_ERR_BADPATH;
	while (node >= 0) {
		const char *name;

		while (path < end && *path == '/')
			path++;
		if (path == end)
			break;
		for (name = path; path < end && *path != '/'; path++)
			;
		node = find_subnode(fdt, node, name, (size_t)(path - name));
	}
	return node;
}

int fdt_get_path(const void *fdt, int nodeoffset, char *buf, int buflen)
{
	int depth = -1, end[32] = {0}, n = 0, len;

	for (int node = -1;;) {
		const char *name;

		node = fdt_next_node(fdt, node, &depth);
		if (node < 0 || node > nodeoffset || depth < 0)
			return -FDT_ERR_BADOFFSET;
		if (depth >= (int)ARRAY_SIZE(end) - 1)
			continue;
		name = fdt_get_name(fdt, node, &len);
		n = depth > 0 ? end[depth - 1] : 0;
		if (n + len + 2 > buflen) {
			if (node == nodeoffset)
				return -FDT_ERR_NOSPACE;
			/* too long for what is below it, too */
			end[depth] = buflen;
			continue;
		}
		if (depth != 0) {
			buf[n++] = '/';
			memcpy(buf + n, name, (size_t)len);
			n += len;
		}
		end[depth] = n;
		if (node != nodeoffset)
			continue;
		if (n == 0)
			buf[n++] = '/';
		buf[n] = '\0';
		return 0;
	}
}

/* ---- Properties ---- */

static int next_property(struct token_walk *walk)
{
	struct token token;

	while (token_next(walk, &token) && token.tag == FDT_NOP)
		;
	return token.tag == FDT_PROP ? (int)token.offset : -FDT_ERR_NOTFOUND;
}

int fdt_first_property_offset(const void *fdt, int nodeoffset)
{
	struct token_walk walk;
	struct token token;

	if (!get_token(fdt, nodeoffset, FDT_BEGIN_NODE, &walk, &token))
		return -FDT_ERR_BADOFFSET;
	return next_property(&walk);
}

int fdt_next_property_offset(const void *fdt, int offset)
{
	struct token_walk walk;
	struct token token;

	if (!get_token(fdt, offset, FDT_PROP, &walk, &token))
		return -FDT_ERR_BADOFFSET;
	return next_property(&walk);
}

const void *fdt_getprop_by_offset(const void *fdt, int offset, const char **namep, int *lenp)
{
	struct token_walk walk;
	struct token token;
	bool ok = get_token(fdt, offset, FDT_PROP, &walk, &token);

	if (lenp)
		*lenp = ok ? (int)token.len : -FDT_ERR_BADOFFSET;
	if (!ok)
		return NULL;
	if (namep)
		*namep = (const char *)fdt + fdt_off_dt_strings(fdt) + token.name;
	return walk.structure + token.value;
}

const void *fdt_getprop_namelen(const void *fdt, int nodeoffset, const char *name, int namelen,
				int *lenp)
{
	int offset = fdt_first_property_offset(fdt, nodeoffset);

	for (; offset >= 0; offset = fdt_next_property_offset(fdt, offset)) {
		const char *own = NULL;
		const void *value = fdt_getprop_by_offset(fdt, offset, &own, lenp);

		if (own && strncmp(own, name, (size_t)namelen) == 0 && own[namelen] == '\0')
			return value;
	}
	if (lenp)
		*lenp = offset;
	return NULL;
}

const void *fdt_getprop(const void *fdt, int nodeoffset, const char *name, int *lenp)
{
	return fdt_getprop_namelen(fdt, nodeoffset, name, (int)strlen(name), lenp);
}

uint32_t fdt_get_phandle(const void *fdt, int nodeoffset)
{
	int len;
	const void *value = fdt_getprop(fdt, nodeoffset, "phandle", &len);

	if (!value || len != 4)
		value = fdt_getprop(fdt, nodeoffset, "linux,phandle", &len);
	return value && len == 4 ? token_load(value) : 0;
}

int fdt_find_max_phandle(const void *fdt, uint32_t *phandle)
{
	uint32_t max = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(fdt, node, NULL)) {
		uint32_t own = fdt_get_phandle(fdt, node);

		if (own != UINT32_MAX)
			max = MAX(max, own);
	}
	*phandle = max;
	return 0;
}

/* ---- Lists of strings ---- */

int fdt_stringlist_contains(const char *strlist, int listlen, const char *str)
{
	int len = (int)strlen(str) + 1;

	while (listlen >= len) {
		const char *end = memchr(strlist, '\0', (size_t)listlen);

		if (memcmp(str, strlist, (size_t)len) == 0)
			return 1;
		if (!end)
			break;
		listlen -= (int)(end + 1 - strlist);
		strlist = end + 1;
	}
	return 0;
}

int fdt_stringlist_search(const void *fdt, int nodeoffset, const char *property, const char *string)
{
	int len, n = 0, size = (int)strlen(string) + 1;
	const char *list = fdt_getprop(fdt, nodeoffset, property, &len);

	if (!list)
		return len;
	for (const char *end = list + len; list < end; n++) {
		int own = (int)strnlen(list, (size_t)(end - list)) + 1;

		if (own > end - list)
			return -FDT_ERR_BADVALUE;
		if (own == size && memcmp(list, string, (size_t)own) == 0)
			return n;
		list += own;
	}
	return -FDT_ERR_NOTFOUND;
}

int fdt_node_check_compatible(const void *fdt, int nodeoffset, const char *compatible)
{
	int len;
	const char *list = fdt_getprop(fdt, nodeoffset, "compatible", &len);

	return list ? !fdt_stringlist_contains(list, len, compatible) : len;
}

/* ---- Searches, by those who have no index (fdt/tree.c) ---- */

int fdt_node_offset_by_prop_value(const void *fdt, int startoffset, const char *propname,
				  const void *propval, int proplen)
{
	int len, node = fdt_next_node(fdt, startoffset, NULL);

	for (; node >= 0; node = fdt_next_node(fdt, node, NULL)) {
		const void *value = fdt_getprop(fdt, node, propname, &len);

		if (value && len == proplen && memcmp(value, propval, (size_t)len) == 0)
			break;
	}
	return node;
}

int fdt_node_offset_by_phandle(const void *fdt, uint32_t phandle)
{
	int node;

	if (phandle == 0 || phandle == UINT32_MAX)
		return -FDT_ERR_BADPHANDLE;
	for (node = 0; node >= 0 && fdt_get_phandle(fdt, node) != phandle;)
		node = fdt_next_node(fdt, node, NULL);
	return node;
}

int fdt_node_offset_by_compatible(const void *fdt, int startoffset, const char *compatible)
{
	int node = fdt_next_node(fdt, startoffset, NULL);

	while (node >= 0 && fdt_node_check_compatible(fdt, node, compatible) != 0)
		node = fdt_next_node(fdt, node, NULL);
	return node;
}
