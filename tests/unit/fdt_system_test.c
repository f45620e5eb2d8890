// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/system.c and fdt/check.c: the root, the images, which nodes are VMs, and
 * blobs that are damaged. What is in a VM: fdt_vm_test.c; every message once,
 * with the source that it is for: tests/config.
 */
#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "tests/unit/dts_system.h"

#define HOST "hosts/virt-gicv3.dts"

ATF_TC_WITHOUT_HEAD(two_vms);
ATF_TC_BODY(two_vms, tc)
{
	system_set_host(tc, HOST);
	system_parse_nodes(
	    "images { k: kernel { data = " KERNEL "; }; i: initrd { data = [01]; }; };"
	    "linux-a { compatible = \"bulkhead,vm\"; cpus = <1 0>; kernel = <&k>;"
	    "	initrd = <&i>; bootargs = \"a b\"; console = \"none\"; " VM_MEMORY " };"
	    "b,._+-@1 { compatible = \"bulkhead,vm\"; cpus = <3>; kernel = <&k>;" VM_MEMORY "};");
	system_check_good();
	ATF_REQUIRE_EQ(system_config.nr_vms, 2);
	ATF_CHECK_STREQ(system_config.vms[0].name, "linux-a");
	ATF_CHECK_STREQ(system_config.vms[0].path, "/linux-a");
	ATF_CHECK_EQ(system_config.vms[0].id, 1);
	ATF_CHECK_STREQ(system_config.vms[0].bootargs, "a b");
	ATF_CHECK_EQ(model_find(&system_config.vms[0], MODEL_PL011), NULL);
	ATF_CHECK_EQ(system_config.vms[0].initrd.size, 1);
	ATF_CHECK_STREQ(system_config.vms[1].name, "b,._+-@1");
	ATF_CHECK_EQ(system_config.vms[1].id, 2);
	ATF_CHECK(model_find(&system_config.vms[1], MODEL_PL011) != NULL);
	/* one image, once in the blob */
	ATF_CHECK_EQ(system_config.vms[0].kernel.size, 64);
	ATF_CHECK_EQ(system_config.vms[0].kernel.offset, system_config.vms[1].kernel.offset);
	ATF_CHECK_EQ(
	    memcmp((char *)system_blob + system_config.vms[0].kernel.offset + 56, "ARM", 3), 0);
}

ATF_TC_WITHOUT_HEAD(one_cell);
ATF_TC_BODY(one_cell, tc)
{
	system_set_host(tc, HOST);
	free(system_blob);
	system_blob = dts_compile("/ { compatible = \"bulkhead,system\"; #address-cells = <1>;"
				  "#size-cells = <1>; model = \"mine\"; vm {" VM_HEAD
				  "memory@40000000 { reg = <0x40000000 0x1000000>; }; }; };",
				  &system_blob_size);
	system_parse_blob(system_blob, system_blob_size);
	system_check_good();
	ATF_CHECK_EQ(system_config.vms[0].memory[0].size, 0x1000000);
}

/* All that is wrong, in one go, and nothing twice. */
ATF_TC_WITHOUT_HEAD(all_errors);
ATF_TC_BODY(all_errors, tc)
{
	static const char *const lines[] = {
	    "error: /: compatible: is missing: write compatible = \"bulkhead,system\";",
	    "error: /: modle: unknown property: did you mean model?",
	    "error: /: colour: unknown property: remove it",
	    "error: /: #address-cells: <3> is not <1> or <2>: write #address-cells = <2>;",
	    "error: /: #size-cells: is missing: write #size-cells = <2>;",
	    "error: /images/a: data: is missing: write data = /incbin/(\"file\");",
	    "error: /images/b: date: unknown property: did you mean data?",
	    "error: /images/b: data: is missing: write data = /incbin/(\"file\");",
	    "error: /images/b: an image has no nodes in it: remove them",
	    "error: /image: unknown node: did you mean images?",
	    ("error: /vm: compatible: \"bulkhead,vm2\" is not \"bulkhead,vm\": write compatible = "
	     "\"bulkhead,vm\"; if the node is a VM"),
	};

	system_set_host(tc, HOST);
	free(system_blob);
	system_blob = dts_compile("/ { modle = \"m\"; colour; #address-cells = <3>;"
				  "images { a { }; b { date = <1>; n { }; }; };"
				  "image { }; vm { compatible = \"bulkhead,vm2\"; }; };",
				  &system_blob_size);
	system_parse_blob(system_blob, system_blob_size);
	ATF_CHECK_EQ(system_error, -EINVAL);
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		unsigned int found = 0;

		for (unsigned int l = 0; l < system_diag.nr_lines; l++)
			found += strcmp(system_diag.lines[l], lines[i]) == 0;
		ATF_CHECK_EQ_MSG(found, 1, "%u times: %s", found, lines[i]);
	}
	ATF_CHECK_EQ(system_diag.nr_lines, ARRAY_SIZE(lines));
}

