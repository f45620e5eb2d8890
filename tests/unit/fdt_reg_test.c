// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/reg.c: addresses through buses, interrupts through their controllers,
 * and trees in which something is missing.
 */
#include "fdt/reg.h"

#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

static uint8_t *tree;

static int at(const char *path)
{
	int node = fdt_path_offset(tree, path);

	ATF_REQUIRE_MSG(node >= 0, "no %s", path);
	return node;
}

static void check_reg(const char *path, unsigned int n, uint64_t base, uint64_t size)
{
	struct range range = {0};

	ATF_CHECK_EQ_MSG(reg_get(tree, at(path), n, &range), 0, "%s", path);
	ATF_CHECK_EQ_MSG(range.base, base, "%s: 0x%llx", path, (unsigned long long)range.base);
	ATF_CHECK_EQ_MSG(range.size, size, "%s: 0x%llx", path, (unsigned long long)range.size);
}

static void check_no_reg(const char *path, unsigned int n, int err)
{
	struct range range;

	ATF_CHECK_EQ_MSG(reg_get(tree, at(path), n, &range), err, "%s", path);
}

static void check_irq(const char *path, unsigned int n, uint32_t intid, bool edge)
{
	struct reg_irq irq = {0};

	ATF_CHECK_EQ_MSG(reg_get_irq(tree, at(path), n, &irq), 0, "%s", path);
	ATF_CHECK_EQ_MSG(irq.intid, intid, "%s: %u", path, irq.intid);
	ATF_CHECK_EQ_MSG(irq.edge, edge, "%s", path);
}

static void check_no_irq(const char *path, unsigned int n, int err)
{
	struct reg_irq irq;

	ATF_CHECK_EQ_MSG(reg_get_irq(tree, at(path), n, &irq), err, "%s", path);
}

ATF_TC_WITHOUT_HEAD(cells);
ATF_TC_BODY(cells, tc)
{
	static const uint8_t bytes[] = {0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9};

	ATF_CHECK_EQ(reg_cells(bytes, 0), 0);
	ATF_CHECK_EQ(reg_cells(bytes, 1), 0x80010203);
	ATF_CHECK_EQ(reg_cells(bytes, 2), 0x8001020304050607);
	ATF_CHECK_EQ(reg_cells(bytes + 1, 1), 0x01020304);
}

ATF_TC_WITHOUT_HEAD(u32);
ATF_TC_BODY(u32, tc)
{
	tree = dts_compile("/ { one = <0x12345678>; two = <1 2>; none; };", NULL);
	ATF_CHECK_EQ(reg_get_u32(tree, 0, "one", 9), 0x12345678);
	ATF_CHECK_EQ(reg_get_u32(tree, 0, "two", 9), 9);
	ATF_CHECK_EQ(reg_get_u32(tree, 0, "none", 9), 9);
	ATF_CHECK_EQ(reg_get_u32(tree, 0, "missing", 9), 9);
	ATF_CHECK_EQ(reg_get_u32(tree, -1, "one", 9), 9);
}

ATF_TC_WITHOUT_HEAD(root_bus);
ATF_TC_BODY(root_bus, tc)
{
	tree = dts_compile("/ { #address-cells = <2>; #size-cells = <1>;"
			   "several { reg = <1 2 3>, <4 5 6>, <7 8>; };"
			   "short { reg = <1 2>; }; empty { reg; }; none { }; };",
			   NULL);
	check_reg("/several", 0, 0x100000002, 3);
	check_reg("/several", 1, 0x400000005, 6);
	check_no_reg("/several", 2, -ENOENT);
	check_no_reg("/several", UINT32_MAX, -ENOENT);
	check_no_reg("/short", 0, -ENOENT);
	check_no_reg("/empty", 0, -ENOENT);
	check_no_reg("/none", 0, -ENOENT);
}

