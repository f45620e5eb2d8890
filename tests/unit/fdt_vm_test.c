// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/vm.c: one VM's CPUs, memory, images, console, and where initrd and
 * device tree go. Every message once: tests/config.
 */
#include <stdarg.h>
#include <string.h>

#include "fdt/platform.h"
#include "lib/bits.h"
#include "tests/unit/dts_system.h"

#define HOST "hosts/virt-gicv3.dts"
#define START "compatible = \"bulkhead,vm\"; "
#define CPUS "cpus = <0>; "
#define IMAGE "kernel = " KERNEL "; "

static struct vm_config *vm;

/* Parses a VM of these properties and nodes, after its compatible. */
static void parse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void parse(const char *fmt, ...)
{
	static char inside[32768], nodes[40000];
	va_list args;

	va_start(args, fmt);
	format_va(inside, sizeof(inside), fmt, args);
	va_end(args);
	format(nodes, sizeof(nodes), "vm { " START "%s };", inside);
	system_parse_nodes(nodes);
	vm = &system_config.vms[0];
}

/* ---- CPUs ---- */

ATF_TC_WITHOUT_HEAD(cpus);
ATF_TC_BODY(cpus, tc)
{
	system_set_host(tc, HOST);
	parse("cpus = <3 0 2 1>; " IMAGE VM_MEMORY);
	system_check_good();
	ATF_REQUIRE_EQ(vm->nr_cpus, 4);
	ATF_CHECK_EQ(vm->cpus[0], 3);
	ATF_CHECK_EQ(vm->cpus[1], 0);
	ATF_CHECK_EQ(vm->cpus[2], 2);
	ATF_CHECK_EQ(vm->cpus[3], 1);
}

ATF_TC_WITHOUT_HEAD(bad_cpus);
ATF_TC_BODY(bad_cpus, tc)
{
	static const char *const lists[][2] = {
	    {"", "is missing"},
	    {"cpus; ", "has no value, but has to be a list of numbers"},
	    {"cpus = [00 00]; ", "[00 00] is not a list of numbers"},
	    {"cpus = [00000000 00]; ", "[00 00 00 00 00] is not a list of numbers"},
	    {"cpus = \"0 1\"; ", "\"0 1\" is not a list of numbers"},
	};
	char line[320];

	system_set_host(tc, HOST);
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		parse("%s" IMAGE VM_MEMORY, lists[i][0]);
		format(line, sizeof(line),
		       "error: /vm: cpus: %s: write cpus = <0 1>; for two vCPUs, on CPUs 0 and 1",
		       lists[i][1]);
		system_check_error(line);
	}
	parse("cpus = <0xffffffff>; " IMAGE VM_MEMORY);
	system_check_error("error: /vm: cpus: CPU -1 does not exist: this machine has CPUs "
			   "0 to 3");
	/* every one of them is named, once */
	parse("cpus = <1 4 1 5 1>; " IMAGE VM_MEMORY);
	ATF_REQUIRE_EQ(system_diag.nr_lines, 3);
	ATF_CHECK_STREQ(system_diag.lines[0],
			"error: /vm: cpus: CPU 4 does not exist: this machine has CPUs 0 to 3");
	ATF_CHECK_STREQ(system_diag.lines[1], "error: /vm: cpus: CPU 1 is there more than once: "
					      "the vCPUs of a VM have a CPU each: name another "
					      "one");
	ATF_CHECK_STREQ(system_diag.lines[2],
			"error: /vm: cpus: CPU 5 does not exist: this machine has CPUs 0 to 3");
}

static void check_cpu_limit(unsigned int max, const char *line)
{
	char list[2048];

	for (unsigned int count = max; count <= max + 1; count++) {
		size_t n = 0;

		for (unsigned int i = 0; i < count; i++)
			n += format(list + n, sizeof(list) - n, " %u", i);
		parse("cpus = <%s>; " IMAGE VM_MEMORY, list);
		if (count == max)
			system_check_good();
		else
			system_check_error(line);
	}
}