/* Up to two letters away is a hint; a name of any length is only compared if it is short. */
ATF_TC_WITHOUT_HEAD(hints);
ATF_TC_BODY(hints, tc)
{
	static const struct {
		const char *name, *line;
	} names[] = {
	    {"mode", "error: /: mode: unknown property: did you mean model?"},
	    {"modell", "error: /: modell: unknown property: did you mean model?"},
	    {"molde", "error: /: molde: unknown property: did you mean model?"},
	    {"mxdxl", "error: /: mxdxl: unknown property: did you mean model?"},
	    {"mxxxl", "error: /: mxxxl: unknown property: remove it"},
	    {"modelled", "error: /: modelled: unknown property: remove it"},
	    {"a-property-of-25-charactersx",
	     "error: /: a-property-of-25-charactersx: unknown property: remove it"},
	};
	char nodes[512];

	system_set_host(tc, HOST);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		format(nodes, sizeof(nodes), "%s; vm " VM, names[i].name);
		system_parse_nodes(nodes);
		system_check_error(names[i].line);
	}
}

ATF_TC_WITHOUT_HEAD(vm_names);
ATF_TC_BODY(vm_names, tc)
{
	char *name;

	system_set_host(tc, HOST);
	system_parse_nodes("abcdefghijklmnopqrstuvwxyz01234 " VM);
	system_check_good();
	ATF_CHECK_STREQ(system_config.vms[0].name, "abcdefghijklmnopqrstuvwxyz01234");
	system_parse_nodes("abcdefghijklmnopqrstuvwxyz012345 " VM);
	system_check_error("error: /abcdefghijklmnopqrstuvwxyz012345: the name has 32 characters: "
			   "shorten it to 31 at most");
	/* dtc does not write such names: one that could speak to a terminal */
	system_parse_nodes("abc " VM);
	name = (char *)(uintptr_t)fdt_get_name(system_blob, fdt_path_offset(system_blob, "/abc"),
					       NULL);
	name[1] = '\033';
	system_parse_blob(system_blob, system_blob_size);
	system_check_error("error: /a?c: is no name: make one of letters, digits and ,._+-@");
	name[0] = '\0';
	system_parse_blob(system_blob, system_blob_size);
	ATF_CHECK(system_error != 0);
}

static void many_vms(unsigned int count)
{
	static char nodes[60000];
	size_t n = 0;

	for (unsigned int i = 0; i < count; i++)
		n += format(nodes + n, sizeof(nodes) - n,
			    "v%u { compatible = \"bulkhead,vm\"; cpus = <%u>; kernel = <&k>;"
			    "memory@40000000 { reg = <0 0x40000000 0 0x200000>; }; };",
			    i, i % 4);
	n += format(nodes + n, sizeof(nodes) - n, "images { k: k { data = " KERNEL "; }; };");
	ATF_REQUIRE(n < sizeof(nodes));
	system_parse_nodes(nodes);
}

ATF_TC_WITHOUT_HEAD(vm_count);
ATF_TC_BODY(vm_count, tc)
{
	system_set_host(tc, HOST);
	many_vms(64);
	system_check_good();
	ATF_CHECK_EQ(system_config.nr_vms, 64);
	ATF_CHECK_EQ(system_config.vms[63].id, 64);
	many_vms(65);
	system_check_error("error: /: there are 65 VMs: 64 are the most: remove some");
}

