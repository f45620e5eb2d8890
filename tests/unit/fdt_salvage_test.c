// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/salvage.c: a sound tree comes out as it was; of a damaged one comes a sound
 * one, and mostly with the console in it.
 */
#include "fdt/salvage.h"

#include <string.h>

#include "fdt/reg.h"
#include "lib/bits.h"
#include "tests/unit/dts_host.h"

static uint8_t out[256 * 1024] __attribute__((aligned(8)));

/* The new tree's size; it is sound, and no byte outside of it was written, whatever came in. */
static size_t salvage(const void *tree, size_t size)
{
	size_t length = salvage_tree(tree, size, NULL, 0);

	ATF_REQUIRE(length <= sizeof(out) - 1);
	memset(out, 0xa5, sizeof(out));
	ATF_CHECK_EQ(salvage_tree(tree, size, out, length), length);
	ATF_CHECK_EQ(out[length], 0xa5);
	if (length != 0)
		ATF_CHECK_EQ(reg_check_tree(out, length), 0);
	return length;
}

static void check_same_properties(const void *a, int node_a, const void *b, int node_b)
{
	int pa = fdt_first_property_offset(a, node_a), pb = fdt_first_property_offset(b, node_b);

	while (pa >= 0 && pb >= 0) {
		const char *name_a, *name_b;
		int len_a, len_b;
		const void *value_a = fdt_getprop_by_offset(a, pa, &name_a, &len_a);
		const void *value_b = fdt_getprop_by_offset(b, pb, &name_b, &len_b);

		ATF_REQUIRE_STREQ(name_a, name_b);
		ATF_REQUIRE_EQ(len_a, len_b);
		ATF_CHECK(len_a == 0 || memcmp(value_a, value_b, (size_t)len_a) == 0);
		pa = fdt_next_property_offset(a, pa);
		pb = fdt_next_property_offset(b, pb);
	}
	ATF_CHECK_EQ(pa, pb);
}

ATF_TC_WITHOUT_HEAD(sound);
ATF_TC_BODY(sound, tc)
{
	static const char *const files[] = {"hosts/virt-gicv3.dts", "hosts/devices.dts",
					    "hosts/spin-table.dts"};

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		size_t size;
		uint8_t *tree = dts_compile_file(tc, files[i], &size);
		int a = 0, b = 0, depth_a = 0, depth_b = 0;

		ATF_REQUIRE(salvage(tree, size) != 0);
		/* Behind the root, at depth -1, is no node any more. */
		while (depth_a >= 0 && depth_b >= 0) {
			ATF_REQUIRE(a >= 0 && b >= 0);
			ATF_REQUIRE_STREQ(fdt_get_name(tree, a, NULL), fdt_get_name(out, b, NULL));
			ATF_CHECK_EQ(depth_a, depth_b);
			check_same_properties(tree, a, out, b);
			a = fdt_next_node(tree, a, &depth_a);
			b = fdt_next_node(out, b, &depth_b);
		}
		ATF_CHECK_EQ(depth_a, depth_b);
		free(tree);
	}
}

/* True if the console is found with that bit the other way. */
static bool finds_console(uint8_t *tree, size_t size, size_t byte, unsigned int bit)
{
	bool found;

	tree[byte] ^= (uint8_t)(1U << bit);
	dts_diag_init(&host_diag);
	arena_init(&host_arena, host_memory, sizeof(host_memory));
	(void)host_open(&host, tree, size, NULL, &host_arena, &host_diag.diag);
	found = host.uart.type == HOST_UART_PL011 && host.uart.reg.base == 0x9000000;
	if (salvage_tree(tree, size, NULL, 0) != 0)
		(void)salvage(tree, size);
	tree[byte] ^= (uint8_t)(1U << bit);
	return found;
}

/* What is lost are the bits of the UART's own node, and few others. */
ATF_TC_WITHOUT_HEAD(every_bit);
ATF_TC_BODY(every_bit, tc)
{
	size_t size, lost = 0;
	uint8_t *tree = dts_compile_file(tc, "hosts/virt-gicv3.dts", &size);

	ATF_REQUIRE(finds_console(tree, size, 0, 0));
	for (size_t byte = 0; byte < size; byte++)
		for (unsigned int bit = 0; bit < 8; bit++)
			lost += !finds_console(tree, size, byte, bit);
	ATF_CHECK_MSG(lost * 100 < 6 * size * 8, "%zu of %zu bits", lost, size * 8);
	printf("%zu of %zu bits\n", lost, size * 8);
	/* the header, but for what says that it is one */
	for (size_t byte = 4; byte < 20; byte++)
		for (unsigned int bit = 0; bit < 8; bit++)
			ATF_CHECK_MSG(finds_console(tree, size, byte, bit), "%zu %u", byte, bit);
	free(tree);
}

ATF_TC_WITHOUT_HEAD(cut_off);
ATF_TC_BODY(cut_off, tc)
{
	size_t size;
	uint8_t *tree = dts_compile_file(tc, "hosts/devices.dts", &size);

	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *part = malloc(cut + 1);

		memcpy(part, tree, cut);
		(void)salvage(part, cut);
		free(part);
	}
	free(tree);
}

/* Nothing that is like a tree. */
ATF_TC_WITHOUT_HEAD(no_tree);
ATF_TC_BODY(no_tree, tc)
{
	static uint8_t bytes[4096];

	ATF_CHECK_EQ(salvage(bytes, sizeof(bytes)), 0);
	memset(bytes, 0xff, sizeof(bytes));
	ATF_CHECK_EQ(salvage(bytes, sizeof(bytes)), 0);
	for (size_t i = 3; i < sizeof(bytes); i += 4)
		bytes[i] = 1;
	ATF_CHECK_EQ(salvage(bytes, sizeof(bytes)), 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sound);
	ATF_TP_ADD_TC(tp, every_bit);
	ATF_TP_ADD_TC(tp, cut_off);
	ATF_TP_ADD_TC(tp, no_tree);
	return atf_no_error();
}