/* What a GIC has room for, on a machine with more CPUs. */
ATF_TC_WITHOUT_HEAD(cpu_limits);
ATF_TC_BODY(cpu_limits, tc)
{
	static struct host_cpu cpus[200]; /* by PSCI */

	system_set_host(tc, HOST);
	system_host.cpus = cpus;
	system_host.nr_cpus = ARRAY_SIZE(cpus);
	check_cpu_limit(
	    123, "error: /vm: cpus: 124 vCPUs are too many: a VM with a GICv3 has 123 at most");
	system_host.gic.version = 2;
	check_cpu_limit(8,
			"error: /vm: cpus: 9 vCPUs are too many: a VM with a GICv2 has 8 at most");
}

/* All but the one that boots have to be started. */
ATF_TC_WITHOUT_HEAD(cpu_without_method);
ATF_TC_BODY(cpu_without_method, tc)
{
	system_set_host(tc, HOST);
	system_host.cpus[1].method = HOST_CPU_NO_METHOD;
	parse("cpus = <0 2 3>; " IMAGE VM_MEMORY);
	system_check_good();
	parse("cpus = <0 1>; " IMAGE VM_MEMORY);
	system_check_error("error: /vm: cpus: CPU 1 cannot be started: the machine's tree has no "
			   "enable-method for it: name another one");
	system_host.boot_cpu = 1;
	parse("cpus = <0 1>; " IMAGE VM_MEMORY);
	system_check_good();
	system_host.psci = HOST_CONDUIT_HVC;
	parse("cpus = <1 3>; " IMAGE VM_MEMORY);
	system_check_error("error: /vm: cpus: CPU 3 cannot be started: the machine's tree has no "
			   "PSCI by smc for it: name another one");
	system_host.cpus[3].method = HOST_CPU_SPIN_TABLE;
	parse("cpus = <1 3>; " IMAGE VM_MEMORY);
	system_check_good();
}

/* ---- Memory ---- */

ATF_TC_WITHOUT_HEAD(memory);
ATF_TC_BODY(memory, tc)
{
	system_set_host(tc, HOST);
	parse(CPUS IMAGE "memory@40000000 { reg = <0 0x40000000 0 0x1000000>,"
			 "<0 0x50000000 0 0x1000>; device_type = \"memory\"; };"
			 "memory@0 { reg = <0 0 0 0x8000000>; };"
			 "memory@9001000 { reg = <0 0x9001000 0 0x1000>; };"
			 "memory@fffffffff000 { reg = <0xffff 0xfffff000 0 0x1000>; };");
	system_check_good();
	ATF_REQUIRE_EQ(vm->nr_memory, 5);
	ATF_CHECK_EQ(vm->memory[0].ipa.v, 0x40000000);
	ATF_CHECK_EQ(vm->memory[0].size, 0x1000000);
	ATF_CHECK_EQ(vm->memory[1].ipa.v, 0x50000000);
	ATF_CHECK_EQ(vm->memory[2].ipa.v, 0);
	ATF_CHECK_EQ(vm->memory[3].ipa.v, 0x9001000);
	ATF_CHECK_EQ(vm->memory[4].ipa.v, 0xfffffffff000);
}

static void check_memory_error(const char *reg, const char *what)
{
	char line[320];

	parse(CPUS IMAGE VM_MEMORY "memory { reg = <%s>; };", reg);
	format(line, sizeof(line), "error: /vm/memory: reg: %s", what);
	/* its name, without an address, has been warned of */
	ATF_REQUIRE_MSG(system_diag.nr_lines == 2, "%s", system_diag.lines[0]);
	ATF_CHECK(strncmp(system_diag.lines[0], "warning: /vm/memory: reg: is at", 31) == 0);
	ATF_CHECK_STREQ(system_diag.lines[1], line);
	ATF_CHECK_EQ(system_error, -EINVAL);
}

