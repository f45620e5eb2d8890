/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
/*
 * Instructions that may take an exception at EL2, by no fault of EL2's:
 *
 *	AT		a synchronous external abort, if the memory of a table does not answer:
 *			it is taken, and not reported in PAR_EL1 (DDI 0487, D8.15.5)
 *	a load		the same, from memory of a guest's that has an uncorrectable error
 *	unmasking	an SError that is pending
 *
 * Each is a function in assembly that says whether it took one; the vectors know their addresses
 * (vcpu/vectors.S). They are called through expect_run(), as an exception overwrites what the
 * guest that is loaded has in EL2's exception registers.
 */
/* clang-format on */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arm64/sysreg.h"

struct expect_result {
	uint64_t value;	 /* the instruction's; ESR_EL2 if it failed */
	uint64_t failed; /* 1: it took an exception */
};

typedef struct expect_result expect_function(uint64_t argument);

/* Translate an address: PAR_EL1, which changes. */
expect_function expect_at_s1e1r, expect_at_s1e1w, expect_at_s1e0r, expect_at_s1e0w;
/* Lets a pending SError be taken; `failed` says that there was one. No value. */
expect_function expect_serror;

/* What of the loaded guest's an exception overwrites */
struct expect_saved {
	uint64_t elr, spsr, esr, far, hpfar, sp, tpidr;
};

static inline struct expect_saved expect_save(void)
{
	return (struct expect_saved){
	    .elr = read_sysreg(elr_el2),
	    .spsr = read_sysreg(spsr_el2),
	    .esr = read_sysreg(esr_el2),
	    .far = read_sysreg(far_el2),
	    .hpfar = read_sysreg(hpfar_el2),
	    .sp = read_sysreg(sp_el0),
	    .tpidr = read_sysreg(tpidr_el0),
	};
}

static inline void expect_restore(const struct expect_saved *saved)
{
	write_sysreg(elr_el2, saved->elr);
	write_sysreg(spsr_el2, saved->spsr);
	write_sysreg(esr_el2, saved->esr);
	write_sysreg(far_el2, saved->far);
	write_sysreg(hpfar_el2, saved->hpfar);
	write_sysreg(sp_el0, saved->sp);
	write_sysreg(tpidr_el0, saved->tpidr);
}

/* Calls one of the above. All that belongs to the loaded guest, but PAR_EL1, is kept. */
static inline struct expect_result expect_run(expect_function *function, uint64_t argument)
{
	struct expect_saved saved = expect_save();
	struct expect_result result = function(argument);

	if (result.failed)
		expect_restore(&saved);
	return result;
}

/* For expect_copy(): loads from src, stores to dst. No value. */
struct expect_result expect_copy_bytes(void *dst, const void *src, size_t n);

/* memcpy() from an address in EL2's map: false if a load was aborted. The guest keeps all. */
static inline bool expect_copy(void *dst, const void *src, size_t n)
{
	struct expect_saved saved = expect_save();
	bool failed = expect_copy_bytes(dst, src, n).failed;

	if (failed)
		expect_restore(&saved);
	return !failed;
}
