/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of system.c, vm.c and what comes after them: parses a system
 * description, compiled from its source, for one of the machines in
 * tests/config/hosts.
 */
#pragma once

#include "fdt/system.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

/* An arm64 Image of 64 bytes: text_offset 0, image_size 64 KiB. */
#define KERNEL                                                                                     \
	"[0000000000000000 0000000000000000 0000010000000000 0000000000000000 0000000000000000 "   \
	"0000000000000000 0000000000000000 41524d6400000000]"
/* A whole VM but for its memory, and with 16 MiB of it */
#define VM_HEAD "compatible = \"bulkhead,vm\"; cpus = <0>; kernel = " KERNEL ";"
#define VM_MEMORY "memory@40000000 { reg = <0 0x40000000 0 0x1000000>; };"
#define VM "{ " VM_HEAD VM_MEMORY "};"

static uint8_t system_memory[128 * 1024] __attribute__((aligned(16)));
static struct system_config system_config;
static struct dts_diag system_diag;
static struct arena system_arena;
static struct host system_host;
static void *system_host_tree;
static void *system_blob;
static size_t system_blob_size;
static int system_error;

static inline void system_set_host(const atf_tc_t *tc, const char *name)
{
	dts_diag_init(&system_diag);
	free(system_host_tree);
	system_host_tree = dts_compile_file(tc, name, NULL);
	arena_init(&system_arena, system_memory, sizeof(system_memory));
	ATF_REQUIRE_EQ(host_parse(&system_host, system_host_tree, &system_arena, &system_diag.diag),
		       0);
}

/* Parses with what the host has left of the arena, which is free again for the next one. */
static inline void system_parse_blob(const void *blob, size_t size)
{
	struct arena arena = system_arena;

	dts_diag_init(&system_diag);
	system_error =
	    system_parse(&system_config, blob, size, &system_host, &arena, &system_diag.diag);
	ATF_CHECK_EQ(system_error != 0, system_diag.diag.errors != 0);
}

/* The nodes of a root that is right. */
static inline void system_parse_nodes(const char *nodes)
{
	static char source[65536];
	size_t n = format(source, sizeof(source),
			  "/ { compatible = \"bulkhead,system\"; #address-cells = <2>;"
			  "#size-cells = <2>; %s };",
			  nodes);

	ATF_REQUIRE(n < sizeof(source));
	free(system_blob);
	system_blob = dts_compile(source, &system_blob_size);
	system_parse_blob(system_blob, system_blob_size);
}

/* The description has no mistakes. */
static inline void system_check_good(void)
{
	ATF_REQUIRE_EQ_MSG(system_diag.nr_lines, 0, "%s", system_diag.lines[0]);
	ATF_REQUIRE_EQ(system_error, 0);
}

/* It is refused, for this reason only. */
static inline void system_check_error(const char *line)
{
	ATF_CHECK_EQ(system_error, -EINVAL);
	dts_check_line(&system_diag, line);
}