/* Without #address-cells and #size-cells, they are 2 and 1 (2.3.5 of the specification). */
ATF_TC_WITHOUT_HEAD(default_cells);
ATF_TC_BODY(default_cells, tc)
{
	tree = dts_compile("/ { device { reg = <1 2 3>; }; };", NULL);
	check_reg("/device", 0, 0x100000002, 3);
}

ATF_TC_WITHOUT_HEAD(cells_too_large);
ATF_TC_BODY(cells_too_large, tc)
{
	tree = dts_compile("/ { #address-cells = <2>; #size-cells = <2>;"
			   "a { #address-cells = <3>; #size-cells = <2>; ranges;"
			   "	device { reg = <1 2 3 4 5>; }; };"
			   "b { #address-cells = <0>; #size-cells = <0>; ranges;"
			   "	device { reg = <1>; }; };"
			   "c { #address-cells = <1>; #size-cells = <0xffffffff>; ranges;"
			   "	device { reg = <1>; }; }; };",
			   NULL);
	check_no_reg("/a/device", 0, -EINVAL);
	check_no_reg("/b/device", 0, -EINVAL);
	check_no_reg("/c/device", 0, -EINVAL);
	/* of the bus above */
	tree = dts_compile("/ { #address-cells = <3>; #size-cells = <2>;"
			   "a { #address-cells = <1>; #size-cells = <1>; ranges = <0 0 0 0 0x1000>;"
			   "	device { reg = <0 1>; }; }; };",
			   NULL);
	check_no_reg("/a/device", 0, -EINVAL);
}

/* A bus on a bus, with other cells, the second of several windows. */
ATF_TC_WITHOUT_HEAD(buses);
ATF_TC_BODY(buses, tc)
{
	tree = dts_compile(
	    "/ { #address-cells = <2>; #size-cells = <2>;"
	    "soc { #address-cells = <1>; #size-cells = <1>;"
	    "	ranges = <0x7e000000 0x0 0xfe000000 0x01800000>,"
	    "		 <0x40000000 0x4 0xc0000000 0x00800000>;"
	    "	uart { reg = <0x7e201000 0x200>; };"
	    "	high { reg = <0x40000000 0x800000>; };"
	    "	last { reg = <0x407fffff 1>; };"
	    "	beyond { reg = <0x407fffff 2>; };"
	    "	before { reg = <0x3fffffff 1>; };"
	    "	inner { #address-cells = <2>; #size-cells = <1>;"
	    "		ranges = <0x1 0x0 0x7e100000 0x10000>;"
	    "		device { reg = <0x1 0x20 0x10>, <0x1 0xfff8 0x8>, <0x1 0xfff9 0x8>; }; };"
	    "	same { #address-cells = <1>; #size-cells = <1>; ranges;"
	    "		device { reg = <0x7e000010 0x10>; }; }; }; };",
	    NULL);
	check_reg("/soc/uart", 0, 0xfe201000, 0x200);
	check_reg("/soc/high", 0, 0x4c0000000, 0x800000);
	check_reg("/soc/last", 0, 0x4c07fffff, 1);
	check_no_reg("/soc/beyond", 0, -EINVAL);
	check_no_reg("/soc/before", 0, -EINVAL);
	check_reg("/soc/inner/device", 0, 0xfe100020, 0x10);
	check_reg("/soc/inner/device", 1, 0xfe10fff8, 8);
	check_no_reg("/soc/inner/device", 2, -EINVAL);
	check_reg("/soc/same/device", 0, 0xfe000010, 0x10);
}

