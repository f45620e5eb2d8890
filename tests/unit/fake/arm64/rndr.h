/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/rndr.h for the build machine: a test that needs them defines these.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool rndr_is_there(void);
bool rndr_read(uint64_t *value);
