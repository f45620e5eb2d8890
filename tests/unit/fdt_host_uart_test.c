// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/host_uart.c: which UART is the console, by all that a tree can say of it,
 * and by the bytes of a tree that cannot be read.
 */
#include "fdt/host_uart.h"

#include <string.h>

#include "lib/bits.h"
#include "tests/unit/dts_host.h"

static void check_range(const struct range *range, uint64_t base, uint64_t size)
{
	ATF_CHECK_EQ_MSG(range->base, base, "0x%llx", (unsigned long long)range->base);
	ATF_CHECK_EQ_MSG(range->size, size, "0x%llx", (unsigned long long)range->size);
}

/* ---- stdout-path ---- */

#define NO_UART HOST_MEMORY HOST_CPUS HOST_GIC HOST_TIMER

static void parse_uart(const char *nodes)
{
	char text[4096];

	format(text, sizeof(text), NO_UART "%s", nodes);
	host_parse_tree("", text);
	ATF_CHECK_EQ_MSG(host_error, 0, "%s", host_diag.lines[0]);
}

ATF_TC_WITHOUT_HEAD(pl011);
ATF_TC_BODY(pl011, tc)
{
	host_parse_file(tc, "hosts/virt-gicv3.dts");
	ATF_CHECK_EQ(host.uart.type, HOST_UART_PL011);
	check_range(&host.uart.reg, 0x9000000, 0x1000);
	ATF_CHECK_EQ(host.uart.irq, 33);
	ATF_CHECK(!host.uart.irq_edge);
	host_parse_file(tc, "hosts/gicv3-regions.dts");
	ATF_CHECK_EQ(host.uart.type, HOST_UART_PL011);
	ATF_CHECK_EQ(host.uart.irq, 64);
	ATF_CHECK(host.uart.irq_edge);
}

/* Behind two buses, by an alias with options. */
ATF_TC_WITHOUT_HEAD(uart_8250);
ATF_TC_BODY(uart_8250, tc)
{
	host_parse_file(tc, "hosts/spin-table.dts");
	ATF_CHECK_EQ(host.uart.type, HOST_UART_8250);
	check_range(&host.uart.reg, 0xfe215040, 0x40);
	ATF_CHECK_EQ(host.uart.reg_shift, 2);
	ATF_CHECK_EQ(host.uart.reg_io_width, 4);
	ATF_CHECK_EQ(host.uart.irq, 125);
	ATF_CHECK(!host.uart.irq_edge);
}

ATF_TC_WITHOUT_HEAD(uart_types);
ATF_TC_BODY(uart_types, tc)
{
	static const struct {
		const char *compatible;
		enum host_uart_type type;
		unsigned int shift, width;
	} types[] = {
	    {"arm,pl011", HOST_UART_PL011, 0, 0},
	    {"arm,sbsa-uart", HOST_UART_PL011, 0, 0},
	    {"vendor,uart\", \"arm,pl011", HOST_UART_PL011, 0, 0},
	    {"ns16550a", HOST_UART_8250, 0, 1},
	    {"ns16550", HOST_UART_8250, 0, 1},
	    {"snps,dw-apb-uart", HOST_UART_8250, 0, 1},
	    {"brcm,bcm2835-aux-uart", HOST_UART_8250, 2, 4},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		char nodes[512];

		format(nodes, sizeof(nodes),
		       "chosen { stdout-path = \"/u\"; };"
		       "u { compatible = \"%s\"; reg = <0 0x1000 0 0x100>; };",
		       types[i].compatible);
		parse_uart(nodes);
		ATF_CHECK_EQ_MSG(host_diag.nr_lines, 0, "%s", host_diag.lines[0]);
		ATF_CHECK_EQ(host.uart.type, types[i].type);
		ATF_CHECK_EQ(host.uart.reg_shift, types[i].shift);
		ATF_CHECK_EQ(host.uart.reg_io_width, types[i].width);
		ATF_CHECK_EQ(host.uart.irq, 0);
	}
}