/* A bus without ranges has no addresses that a CPU could use. */
ATF_TC_WITHOUT_HEAD(no_ranges);
ATF_TC_BODY(no_ranges, tc)
{
	tree = dts_compile("/ { #address-cells = <2>; #size-cells = <2>;"
			   "i2c { #address-cells = <1>; #size-cells = <0>;"
			   "	device { reg = <0x50>; }; nothing { }; };"
			   "cut { #address-cells = <1>; #size-cells = <1>; ranges = <0 0 0>;"
			   "	device { reg = <0 1>; }; };"
			   "wrap { #address-cells = <1>; #size-cells = <1>;"
			   "	ranges = <0 0xffffffff 0xffffff00 0x1000>;"
			   "	device { reg = <0xf0 0x10>; }; wraps { reg = <0xf0 0x11>; }; }; };",
			   NULL);
	check_no_reg("/i2c/device", 0, -EINVAL);
	check_no_reg("/i2c/nothing", 0, -ENOENT);
	check_no_reg("/cut/device", 0, -EINVAL);
	check_reg("/wrap/device", 0, UINT64_MAX - 0xf, 0x10);
	check_no_reg("/wrap/wraps", 0, -EINVAL);
}

/* A tree deeper than any machine's is refused; it takes no stack. */
ATF_TC_WITHOUT_HEAD(deep);
ATF_TC_BODY(deep, tc)
{
	char source[8192], path[512];

	for (unsigned int depth = 10; depth <= 60; depth += 50) {
		size_t n = format(source, sizeof(source), "/ { ");
		size_t p = 0;

		for (unsigned int i = 0; i < depth; i++) {
			n += format(source + n, sizeof(source) - n,
				    "b { #address-cells = <2>; #size-cells = <1>; ranges; ");
			p += format(path + p, sizeof(path) - p, "/b");
		}
		n += format(source + n, sizeof(source) - n,
			    "d { reg = <1 2 3>; interrupts = <1>; };");
		format(path + p, sizeof(path) - p, "/d");
		for (unsigned int i = 0; i <= depth; i++)
			n += format(source + n, sizeof(source) - n, "};");
		ATF_REQUIRE(n < sizeof(source));
		tree = dts_compile(source, NULL);
		if (depth == 10)
			check_reg(path, 0, 0x100000002, 3);
		else
			check_no_reg(path, 0, -EINVAL);
		check_no_irq(path, 0, -EINVAL);
		free(tree);
	}
}

ATF_TC_WITHOUT_HEAD(interrupts);
ATF_TC_BODY(interrupts, tc)
{
	char *name;

	tree = dts_compile(
	    "/ { interrupt-parent = <&gic>;"
	    "gic: gic { interrupt-controller; #interrupt-cells = <3>; };"
	    "pic: pic { interrupt-controller; #interrupt-cells = <1>; };"
	    "four: four { interrupt-controller; #interrupt-cells = <4>; };"
	    "many: many { interrupt-controller; #interrupt-cells = <5>; };"
	    "inherited { interrupts = <0 1 4>, <1 9 0xf08>, <0 987 1>, <1 15 2>; };"
	    "bus { interrupt-parent = <&four>; device { interrupts = <0 5 1 7>, <1 2 4 8>; }; };"
	    "own { interrupt-parent = <&pic>; interrupts = <3>; };"
	    "extended { interrupts-extended = <&pic 1>, <&gic 0 33 4>, <&four 1 0 1 0>; };"
	    "both { interrupts = <0 1 4>; interrupts-extended = <&gic 0 2 4>; };"
	    "odd { interrupt-parens = [00 01]; interrupts = <0 3 4>; };"
	    "lost { interrupt-parent = <0x99>; interrupts = <0 1 4>; };"
	    "wide { interrupt-parent = <&many>; interrupts = <0 1 4 5 6>; };"
	    "spi { interrupts = <0 988 4>; }; ppi { interrupts = <1 16 4>; };"
	    "espi { interrupts = <2 0 4>; }; cut { interrupts = <0 1>; }; none { };"
	    "cutx { interrupts-extended = <&gic 0 1>; }; badx { interrupts-extended = <0x99 0 1 "
	    "4>; };"
	    "};",
	    NULL);
	check_irq("/inherited", 0, 33, false);
	check_irq("/inherited", 1, 25, false);
	check_irq("/inherited", 2, 1019, true);
	check_irq("/inherited", 3, 31, true);
	check_no_irq("/inherited", 4, -ENOENT);
	check_irq("/bus/device", 0, 37, true);
	check_irq("/bus/device", 1, 18, false);
	check_no_irq("/bus/device", 2, -ENOENT);
	check_no_irq("/own", 0, -EINVAL);
	check_no_irq("/extended", 0, -EINVAL);
	check_irq("/extended", 1, 65, false);
	check_irq("/extended", 2, 16, true);
	check_no_irq("/extended", 3, -ENOENT);
	check_irq("/both", 0, 34, false);
	/* no phandle, which dtc refuses: the bus's holds */
	name = memmem(tree, fdt_totalsize(tree), "parens", 6);
	ATF_REQUIRE(name != NULL);
	name[5] = 't';
	check_irq("/odd", 0, 35, false);
	check_no_irq("/lost", 0, -EINVAL);
	check_no_irq("/wide", 0, -EINVAL);
	check_no_irq("/spi", 0, -EINVAL);
	check_no_irq("/ppi", 0, -EINVAL);
	check_no_irq("/espi", 0, -EINVAL);
	check_no_irq("/cut", 0, -ENOENT);
	check_no_irq("/none", 0, -ENOENT);
	check_no_irq("/cutx", 0, -EINVAL);
	check_no_irq("/badx", 0, -EINVAL);
}

