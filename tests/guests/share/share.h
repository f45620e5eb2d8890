/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP and SIMD registers, in fp.S: everything is made of `seed`.
 */
#pragma once

#include <stdint.h>

/* v0 to v31, and the writable bits of FPSR and FPCR. */
void fp_fill(uint64_t seed);
/* How many of them are not what fp_fill(seed) made them. */
unsigned int fp_compare(uint64_t seed);
