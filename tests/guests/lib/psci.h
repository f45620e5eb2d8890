/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls to the firmware, or whoever plays it, by SMCCC (DEN0028): PSCI.
 */
#pragma once

#include <stdint.h>

#include "arm64/psci.h"
#include "tests/guests/lib/machine.h"

/* A call with up to three arguments; returns x0. x4 to x17 may change, as SMCCC 1.0 allows. */
#define CALL(name, insn)                                                                           \
	static inline int64_t name(uint64_t function, uint64_t arg1, uint64_t arg2, uint64_t arg3) \
	{                                                                                          \
		register uint64_t x0 __asm__("x0") = function;                                     \
		register uint64_t x1 __asm__("x1") = arg1;                                         \
		register uint64_t x2 __asm__("x2") = arg2;                                         \
		register uint64_t x3 __asm__("x3") = arg3;                                         \
                                                                                                   \
		__asm__ volatile(insn " #0"                                                        \
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", \
				   "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",    \
				   "x17", "memory");                                               \
		return (int64_t)x0;                                                                \
	}

CALL(hvc, "hvc")
CALL(psci_smc, "smc")

#undef CALL

/* PSCI's results are 32 bits wide, whatever the convention (DEN0022, 5.2.2) */
static inline int32_t psci(uint64_t function, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	return (int32_t)(machine.psci_by_smc ? psci_smc(function, arg1, arg2, arg3)
					     : hvc(function, arg1, arg2, arg3));
}

static inline int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
	return psci(PSCI_CPU_ON_64, mpidr, entry, context);
}

static inline _Noreturn void psci_system_off(void)
{
	for (;;)
		psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}
