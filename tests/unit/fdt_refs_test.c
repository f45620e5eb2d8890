// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/refs.c and fdt/clock.c: which properties refer to other nodes, entry by
 * entry, and what the tree says of clocks.
 */
#include "fdt/refs.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/clock.h"
#include "tests/unit/dts.h"

static uint8_t *tree;

static int at(const char *path)
{
	int node = fdt_path_offset(tree, path);

	ATF_REQUIRE_MSG(node >= 0, "no %s", path);
	return node;
}

ATF_TC_WITHOUT_HEAD(kinds);
ATF_TC_BODY(kinds, tc)
{
	static const struct {
		const char *property;
		enum ref_kind kind;
		const char *cells;
		unsigned int args;
	} known[] = {
	    {"clocks", REF_CLOCK, "#clock-cells", 0},
	    {"clock-names", REF_NONE, "", 0},
	    {"clock-frequency", REF_NONE, "", 0},
	    {"assigned-clocks", REF_UNUSED, "", 0},
	    {"assigned-clock-rates", REF_UNUSED, "", 0},
	    {"assigned-clock-parents", REF_UNUSED, "", 0},
	    {"resets", REF_OTHER, "#reset-cells", 0},
	    {"power-domains", REF_OTHER, "#power-domain-cells", 0},
	    {"dmas", REF_OTHER, "#dma-cells", 0},
	    {"phys", REF_OTHER, "#phy-cells", 0},
	    {"nvmem-cells", REF_OTHER, "#nvmem-cell-cells", 0},
	    {"interconnects", REF_OTHER, "#interconnect-cells", 0},
	    {"iommus", REF_OTHER, "#iommu-cells", 0},
	    {"mboxes", REF_OTHER, "#mbox-cells", 0},
	    {"gpios", REF_OTHER, "#gpio-cells", 0},
	    {"cd-gpios", REF_OTHER, "#gpio-cells", 0},
	    {"snps,reset-gpio", REF_OTHER, "#gpio-cells", 0},
	    {"gpio-ranges", REF_OTHER, "", 3},
	    {"vcc-supply", REF_SUPPLY, "", 0},
	    {"pinctrl-0", REF_OTHER, "", 0},
	    {"pinctrl-9", REF_OTHER, "", 0},
	    {"pinctrl-names", REF_NONE, "", 0},
	    {"phy-handle", REF_OTHER, "", 0},
	    {"phy-mode", REF_NONE, "", 0},
	    {"memory-region", REF_OTHER, "", 0},
	    {"rockchip,grf", REF_OTHER, "", REF_REST},
	    {"compatible", REF_NONE, "", 0},
	    {"reg", REF_NONE, "", 0},
	    {"s", REF_NONE, "", 0},
	    {"", REF_NONE, "", 0},
	};

	for (unsigned int i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct ref ref;

		ref_of(known[i].property, &ref);
		ATF_CHECK_EQ_MSG(ref.kind, known[i].kind, "%s", known[i].property);
		ATF_CHECK_EQ_MSG(ref.args, known[i].args, "%s", known[i].property);
		ATF_CHECK_STREQ(ref.cells, known[i].cells);
	}
}

ATF_TC_WITHOUT_HEAD(names);
ATF_TC_BODY(names, tc)
{
	static const char *const pairs[][2] = {{"clock-names", "clocks"},
					       {"pinctrl-names", "pinctrl-0"},
					       {"dma-names", "dmas"},
					       {"reg-names", "regs"},
					       {"compatible", ""},
					       {"-names", "s"},
					       {"names", ""},
					       {"nvmem-cell-names", "nvmem-cells"}};
	char named[40];

	for (unsigned int i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		ref_named(pairs[i][0], named, sizeof(named));
		ATF_CHECK_STREQ(named, pairs[i][1]);
	}
}

/* Each entry's provider and cells, and how it ends: true if all was whole. */
static bool walk(const char *path, const char *property, unsigned int *n, int *last)
{
	int len, provider;
	const fdt32_t *cells = fdt_getprop(tree, at(path), property, &len);
	unsigned int left = (unsigned int)len / 4, used;
	struct ref ref;

	ref_of(property, &ref);
	for (*n = 0; ref_next(tree, &ref, cells, left, &provider, &used); ++*n) {
		ATF_REQUIRE(used >= 1 && used <= left);
		*last = provider;
		cells += used;
		left -= used;
	}
	return left == 0;
}