ATF_TC_WITHOUT_HEAD(bad_memory);
ATF_TC_BODY(bad_memory, tc)
{
	system_set_host(tc, HOST);
	check_memory_error("0 0x50000000 0 0", "0x50000000 has size 0: give it a size");
	check_memory_error("0 0x50000800 0 0x1000", "0x50000800, size 0x1000: both have to be "
						    "multiples of 4 KiB (0x1000): change them");
	check_memory_error(
	    "0 0x50000000 0 0x800",
	    "0x50000000, size 0x800: both have to be multiples of 4 KiB (0x1000): change them");
	check_memory_error("0xffff 0xfffff000 0 0x2000",
			   "0xfffffffff000, size 0x2000: a guest's "
			   "addresses have 48 bits at most: let it end at 0xffffffffffff or below");
	check_memory_error("0xffffffff 0xfffff000 0 0x2000",
			   "0xfffffffffffff000, size 0x2000: a guest's addresses have 48 bits at "
			   "most: let it end at 0xffffffffffff or below");
	check_memory_error("0 0x7fff000 0 0x2000",
			   "0x7fff000, size 0x2000: the emulated devices are at 0x8000000 to "
			   "0x9000fff; let memory begin at 0x40000000");
	check_memory_error("0 0x9000000 0 0x1000",
			   "0x9000000, size 0x1000: the emulated devices are at 0x8000000 to "
			   "0x9000fff; let memory begin at 0x40000000");
	check_memory_error("0 0x40fff000 0 0x2000",
			   "0x40fff000, size 0x2000: overlaps the VM's memory at 0x40000000, size "
			   "0x1000000: move one of them");
}

#define REG_FORM " an address of 2 and a size of 2 cells (#address-cells, #size-cells of the root)"

ATF_TC_WITHOUT_HEAD(memory_form);
ATF_TC_BODY(memory_form, tc)
{
	static const char *const forms[][2] = {
	    {"", "is missing"},
	    {"reg; ", "has no value, but has to be" REG_FORM},
	    {"reg = <0 0x40000000 0x1000>;", "<0x0 0x40000000 0x1000> is not" REG_FORM},
	    {"reg = <0 0x40000000 0 0x1000000 0>;",
	     "<0x0 0x40000000 0x0 0x1000000 ...> is not" REG_FORM},
	    {"reg = \"0x40000000 0x10\";", "\"0x40000000 0x10\" is not" REG_FORM},
	};
	char line[320];

	system_set_host(tc, HOST);
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		parse(CPUS IMAGE "memory@40000000 { %s };", forms[i][0]);
		format(line, sizeof(line),
		       "error: /vm/memory@40000000: reg: %s: write reg = <0x0 0x40000000 0x0 "
		       "0x4000000>;",
		       forms[i][1]);
		system_check_error(line);
	}
	parse(CPUS IMAGE);
	system_check_error(
	    "error: /vm: the VM has no memory: add memory@40000000 { reg = <...>; };");
	parse(CPUS IMAGE "memory@40000000 { reg = <0 0x40000000 0 0x1000000>; n { }; };");
	system_check_error("error: /vm/memory@40000000: memory has no nodes in it: remove them");
	parse(CPUS IMAGE VM_MEMORY "memoryx { }; ");
	system_check_error("error: /vm/memoryx: unknown node: a VM has memory@... nodes and "
			   "device-tree, and nothing "
			   "else");
}

ATF_TC_WITHOUT_HEAD(memory_limit);
ATF_TC_BODY(memory_limit, tc)
{
	char list[1024];
	size_t n = 0;

	system_set_host(tc, HOST);
	for (unsigned int i = 0; i < 17; i++) {
		n += format(list + n, sizeof(list) - n, "%s<0 0x%x 0 0x100000>", i ? "," : "",
			    0x40000000 + i * 0x200000);
		parse(CPUS IMAGE "memory@40000000 { reg = %s; };", list);
		if (i < 16) {
			system_check_good();
			ATF_CHECK_EQ(vm->nr_memory, i + 1);
		}
	}
	system_check_error("error: /vm/memory@40000000: reg: a VM has 16 ranges of memory at most: "
			   "join some");
}

/* ---- Images, and where they go ---- */

/* Memory of this size; an Image that wants this much of it; an initrd of so many bytes. */
static void parse_sizes(uint64_t size, uint64_t image_size, unsigned int initrd)
{
	static char bytes[24000];
	char kernel[256];
	size_t n = 0, b = 0;

	for (unsigned int i = 0; i < 64; i++) {
		uint8_t byte = 0;

		if (i >= 16 && i < 24)
			byte = (uint8_t)(image_size >> (i - 16) * 8);
		if (i >= 56 && i < 60)
			byte = (uint8_t) "ARM\x64"[i - 56];
		n += format(kernel + n, sizeof(kernel) - n, "%02x", byte);
	}
	for (unsigned int i = 0; i < initrd; i++)
		b += format(bytes + b, sizeof(bytes) - b, "aa");
	bytes[b] = '\0';
	parse(CPUS
	      "kernel = [%s]; initrd = [%s]; memory@40000000 { reg = <0 0x40000000 0 0x%llx>; };",
	      kernel, bytes, (unsigned long long)size);
}

