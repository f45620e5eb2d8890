// SPDX-License-Identifier: BSD-2-Clause
/*
 * boot/entropy.c: every source is asked, a bounded number of times, and each alone is enough;
 * the seeds in the machine's tree are wiped, and nothing else of it.
 */
#include "boot/entropy.h"

#include <string.h>

#include "arm64/rndr.h"
#include "arm64/sysreg.h"
#include "core/cpu.h"
#include "core/firmware.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/el2_map.h"
#include "mm/window.h"
#include "tests/unit/dts.h"

/* How often a source says "not now" first, and how often it was asked */
static bool has_rndr;
static int trng_error; /* after trng_busy: 0 or -ENODEV */
static unsigned int rndr_busy, trng_busy, rndr_asked, trng_asked;
/* Where the tree is, physically */
#define PHYS BIT(32)
static uint8_t *tree;
static size_t tree_size;
static struct cpu boot_cpu;

bool rndr_is_there(void)
{
	return has_rndr;
}

bool rndr_read(uint64_t *value)
{
	*value = 0x1234567890 + rndr_asked;
	return rndr_asked++ >= rndr_busy;
}

int firmware_trng(uint64_t words[FIRMWARE_TRNG_WORDS])
{
	if (trng_asked++ < trng_busy)
		return -EBUSY;
	for (unsigned int i = 0; i < FIRMWARE_TRNG_WORDS; i++)
		words[i] = trng_asked * 100 + i;
	return trng_error;
}

/* The tree is mapped by pages, from an address within one on. */
bool el2_map_lookup(uintptr_t addr, struct pgtable_leaf *leaf)
{
	ATF_REQUIRE(addr >= (uintptr_t)tree && addr < (uintptr_t)tree + tree_size);
	*leaf = (struct pgtable_leaf){.addr = ALIGN_DOWN(addr, PAGE_SIZE), .size = PAGE_SIZE};
	leaf->pa = pa(PHYS + leaf->addr);
	return true;
}

void phys_zero(unsigned int cpu, pa_t dst, uint64_t n)
{
	(void)cpu;
	ATF_REQUIRE(n != 0 && dst.v / PAGE_SIZE == (dst.v + n - 1) / PAGE_SIZE);
	ATF_REQUIRE(range_within(dst.v - PHYS, n, (uintptr_t)tree, tree_size));
	memset((void *)(uintptr_t)(dst.v - PHYS), 0, n); // NOLINT(performance-no-int-to-ptr)
}

static void set_up(const char *source)
{
	write_sysreg(tpidr_el2, (uintptr_t)&boot_cpu);
	free(tree);
	tree = dts_compile(source, &tree_size);
	has_rndr = false;
	trng_error = -ENODEV;
	rndr_busy = trng_busy = rndr_asked = trng_asked = 0;
}

/* Returns whether there was a source; then the state is not what it was. */
static bool gather(struct random *r)
{
	static const struct random none;
	bool any;

	*r = none;
	any = boot_gather_entropy(r, tree);
	ATF_CHECK_EQ(memcmp(r, &none, sizeof(none)) != 0, any);
	return any;
}

ATF_TC_WITHOUT_HEAD(nothing);
ATF_TC_BODY(nothing, tc)
{
	struct random r;

	(void)tc;
	set_up("/ { };");
	ATF_CHECK(!gather(&r));
	set_up("/ { chosen { bootargs = \"quiet\"; }; };");
	ATF_CHECK(!gather(&r));
	/* of those who have taken it */
	set_up("/ { chosen { kaslr-seed = <0 0>; rng-seed = <0 0 0>; }; };");
	ATF_CHECK(!gather(&r));
	set_up("/ { chosen { kaslr-seed; rng-seed; }; };");
	ATF_CHECK(!gather(&r));
	ATF_CHECK_EQ(rndr_asked, 0);
}

