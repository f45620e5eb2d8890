/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU's random numbers: FEAT_RNG (DDI 0487, D23.2.147, RNDR).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"
#include "lib/bits.h"

#define ISAR0_RNDR GENMASK(63, 60)

/* True if this CPU has the register, or EL3 pretends it by a trap. */
static inline bool rndr_is_there(void)
{
	return FIELD_GET(ISAR0_RNDR, read_sysreg(id_aa64isar0_el1)) != 0;
}

/*
 * Reads 64 random bits. False if there are none "within a reasonable period of time": PSTATE.Z is
 * set then. Later there may be some.
 */
static inline bool rndr_read(uint64_t *value)
{
	uint64_t ok;

	__asm__ volatile("mrs %0, S3_3_C2_C4_0\n\tcset %1, ne" : "=r"(*value), "=r"(ok)::"cc");
	return ok != 0;
}