ATF_TC_WITHOUT_HEAD(places);
ATF_TC_BODY(places, tc)
{
	system_set_host(tc, HOST);
	system_host.ram[0].size = GIB(8);
	/* the initrd at the end, the tree 2 MiB-aligned before it */
	parse_sizes(MIB(64), MIB(1), 5000);
	system_check_good();
	ATF_CHECK_EQ(vm->initrd_ipa.v, 0x40000000 + MIB(64) - 0x2000);
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000 + MIB(62));
	ATF_CHECK_EQ(vm->dtb_max, KIB(64));
	/* Linux reaches 1 GiB from the kernel on, the tree has to be within 512 MiB */
	parse_sizes(GIB(3), MIB(1), 4096);
	system_check_good();
	ATF_CHECK_EQ(vm->initrd_ipa.v, 0x40000000 + GIB(1) - 0x1000);
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000 + MIB(510));
	/* no room for alignment: right before the initrd */
	parse_sizes(KIB(128), KIB(56), 4096);
	system_check_good();
	ATF_CHECK_EQ(vm->initrd_ipa.v, 0x40000000 + KIB(124));
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000 + KIB(60));
}

#define RAW "kernel = [1400000014]; load = <0 0x%llx>; "

/* What is no Linux kernel finds the tree at the start of memory, if that is free. */
ATF_TC_WITHOUT_HEAD(tree_first);
ATF_TC_BODY(tree_first, tc)
{
	static const char memory[] = "memory@40000000 { reg = <0 0x40000000 0 0x100000>; };";

	system_set_host(tc, HOST);
	parse(CPUS RAW "%s", 0x40010000ULL, memory);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000);
	parse(CPUS RAW "initrd = [01]; %s", 0x40010000ULL, memory);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000);
	ATF_CHECK_EQ(vm->initrd_ipa.v, 0x400ff000);
	/* the image's last byte is the memory's */
	parse(CPUS RAW "%s", 0x400ffffbULL & ~3ULL, memory);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40000000);
	/* something of the image is in the first 64 KiB */
	parse(CPUS RAW "%s", 0x4000fffcULL, memory);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x400f0000);
	/* not of an arm64 Image */
	parse(CPUS IMAGE "memory@401ff000 { reg = <0 0x401ff000 0 0x101000>; };");
	system_check_good();
	ATF_CHECK_EQ(vm->image.entry.v, 0x40200000);
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x402f0000);
	/* less than 64 KiB of memory */
	parse(CPUS RAW "memory@40000000 { reg = <0 0x40000000 0 0xf000>; };", 0x4000e000ULL);
	system_check_error("error: /vm: kernel: leaves 4091 bytes of the VM's memory, but the "
			   "device tree needs 64 KiB: make memory@ larger");
}

/* Where the user wants it, of any image and in any of the memories. */
ATF_TC_WITHOUT_HEAD(tree_at);
ATF_TC_BODY(tree_at, tc)
{
	system_set_host(tc, HOST);
	parse(CPUS RAW "dtb-address = <0 0x40f00008>; " VM_MEMORY, 0x40010000ULL);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40f00008);
	parse(CPUS IMAGE "dtb-address = <0 0x40010000>; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40010000);
	parse(CPUS IMAGE "dtb-address = <0 0x4000fff8>; " VM_MEMORY);
	system_check_error("error: /vm: dtb-address: 0x4000fff8, with 64 KiB for the device tree, "
			   "is in the place of the kernel: move it");
	parse(CPUS IMAGE "dtb-address = <0 0x50000000>; " VM_MEMORY
			 "memory@50000000 { reg = <0 0x50000000 0 0x10000>; };");
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x50000000);
	parse(CPUS IMAGE "dtb-address = <0xffffffff 0xfffffff8>; " VM_MEMORY);
	system_check_error("error: /vm: dtb-address: 0xfffffffffffffff8, with 64 KiB for the "
			   "device tree, is not within one of the VM's memory@ nodes: move it");
}