/* Registers that the driver cannot reach: not used, rather than used wrongly. */
ATF_TC_WITHOUT_HEAD(uart_unknown);
ATF_TC_BODY(uart_unknown, tc)
{
	static const char *const bad[] = {
	    "compatible = \"vendor,uart\";",
	    "compatible = \"ns16550a\"; reg-shift = <5>;",
	    "compatible = \"ns16550a\"; reg-io-width = <3>;",
	    "compatible = \"ns16550a\"; reg-io-width = <8>;",
	    "compatible = \"ns16550a\"; reg-io-width = <0>;",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		char nodes[512];

		format(nodes, sizeof(nodes),
		       "chosen { stdout-path = \"/u\"; }; u { %s reg = <0 0x1000 0 0x100>; };",
		       bad[i]);
		parse_uart(nodes);
		ATF_CHECK_EQ(host.uart.type, HOST_UART_NONE);
		dts_check_line(&host_diag, "warning: /chosen: stdout-path: no driver for this "
					   "UART: PL011 and 8250 are known");
	}
}

ATF_TC_WITHOUT_HEAD(stdout_path);
ATF_TC_BODY(stdout_path, tc)
{
	static const char *const good[] = {
	    "chosen { stdout-path = \"/soc/u\"; };",
	    "chosen { stdout-path = \"/soc/u:115200n8\"; };",
	    "chosen { linux,stdout-path = \"/soc/u\"; };",
	    "chosen { stdout-path = \"serial0\"; }; aliases { serial0 = \"/soc/u\"; };",
	    "chosen { stdout-path = \"serial0:9600\"; }; aliases { serial0 = \"/soc/u\"; };",
	    "chosen { stdout-path = [2f 73 6f 63 2f 75]; };",
	};
	static const char *const bad[] = {
	    "",
	    "chosen { };",
	    "chosen { stdout-path; };",
	    "chosen { stdout-path = \"\"; };",
	    "chosen { stdout-path = \":115200\"; };",
	    "chosen { stdout-path = \"/soc/none\"; };",
	    "chosen { stdout-path = \"serial0\"; };",
	    "chosen { stdout-path = \"serial0\"; }; aliases { serial0 = \"\"; };",
	    "chosen { stdout-path = \"serial0\"; }; aliases { serial0; };",
	    /* aliases that lead to themselves */
	    "chosen { stdout-path = \"a\"; }; aliases { a = \"a\"; };",
	    "chosen { stdout-path = \"a\"; }; aliases { a = \"b/u\"; b = \"a/u\"; };",
	};
	/* two, so that there is not only one */
	static const char uart[] = "soc { #address-cells = <2>; #size-cells = <2>; ranges;"
				   "u { compatible = \"arm,pl011\"; reg = <0 0x1000 0 0x100>; }; };"
				   "v { compatible = \"arm,pl011\"; reg = <0 0x2000 0 0x100>; };";
	char nodes[512];

	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++) {
		format(nodes, sizeof(nodes), "%s%s", good[i], uart);
		parse_uart(nodes);
		ATF_CHECK_EQ_MSG(host.uart.type, HOST_UART_PL011, "%s", good[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		format(nodes, sizeof(nodes), "%s%s", bad[i], uart);
		parse_uart(nodes);
		ATF_CHECK_EQ_MSG(host.uart.type, HOST_UART_NONE, "%s", bad[i]);
		dts_check_line(&host_diag,
			       "warning: /chosen: stdout-path: names no UART: there is no console");
	}
}

ATF_TC_WITHOUT_HEAD(uart_without_reg);
ATF_TC_BODY(uart_without_reg, tc)
{
	static const char *const bad[] = {
	    "u { compatible = \"arm,pl011\"; };",
	    "u { compatible = \"arm,pl011\"; reg = <0 0x1000 0 0>; };",
	    "u { compatible = \"arm,pl011\"; reg = <0 0x1000 0>; };",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		char nodes[512];

		format(nodes, sizeof(nodes), "chosen { stdout-path = \"/u\"; }; %s", bad[i]);
		parse_uart(nodes);
		ATF_CHECK_EQ(host.uart.type, HOST_UART_NONE);
		dts_check_line(&host_diag,
			       "warning: /chosen: stdout-path: its UART has no usable reg");
	}
}

ATF_TC_WITHOUT_HEAD(primecell);
ATF_TC_BODY(primecell, tc)
{
	static const struct {
		const char *properties;
		bool has_id;
	} nodes[] = {
	    {"compatible = \"arm,pl011\", \"arm,primecell\";", true},
	    {"compatible = \"arm,pl011\";", false},
	    {"compatible = \"arm,sbsa-uart\";", false},
	    {"compatible = \"arm,pl011\", \"arm,primecell\"; arm,primecell-periphid = <1>;", false},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(nodes); i++) {
		char text[512];

		format(text, sizeof(text),
		       "chosen { stdout-path = \"/u\"; }; u { %s reg = <0 0x1000 0 0x1000>; };",
		       nodes[i].properties);
		parse_uart(text);
		ATF_CHECK_EQ(host.uart.has_id, nodes[i].has_id);
	}
}

/* ---- Without stdout-path ---- */

/* Three UARTs of two kinds, of which the first is off, and one that nobody knows. */
#define UARTS                                                                                      \
	"a { compatible = \"arm,pl011\"; reg = <0 0x1000 0 0x1000>; status = \"disabled\"; };"     \
	"b { compatible = \"arm,pl011\"; reg = <0 0x2000 0 0x1000>; interrupt-parent = <&gic>;"    \
	"	interrupts = <0 5 4>; };"                                                                \
	"c { compatible = \"ns16550a\"; reg = <0 0x3000 0 0x1000>; };"                             \
	"d { compatible = \"arm,pl011\"; reg = <0 0x4000 0 0x1000>; };"                            \
	"e { compatible = \"vendor,uart\"; reg = <0 0x5000 0 0x1000>; };"

/* A console at an address, 0 for none, and the only warning, or none. */
static void check_console(const char *nodes, uint64_t base, const char *warning)
{
	parse_uart(nodes);
	ATF_CHECK_EQ_MSG(host.uart.reg.base, base, "%s: 0x%llx", nodes,
			 (unsigned long long)host.uart.reg.base);
	ATF_CHECK_EQ(host.uart.type == HOST_UART_NONE, base == 0);
	if (warning)
		dts_check_line(&host_diag, warning);
	else
		ATF_CHECK_EQ_MSG(host_diag.nr_lines, 0, "%s: %s", nodes, host_diag.lines[0]);
}

#define NAMES_NONE "warning: /chosen: stdout-path: names no UART: there is no console"
#define ANOTHER "warning: /chosen: stdout-path: names no UART: another one is used"
#define NO_DRIVER "warning: /chosen: stdout-path: no driver for this UART: PL011 and 8250 are known"

ATF_TC_WITHOUT_HEAD(serial0);
ATF_TC_BODY(serial0, tc)
{
	check_console(UARTS "aliases { serial0 = \"/d\"; };", 0x4000, NULL);
	check_console(UARTS "aliases { serial0 = \"/e\"; };", 0, NAMES_NONE);
	check_console(UARTS "aliases { serial1 = \"/d\"; };", 0, NAMES_NONE);
	check_console(UARTS "chosen { stdout-path = \"/x\"; }; aliases { serial0 = \"/d\"; };",
		      0x4000, ANOTHER);
	/* it is known which one it is: another one's wire may lead anywhere */
	check_console(UARTS "chosen { stdout-path = \"/e\"; }; aliases { serial0 = \"/d\"; };", 0,
		      NO_DRIVER);
}

ATF_TC_WITHOUT_HEAD(bootargs);
ATF_TC_BODY(bootargs, tc)
{
	static const struct {
		const char *args;
		uint64_t base;
	} lines[] = {
	    {"earlycon=pl011,0x9000000", 0x9000000},
	    {"quiet earlycon=pl011,mmio32,0x9000000,115200 root=/dev/vda", 0x9000000},
	    {"earlycon=uart8250,mmio32,0xFe215040", 0xfe215040},
	    {"earlycon=uart8250,0x4000", 0x4000},
	    {"console=uart,mmio,0x123456789abc", 0x123456789abc},
	    {"earlycon=ns16550a,mmio16,0x4000,9600n8", 0x4000},
	    {"console=ttyAMA0", 0x2000},
	    {"console=ttyAMA1,115200", 0x4000},
	    {"console=ttyS0", 0x3000},
	    /* the last of those that are there */
	    {"console=ttyS0 console=ttyAMA1 console=tty0 console=ttyAMA7", 0x4000},
	    {"earlycon=pl011,0x4000 console=ttyS0", 0x3000},
	    {"console=ttyAMA2", 0},
	    {"console=ttyAMA", 0},
	    {"console=ttyAMA10", 0},
	    {"console=ttyS1", 0},
	    {"console=tty0 console=hvc0 earlycon", 0},
	    {"earlycon=pl011", 0},
	    {"earlycon=pl011,", 0},
	    {"earlycon=pl011,0x", 0},
	    {"earlycon=pl011,0", 0},
	    {"earlycon=pl011,0x900000g", 0},
	    {"earlycon=pl011,0x1ffffffffffffffff", 0},
	    {"earlycon=pl011,0xfffffffffffff800", 0},
	    {"earlycon=uart8250,io,0x3f8", 0},
	    {"earlycon=lpuart,0x4000", 0},
	    {"xearlycon=pl011,0x9000000", 0},
	    {"earlycon=pl011,0x00000000000000000000000000000000000000000000000000000009000000", 0},
	    /* in memory */
	    {"earlycon=pl011,0x48000000", 0},
	    {"", 0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		char nodes[2048];

		format(nodes, sizeof(nodes), UARTS "chosen { bootargs = \"%s\"; };", lines[i].args);
		check_console(nodes, lines[i].base, lines[i].base ? NULL : NAMES_NONE);
		/* also where stdout-path names one that nobody knows */
		format(nodes, sizeof(nodes),
		       UARTS "chosen { bootargs = \"%s\"; stdout-path = \"/e\"; };", lines[i].args);
		check_console(nodes, lines[i].base,
			      lines[i].base ? NO_DRIVER ": another one is used" : NO_DRIVER);
	}
}

/* Registers and interrupts as the node of the same address has them, if there is one. */
ATF_TC_WITHOUT_HEAD(bootargs_registers);
ATF_TC_BODY(bootargs_registers, tc)
{
	check_console(UARTS "chosen { bootargs = \"earlycon=pl011,0x2000\"; };", 0x2000, NULL);
	ATF_CHECK_EQ(host.uart.irq, 37);
	ATF_CHECK(host.uart.node > 0);
	check_console(UARTS "chosen { bootargs = \"earlycon=pl011,0x9000\"; };", 0x9000, NULL);
	ATF_CHECK_EQ(host.uart.irq, 0);
	ATF_CHECK_EQ(host.uart.node, -1);
	ATF_CHECK_EQ(host.uart.reg.size, 0x1000);
	check_console("chosen { bootargs = \"earlycon=uart8250,mmio32,0x9000\"; };", 0x9000, NULL);
	ATF_CHECK_EQ(host.uart.type, HOST_UART_8250);
	ATF_CHECK_EQ(host.uart.reg_shift, 2);
	ATF_CHECK_EQ(host.uart.reg_io_width, 4);
	ATF_CHECK_EQ(host.uart.reg.size, 32);
	check_console("chosen { bootargs = \"earlycon=uart,mmio,0x9000\"; };", 0x9000, NULL);
	ATF_CHECK_EQ(host.uart.reg_shift, 0);
	ATF_CHECK_EQ(host.uart.reg_io_width, 1);
	/* serial1 is ttyAMA1, whatever the order */
	check_console(UARTS "aliases { serial1 = \"/b\"; };"
			    "chosen { bootargs = \"console=ttyAMA1\"; };",
		      0x2000, NULL);
	/* not terminated */
	check_console(UARTS "chosen { bootargs = [63 6f 6e 73 6f 6c 65 3d 74 74 79 53 30]; };",
		      0x3000, NULL);
}

ATF_TC_WITHOUT_HEAD(only_one);
ATF_TC_BODY(only_one, tc)
{
	static const char two[] =
	    "e { compatible = \"vendor,uart\"; reg = <0 0x5000 0 0x1000>; };"
	    "f { compatible = \"ns16550\"; reg = <0 0x6000 0 0x100>; };"
	    "g { compatible = \"arm,pl011\"; reg = <0 0x7000 0 0x1000>; status = \"disabled\"; };";
	char nodes[1024];

	check_console(two, 0x6000, NULL);
	check_console(UARTS, 0, NAMES_NONE);
	format(nodes, sizeof(nodes), "%s chosen { stdout-path = \"/x\"; };", two);
	check_console(nodes, 0x6000, ANOTHER);
	format(nodes, sizeof(nodes), "%s chosen { stdout-path = \"/e\"; };", two);
	check_console(nodes, 0, NO_DRIVER);
	check_console("", 0, NAMES_NONE);
}

/* ---- What does not answer ---- */

static uint64_t answers_at;

static bool answers(const struct host_uart *uart)
{
	return uart->reg.base == answers_at;
}

static void open_with_answers(const char *nodes)
{
	char text[4096];

	format(text, sizeof(text), NO_UART "%s", nodes);
	host_parse_tree("", text);
	dts_diag_init(&host_diag);
	arena_init(&host_arena, host_memory, sizeof(host_memory));
	ATF_CHECK_EQ(host_open(&host, host_tree, fdt_totalsize(host_tree), answers, &host_arena,
			       &host_diag.diag),
		     0);
}

ATF_TC_WITHOUT_HEAD(no_answer);
ATF_TC_BODY(no_answer, tc)
{
	static const char nodes[] = UARTS
	    "chosen { stdout-path = \"/b\"; bootargs = \"console=ttyS0 earlycon=pl011,0x9000\"; };";

	answers_at = 0x9000;
	open_with_answers(nodes);
	ATF_CHECK_EQ(host.uart.reg.base, 0x9000);
	dts_check_line(&host_diag, "warning: /chosen: stdout-path: nothing answers where its UART "
				   "should be: another one is used");
	answers_at = 0x3000;
	open_with_answers(nodes);
	ATF_CHECK_EQ(host.uart.reg.base, 0x3000);
	answers_at = 1;
	open_with_answers(nodes);
	ATF_CHECK_EQ(host.uart.type, HOST_UART_NONE);
	dts_check_line(&host_diag,
		       "warning: /chosen: stdout-path: nothing answers where its UART should be");
}

/* ---- A tree that cannot be read ---- */

ATF_TC_WITHOUT_HEAD(damaged);
ATF_TC_BODY(damaged, tc)
{
	static const char *const ways[] = {"magic", "root", "end"};

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		uint8_t *tree;
		size_t size;

		host_parse_tree(
		    "", NO_UART UARTS
		    "chosen { bootargs = \"quiet earlycon=uart8250,mmio32,0x9000\"; };");
		tree = host_tree;
		size = fdt_totalsize(tree);
		if (i == 0)
			tree[0] ^= 1;
		else if (i == 1)
			tree[fdt_off_dt_struct(tree) + 3] ^= 4;
		else
			tree[fdt_off_dt_struct(tree) + fdt_size_dt_struct(tree) - 1] ^= 1;
		dts_diag_init(&host_diag);
		arena_init(&host_arena, host_memory, sizeof(host_memory));
		ATF_CHECK_EQ(host_open(&host, tree, size, NULL, &host_arena, &host_diag.diag),
			     -EINVAL);
		dts_check_line(&host_diag, "error: /: the machine's device tree is damaged");
		ATF_CHECK_EQ(host.uart.type, HOST_UART_8250);
		check_range(&host.uart.reg, 0x9000, 32);
		ATF_CHECK_EQ(host.uart.node, -1);
	}
}

/* Of any bytes; none outside of them is read. */
ATF_TC_WITHOUT_HEAD(scan);
ATF_TC_BODY(scan, tc)
{
	static const char text[] =
	    "\1\2earlycon console=tty0\0econsole=ttyS0\0"
	    "xearlycon=pl011,0x1000\tconsole=uart8250,mmio,0x30000\nearlycon=pl011,0x4000\0";
	struct host_uart uart;

	for (size_t size = 1; size < sizeof(text); size++) {
		char *bytes = malloc(size);
		bool found;

		memcpy(bytes, text, size);
		found = host_scan_uart(&uart, bytes, size);
		ATF_CHECK_EQ(found, uart.type != HOST_UART_NONE);
		ATF_CHECK(!found || (uart.type == HOST_UART_8250 && uart.reg.base >= 3));
		free(bytes);
	}
	ATF_CHECK(host_scan_uart(&uart, text, sizeof(text)));
	check_range(&uart.reg, 0x30000, 8);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pl011);
	ATF_TP_ADD_TC(tp, uart_8250);
	ATF_TP_ADD_TC(tp, uart_types);
	ATF_TP_ADD_TC(tp, uart_unknown);
	ATF_TP_ADD_TC(tp, stdout_path);
	ATF_TP_ADD_TC(tp, uart_without_reg);
	ATF_TP_ADD_TC(tp, primecell);
	ATF_TP_ADD_TC(tp, serial0);
	ATF_TP_ADD_TC(tp, bootargs);
	ATF_TP_ADD_TC(tp, bootargs_registers);
	ATF_TP_ADD_TC(tp, only_one);
	ATF_TP_ADD_TC(tp, no_answer);
	ATF_TP_ADD_TC(tp, damaged);
	ATF_TP_ADD_TC(tp, scan);
	return atf_no_error();
}
