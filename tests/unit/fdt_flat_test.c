/*
 * What EL2 has in the place of libfdt (fdt/flat.c, fdt/flat_write.c), beside
 * libfdt itself: the same answers about random trees, at every offset, and the
 * same trees written.
 */
#include <atf-c.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/reg.h"
#include "lib/bits.h"

/* Both under their own names */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define fdt_check_header flat_check_header
#define fdt_num_mem_rsv flat_num_mem_rsv
#define fdt_get_mem_rsv flat_get_mem_rsv
#define fdt_next_node flat_next_node
#define fdt_first_subnode flat_first_subnode
#define fdt_next_subnode flat_next_subnode
#define fdt_get_name flat_get_name
#define fdt_subnode_offset flat_subnode_offset
#define fdt_path_offset_namelen flat_path_offset_namelen
#define fdt_get_path flat_get_path
#define fdt_first_property_offset flat_first_property_offset
#define fdt_next_property_offset flat_next_property_offset
#define fdt_getprop_by_offset flat_getprop_by_offset
#define fdt_getprop_namelen flat_getprop_namelen
#define fdt_getprop flat_getprop
#define fdt_get_phandle flat_get_phandle
#define fdt_find_max_phandle flat_find_max_phandle
#define fdt_stringlist_contains flat_stringlist_contains
#define fdt_stringlist_search flat_stringlist_search
#define fdt_node_check_compatible flat_node_check_compatible
#define fdt_node_offset_by_prop_value flat_node_offset_by_prop_value
#define fdt_node_offset_by_phandle flat_node_offset_by_phandle
#define fdt_node_offset_by_compatible flat_node_offset_by_compatible
#define fdt_create flat_create
#define fdt_finish_reservemap flat_finish_reservemap
#define fdt_begin_node flat_begin_node
#define fdt_end_node flat_end_node
#define fdt_property flat_property
#define fdt_finish flat_finish
#include "fdt/flat.c"	    /* NOLINT(bugprone-suspicious-include) */
#include "fdt/flat_write.c" /* NOLINT(bugprone-suspicious-include) */
#undef fdt_check_header
#undef fdt_num_mem_rsv
#undef fdt_get_mem_rsv
#undef fdt_next_node
#undef fdt_first_subnode
#undef fdt_next_subnode
#undef fdt_get_name
#undef fdt_subnode_offset
#undef fdt_path_offset_namelen
#undef fdt_get_path
#undef fdt_first_property_offset
#undef fdt_next_property_offset
#undef fdt_getprop_by_offset
#undef fdt_getprop_namelen
#undef fdt_getprop
#undef fdt_get_phandle
#undef fdt_find_max_phandle
#undef fdt_stringlist_contains
#undef fdt_stringlist_search
#undef fdt_node_check_compatible
#undef fdt_node_offset_by_prop_value
#undef fdt_node_offset_by_phandle
#undef fdt_node_offset_by_compatible
#undef fdt_create
#undef fdt_finish_reservemap
#undef fdt_begin_node
#undef fdt_end_node
#undef fdt_property
#undef fdt_finish

#define ROOM 8192
#define TREES 300

static uint8_t theirs[ROOM] __attribute__((aligned(8)));
static uint8_t ours[ROOM] __attribute__((aligned(8)));

/* Few names, so that searches find something, and not always the first. */
static const char *const node_names[] = {"bus", "bus@1", "bus@10", "uart@1000", "uart", "a,b_c+d"};
static const char *const property_names[] = {"compatible",  "reg",   "phandle",	  "linux,phandle",
					     "clock-names", "empty", "reg-names", "status"};
static const char strings[] = "one\0two\0one-two\0\0okay";

/* ---- Making trees ---- */

/* The writer's functions, of one or the other */
struct writer_ops {
	int (*create)(void *, int);
	int (*finish_reservemap)(void *);
	int (*begin_node)(void *, const char *);
	int (*property)(void *, const char *, const void *, int);
	int (*end_node)(void *);
	int (*finish)(void *);
};

static const struct writer_ops libfdt = {fdt_create,   fdt_finish_reservemap, fdt_begin_node,
					 fdt_property, fdt_end_node,	      fdt_finish};
static const struct writer_ops flat = {flat_create,   flat_finish_reservemap, flat_begin_node,
				       flat_property, flat_end_node,	      flat_finish};

