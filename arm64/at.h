/*
 * Address translation instructions (DDI 0487, C5.4): ask the MMU how the
 * loaded guest's own translation, with its registers as they stand, maps an
 * address. The answer comes in the format of PAR_EL1 (PAR_* in arm64/el2.h); the
 * register itself belongs to the guest and is left as it was.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/barrier.h"
#include "arm64/sysreg.h"

/* Translates by one AT instruction, named without its "at". */
#define AT_TRANSLATE(operation, va)                                                                \
	({                                                                                         \
		uint64_t guest_par_ = read_sysreg(par_el1), par_;                                  \
		__asm__ volatile("at " operation ", %0" ::"r"(va) : "memory");                     \
		/* AT's result is in PAR_EL1 only after a context synchronization */               \
		isb();                                                                             \
		par_ = read_sysreg(par_el1);                                                       \
		write_sysreg(par_el1, guest_par_);                                                 \
		par_;                                                                              \
	})

/* Stages 1 and 2, a read by EL1: what physical address it reaches. */
static inline uint64_t at_s12_el1_read(uint64_t va)
{
	return AT_TRANSLATE("s12e1r", va);
}

/* Stage 1 alone, a read or a write by EL1 or EL0: what IPA it reaches. */
static inline uint64_t at_s1(uint64_t va, bool el0, bool write)
{
	if (el0)
		return write ? AT_TRANSLATE("s1e0w", va) : AT_TRANSLATE("s1e0r", va);
	return write ? AT_TRANSLATE("s1e1w", va) : AT_TRANSLATE("s1e1r", va);
}
