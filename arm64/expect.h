/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that may take an exception at EL2, by no fault of EL2's:
 *
 *	AT		a synchronous external abort, if the memory of a table does not answer: it
 *is taken, and not reported in PAR_EL1 (DDI 0487, D8.15.5)
 *	a load		the same, from memory of a guest's that has an uncorrectable error
 *	unmasking	an SError that is pending
 *
 * Each is a function in assembly that says whether it took one; the vectors know their addresses
 * (vcpu/vectors.S). They are called through expect_run(), as an exception overwrites what the
 * guest that is loaded has in EL2's exception registers.
 */
#pragma once

#include <stdint.h>

#include "arm64/sysreg.h"

struct expect_result {
	uint64_t value;	 /* the instruction's; ESR_EL2 if it failed */
	uint64_t failed; /* 1: it took an exception */
};

typedef struct expect_result expect_function(uint64_t argument);

/* Translate an address: PAR_EL1, which changes. */
expect_function expect_at_s12e1r, expect_at_s1e1r, expect_at_s1e1w, expect_at_s1e0r,
    expect_at_s1e0w;
/* Loads 32 bits from an address in EL2's map. */
expect_function expect_load32;
/* Lets a pending SError be taken; `failed` says that there was one. No value. */
expect_function expect_serror;

/* Calls one of the above. All that belongs to the loaded guest, but PAR_EL1, is kept. */
static inline struct expect_result expect_run(expect_function *function, uint64_t argument)
{
	uint64_t elr = read_sysreg(elr_el2), spsr = read_sysreg(spsr_el2);
	uint64_t esr = read_sysreg(esr_el2), far = read_sysreg(far_el2);
	uint64_t hpfar = read_sysreg(hpfar_el2);
	uint64_t sp = read_sysreg(sp_el0), tpidr = read_sysreg(tpidr_el0);
	struct expect_result result = function(argument);

	if (result.failed) {
		write_sysreg(elr_el2, elr);
		write_sysreg(spsr_el2, spsr);
		write_sysreg(esr_el2, esr);
		write_sysreg(far_el2, far);
		write_sysreg(hpfar_el2, hpfar);
		write_sysreg(sp_el0, sp);
		write_sysreg(tpidr_el0, tpidr);
	}
	return result;
}