ATF_TC_WITHOUT_HEAD(total_memory);
ATF_TC_BODY(total_memory, tc)
{
	system_set_host(tc, HOST);
	system_parse_nodes("a { " VM_HEAD
			   "memory@40000000 { reg = <0 0x40000000 0 0x3f000000>; }; };"
			   "b " VM);
	system_check_good();
	system_parse_nodes("a { " VM_HEAD
			   "memory@40000000 { reg = <0 0x40000000 0 0x3f001000>; }; };"
			   "b " VM);
	system_check_error("error: /: the VMs have 1024 MiB of memory in all, this machine has "
			   "1024 MiB: make them smaller");
	/* many of all that an address can hold */
	system_parse_nodes(
	    "a { " VM_HEAD "memory@40000000 { reg = <0 0x40000000 0xffff 0x80000000>; }; };"
	    "b { " VM_HEAD "memory@40000000 { reg = <0 0x40000000 0xffff 0x80000000>; }; };");
	system_check_error(
	    "error: /: the VMs have 536866816 MiB of memory in all, this machine has "
	    "1024 MiB: make them smaller");
}

/* An arena of any size is enough, or is said to be too small. */
ATF_TC_WITHOUT_HEAD(arena_too_small);
ATF_TC_BODY(arena_too_small, tc)
{
	unsigned int failures = 0;
	struct arena all;

	system_set_host(tc, HOST);
	system_parse_nodes("a " VM "b " VM);
	system_check_good();
	all = system_arena;
	for (size_t size = all.used; size < all.size; size += 16) {
		system_arena.size = size;
		system_parse_blob(system_blob, system_blob_size);
		if (system_error == 0)
			break;
		ATF_CHECK_EQ(system_error, -ENOMEM);
		dts_check_line(&system_diag,
			       "error: /: the system is too large: remove some of it");
		failures++;
	}
	ATF_CHECK_EQ(system_error, 0);
	ATF_CHECK(failures > 10);
}

ATF_TC_WITHOUT_HEAD(cut_off);
ATF_TC_BODY(cut_off, tc)
{
	system_set_host(tc, HOST);
	system_parse_nodes("a " VM "images { k { data = [01]; }; };");
	system_check_good();
	for (size_t size = 0; size < system_blob_size; size++) {
		void *cut = malloc(size + 1);

		memcpy(cut, system_blob, size);
		system_parse_blob(cut, size);
		ATF_CHECK_EQ(system_error, -EINVAL);
		ATF_CHECK_EQ(system_diag.nr_lines, 1);
		ATF_CHECK(strstr(system_diag.lines[0],
				 "is cut off or damaged: was it made by dtc") != NULL);
		free(cut);
	}
}

/* Every bit of it. */
ATF_TC_WITHOUT_HEAD(changed_bits);
ATF_TC_BODY(changed_bits, tc)
{
	unsigned int good = 0, bad = 0;
	uint8_t *blob;

	system_set_host(tc, HOST);
	system_parse_nodes("a " VM "b { compatible = \"bulkhead,vm\"; cpus = <1 2>; kernel = <&k>;"
			   "bootargs = \"b\";" VM_MEMORY "}; images { k: k { data = " KERNEL
			   "; }; };");
	system_check_good();
	blob = malloc(system_blob_size);
	for (size_t bit = 0; bit < system_blob_size * 8; bit++) {
		memcpy(blob, system_blob, system_blob_size);
		blob[bit / 8] ^= (uint8_t)(1u << bit % 8);
		system_parse_blob(blob, system_blob_size);
		good += system_error == 0;
		bad += system_error != 0;
		for (unsigned int i = 0; system_error == 0 && i < system_config.nr_vms; i++) {
			const struct vm_config *vm = &system_config.vms[i];

			ATF_CHECK(vm->nr_cpus >= 1 && vm->nr_memory >= 1);
			ATF_CHECK(
			    range_within(vm->kernel.offset, vm->kernel.size, 0, system_blob_size));
		}
	}
	ATF_CHECK(good > 200);
	ATF_CHECK(bad > 1000);
	free(blob);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, two_vms);
	ATF_TP_ADD_TC(tp, one_cell);
	ATF_TP_ADD_TC(tp, all_errors);
	ATF_TP_ADD_TC(tp, hints);
	ATF_TP_ADD_TC(tp, vm_names);
	ATF_TP_ADD_TC(tp, vm_count);
	ATF_TP_ADD_TC(tp, total_memory);
	ATF_TP_ADD_TC(tp, arena_too_small);
	ATF_TP_ADD_TC(tp, cut_off);
	ATF_TP_ADD_TC(tp, changed_bits);
	return atf_no_error();
}
