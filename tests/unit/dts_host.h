/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of host.c and host_devices.c: parses a tree, compiled from
 * parts that can be left out or exchanged, into one static `host`.
 */
#pragma once

#include <libfdt.h>

#include "fdt/host.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

/* The parts of a small machine. A second "}; / { chosen { ... };" adds to a node. */
#define HOST_MEMORY "memory { device_type = \"memory\"; reg = <0 0x40000000 0 0x40000000>; };"
#define HOST_CPUS "cpus { cpu { device_type = \"cpu\"; reg = <0>; }; };"
#define HOST_GIC                                                                                   \
	"gic: gic { compatible = \"arm,gic-v3\"; interrupt-controller; #interrupt-cells = <3>;"    \
	"	reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>;"                                \
	"	interrupts = <1 9 4>; interrupt-parent = <&gic>; };"
#define HOST_TIMER                                                                                 \
	"timer { compatible = \"arm,armv8-timer\"; interrupt-parent = <&gic>;"                     \
	"	interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 10 8>; };"
#define HOST_UART                                                                                  \
	"uart { compatible = \"arm,pl011\"; reg = <0 0x9000000 0 0x1000>; };"                      \
	"chosen { stdout-path = \"/uart\"; };"
#define HOST_DEVICES HOST_GIC HOST_TIMER HOST_UART

static uint8_t host_memory[64 * 1024] __attribute__((aligned(16)));
static struct dts_diag host_diag;
static struct arena host_arena;
static struct host host;
static int host_error;
static void *host_tree;

static inline void host_parse_blob(const void *dtb)
{
	dts_diag_init(&host_diag);
	arena_init(&host_arena, host_memory, sizeof(host_memory));
	host_error = host_parse(&host, dtb, &host_arena, &host_diag.diag);
	ATF_CHECK_EQ(host_error != 0, host_diag.diag.errors != 0);
}

/* A root with these nodes, after these /memreserve/s. */
static inline void host_parse_tree(const char *reservations, const char *nodes)
{
	static char source[65536];
	size_t n;

	n = format(source, sizeof(source), "%s / { #address-cells = <2>; #size-cells = <2>; %s };",
		   reservations, nodes);
	ATF_REQUIRE(n < sizeof(source));
	free(host_tree);
	host_tree = dts_compile(source, NULL);
	host_parse_blob(host_tree);
}

/* A file of tests/config, which has no mistakes. */
static inline void host_parse_file(const atf_tc_t *tc, const char *name)
{
	free(host_tree);
	host_tree = dts_compile_file(tc, name, NULL);
	host_parse_blob(host_tree);
	ATF_REQUIRE_EQ_MSG(host_diag.nr_lines, 0, "%s", host_diag.lines[0]);
}

/* The tree is refused, for this reason only. */
static inline void host_check_error(const char *line)
{
	ATF_CHECK_EQ(host_error, -EINVAL);
	dts_check_line(&host_diag, line);
}
