/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/sysreg.h for tests of interleavings: system registers by name (upper
 * and lower case are the same), each CPU its own. Reading the counter takes a
 * tick. Where a register stands in the table is remembered at each use.
 */
#pragma once

#include <stdint.h>

#include "tests/interleave/explore.h"

uint64_t machine_read_sysreg(const char *name, int *index);
void machine_write_sysreg(const char *name, int *index, uint64_t value);

#define SYSREG_STR(name) SYSREG_STR_(name)
#define SYSREG_STR_(name) #name

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		static int index_ EXPLORE_KEEP;                                                    \
		machine_read_sysreg(SYSREG_STR(name), &index_);                                    \
	})
#define write_sysreg(name, value)                                                                  \
	({                                                                                         \
		uint64_t value_ = (uint64_t)(value);                                               \
		static int index_ EXPLORE_KEEP;                                                    \
		machine_write_sysreg(SYSREG_STR(name), &index_, value_);                           \
	})