ATF_TC_WITHOUT_HEAD(available);
ATF_TC_BODY(available, tc)
{
	tree = dts_compile("/ { none { }; okay { status = \"okay\"; }; ok { status = \"ok\"; };"
			   "disabled { status = \"disabled\"; }; fail { status = \"fail-sss\"; };"
			   "empty { status; }; okays { status = \"okays\"; };"
			   "raw { status = [6f 6b 61 79]; }; };",
			   NULL);
	ATF_CHECK(reg_is_available(tree, at("/none")));
	ATF_CHECK(reg_is_available(tree, at("/okay")));
	ATF_CHECK(reg_is_available(tree, at("/ok")));
	ATF_CHECK(!reg_is_available(tree, at("/disabled")));
	ATF_CHECK(!reg_is_available(tree, at("/fail")));
	ATF_CHECK(!reg_is_available(tree, at("/empty")));
	ATF_CHECK(!reg_is_available(tree, at("/okays")));
	/* not terminated */
	ATF_CHECK(!reg_is_available(tree, at("/raw")));
}

ATF_TC_WITHOUT_HEAD(compatible);
ATF_TC_BODY(compatible, tc)
{
	static const char *const gics[] = {"arm,gic-400", "arm,cortex-a15-gic", NULL};
	static const char *const nothing[] = {NULL};

	tree = dts_compile("/ { a { compatible = \"x,y\", \"arm,cortex-a15-gic\"; };"
			   "b { compatible = \"arm,gic-4000\"; }; c { }; };",
			   NULL);
	ATF_CHECK(reg_is_compatible(tree, at("/a"), gics));
	ATF_CHECK(!reg_is_compatible(tree, at("/b"), gics));
	ATF_CHECK(!reg_is_compatible(tree, at("/c"), gics));
	ATF_CHECK(!reg_is_compatible(tree, at("/a"), nothing));
}

ATF_TC_WITHOUT_HEAD(u64);
ATF_TC_BODY(u64, tc)
{
	uint64_t value = 5;

	tree = dts_compile("/ { one = <0x82345678>; two = <1 2>; three = <1 2 3>; none; };", NULL);
	ATF_CHECK(!reg_get_u64(tree, 0, "none", &value));
	ATF_CHECK(!reg_get_u64(tree, 0, "three", &value));
	ATF_CHECK(!reg_get_u64(tree, 0, "missing", &value));
	ATF_CHECK(!reg_get_u64(tree, -1, "one", &value));
	ATF_CHECK_EQ(value, 5);
	ATF_CHECK(reg_get_u64(tree, 0, "one", &value));
	ATF_CHECK_EQ(value, 0x82345678);
	ATF_CHECK(reg_get_u64(tree, 0, "two", &value));
	ATF_CHECK_EQ(value, 0x100000002);
}

