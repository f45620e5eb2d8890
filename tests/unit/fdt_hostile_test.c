// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trees of 1 MiB that are made to take long: for both parsers, as the
 * machine's tree and as the system description. What takes a walk through the
 * tree for each of its parts would need minutes.
 */
#include <string.h>
#include <time.h>

#include "fdt/guest.h"
#include "fdt/system.h"
#include "lib/bits.h"
#include "tests/unit/dts_host.h"

#define SIZE (1024 * 1024)
#define SECONDS 4 /* of this CPU, with sanitizers */

static uint8_t tree[SIZE] __attribute__((aligned(8)));
static int writing; /* libfdt's first error; its last is that there is no more room */

static void begin(const char *name)
{
	if (!writing)
		writing = fdt_begin_node(tree, name);
}

static void end(void)
{
	if (!writing)
		writing = fdt_end_node(tree);
}

static void property(const char *name, const void *value, size_t size)
{
	if (!writing)
		writing = fdt_property(tree, name, value, (int)size);
}

static void string(const char *name, const char *value)
{
	property(name, value, strlen(value) + 1);
}

static void cells(const char *name, size_t n, const uint32_t *values)
{
	fdt32_t data[8];

	for (size_t i = 0; i < n; i++)
		data[i] = cpu_to_fdt32(values[i]);
	property(name, data, n * 4);
}

#define CELLS(name, ...)                                                                           \
	cells(name, ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})), (const uint32_t[]){__VA_ARGS__})

static void start(void)
{
	writing = fdt_create(tree, SIZE);
	ATF_REQUIRE_EQ(writing, 0);
	ATF_REQUIRE_EQ(fdt_finish_reservemap(tree), 0);
	begin("");
	string("compatible", "bulkhead,system");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
}

static void finish(void)
{
	end();
	ATF_REQUIRE_EQ(writing, 0);
	ATF_REQUIRE_EQ(fdt_finish(tree), 0);
	ATF_REQUIRE(fdt_totalsize(tree) > SIZE / 2);
}

/* Both parsers refuse it, in time, with a bounded number of lines. */
static void check(const atf_tc_t *tc)
{
	static struct system_config config;
	static struct host good;
	uint32_t size = fdt_totalsize(tree);
	clock_t started = clock();
	void *good_tree;

	host_parse_blob(tree);
	ATF_CHECK(host_error != 0);
	ATF_CHECK(host_diag.nr_lines <= DIAG_MAX + 1);

	good_tree = dts_compile_file(tc, "hosts/virt-gicv3.dts", NULL);
	host_parse_blob(good_tree);
	ATF_REQUIRE_EQ(host_error, 0);
	good = host;
	dts_diag_init(&host_diag);
	ATF_CHECK(system_parse(&config, tree, size, &good, &host_arena, &host_diag.diag) != 0);
	ATF_CHECK(host_diag.nr_lines <= DIAG_MAX + 1);
	ATF_CHECK_MSG(clock() - started < (clock_t)SECONDS * CLOCKS_PER_SEC, "%ld ms",
		      (long)((clock() - started) / (CLOCKS_PER_SEC / 1000)));
	free(good_tree);
}

ATF_TC_WITHOUT_HEAD(deep);
ATF_TC_BODY(deep, tc)
{
	start();
	string("stdout-path", "/");
	for (unsigned int i = 0; i < 50000; i++)
		begin("d");
	string("device_type", "memory");
	CELLS("reg", 0, 0, 0, 0x1000);
	for (unsigned int i = 0; i < 50000; i++)
		end();
	finish();
	check(tc);
}

