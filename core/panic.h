/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end: reports a bug in the hypervisor, or a hardware error that it cannot
 * contain, and halts every CPU. No guest can get here; what a guest does wrong
 * ends in vm_crash().
 */
#pragma once

#include "arm64/vmsa_asm.h"
#include "lib/types.h"

/* Registers at an exception that EL2 took from itself; saved by vectors.S. */
struct panic_frame {
	uint64_t x[31];
	uint64_t sp;
	uint64_t vector; /* 0 to 7: from EL2 with SP_EL0, or SP_EL2; sync, IRQ, FIQ, SError */
	uint64_t unused; /* the stack stays aligned */
};

/* From here on panic() reports what failed. Boot, first. */
void panic_init(void);

/* Called by vectors.S on the panic stack. */
_Noreturn void panic_exception(struct panic_frame *frame);

/* Stops the CPU that runs this for ever, quietly; others ask for it by SGI when they panic. */
_Noreturn void panic_halt(void);