static int write_properties(const struct writer_ops *ops, void *buf)
{
	int err = 0;

	for (int n = rand() % 5; !err && n > 0; n--) {
		const char *name = property_names[rand() % (int)ARRAY_SIZE(property_names)];
		int length = rand() % 6 == 0 ? rand() % (int)sizeof(strings) : 4 * (rand() % 2);
		const fdt32_t phandle = cpu_to_fdt32((uint32_t)(rand() % 6 - 1));
		const char *from = strings;

		if (strstr(name, "phandle") && rand() % 4 != 0) {
			from = (const char *)&phandle;
			length = 4;
		} else if (strstr(name, "names") || *name == 'c') {
			length = rand() % 2 ? 8 : (int)sizeof(strings);
		}
		err = ops->property(buf, name, from, length);
	}
	return err;
}

static int write_node(const struct writer_ops *ops, void *buf, const char *name, unsigned int depth)
{
	int err = ops->begin_node(buf, name);

	if (!err)
		err = write_properties(ops, buf);
	for (int n = rand() % 4; !err && n > 0 && depth < 5; n--)
		err = write_node(ops, buf, node_names[rand() % (int)ARRAY_SIZE(node_names)],
				 depth + 1);
	return err ? err : ops->end_node(buf);
}

static int write_tree(const struct writer_ops *ops, void *buf, int room, unsigned int seed)
{
	int err = ops->create(buf, room);

	srand(seed);
	if (!err)
		err = ops->finish_reservemap(buf);
	if (!err)
		err = write_node(ops, buf, "", 0);
	return err ? err : ops->finish(buf);
}

/* ---- Comparing answers ---- */

