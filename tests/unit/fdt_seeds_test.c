// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/seeds.c: the seeds in a guest's tree, which is a generated one or the user's own, and
 * hostile.
 */
#include "fdt/seeds.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/guest.h"
#include "fdt/reg.h"
#include "lib/bits.h"
#include "tests/unit/dts_system.h"

static uint8_t buffer[65536] __attribute__((aligned(8)));
static struct seed_place places[SEEDS_MAX];

/* The generated tree of a VM, on a machine that has random numbers or not. */
static void generate(bool seeded, const char *vm)
{
	int size;

	system_host.seeded = seeded;
	system_parse_nodes(vm);
	system_check_good();
	size = guest_dtb_write(&system_config.vms[0], &system_host, buffer, sizeof(buffer), NULL);
	ATF_REQUIRE(size > 0);
}

/* Place n is that of a property of this size. */
static void check_place(const void *dtb, unsigned int n, const char *name, int size)
{
	int len = 0;
	const char *value = fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), name, &len);

	ATF_REQUIRE(value != NULL);
	ATF_CHECK_EQ(len, size);
	ATF_CHECK_EQ((const char *)dtb + places[n].offset, value);
	ATF_CHECK_EQ((int)places[n].size, size);
}

ATF_TC_WITHOUT_HEAD(generated);
ATF_TC_BODY(generated, tc)
{
	static const uint8_t zeroes[32];
	system_set_host(tc, "hosts/virt-gicv3.dts");
	generate(false, "vm " VM);
	ATF_CHECK_EQ(seeds_find(&system_config.vms[0], buffer, places), 0);
	ATF_CHECK_EQ(fdt_getprop(buffer, fdt_path_offset(buffer, "/chosen"), "rng-seed", NULL),
		     NULL);

	generate(true, "vm " VM);
	ATF_REQUIRE_EQ(seeds_find(&system_config.vms[0], buffer, places), 2);
	check_place(buffer, 0, "rng-seed", 32);
	check_place(buffer, 1, "kaslr-seed", 8);
	ATF_CHECK_EQ(memcmp(buffer + places[0].offset, zeroes, 32), 0);
	ATF_CHECK_EQ(memcmp(buffer + places[1].offset, zeroes, 8), 0);
}

/* What the user has said of a seed stays as it is. */
ATF_TC_WITHOUT_HEAD(given);
ATF_TC_BODY(given, tc)
{
	system_set_host(tc, "hosts/virt-gicv3.dts");
	generate(true, "vm { " VM_HEAD VM_MEMORY
		       "device-tree { chosen { kaslr-seed = <0 0>; x = <1>; }; }; };");
	ATF_REQUIRE_EQ(seeds_find(&system_config.vms[0], buffer, places), 1);
	check_place(buffer, 0, "rng-seed", 32);
	generate(true, "vm { " VM_HEAD VM_MEMORY "device-tree { chosen { rng-seed = <7>; }; }; };");
	ATF_REQUIRE_EQ(seeds_find(&system_config.vms[0], buffer, places), 1);
	check_place(buffer, 0, "kaslr-seed", 8);
	generate(true, "vm { " VM_HEAD VM_MEMORY "device-tree { rng-seed = <7>; }; };");
	ATF_CHECK_EQ(seeds_find(&system_config.vms[0], buffer, places), 2);
}

/* As boot does with a tree that is not its own. */
static unsigned int check_and_find(const struct vm_config *vm, const void *tree, size_t size)
{
	return reg_check_tree(tree, size) == 0 ? seeds_find(vm, tree, places) : 0;
}

/* How many seeds a tree of the user's own has. */
static unsigned int count_own(const char *source)
{
	struct vm_config vm = {.dtb = {.size = 1}, .device_tree = -1};
	size_t size;
	uint8_t *tree = dts_compile(source, &size);
	unsigned int n = check_and_find(&vm, tree, size);

	for (unsigned int i = 0; i < n; i++)
		ATF_CHECK(range_within(places[i].offset, places[i].size, 0, size));
	free(tree);
	return n;
}

ATF_TC_WITHOUT_HEAD(own_tree);
ATF_TC_BODY(own_tree, tc)
{
	static char source[4096];
	size_t n;

	(void)tc;
	ATF_CHECK_EQ(count_own("/ { };"), 0);
	ATF_CHECK_EQ(count_own("/ { rng-seed = <1>; x { kaslr-seed = <1 2>; }; };"), 0);
	ATF_CHECK_EQ(count_own("/ { chosen { rng-seed; kaslr-seed; }; };"), 0);
	ATF_CHECK_EQ(count_own("/ { chosen { rng-seed = [01]; kaslr-seed = <1 2>; }; };"), 2);
	ATF_CHECK_EQ(count_own("/ { chosen { rng-seed = [01]; kaslr-seed = <1>; }; };"), 1);
	for (unsigned int size = 512; size <= 513; size++) {
		n = format(source, sizeof(source), "/ { chosen { rng-seed = [");
		for (unsigned int i = 0; i < size; i++)
			n += format(source + n, sizeof(source) - n, "ab");
		format(source + n, sizeof(source) - n, "]; }; };");
		ATF_CHECK_EQ(count_own(source), size == 512);
	}
}

/* Cut off anywhere, or with any byte changed: none are found, or they are within the tree. */
ATF_TC_WITHOUT_HEAD(damaged);
ATF_TC_BODY(damaged, tc)
{
	struct vm_config vm = {.dtb = {.size = 1}, .device_tree = -1};
	size_t size;
	uint8_t *tree =
	    dts_compile("/ { chosen { rng-seed = [01 02 03]; kaslr-seed = <1 2>; }; };", &size);

	(void)tc;
	for (size_t i = 1; i < size; i++) {
		uint8_t *part = malloc(i);

		ATF_REQUIRE(part != NULL);
		memcpy(part, tree, i);
		ATF_CHECK_EQ(check_and_find(&vm, part, i), 0);
		free(part);
	}
	for (size_t i = 0; i < size * 8; i++) {
		unsigned int n;

		tree[i / 8] ^= (uint8_t)(1u << i % 8);
		n = check_and_find(&vm, tree, size);
		for (unsigned int k = 0; k < n; k++)
			ATF_CHECK(range_within(places[k].offset, places[k].size, 0, size));
		tree[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	ATF_CHECK_EQ(check_and_find(&vm, tree, size), 2);
	free(tree);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, generated);
	ATF_TP_ADD_TC(tp, given);
	ATF_TP_ADD_TC(tp, own_tree);
	ATF_TP_ADD_TC(tp, damaged);
	return atf_no_error();
}
