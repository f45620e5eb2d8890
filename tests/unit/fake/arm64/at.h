/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/at.h for the build machine: the test answers for the guest's
 * translation, in the format of PAR_EL1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

uint64_t at_s1(uint64_t va, bool el0, bool write);