/* By the page, with and without an initrd. */
ATF_TC_WITHOUT_HEAD(no_room);
ATF_TC_BODY(no_room, tc)
{
	system_set_host(tc, HOST);
	parse_sizes(KIB(128), KIB(60), 4096);
	system_check_good();
	parse_sizes(KIB(128), KIB(60), 4097);
	system_check_error(
	    "error: /vm: initrd: has 5 KiB, but the kernel and the device tree leave "
	    "4 KiB of the VM's first memory@: make memory@ larger");
	parse_sizes(KIB(128), KIB(64), 1);
	system_check_error("error: /vm: initrd: has 1 byte, but the kernel and the device tree "
			   "leave 0 bytes of the VM's first memory@: make memory@ larger");
	parse_sizes(KIB(128), KIB(200), 1);
	system_check_error("error: /vm: kernel: needs 200 KiB from 0x40000000 on, but the VM's "
			   "first memory@ has 128 KiB there: make it larger");
	system_host.ram[0].size = GIB(8);
	parse_sizes(GIB(3), GIB(1) - KIB(64), 1);
	system_check_error("error: /vm: initrd: has 1 byte, but the kernel and the device tree "
			   "leave 0 bytes of the memory's first 1 GiB, beyond which Linux does not "
			   "look: make the initrd smaller");
	parse(CPUS IMAGE "memory@40000000 { reg = <0 0x40000000 0 0x20000>; };");
	system_check_good();
	ATF_CHECK_EQ(vm->dtb_ipa.v, 0x40010000);
	parse(CPUS IMAGE "memory@40000000 { reg = <0 0x40000000 0 0x1f000>; };");
	system_check_error("error: /vm: kernel: leaves 60 KiB of the VM's memory, but the device "
			   "tree needs 64 KiB: make memory@ larger");
}

ATF_TC_WITHOUT_HEAD(bad_images);
ATF_TC_BODY(bad_images, tc)
{
	static const char *const values[][2] = {
	    {"kernel; ", "has no value: write kernel = <&label>; with the label of a node in "
			 "/images, or kernel = /incbin/(\"file\");"},
	    {"kernel = <0>; ", "<0> is the label of no node: write kernel = <&label>; with the "
			       "label of a node in /images"},
	    {"kernel = <0xffffffff>; ", "<-1> is the label of no node: write kernel = <&label>; "
					"with the label of a node in /images"},
	    {"kernel = <5>; phandle = <5>; ", "<&vm> is no image: write kernel = <&label>; with "
					      "the label of a node in /images"},
	    {"kernel = [00 00]; ", "[00 00] is not an image: write kernel = <&label>; with the "
				   "label of a node in /images"},
	    {"kernel = &a; ", "\"/images/a\" is text: write kernel = <&a>; with the label of that "
			      "node"},
	    {"kernel = \"a\"; ", "\"a\" is text: write kernel = <&a>; with the label of that "
				 "node"},
	    {"kernel = \"Image\"; ", "\"Image\" is text, not an image: write kernel = <&label>; "
				     "with the label of a node in /images, or kernel = "
				     "/incbin/(\"file\");"},
	    {"kernel = <&a &b>; ", "<&a &b> are 2 images, but a VM has one: write kernel = <&a>;"},
	};
	char nodes[1024], line[320];

	system_set_host(tc, HOST);
	parse(CPUS VM_MEMORY);
	system_check_error("error: /vm: kernel: is missing: write kernel = <&label>; with a label "
			   "of a node in /images");
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		format(nodes, sizeof(nodes),
		       "images { a: a { data = " KERNEL "; }; b: b { data = [01]; }; };"
		       "vm { " START CPUS "%s" VM_MEMORY "};",
		       values[i][0]);
		system_parse_nodes(nodes);
		format(line, sizeof(line), "error: /vm: kernel: %s", values[i][1]);
		system_check_error(line);
	}
	/* itself, its memory */
	parse(CPUS "kernel = <&self>; self: " VM_MEMORY);
	ATF_CHECK_EQ(system_error, -EINVAL);
	parse(CPUS IMAGE "initrd; " VM_MEMORY);
	system_check_error("error: /vm: initrd: has no value: write initrd = <&label>; with the "
			   "label of a node in /images, or initrd = /incbin/(\"file\");");
	parse(CPUS IMAGE "initrd = \"/rootfs.cpio\"; " VM_MEMORY);
	system_check_error("error: /vm: initrd: \"/rootfs.cpio\" is text, not an image: write "
			   "initrd = <&label>; with the label of a node in /images, or initrd = "
			   "/incbin/(\"file\");");
}