/* The same success, or both an error. */
#define SAME(a, b)                                                                                 \
	do {                                                                                       \
		int a_ = (a), b_ = (b);                                                            \
		ATF_CHECK_MSG(a_ == b_ || (a_ < 0 && b_ < 0), "%s: %d, libfdt: %d", #a, a_, b_);   \
	} while (0)

static void compare_values(const void *tree, int offset, const char *name)
{
	int own_len, len;

	ATF_CHECK_EQ(flat_getprop(tree, offset, name, &own_len),
		     fdt_getprop(tree, offset, name, &len));
	SAME(own_len, len);
	ATF_CHECK_EQ(flat_getprop(tree, offset, name, NULL), fdt_getprop(tree, offset, name, NULL));
	ATF_CHECK_EQ(flat_getprop_namelen(tree, offset, name, 3, &own_len),
		     fdt_getprop_namelen(tree, offset, name, 3, &len));
	for (const char *s = strings; s < strings + sizeof(strings); s += strlen(s) + 1)
		SAME(flat_stringlist_search(tree, offset, name, s),
		     fdt_stringlist_search(tree, offset, name, s));
}

static void compare_offset(const void *tree, int offset)
{
	const char *own_name = NULL, *name = NULL, *name_of;
	int own_len = 0, len = 0, own_depth = 1, depth = 1, result;
	char own_path[64], path[64];

	result = fdt_next_node(tree, offset, &depth);
	SAME(flat_next_node(tree, offset, &own_depth), result);
	if (result >= 0)
		ATF_CHECK_EQ(own_depth, depth);
	SAME(flat_next_node(tree, offset, NULL), fdt_next_node(tree, offset, NULL));
	SAME(flat_first_subnode(tree, offset), fdt_first_subnode(tree, offset));
	SAME(flat_next_subnode(tree, offset), fdt_next_subnode(tree, offset));
	name_of = fdt_get_name(tree, offset, &len);
	ATF_CHECK_EQ(flat_get_name(tree, offset, &own_len), name_of);
	SAME(own_len, len);
	SAME(flat_first_property_offset(tree, offset), fdt_first_property_offset(tree, offset));
	SAME(flat_next_property_offset(tree, offset), fdt_next_property_offset(tree, offset));
	ATF_CHECK_EQ(flat_getprop_by_offset(tree, offset, &own_name, &own_len),
		     fdt_getprop_by_offset(tree, offset, &name, &len));
	SAME(own_len, len);
	ATF_CHECK_EQ(own_name, name);
	ATF_CHECK_EQ(flat_get_phandle(tree, offset), fdt_get_phandle(tree, offset));
	/* of what is no node, libfdt dies */
	for (unsigned int room = 1; name_of && room <= sizeof(path); room += 21) {
		result = fdt_get_path(tree, offset, path, (int)room);
		SAME(flat_get_path(tree, offset, own_path, (int)room), result);
		if (result == 0)
			ATF_CHECK_STREQ(own_path, path);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(node_names); i++)
		SAME(flat_subnode_offset(tree, offset, node_names[i]),
		     fdt_subnode_offset(tree, offset, node_names[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(property_names); i++)
		compare_values(tree, offset, property_names[i]);
	SAME(flat_node_check_compatible(tree, offset, "two"),
	     fdt_node_check_compatible(tree, offset, "two"));
	SAME(flat_node_offset_by_compatible(tree, offset, "one-two"),
	     fdt_node_offset_by_compatible(tree, offset, "one-two"));
	SAME(flat_node_offset_by_prop_value(tree, offset, "status", strings, 4),
	     fdt_node_offset_by_prop_value(tree, offset, "status", strings, 4));
}

static void compare_tree(const void *tree)
{
	static const char *const paths[] = {"/",	   "//bus//bus@1/", "/bus/uart",
					    "/bus@1/none", "/uart@1000",    "/bus@10/bus",
					    "relative"};
	uint64_t own_address = 0, own_size = 0, address = 0, size = 0;
	uint32_t own_max, max;

	ATF_REQUIRE_EQ(reg_check_tree(tree, fdt_totalsize(tree)), 0);
	SAME(flat_check_header(tree), 0);
	/* at every tag, and at what cannot be one */
	for (int offset = -8; offset < 0; offset++)
		compare_offset(tree, offset);
	for (int offset = 0, next; offset >= 0; offset = next) {
		if (fdt_next_tag(tree, offset, &next) == FDT_END)
			next = -1;
		for (int off = 0; off < 4; off++)
			compare_offset(tree, offset + off);
	}
	for (int off = 0; off < 8; off++)
		compare_offset(tree, (int)fdt_size_dt_struct(tree) + off);
	for (unsigned int i = 0; i < ARRAY_SIZE(paths); i++)
		SAME(flat_path_offset_namelen(tree, paths[i], (int)strlen(paths[i])),
		     fdt_path_offset_namelen(tree, paths[i], (int)strlen(paths[i])));
	for (uint32_t phandle = UINT32_MAX; phandle != 6; phandle++)
		SAME(flat_node_offset_by_phandle(tree, phandle),
		     fdt_node_offset_by_phandle(tree, phandle));
	SAME(flat_find_max_phandle(tree, &own_max), fdt_find_max_phandle(tree, &max));
	/* libfdt takes the one that stands for none for the largest */
	if (max != UINT32_MAX)
		ATF_CHECK_EQ(own_max, max);
	SAME(flat_num_mem_rsv(tree), fdt_num_mem_rsv(tree));
	for (int n = -1; n < fdt_num_mem_rsv(tree); n++) {
		SAME(flat_get_mem_rsv(tree, n, &own_address, &own_size),
		     fdt_get_mem_rsv(tree, n, &address, &size));
		ATF_CHECK_EQ(own_address, address);
		ATF_CHECK_EQ(own_size, size);
	}
}

/* ---- Test cases ---- */

ATF_TC_WITHOUT_HEAD(answers);
ATF_TC_BODY(answers, tc)
{
	for (unsigned int seed = 0; seed < TREES / 4; seed++) {
		ATF_REQUIRE_EQ(write_tree(&libfdt, theirs, ROOM, seed), 0);
		compare_tree(theirs);
	}
}

/* Changes by libfdt leave NOPs, and reservations. */
ATF_TC_WITHOUT_HEAD(changed_trees);
ATF_TC_BODY(changed_trees, tc)
{
	for (unsigned int seed = 0; seed < TREES / 8; seed++) {
		int node = 0;

		ATF_REQUIRE_EQ(write_tree(&libfdt, theirs, ROOM, seed), 0);
		ATF_REQUIRE_EQ(fdt_open_into(theirs, ours, ROOM), 0);
		for (unsigned int i = 0; i < seed % 4; i++)
			ATF_REQUIRE_EQ(fdt_add_mem_rsv(ours, seed * UINT64_C(0x123456789), i + 1),
				       0);
		(void)fdt_nop_property(ours, 0, "reg");
		while ((node = fdt_next_node(ours, node, NULL)) >= 0) {
			if (seed % 2)
				(void)fdt_nop_property(ours, node, "compatible");
			else if (fdt_nop_node(ours, node) == 0)
				break;
		}
		compare_tree(ours);
	}
}

/* Who writes the same gets the same, whatever the order of the names in the strings block. */
ATF_TC_WITHOUT_HEAD(written);
ATF_TC_BODY(written, tc)
{
	for (unsigned int seed = 0; seed < TREES; seed++) {
		int offset = -1, other = -1, depth = 0, other_depth = 0;

		ATF_REQUIRE_EQ(write_tree(&libfdt, theirs, ROOM, seed), 0);
		ATF_REQUIRE_EQ(write_tree(&flat, ours, ROOM, seed), 0);
		ATF_REQUIRE_EQ(fdt_check_full(ours, fdt_totalsize(ours)), 0);
		do {
			int property, same;

			offset = fdt_next_node(theirs, offset, &depth);
			other = fdt_next_node(ours, other, &other_depth);
			ATF_REQUIRE_EQ(offset, other);
			ATF_REQUIRE_EQ(depth, other_depth);
			if (offset < 0)
				break;
			ATF_CHECK_STREQ(fdt_get_name(ours, other, NULL),
					fdt_get_name(theirs, offset, NULL));
			same = fdt_first_property_offset(ours, other);
			fdt_for_each_property_offset(property, theirs, offset) {
				const char *name, *other_name;
				int len, other_len;
				const void *value =
				    fdt_getprop_by_offset(theirs, property, &name, &len);
				const void *own =
				    fdt_getprop_by_offset(ours, same, &other_name, &other_len);

				ATF_REQUIRE_EQ(len, other_len);
				ATF_CHECK_STREQ(name, other_name);
				ATF_CHECK_EQ(memcmp(value, own, (size_t)len), 0);
				same = fdt_next_property_offset(ours, same);
			}
			ATF_CHECK(same < 0);
		} while (offset >= 0);
	}
}

/* In any room it fits and is right, or is an error, and nothing is written beyond. */
ATF_TC_WITHOUT_HEAD(rooms);
ATF_TC_BODY(rooms, tc)
{
	bool fits = false;

	for (size_t room = 0; room < 2048; room += 4) {
		uint8_t *buf = malloc(room + 1);
		int err = write_tree(&flat, buf, (int)room, 7);

		ATF_CHECK_MSG(err == 0 || err == -FDT_ERR_NOSPACE, "%zu: %d", room, err);
		ATF_CHECK_MSG(err == 0 || !fits, "%zu", room);
		fits = err == 0;
		if (fits) {
			ATF_CHECK(fdt_totalsize(buf) <= room);
			ATF_CHECK_EQ(fdt_check_full(buf, room), 0);
		}
		free(buf);
	}
	ATF_CHECK(fits);
}

/* Every header with a byte changed: as libfdt, but for versions that we do not read. */
ATF_TC_WITHOUT_HEAD(headers);
ATF_TC_BODY(headers, tc)
{
	ATF_REQUIRE_EQ(write_tree(&libfdt, theirs, ROOM, 1), 0);
	for (unsigned int at = 0; at < sizeof(struct fdt_header); at++)
		for (unsigned int value = 0; value < 256; value++) {
			uint8_t before = theirs[at];
			int own, other;

			theirs[at] = (uint8_t)value;
			own = flat_check_header(theirs);
			other = fdt_check_header(theirs);
			ATF_CHECK_MSG((own == 0) == (other == 0) || fdt_version(theirs) < 16,
				      "%u: %u: %d, libfdt: %d", at, value, own, other);
			theirs[at] = before;
		}
	ATF_CHECK_EQ(flat_check_header(theirs + 4), -FDT_ERR_ALIGNMENT);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, answers);
	ATF_TP_ADD_TC(tp, changed_trees);
	ATF_TP_ADD_TC(tp, written);
	ATF_TP_ADD_TC(tp, rooms);
	ATF_TP_ADD_TC(tp, headers);
	return atf_no_error();
}
