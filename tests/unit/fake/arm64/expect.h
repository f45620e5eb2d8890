/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/expect.h for the build machine: what is expected to fail does so when the test says.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expect_result {
	uint64_t value;
	uint64_t failed;
};

typedef struct expect_result expect_function(uint64_t argument);

expect_function expect_serror;

struct expect_result expect_run(expect_function *function, uint64_t argument);

bool expect_copy(void *dst, const void *src, size_t n);

/* The next expect_run() or expect_copy() takes an exception. */
extern bool fake_expect_fails;