ATF_TC_WITHOUT_HEAD(entries);
ATF_TC_BODY(entries, tc)
{
	unsigned int n;
	int last = -1;

	tree = dts_compile("/ { one: one { #clock-cells = <1>; #reset-cells = <0>; };"
			   "two: two { #clock-cells = <2>; };"
			   "huge: huge { #clock-cells = <0x7fffffff>; };"
			   "user { clocks = <&one 5>, <&two 6 7>, <0>, <&one 8>; resets = <&one>;"
			   "       phys = <77 1>; memory-region = <&one>, <&two>;"
			   "       acme,grf = <&two 1 2 3>; };"
			   "short { clocks = <&one 5>, <&two 6>; };"
			   "hostile { clocks = <&huge 1 2>; };"
			   "empty { clocks; }; };",
			   NULL);
	ATF_CHECK(walk("/user", "clocks", &n, &last));
	ATF_CHECK_EQ(n, 4);
	ATF_CHECK_EQ(last, at("/one"));
	ATF_CHECK(walk("/user", "resets", &n, &last));
	ATF_CHECK_EQ(n, 1);
	ATF_CHECK(!walk("/user", "phys", &n, &last));
	ATF_CHECK_EQ(n, 0);
	ATF_CHECK(walk("/user", "memory-region", &n, &last));
	ATF_CHECK_EQ(n, 2);
	ATF_CHECK_EQ(last, at("/two"));
	ATF_CHECK(walk("/user", "acme,grf", &n, &last));
	ATF_CHECK_EQ(n, 1);
	ATF_CHECK(!walk("/short", "clocks", &n, &last));
	ATF_CHECK_EQ(n, 1);
	ATF_CHECK(!walk("/hostile", "clocks", &n, &last));
	ATF_CHECK(walk("/empty", "clocks", &n, &last));
	ATF_CHECK_EQ(n, 0);
	free(tree);
}

/* Of the n-th clock of a node, all of one cell's provider or none. */
static uint32_t frequency(const char *path, unsigned int n)
{
	int len, provider;
	const fdt32_t *cells = fdt_getprop(tree, at(path), "clocks", &len);
	unsigned int left = (unsigned int)len / 4, used;
	struct ref ref;

	ref_of("clocks", &ref);
	for (;; cells += used, left -= used) {
		ATF_REQUIRE(ref_next(tree, &ref, cells, left, &provider, &used));
		if (n-- == 0)
			return clock_frequency(tree, at(path), provider, cells, used);
	}
}

ATF_TC_WITHOUT_HEAD(clocks);
ATF_TC_BODY(clocks, tc)
{
	tree = dts_compile(
	    "/ { osc: osc { compatible = \"fixed-clock\"; #clock-cells = <0>;"
	    "  clock-frequency = <25000000>; };"
	    "twice: twice { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;"
	    "  clocks = <&osc>; clock-mult = <2>; };"
	    "third: third { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;"
	    "  clocks = <&twice>; clock-mult = <3>; clock-div = <5>; };"
	    "zero: zero { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;"
	    "  clocks = <&osc>; clock-div = <0>; };"
	    "ring: ring { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;"
	    "  clocks = <&ring>; };"
	    "pll: pll { #clock-cells = <1>; assigned-clocks = <&pll 9>;"
	    "  assigned-clock-rates = <900>; };"
	    "user { clocks = <&osc>, <&twice>, <&third>, <&zero>, <&ring>, <&pll 1>, <&pll 2>, "
	    "<&pll 9>;"
	    "  assigned-clocks = <&osc>, <&pll 2>; assigned-clock-rates = <0>, <1234>; }; };",
	    NULL);
	ATF_CHECK_EQ(frequency("/user", 0), 25000000);
	ATF_CHECK_EQ(frequency("/user", 1), 50000000);
	ATF_CHECK_EQ(frequency("/user", 2), 30000000);
	ATF_CHECK_EQ(frequency("/user", 3), 0);
	ATF_CHECK_EQ(frequency("/user", 4), 0);
	ATF_CHECK_EQ(frequency("/user", 5), 0);
	ATF_CHECK_EQ(frequency("/user", 6), 1234);
	ATF_CHECK_EQ(frequency("/user", 7), 900);
	free(tree);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, kinds);
	ATF_TP_ADD_TC(tp, names);
	ATF_TP_ADD_TC(tp, entries);
	ATF_TP_ADD_TC(tp, clocks);
	return atf_no_error();
}
