/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address translation instructions (DDI 0487, C5.4): ask the MMU how the
 * loaded guest's own translation, with its registers as they stand, maps an
 * address. The answer comes in the format of PAR_EL1 (PAR_* in arm64/el2.h); the
 * register itself belongs to the guest and is left as it was.
 *
 * If the memory of a table does not answer, the answer is a failed translation
 * with the fault status of that external abort (FSC_IS_EXTERNAL in arm64/esr.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/expect.h"
#include "arm64/sysreg.h"

static inline uint64_t at_translate(expect_function *at, uint64_t va)
{
	uint64_t guest_par = read_sysreg(par_el1);
	struct expect_result result = expect_run(at, va);

	write_sysreg(par_el1, guest_par);
	if (result.failed)
		return PAR_F | FIELD_PREP(PAR_FST, FIELD_GET(ESR_ABT_FSC, result.value));
	return result.value;
}

/* Stage 1 alone, a read or a write by EL1 or EL0: what IPA it reaches. */
static inline uint64_t at_s1(uint64_t va, bool el0, bool write)
{
	if (el0)
		return at_translate(write ? expect_at_s1e0w : expect_at_s1e0r, va);
	return at_translate(write ? expect_at_s1e1w : expect_at_s1e1r, va);
}