ATF_TC_WITHOUT_HEAD(cpu);
ATF_TC_BODY(cpu, tc)
{
	struct random r;

	(void)tc;
	set_up("/ { };");
	has_rndr = true;
	ATF_CHECK(gather(&r));
	ATF_CHECK_EQ(rndr_asked, 4);
	set_up("/ { };");
	has_rndr = true;
	rndr_busy = 9;
	ATF_CHECK(gather(&r));
	ATF_CHECK_EQ(rndr_asked, 13);
	set_up("/ { };");
	has_rndr = true;
	rndr_busy = 1000;
	ATF_CHECK(!gather(&r));
	ATF_CHECK_EQ(rndr_asked, 10);
}

ATF_TC_WITHOUT_HEAD(firmware);
ATF_TC_BODY(firmware, tc)
{
	struct random r;

	(void)tc;
	set_up("/ { };");
	trng_error = 0;
	ATF_CHECK(gather(&r));
	ATF_CHECK_EQ(trng_asked, 2);
	set_up("/ { };");
	trng_error = 0;
	trng_busy = 9;
	ATF_CHECK(gather(&r));
	ATF_CHECK_EQ(trng_asked, 11);
	set_up("/ { };");
	trng_busy = 1000;
	ATF_CHECK(!gather(&r));
	ATF_CHECK_EQ(trng_asked, 10);
	/* without one, once is enough */
	set_up("/ { };");
	ATF_CHECK(!gather(&r));
	ATF_CHECK_EQ(trng_asked, 1);
}

/* Each byte of the tree is as before, but for the seeds, which are 0. */
static void check_wiped(const char *source, const char *without)
{
	size_t size;
	uint8_t *expected = dts_compile(without, &size);
	struct random r;

	set_up(source);
	ATF_REQUIRE_EQ(size, tree_size);
	ATF_CHECK(gather(&r));
	ATF_CHECK_EQ_MSG(memcmp(tree, expected, size), 0, "%s", source);
	free(expected);
}

ATF_TC_WITHOUT_HEAD(seeds_are_wiped);
ATF_TC_BODY(seeds_are_wiped, tc)
{
	static char source[40000], without[40000];
	size_t n = 0, m = 0;

	(void)tc;
	check_wiped("/ { chosen { kaslr-seed = <1 2>; x = <3>; rng-seed = [04 05 06]; }; };",
		    "/ { chosen { kaslr-seed = <0 0>; x = <3>; rng-seed = [00 00 00]; }; };");
	/* over several pages */
	n = format(source, sizeof(source), "/ { chosen { rng-seed = [");
	m = format(without, sizeof(without), "/ { chosen { rng-seed = [");
	for (unsigned int i = 0; i < 9001; i++) {
		n += format(source + n, sizeof(source) - n, "a5");
		m += format(without + m, sizeof(without) - m, "00");
	}
	format(source + n, sizeof(source) - n, "]; y = <7>; }; };");
	format(without + m, sizeof(without) - m, "]; y = <7>; }; };");
	check_wiped(source, without);
}

/* Two machines that differ in one source only end up with different states. */
ATF_TC_WITHOUT_HEAD(all_count);
ATF_TC_BODY(all_count, tc)
{
	static const char *const sources[] = {
	    "/ { chosen { kaslr-seed = <1 2>; rng-seed = <1 2 3 4>; }; };",
	    "/ { chosen { kaslr-seed = <1 3>; rng-seed = <1 2 3 4>; }; };",
	    "/ { chosen { kaslr-seed = <1 2>; rng-seed = <1 2 3 5>; }; };",
	};
	struct random r[ARRAY_SIZE(sources) * 4];
	unsigned int n = 0;

	(void)tc;
	for (unsigned int i = 0; i < ARRAY_SIZE(sources); i++)
		for (unsigned int k = 0; k < 4; k++) {
			set_up(sources[i]);
			has_rndr = k & 1;
			trng_error = k & 2 ? 0 : -ENODEV;
			ATF_CHECK(gather(&r[n++]));
		}
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < i; k++)
			ATF_CHECK(memcmp(&r[i], &r[k], sizeof(r[i])) != 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, nothing);
	ATF_TP_ADD_TC(tp, cpu);
	ATF_TP_ADD_TC(tp, firmware);
	ATF_TP_ADD_TC(tp, seeds_are_wiped);
	ATF_TP_ADD_TC(tp, all_count);
	return atf_no_error();
}
