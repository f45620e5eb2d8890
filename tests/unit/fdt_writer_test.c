// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/writer.c: what is joined to a tree while it is written.
 */
#include "fdt/writer.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/reg.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

static uint8_t *blob;
static uint8_t tree[8192] __attribute__((aligned(8)));
static struct writer writer;

/* Begins a tree; the nodes of the source's /add are joined to it. */
static void start(const char *source)
{
	blob = dts_compile(source, NULL);
	writer_init(&writer, tree, sizeof(tree), blob, fdt_path_offset(blob, "/add"));
	writer_begin(&writer, "");
}

static void finish(void)
{
	int size;

	writer_end(&writer);
	size = writer_finish(&writer);
	ATF_REQUIRE_MSG(size > 0, "%d", writer.err);
	ATF_CHECK_EQ(reg_check_tree(tree, (uint64_t)size), 0);
	free(blob);
}

static void check_string(const char *path, const char *property, const char *value)
{
	int len, node = fdt_path_offset(tree, path);
	const char *found = fdt_getprop(tree, node, property, &len);

	ATF_REQUIRE_MSG(node >= 0, "no %s", path);
	ATF_CHECK_MSG(found && strcmp(found, value) == 0, "%s: %s is %s", path, property, found);
}

/* How many nodes and properties there are, so that none is there twice. */
static unsigned int count_all(void)
{
	unsigned int n = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL)) {
		int property;

		n++;
		fdt_for_each_property_offset(property, tree, node)
			n++;
	}
	return n;
}

ATF_TC_WITHOUT_HEAD(nothing_joined);
ATF_TC_BODY(nothing_joined, tc)
{
	writer_init(&writer, tree, sizeof(tree), NULL, -1);
	writer_begin(&writer, "");
	writer_begin_at(&writer, "node", 0x1234);
	WRITER_CELLS(&writer, "cells", 1, 2, 0xffffffff);
	writer_bytes(&writer, "empty", NULL, 0);
	writer_end(&writer);
	writer_end(&writer);
	ATF_REQUIRE(writer_finish(&writer) > 0);
	ATF_CHECK_EQ(count_all(), 4);
	ATF_CHECK_EQ(reg_get_u32(tree, fdt_path_offset(tree, "/node@1234"), "empty", 7), 7);
}

ATF_TC_WITHOUT_HEAD(properties);
ATF_TC_BODY(properties, tc)
{
	start("/ { add { model = \"mine\"; more = \"mine\"; node { a = \"mine\"; }; }; };");
	writer_string(&writer, "model", "yours");
	writer_string(&writer, "other", "yours");
	writer_begin(&writer, "node");
	writer_string(&writer, "a", "yours");
	writer_string(&writer, "b", "yours");
	writer_end(&writer);
	finish();
	check_string("/", "model", "mine");
	check_string("/", "more", "mine");
	check_string("/", "other", "yours");
	check_string("/node", "a", "mine");
	check_string("/node", "b", "yours");
	ATF_CHECK_EQ(count_all(), 2 + 5);
}

ATF_TC_WITHOUT_HEAD(nodes);
ATF_TC_BODY(nodes, tc)
{
	start("/ { add { new { deep { x = \"1\"; deeper { }; }; }; bus { one { y = \"2\"; }; "
	      "two { }; }; uart@1 { }; uart@2 { z = \"3\"; }; }; };");
	writer_begin(&writer, "bus");
	writer_begin(&writer, "one");
	writer_end(&writer);
	writer_begin(&writer, "three");
	writer_end(&writer);
	writer_end(&writer);
	writer_begin(&writer, "uart@2");
	writer_end(&writer);
	finish();
	check_string("/new/deep", "x", "1");
	ATF_CHECK(fdt_path_offset(tree, "/new/deep/deeper") > 0);
	check_string("/bus/one", "y", "2");
	ATF_CHECK(fdt_path_offset(tree, "/bus/two") > 0);
	ATF_CHECK(fdt_path_offset(tree, "/bus/three") > 0);
	check_string("/uart@2", "z", "3");
	ATF_CHECK(fdt_path_offset(tree, "/uart@1") > 0);
	/* root, new, deep, deeper, bus, one, two, three, uart@1, uart@2; x, y, z */
	ATF_CHECK_EQ(count_all(), 13);
}

/* Both what is generated and what is joined ends at some depth, as an error. */
ATF_TC_WITHOUT_HEAD(too_deep);
ATF_TC_BODY(too_deep, tc)
{
	for (int depth = WRITER_DEPTH - 2; depth <= WRITER_DEPTH + 2; depth++) {
		char source[512] = "/ { add { ";
		size_t n = strlen(source);

		for (int i = 1; i < depth; i++)
			n += format(source + n, sizeof(source) - n, "d { ");
		for (int i = 0; i < depth + 1; i++)
			n += format(source + n, sizeof(source) - n, "};");
		start(source);
		writer_end(&writer);
		ATF_CHECK_EQ_MSG(writer_finish(&writer) > 0, depth <= WRITER_DEPTH, "%d", depth);
		free(blob);
		writer_init(&writer, tree, sizeof(tree), NULL, -1);
		for (int i = 0; i < depth; i++)
			writer_begin(&writer, "");
		for (int i = 0; i < depth; i++)
			writer_end(&writer);
		ATF_CHECK_EQ_MSG(writer_finish(&writer) > 0, depth <= WRITER_DEPTH, "%d", depth);
	}
}

/* Errors stick: all that follows does nothing. */
ATF_TC_WITHOUT_HEAD(too_small);
ATF_TC_BODY(too_small, tc)
{
	bool fits = false;

	for (size_t room = 0; room < 512; room++) {
		uint8_t *buf = malloc(room + 1);

		writer_init(&writer, buf, room, NULL, -1);
		writer_begin(&writer, "");
		for (unsigned int i = 0; i < 3; i++) {
			writer_begin_at(&writer, "node", i);
			writer_string(&writer, "name-of-a-property", "value");
			writer_end(&writer);
		}
		writer_end(&writer);
		fits = writer_finish(&writer) > 0;
		ATF_CHECK(fits || writer_finish(&writer) == -ENOSPC);
		free(buf);
	}
	ATF_CHECK(fits);
}

/* More nodes that join than are kept is an error, and no overflow. */
ATF_TC_WITHOUT_HEAD(too_many);
ATF_TC_BODY(too_many, tc)
{
	for (unsigned int nodes = 63; nodes <= 66; nodes++) {
		char source[2048] = "/ { add { ";
		size_t n = strlen(source);

		for (unsigned int i = 0; i < nodes; i++)
			n += format(source + n, sizeof(source) - n, "n@%x { };", i);
		format(source + n, sizeof(source) - n, "}; };");
		start(source);
		for (unsigned int i = 0; i < nodes; i++) {
			writer_begin_at(&writer, "n", i);
			writer_end(&writer);
		}
		writer_end(&writer);
		ATF_CHECK_EQ_MSG(writer_finish(&writer) > 0, nodes <= 64, "%u", nodes);
		free(blob);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, nothing_joined);
	ATF_TP_ADD_TC(tp, properties);
	ATF_TP_ADD_TC(tp, nodes);
	ATF_TP_ADD_TC(tp, too_deep);
	ATF_TP_ADD_TC(tp, too_small);
	ATF_TP_ADD_TC(tp, too_many);
	return atf_no_error();
}