/* Nodes that are memory, or VMs, or CPUs: each has to be looked at. */
ATF_TC_WITHOUT_HEAD(many_nodes);
ATF_TC_BODY(many_nodes, tc)
{
	static const struct {
		const char *parent, *property, *value;
	} kinds[] = {
	    {NULL, "device_type", "memory"},
	    {NULL, "compatible", "bulkhead,vm"},
	    {NULL, "compatible", "arm,gic-v3"},
	    {NULL, "status", "okay"},
	    {"images", "data", "x"},
	    {"cpus", "device_type", "cpu"},
	    {"reserved-memory", "status", "okay"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		char name[16];

		start();
		if (kinds[i].parent) {
			begin(kinds[i].parent);
			CELLS("#address-cells", 2);
			CELLS("#size-cells", 2);
			property("ranges", NULL, 0);
		}
		for (unsigned int n = 0; n < 12000; n++) {
			format(name, sizeof(name), "n%u", n);
			begin(name);
			string(kinds[i].property, kinds[i].value);
			CELLS("reg", 0, 0x1000, 0, 0x1000);
			end();
		}
		if (kinds[i].parent)
			end();
		finish();
		check(tc);
	}
}

/* One node with many properties, unknown ones, that are all like known ones. */
ATF_TC_WITHOUT_HEAD(many_properties);
ATF_TC_BODY(many_properties, tc)
{
	start();
	begin("vm");
	string("compatible", "bulkhead,vm");
	for (unsigned int i = 0; i < 60000; i++)
		property("bootargz", NULL, 0);
	end();
	finish();
	check(tc);
}

/* Lists of 200,000 cells. */
ATF_TC_WITHOUT_HEAD(long_lists);
ATF_TC_BODY(long_lists, tc)
{
	static const char *const names[] = {"reg", "ranges", "cpus", "interrupts-extended"};
	static fdt32_t list[200000];

	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = cpu_to_fdt32(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		static const char *const kinds[] = {"bulkhead,vm", "arm,armv8-timer"};

		for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
			start();
			begin("pad");
			CELLS("phandle", 1);
			CELLS("#interrupt-cells", 1);
			end();
			begin("memory");
			string("compatible", kinds[k]);
			string("device_type", "memory");
			string("interrupt-names", "a\0b\0c\0virt");
			property(names[i], list, sizeof(list));
			end();
			finish();
			check(tc);
		}
	}
}

/* 60,000 properties whose name is nearly all of the names' block. */
ATF_TC_WITHOUT_HEAD(long_name);
ATF_TC_BODY(long_name, tc)
{
	char name[128];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	start();
	for (unsigned int i = 0; i < 60000; i++)
		property(name, NULL, 0);
	for (unsigned int i = 0; i < 200; i++) {
		format(name, sizeof(name), "%0100u", i);
		property(name, NULL, 0);
	}
	finish();
	check(tc);
	for (uint32_t i = 0; i + 1 < fdt_size_dt_strings(tree); i++)
		tree[fdt_off_dt_strings(tree) + i] = 'x';
	check(tc);
}

/* Reservations in the header's list, that all touch. */
ATF_TC_WITHOUT_HEAD(many_reservations);
ATF_TC_BODY(many_reservations, tc)
{
	ATF_REQUIRE_EQ(fdt_create(tree, SIZE), 0);
	for (unsigned int i = 0; i < 60000; i++)
		ATF_REQUIRE_EQ(fdt_add_reservemap_entry(tree, i * 0x2000, 0x1000), 0);
	ATF_REQUIRE_EQ(fdt_finish_reservemap(tree), 0);
	writing = 0;
	begin("");
	finish();
	check(tc);
}

/* ---- Guests' trees: what is added, and what devices refer to ---- */

static const uint8_t raw_kernel[8] = {0x14, 0, 0, 0, 0x14};

/* A VM that is right; its node stays open, for a device-tree. */
static void begin_vm(const void *devices, size_t size)
{
	begin("vm");
	string("compatible", "bulkhead,vm");
	CELLS("cpus", 0);
	property("kernel", raw_kernel, sizeof(raw_kernel));
	CELLS("load", 0, 0x50000000);
	property("unsafe-dma", NULL, 0);
	if (devices)
		property("passthrough", devices, size);
	begin("memory@50000000");
	CELLS("reg", 0, 0x50000000, 0, 0x200000);
	end();
}

/* Parses a description, and writes the VM's tree, on a machine; in time. */
static int run_vm(const void *machine, const void *description, uint32_t size)
{
	static uint8_t room[65536] __attribute__((aligned(8)));
	static struct system_config config;
	clock_t started = clock();
	int result;

	host_parse_blob(machine);
	ATF_REQUIRE_EQ(host_error, 0);
	dts_diag_init(&host_diag);
	result = system_parse(&config, description, size, &host, &host_arena, &host_diag.diag);
	if (result == 0)
		result =
		    guest_dtb_write(&config.vms[0], &host, room, sizeof(room), &host_diag.diag);
	ATF_CHECK(host_diag.nr_lines <= DIAG_MAX + 1);
	ATF_CHECK_MSG(clock() - started < (clock_t)SECONDS * CLOCKS_PER_SEC, "%ld ms",
		      (long)((clock() - started) / (CLOCKS_PER_SEC / 1000)));
	return result;
}

