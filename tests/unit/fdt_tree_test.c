// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/tree.c: the index gives libfdt's answers, and what it would trip over is
 * refused.
 */
#include <string.h>

#include <libfdt.h>

#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

static const char *const hosts[] = {"hosts/virt-gicv3.dts", "hosts/spin-table.dts",
				    "hosts/gicv3-regions.dts"};

static struct arena arena;
static uint8_t memory[64 * 1024] __attribute__((aligned(16)));

static void index_tree(const void *dtb)
{
	ATF_REQUIRE_EQ(tree_check(dtb), 0);
	arena_init(&arena, memory, sizeof(memory));
	tree_index(dtb, &arena);
}

/* All that can be asked of one node, and of the strings in it. */
static void check_node(const void *dtb, int node, int depth)
{
	int path[TREE_MAX_DEPTH + 1], parent = node, len;
	uint32_t phandle = fdt_get_phandle(dtb, node);
	const char *compatible = fdt_getprop(dtb, node, "compatible", &len);
	char name[256];

	ATF_REQUIRE_EQ(fdt_get_path(dtb, node, name, sizeof(name)), 0);
	ATF_CHECK_EQ(tree_find_path(dtb, name, (unsigned int)strlen(name)), node);
	ATF_CHECK_EQ(tree_ancestors(dtb, node, path), depth);
	for (int i = depth; i >= 0; i--, parent = fdt_parent_offset(dtb, parent))
		ATF_CHECK_EQ(path[i], parent);
	if (phandle)
		ATF_CHECK_EQ(tree_find_phandle(dtb, phandle), node);
	for (const char *s = compatible; s && s < compatible + len; s += strlen(s) + 1)
		for (int after = -1; after < node;
		     after = after < 0 ? 0 : fdt_next_node(dtb, after, NULL))
			ATF_CHECK_EQ(tree_find_compatible(dtb, after, s),
				     fdt_node_offset_by_compatible(dtb, after, s));
	ATF_CHECK_EQ(tree_find_memory(dtb, node),
		     fdt_node_offset_by_prop_value(dtb, node, "device_type", "memory", 7));
}

ATF_TC_WITHOUT_HEAD(answers);
ATF_TC_BODY(answers, tc)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hosts); i++) {
		void *dtb = dts_compile_file(tc, hosts[i], NULL);
		int depth = 0;

		index_tree(dtb);
		for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(dtb, node, &depth))
			check_node(dtb, node, depth);
		ATF_CHECK_EQ(tree_find_memory(dtb, -1),
			     fdt_node_offset_by_prop_value(dtb, -1, "device_type", "memory", 7));
		ATF_CHECK_EQ(tree_find_phandle(dtb, 0x12345), -FDT_ERR_NOTFOUND);
		ATF_CHECK_EQ(tree_find_phandle(dtb, 0), -FDT_ERR_BADPHANDLE);
		ATF_CHECK_EQ(tree_find_compatible(dtb, -1, "nothing"), -FDT_ERR_NOTFOUND);
		ATF_CHECK_EQ(tree_find_path(dtb, "/nothing", 8), -FDT_ERR_NOTFOUND);
		ATF_CHECK_EQ(tree_find_path(dtb, "/cpus/nothing", 13), -FDT_ERR_NOTFOUND);
		ATF_CHECK_EQ(tree_ancestors(dtb, 4, (int[TREE_MAX_DEPTH + 1]){0}), -EINVAL);
		free(dtb);
	}
}

/* libfdt's rules for paths: unit addresses may be left out, slashes doubled. */
ATF_TC_WITHOUT_HEAD(paths);
ATF_TC_BODY(paths, tc)
{
	static const char *const asked[] = {
	    "/",      "//",	 "/a",	"/a/", "/a@1",	  "/a@2", "/a/b",   "/a@2/b",
	    "/a@1/b", "/a@1//b", "/ab", "/a@", "/a@1/b/", "/b@1", "/a/b@1", "/a@1/b/c"};
	void *dtb = dts_compile("/ { ab { }; a@1 { b { }; }; a@2 { b@1 { }; }; };", NULL);

	(void)tc;
	index_tree(dtb);
	for (unsigned int i = 0; i < ARRAY_SIZE(asked); i++) {
		size_t len = strlen(asked[i]);

		ATF_CHECK_EQ_MSG(tree_find_path(dtb, asked[i], (unsigned int)len),
				 fdt_path_offset(dtb, asked[i]), "%s", asked[i]);
	}
	free(dtb);
}

/* Without an index, and without memory for one, the answers are the same. */
ATF_TC_WITHOUT_HEAD(no_memory);
ATF_TC_BODY(no_memory, tc)
{
	void *dtb = dts_compile_file(tc, "hosts/virt-gicv3.dts", NULL);
	int depth = 0;

	arena_init(&arena, memory, 64);
	tree_index(dtb, &arena);
	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(dtb, node, &depth))
		check_node(dtb, node, depth);
	free(dtb);
}

/* Wherever a tree is cut off, and whatever cell is damaged: refused, or libfdt can walk it. */
ATF_TC_WITHOUT_HEAD(damaged);
ATF_TC_BODY(damaged, tc)
{
	static const uint32_t values[] = {0, 1, 2, 3, 4, 9, 0xfffffffc, 0xffffffff, 0x7ffffffc};
	size_t size;
	uint8_t *dtb = dts_compile("/ { a = <1>; b { c = \"d\"; e; }; f { g { }; }; };", &size);
	uint32_t begin = fdt_off_dt_struct(dtb), length = fdt_size_dt_struct(dtb);
	unsigned int refused = 0;

	(void)tc;
	ATF_CHECK_EQ(tree_check(dtb), 0);
	for (uint32_t cut = 0; cut < length; cut += 4) {
		fdt_set_size_dt_struct(dtb, cut);
		ATF_CHECK(tree_check(dtb) != 0);
	}
	fdt_set_size_dt_struct(dtb, length);
	for (uint32_t at = begin; at < begin + length; at += 4) {
		for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
			fdt32_t was, cell = cpu_to_fdt32(values[i]);

			memcpy(&was, dtb + at, 4);
			memcpy(dtb + at, &cell, 4);
			if (tree_check(dtb) != 0)
				refused++;
			else
				ATF_CHECK_EQ_MSG(fdt_check_full(dtb, size), 0,
						 "0x%x at 0x%x of the structure", values[i],
						 at - begin);
			memcpy(dtb + at, &was, 4);
		}
	}
	ATF_CHECK(refused > 100);
	free(dtb);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, answers);
	ATF_TP_ADD_TC(tp, paths);
	ATF_TP_ADD_TC(tp, no_memory);
	ATF_TP_ADD_TC(tp, damaged);
	return atf_no_error();
}