/* A list is not searched without end: each of its entries is a search itself. */
/* Devicetree Specification 2.4.3: through nexuses, by unit address and number under a mask. */
ATF_TC_WITHOUT_HEAD(interrupt_maps);
ATF_TC_BODY(interrupt_maps, tc)
{
	tree = dts_compile(
	    "/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;"
	    "gic: gic { interrupt-controller; #interrupt-cells = <3>; #address-cells = <0>; };"
	    "old: old { interrupt-controller; #interrupt-cells = <3>; #address-cells = <2>; };"
	    "bus: bus { #address-cells = <2>; #size-cells = <1>; #interrupt-cells = <1>;"
	    "  interrupt-map-mask = <0xff 0 3>;"
	    "  interrupt-map = <1 0 0 &gic 0 10 4>, <1 0 1 &old 7 7 0 11 1>, <2 0 0 &gic 0 12 4>,"
	    "                  <3 0 0 &inner 5>;"
	    "  one@1 { reg = <0x101 0x77 1>; interrupts = <4>, <5>, <2>; };"
	    "  two@2 { reg = <2 0 1>; interrupts = <0>; };"
	    "  three@3 { reg = <3 0 1>; interrupts = <0>; };"
	    "  none@9 { reg = <9 0 1>; interrupts = <0>; };"
	    "};"
	    "inner: inner { #address-cells = <0>; #interrupt-cells = <1>;"
	    "  interrupt-map = <5 &gic 0 20 4>; };"
	    "far { interrupt-parent = <&inner>; interrupts = <5>, <6>; };"
	    "ring: ring { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &ring "
	    "1>; };"
	    "lost { interrupt-parent = <&ring>; interrupts = <1>; };"
	    "cut: cut { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &gic 0 "
	    "1>; };"
	    "broken { interrupt-parent = <&cut>; interrupts = <1>; };"
	    "ext { interrupts-extended = <&inner 5>, <&gic 0 1 4>; };"
	    "mother { #interrupt-cells = <3>; interrupt-controller; child { interrupts = <0 30 4>; "
	    "}; }; };",
	    NULL);
	check_irq("/bus/one@1", 0, 42, false);
	check_irq("/bus/one@1", 1, 43, true);
	check_no_irq("/bus/one@1", 2, -EINVAL);
	check_no_irq("/bus/one@1", 3, -ENOENT);
	check_irq("/bus/two@2", 0, 44, false);
	check_irq("/bus/three@3", 0, 52, false);
	check_no_irq("/bus/none@9", 0, -EINVAL);
	check_irq("/far", 0, 52, false);
	check_no_irq("/far", 1, -EINVAL);
	check_no_irq("/lost", 0, -EINVAL);
	check_no_irq("/broken", 0, -EINVAL);
	check_irq("/ext", 0, 52, false);
	check_irq("/ext", 1, 33, false);
	/* the root has an interrupt-parent, but who is between is nearer */
	check_irq("/mother/child", 0, 62, false);
	free(tree);
}

ATF_TC_WITHOUT_HEAD(many_interrupts);
ATF_TC_BODY(many_interrupts, tc)
{
	char source[4096];
	size_t n = format(source, sizeof(source),
			  "/ { gic: gic { #interrupt-cells = <3>; };"
			  "device { interrupts-extended = ");

	for (unsigned int i = 0; i < 70; i++)
		n += format(source + n, sizeof(source) - n, "%s<&gic 0 %u 4>", i ? "," : "", i);
	format(source + n, sizeof(source) - n, "; }; };");
	tree = dts_compile(source, NULL);
	check_irq("/device", 63, 95, false);
	check_no_irq("/device", 64, -ENOENT);
}

