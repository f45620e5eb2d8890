// SPDX-License-Identifier: BSD-2-Clause
/*
 * boot/report.c: a small VM is one line, and of a large one nothing is left out.
 */
#include "boot/report.h"

#include <atf-c.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/model.h"
#include "fdt/platform.h"
#include "lib/format.h"
#include "lib/log.h"

static char said[65536];

void log_info(const char *fmt, ...)
{
	va_list args;
	size_t n = strlen(said);

	va_start(args, fmt);
	n += format_va(said + n, sizeof(said) - n, fmt, args);
	va_end(args);
	ATF_REQUIRE(n < sizeof(said) - 1);
	said[n] = '\n';
	said[n + 1] = '\0';
}

static unsigned int cpus[200];
static struct vm_memory memory[16];
static struct vm_emulated uart, rtc;
static struct vm_config vm;

static void set_up(unsigned int nr_cpus)
{
	for (unsigned int i = 0; i < nr_cpus; i++)
		cpus[i] = i;
	memory[0] =
	    (struct vm_memory){.ipa = ipa(0x40000000), .size = 256u << 20, .pa = pa(0x49e00000)};
	vm = (struct vm_config){
	    .name = "linux-a",
	    .id = 1,
	    .cpus = cpus,
	    .nr_cpus = nr_cpus,
	    .memory = memory,
	    .nr_memory = 1,
	    .emulated = &uart,
	};
	uart = (struct vm_emulated){
	    .model = MODEL_PL011, .base = ipa(PLATFORM_UART_BASE), .spi = PLATFORM_UART_SPI};
	rtc = (struct vm_emulated){.model = MODEL_PL031, .base = ipa(0x9011000), .spi = 4};
	said[0] = '\0';
}

ATF_TC_WITHOUT_HEAD(one_line);
ATF_TC_BODY(one_line, tc)
{
	set_up(2);
	report_vm(&vm);
	ATF_CHECK_STREQ(said, "linux-a: VMID 1, CPUs 0 1, 256 MiB at 0x49e00000\n");
	set_up(1);
	vm.emulated = NULL;
	memory[0].size = 0x5000;
	report_vm(&vm);
	ATF_CHECK_STREQ(said, "linux-a: VMID 1, CPUs 0, 20 KiB at 0x49e00000, no console\n");
}

ATF_TC_WITHOUT_HEAD(ranges);
ATF_TC_BODY(ranges, tc)
{
	set_up(1);
	memory[1] = (struct vm_memory){
	    .ipa = ipa(0x60000000), .size = 1u << 20, .pa = pa(0x60000000), .fixed = true};
	memory[2] =
	    (struct vm_memory){.ipa = ipa(0), .size = 0x11000, .pa = pa(0x70000000), .rom = true};
	vm.nr_memory = 3;
	report_vm(&vm);
	ATF_CHECK_STREQ(said, "linux-a: VMID 1, CPUs 0, 263236 KiB in 3 ranges\n"
			      "  memory 0x40000000-0x4fffffff at 0x49e00000, 256 MiB\n"
			      "  memory 0x60000000-0x600fffff, 1 MiB, identity\n"
			      "  memory 0x0-0x10fff at 0x70000000, 68 KiB, rom\n");
}

ATF_TC_WITHOUT_HEAD(devices);
ATF_TC_BODY(devices, tc)
{
	struct range rtc_regs[] = {{0x9010000, 0x1000}};
	struct range net_regs[] = {{0x9020000, 0x1000}, {0x9030000, 0x200}};
	struct reg_irq rtc_irqs[] = {{.intid = 34}};
	struct reg_irq net_irqs[] = {{.intid = 48}, {.intid = 49, .edge = true}};
	struct vm_device given[] = {
	    {.path = "/pl031@9010000",
	     .regs = rtc_regs,
	     .nr_regs = 1,
	     .irqs = rtc_irqs,
	     .nr_irqs = 1},
	    {.path = "/net@9020000",
	     .regs = net_regs,
	     .nr_regs = 2,
	     .offset = 0x1000000,
	     .irqs = net_irqs,
	     .nr_irqs = 2,
	     .dma = true},
	    {.path = "/gpio@9090000", .regs = rtc_regs, .nr_regs = 1},
	};

	set_up(1);
	vm.devices = given;
	vm.nr_devices = 3;
	uart.base = ipa(0x9001000);
	uart.spi = 3;
	uart.next = &rtc;
	report_vm(&vm);
	ATF_CHECK_STREQ(said, "linux-a: VMID 1, CPUs 0, 256 MiB at 0x49e00000\n"
			      "  device /pl031@9010000: 0x9010000-0x9010fff, SPI 2\n"
			      "  device /net@9020000: 0xa020000-0xa020fff at 0x9020000,\n"
			      "    0xa030000-0xa0301ff at 0x9030000, SPIs 16 17, DMA\n"
			      "  device /gpio@9090000: 0x9010000-0x9010fff\n"
			      "  console 0x9001000, SPI 3\n"
			      "  clock 0x9011000, SPI 4\n");
	vm.devices = NULL;
}

/* As many as there can be: no line is longer than a terminal, and all are there. */
ATF_TC_WITHOUT_HEAD(long_lists);
ATF_TC_BODY(long_lists, tc)
{
	unsigned int next = 0;
	char *rest = said, *line;

	set_up(200);
	report_vm(&vm);
	ATF_REQUIRE(strstr(said, "linux-a: VMID 1, CPUs 0 1") == said);
	ATF_CHECK(strstr(said, "256 MiB at 0x49e00000\n") != NULL);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		ATF_CHECK_MSG(strlen(line) <= 70, "%s", line);
		line += next == 0 ? strlen("linux-a: VMID 1, CPUs") : 0;
		for (char *end; next < 200; line = end, next++) {
			unsigned long cpu = strtoul(line, &end, 10);

			if (end == line)
				break;
			ATF_CHECK_EQ(cpu, next);
		}
	}
	ATF_CHECK_EQ(next, 200);
}

/* The longest names there are stay inside the line's buffer. */
ATF_TC_WITHOUT_HEAD(long_names);
ATF_TC_BODY(long_names, tc)
{
	char path[1000];
	struct range regs[] = {{0xfffffffff000, 0x1000}};
	struct vm_device given[] = {{.path = path, .regs = regs, .nr_regs = 1}};

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	set_up(1);
	vm.devices = given;
	vm.nr_devices = 1;
	report_vm(&vm);
	ATF_CHECK(strstr(said, "xxx:\n    0xfffffffff000-0xffffffffffff\n") != NULL);
	vm.devices = NULL;
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, one_line);
	ATF_TP_ADD_TC(tp, ranges);
	ATF_TP_ADD_TC(tp, devices);
	ATF_TP_ADD_TC(tp, long_lists);
	ATF_TP_ADD_TC(tp, long_names);
	return atf_no_error();
}