ATF_TC_WITHOUT_HEAD(much_to_add);
ATF_TC_BODY(much_to_add, tc)
{
	void *machine = dts_compile_file(tc, "hosts/virt-gicv3.dts", NULL);

	for (unsigned int depth = 1; depth <= 1000; depth *= 10) {
		start();
		begin_vm(NULL, 0);
		begin("device-tree");
		for (unsigned int n = 0; n < 60000 / depth; n++) {
			for (unsigned int i = 0; i < depth; i++)
				begin(i == 0 && n % 2 ? "chosen" : "n");
			for (unsigned int i = 0; i < depth; i++)
				end();
		}
		end();
		end();
		finish();
		ATF_CHECK(run_vm(machine, tree, fdt_totalsize(tree)) < 0);
	}
	free(machine);
}

ATF_TC_WITHOUT_HEAD(many_devices);
ATF_TC_BODY(many_devices, tc)
{
	static char list[SIZE - 8192];
	void *machine = dts_compile_file(tc, "hosts/devices.dts", NULL);

	for (size_t i = 0; i < sizeof(list); i += 2)
		memcpy(list + i, "/", 2);
	start();
	begin_vm(list, sizeof(list));
	end();
	finish();
	ATF_CHECK(run_vm(machine, tree, fdt_totalsize(tree)) < 0);
	free(machine);
}

/* A machine whose device refers to others 200,000 times, in one of these ways. */
ATF_TC_WITHOUT_HEAD(many_references);
ATF_TC_BODY(many_references, tc)
{
	static const char *const names[] = {"clocks", "resets",		 "interrupts-extended",
					    "dmas",   "assigned-clocks", "acme,grf"};
	static uint8_t description[4096] __attribute__((aligned(8)));
	static fdt32_t list[200000];

	start();
	begin_vm("/device", sizeof("/device"));
	end();
	end();
	ATF_REQUIRE_EQ(fdt_finish(tree), 0);
	memcpy(description, tree, fdt_totalsize(tree));
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = cpu_to_fdt32(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		start();
		begin("memory");
		string("device_type", "memory");
		CELLS("reg", 0, 0x40000000, 0, 0x40000000);
		end();
		begin("cpus");
		CELLS("#address-cells", 1);
		CELLS("#size-cells", 0);
		begin("cpu");
		string("device_type", "cpu");
		CELLS("reg", 0);
		end();
		end();
		begin("gic");
		string("compatible", "arm,gic-v3");
		property("interrupt-controller", NULL, 0);
		CELLS("#interrupt-cells", 3);
		CELLS("phandle", 2);
		CELLS("reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
		CELLS("interrupt-parent", 2);
		CELLS("interrupts", 1, 9, 4);
		end();
		begin("timer");
		string("compatible", "arm,armv8-timer");
		CELLS("interrupt-parent", 2);
		property("interrupts",
			 "\0\0\0\1\0\0\0\15\0\0\0\10\0\0\0\1\0\0\0\16\0\0\0\10"
			 "\0\0\0\1\0\0\0\13\0\0\0\10\0\0\0\1\0\0\0\12\0\0\0\10",
			 48);
		end();
		begin("device");
		CELLS("reg", 0, 0x9010000, 0, 0x1000);
		property(names[i], list, sizeof(list));
		end();
		begin("one");
		CELLS("phandle", 1);
		CELLS("#interrupt-cells", 3);
		end();
		finish();
		(void)run_vm(tree, description, fdt_totalsize(description));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, deep);
	ATF_TP_ADD_TC(tp, many_nodes);
	ATF_TP_ADD_TC(tp, many_properties);
	ATF_TP_ADD_TC(tp, long_lists);
	ATF_TP_ADD_TC(tp, long_name);
	ATF_TP_ADD_TC(tp, many_reservations);
	ATF_TP_ADD_TC(tp, much_to_add);
	ATF_TP_ADD_TC(tp, many_devices);
	ATF_TP_ADD_TC(tp, many_references);
	return atf_no_error();
}