ATF_TC_WITHOUT_HEAD(whole_tree);
ATF_TC_BODY(whole_tree, tc)
{
	size_t size;
	uint8_t *cut;

	tree = dts_compile("/ { name-of-a-property = <1>; node { other = \"value\"; }; };", &size);
	ATF_CHECK_EQ(reg_check_tree(tree, size), 0);
	for (size_t length = 0; length < size; length++) {
		cut = malloc(length + 1);
		memcpy(cut, tree, length);
		ATF_CHECK_MSG(reg_check_tree(cut, length) != 0, "%zu of %zu", length, size);
		free(cut);
	}
	fdt_set_version(tree, 15);
	fdt_set_last_comp_version(tree, 15);
	ATF_CHECK_EQ(reg_check_tree(tree, size), -FDT_ERR_BADVERSION);
	tree[0]++;
	ATF_CHECK_EQ(reg_check_tree(tree, size), -FDT_ERR_BADMAGIC);
}

/* Lengths with which libfdt 1.6 goes back, or nowhere, for ever. */
ATF_TC_WITHOUT_HEAD(wrapping_lengths);
ATF_TC_BODY(wrapping_lengths, tc)
{
	size_t size;
	fdt32_t *length;

	tree = dts_compile("/ { a { first = <1>; }; node { p = <1 2 3 4>; }; };", &size);
	/* the property p, whose value is behind its length and its name */
	length =
	    (fdt32_t *)(void *)((char *)(uintptr_t)fdt_getprop(tree, at("/node"), "p", NULL) - 8);
	ATF_REQUIRE_EQ(fdt32_ld(length), 16);
	for (uint32_t n = 1; n < 200; n++) {
		*length = cpu_to_fdt32(0u - n);
		ATF_CHECK_MSG(reg_check_tree(tree, size) != 0, "-%u", n);
	}
	*length = cpu_to_fdt32(0x7fffffff);
	ATF_CHECK(reg_check_tree(tree, size) != 0);
	*length = cpu_to_fdt32(16);
	ATF_CHECK_EQ(reg_check_tree(tree, size), 0);
}

ATF_TC_WITHOUT_HEAD(long_names);
ATF_TC_BODY(long_names, tc)
{
	char source[256], name[129];
	size_t size;

	memset(name, 'x', sizeof(name) - 1);
	name[128] = '\0';
	format(source, sizeof(source), "/ { %s; };", name + 1);
	tree = dts_compile(source, &size);
	ATF_CHECK_EQ(reg_check_tree(tree, size), 0);
	format(source, sizeof(source), "/ { %s; };", name);
	tree = dts_compile(source, &size);
	ATF_CHECK_EQ(reg_check_tree(tree, size), -FDT_ERR_BADSTRUCTURE);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, cells);
	ATF_TP_ADD_TC(tp, u32);
	ATF_TP_ADD_TC(tp, u64);
	ATF_TP_ADD_TC(tp, root_bus);
	ATF_TP_ADD_TC(tp, default_cells);
	ATF_TP_ADD_TC(tp, cells_too_large);
	ATF_TP_ADD_TC(tp, buses);
	ATF_TP_ADD_TC(tp, no_ranges);
	ATF_TP_ADD_TC(tp, deep);
	ATF_TP_ADD_TC(tp, interrupts);
	ATF_TP_ADD_TC(tp, interrupt_maps);
	ATF_TP_ADD_TC(tp, many_interrupts);
	ATF_TP_ADD_TC(tp, whole_tree);
	ATF_TP_ADD_TC(tp, wrapping_lengths);
	ATF_TP_ADD_TC(tp, long_names);
	ATF_TP_ADD_TC(tp, available);
	ATF_TP_ADD_TC(tp, compatible);
	return atf_no_error();
}