/* ---- The rest ---- */

ATF_TC_WITHOUT_HEAD(bootargs);
ATF_TC_BODY(bootargs, tc)
{
	static char text[2100];

	system_set_host(tc, HOST);
	memset(text, 'b', sizeof(text));
	text[2047] = '\0';
	parse(CPUS IMAGE "bootargs = \"%s\"; " VM_MEMORY, text);
	system_check_good();
	ATF_CHECK_STREQ(vm->bootargs, text);
	text[2047] = 'b';
	text[2048] = '\0';
	parse(CPUS IMAGE "bootargs = \"%s\"; " VM_MEMORY, text);
	system_check_error("error: /vm: bootargs: has 2048 characters: shorten it to 2047, the "
			   "most that Linux takes");
	parse(CPUS IMAGE "bootargs = \"a\", \"b\"; " VM_MEMORY);
	system_check_error("error: /vm: bootargs: \"a\", \"b\" is not one string: write bootargs = "
			   "\"...\";");
	parse(CPUS IMAGE "bootargs = [61]; " VM_MEMORY);
	system_check_error("error: /vm: bootargs: [61] is not one string: write bootargs = "
			   "\"...\";");
	parse(CPUS IMAGE "bootargs; " VM_MEMORY);
	system_check_error("error: /vm: bootargs: has no value, but has to be one string: write "
			   "bootargs = \"...\";");
	parse(CPUS IMAGE "bootargs = \"\"; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_STREQ(vm->bootargs, "");
	parse(CPUS IMAGE VM_MEMORY);
	ATF_CHECK_EQ(vm->bootargs, NULL);
}

ATF_TC_WITHOUT_HEAD(console);
ATF_TC_BODY(console, tc)
{
	const struct vm_emulated *uart;

	system_set_host(tc, HOST);
	parse(CPUS IMAGE "console = \"pl011\"; " VM_MEMORY);
	system_check_good();
	uart = model_find(vm, MODEL_PL011);
	ATF_REQUIRE(uart != NULL);
	ATF_CHECK_EQ(uart->base.v, 0x9000000);
	ATF_CHECK_EQ(uart->spi, 1);
	parse(CPUS IMAGE "console = \"none\"; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(model_find(vm, MODEL_PL011), NULL);
	parse(CPUS IMAGE "console = \"virtio-console-of-many-kinds\"; " VM_MEMORY);
	system_check_error("error: /vm: console: \"virtio-console-of-many-kinds\" is not "
			   "\"pl011\" or \"none\": write one of these");
	parse(CPUS IMAGE "console = \"pl01\"; " VM_MEMORY);
	system_check_error("error: /vm: console: \"pl01\" is not \"pl011\" or \"none\": write "
			   "console = \"pl011\";");
}

/* A bit for each page of slots */
static unsigned int virtio_pages(void)
{
	unsigned int pages = 0;

	for (const struct vm_emulated *dev = vm->emulated; dev; dev = dev->next)
		if (dev->model == MODEL_VIRTIO) {
			ATF_CHECK_EQ(dev->size, PAGE_SIZE);
			pages |= 1u << ((dev->base.v - 0xa000000) / PAGE_SIZE);
		}
	return pages;
}

/* A page of slots is there if nothing else of the VM's is: neither a device nor memory. */
ATF_TC_WITHOUT_HEAD(virtio_slots);
ATF_TC_BODY(virtio_slots, tc)
{
	system_set_host(tc, "hosts/devices.dts");
	parse(CPUS IMAGE VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0xf);
	parse(CPUS IMAGE "passthrough = \"/bus@a000000/uart@2000\"; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0xb);
	parse(CPUS IMAGE
	      "passthrough = \"/pl031@9010000\"; passthrough-at = <0 0x0a001000>; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0xd);
	parse(CPUS IMAGE VM_MEMORY "memory@a003000 { reg = <0 0x0a003000 0 0x1000>; };");
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0x7);
	parse(CPUS IMAGE "empty-devices = \"virt\"; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0xf);
	parse(CPUS IMAGE "empty-devices = \"none\"; " VM_MEMORY);
	system_check_good();
	ATF_CHECK_EQ(virtio_pages(), 0);
}

/* A machine with a device that has SPIs 1 to n. */
static void set_host_with_spis(unsigned int n)
{
	static char source[4096];
	size_t at = format(
	    source, sizeof(source),
	    "/ { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;"
	    "memory@40000000 { device_type = \"memory\"; reg = <0 0x40000000 0 0x40000000>; };"
	    "cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = \"cpu\"; "
	    "reg = <0>; }; };"
	    "gic: intc@8000000 { compatible = \"arm,gic-v3\"; interrupt-controller; "
	    "#interrupt-cells = <3>; interrupts = <1 9 4>; "
	    "reg = <0 0x08000000 0 0x10000>, <0 0x080a0000 0 0xf60000>; };"
	    "timer { compatible = \"arm,armv8-timer\"; "
	    "interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 10 8>; };"
	    "device@9030000 { reg = <0 0x09030000 0 0x1000>; interrupts = ");

	for (unsigned int i = 1; i <= n; i++)
		at += format(source + at, sizeof(source) - at, "%s<0 %u 4>", i == 1 ? "" : ", ", i);
	format(source + at, sizeof(source) - at, "; }; };");
	free(system_host_tree);
	system_host_tree = dts_compile(source, NULL);
	arena_init(&system_arena, system_memory, sizeof(system_memory));
	dts_diag_init(&system_diag);
	ATF_REQUIRE_EQ(host_parse(&system_host, system_host_tree, &system_arena, &system_diag.diag),
		       0);
}

/* The emulated UART's interrupt gives way to those of devices, and is none of the slots'. */
ATF_TC_WITHOUT_HEAD(uart_spi);
ATF_TC_BODY(uart_spi, tc)
{
	static const unsigned int expected[][2] = {{1, 2}, {14, 15}, {15, 48}, {20, 48}};

	(void)tc;
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++) {
		set_host_with_spis(expected[i][0]);
		parse(CPUS IMAGE "passthrough = \"/device@9030000\"; " VM_MEMORY);
		system_check_good();
		ATF_CHECK_EQ(model_find(vm, MODEL_PL011)->spi, expected[i][1]);
	}
}

/* The console's interrupt stays with the console, wherever its registers are. */
ATF_TC_WITHOUT_HEAD(console_interrupt);
ATF_TC_BODY(console_interrupt, tc)
{
	(void)tc;
	set_host_with_spis(3);
	system_host.uart.type = HOST_UART_PL011;
	system_host.uart.reg = (struct range){0x9000000, PAGE_SIZE};
	system_host.uart.irq = 36;
	parse(CPUS IMAGE "passthrough = \"/device@9030000\"; " VM_MEMORY);
	system_check_good();
	system_host.uart.irq = 35;
	parse(CPUS IMAGE "passthrough = \"/device@9030000\"; " VM_MEMORY);
	system_check_error("error: /vm: passthrough: /device@9030000 has its interrupt in common "
			   "with the console that all share, which stays with Bulkhead: it cannot "
			   "be passed on");
}

/* What only boot knows of the machine is asked for when all has been parsed. */
ATF_TC_WITHOUT_HEAD(limits);
ATF_TC_BODY(limits, tc)
{
	(void)tc;
	set_host_with_spis(40);
	parse(CPUS IMAGE "passthrough = \"/device@9030000\"; "
			 "passthrough-at = <0x10 0x09030000>; " VM_MEMORY
			 "memory@8000000000 { reg = <0x80 0 0 0x200000>; };");
	system_check_good();
	ATF_CHECK(system_check_bits(&system_config, 40, &system_diag.diag));
	ATF_CHECK(system_check_irqs(&system_config, 96, &system_diag.diag));
	system_check_good();
	ATF_CHECK(!system_check_bits(&system_config, 39, &system_diag.diag));
	dts_check_line(&system_diag, "error: /vm/memory@8000000000: reg: 0x8000000000, size "
				     "0x200000: this machine's CPUs translate 39 bits of address: "
				     "let it end at 0x7fffffffff or below");
	dts_diag_init(&system_diag);
	ATF_CHECK(!system_check_bits(&system_config, 36, &system_diag.diag));
	ATF_REQUIRE_EQ(system_diag.nr_lines, 2);
	ATF_CHECK_STREQ(system_diag.lines[1],
			"error: /vm: passthrough-at: /device@9030000: 0x1009030000: this machine's "
			"CPUs translate 36 bits of address: let it end at 0xfffffffff or below, by "
			"passthrough-at");
	dts_diag_init(&system_diag);
	ATF_CHECK(!system_check_irqs(&system_config, 64, &system_diag.diag));
	ATF_REQUIRE_EQ(system_diag.nr_lines, 2);
	ATF_CHECK_STREQ(system_diag.lines[0],
			"error: /vm: passthrough: /device@9030000 has the interrupt SPI 32, but "
			"this machine's GIC has SPIs 0 to 31: it cannot be passed on");
	ATF_CHECK_STREQ(system_diag.lines[1],
			"error: /vm: an emulated device would have SPI 48, but this machine's GIC "
			"has SPIs 0 to 31: pass fewer devices");
}

/* All that is wrong with a VM, and with the next one. */
ATF_TC_WITHOUT_HEAD(all_errors);
ATF_TC_BODY(all_errors, tc)
{
	static const char *const lines[] = {
	    "error: /a: bootarg: unknown property: did you mean bootargs?",
	    "error: /a: cpus: CPU 9 does not exist: this machine has CPUs 0 to 3",
	    ("error: /a/memory@0: reg: 0x0, size 0x123: both have to be multiples of 4 KiB "
	     "(0x1000): change them"),
	    "error: /a/memory@0: size: unknown property: remove it",
	    ("error: /a/disk: unknown node: a VM has memory@... nodes and device-tree, and nothing "
	     "else"),
	    ("error: /a: kernel: is missing: write kernel = <&label>; with a label of a node in "
	     "/images"),
	    "error: /a: bootargs: <1> is not one string: write bootargs = \"...\";",
	    "error: /a: console: \"vga\" is not \"pl011\" or \"none\": write one of these",
	    "error: /b: cpus: CPU 4 does not exist: this machine has CPUs 0 to 3",
	};

	system_set_host(tc, HOST);
	system_parse_nodes("a { " START "cpus = <9>; bootarg = \"x\"; bootargs = <1>;"
			   "console = \"vga\"; memory@0 { reg = <0 0 0 0x123>; size = <1>; };"
			   "disk { }; }; b { " START "cpus = <4>; " IMAGE VM_MEMORY "};");
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		unsigned int found = 0;

		for (unsigned int l = 0; l < system_diag.nr_lines; l++)
			found += strcmp(system_diag.lines[l], lines[i]) == 0;
		ATF_CHECK_EQ_MSG(found, 1, "%u times: %s", found, lines[i]);
	}
	ATF_CHECK_EQ(system_diag.nr_lines, ARRAY_SIZE(lines));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, cpus);
	ATF_TP_ADD_TC(tp, bad_cpus);
	ATF_TP_ADD_TC(tp, cpu_limits);
	ATF_TP_ADD_TC(tp, cpu_without_method);
	ATF_TP_ADD_TC(tp, memory);
	ATF_TP_ADD_TC(tp, bad_memory);
	ATF_TP_ADD_TC(tp, memory_form);
	ATF_TP_ADD_TC(tp, memory_limit);
	ATF_TP_ADD_TC(tp, places);
	ATF_TP_ADD_TC(tp, tree_first);
	ATF_TP_ADD_TC(tp, tree_at);
	ATF_TP_ADD_TC(tp, no_room);
	ATF_TP_ADD_TC(tp, bad_images);
	ATF_TP_ADD_TC(tp, bootargs);
	ATF_TP_ADD_TC(tp, console);
	ATF_TP_ADD_TC(tp, virtio_slots);
	ATF_TP_ADD_TC(tp, uart_spi);
	ATF_TP_ADD_TC(tp, console_interrupt);
	ATF_TP_ADD_TC(tp, limits);
	ATF_TP_ADD_TC(tp, all_errors);
	return atf_no_error();
}
