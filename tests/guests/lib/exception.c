// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exception handling in C, behind start.S. Which exceptions are expected is
 * per CPU (struct cpu); the interrupt handler is everybody's.
 */
#include "tests/guests/lib/exception.h"

#include <stddef.h>

#include "arm64/sysreg.h"
#include "lib/bits.h"
#include "tests/guests/lib/check.h"
#include "tests/guests/lib/smp.h"

void exception_handle(struct frame *frame, unsigned int kind);

#define EC_STEP_SAME 0x33
#define SPSR_SS BIT(21)
#define MDSCR_SS BIT(0)

static void (*irq_handler)(void);
static unsigned int serrors;

void irq_set_handler(void (*handler)(void))
{
	__atomic_store_n(&irq_handler, handler, __ATOMIC_RELEASE);
}

unsigned int serror_count(void)
{
	return __atomic_load_n(&serrors, __ATOMIC_ACQUIRE);
}

void fault_begin(struct fault *fault)
{
	*fault = (struct fault){0};
	__atomic_store_n(&this_cpu()->fault, fault, __ATOMIC_RELAXED);
	/* Only this CPU's own handler looks at it. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void fault_end(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&this_cpu()->fault, NULL, __ATOMIC_RELAXED);
}

bool fault_is_external(const struct fault *fault, uint64_t address)
{
	return fault->count == 1 && fault_ec(fault) == ESR_EC_DABT_SAME &&
	       FIELD_GET(ESR_ABT_FSC, fault->esr) == FSC_EXTERNAL && fault->far == address;
}

static bool catch_fault(struct frame *frame)
{
	struct fault *fault = __atomic_load_n(&this_cpu()->fault, __ATOMIC_RELAXED);

	if (fault == NULL)
		return false;
	fault->count++;
	fault->esr = frame->esr;
	fault->far = frame->far;
	fault->elr = frame->elr;
	switch (FIELD_GET(ESR_EC, frame->esr)) {
	case ESR_EC_IABT_SAME:
	case ESR_EC_PC_ALIGN:
		frame->elr = frame->x[30];
		break;
	case ESR_EC_SVC64:
		break; /* the return address is already the next instruction's */
	case EC_STEP_SAME:
		if (fault->count < FAULT_STEPS)
			frame->spsr |= SPSR_SS;
		else
			write_sysreg(mdscr_el1, read_sysreg(mdscr_el1) & ~MDSCR_SS);
		break;
	default:
		frame->elr += 4;
		break;
	}
	return true;
}

static _Noreturn void unexpected(const struct frame *frame, unsigned int kind)
{
	static const char *const kinds[] = {"synchronous", "IRQ", "FIQ", "SError"};

	for (unsigned int n = 0; n < 30; n += 3)
		print("x%u %#llx, %#llx, %#llx\n", n, (unsigned long long)frame->x[n],
		      (unsigned long long)frame->x[n + 1], (unsigned long long)frame->x[n + 2]);
	check_fail(__FILE__, __LINE__,
		   "unexpected %s exception on CPU %u: ESR %#llx FAR %#llx ELR %#llx LR %#llx",
		   kinds[kind % 4], this_cpu()->index, (unsigned long long)frame->esr,
		   (unsigned long long)frame->far, (unsigned long long)frame->elr,
		   (unsigned long long)frame->x[30]);
	check_done();
}

void exception_handle(struct frame *frame, unsigned int kind)
{
	void (*handler)(void) = __atomic_load_n(&irq_handler, __ATOMIC_ACQUIRE);

	switch (kind % 4) {
	case EXCEPTION_SYNC:
		if (catch_fault(frame))
			return;
		break;
	case EXCEPTION_IRQ:
		if (handler != NULL) {
			handler();
			return;
		}
		break;
	case EXCEPTION_SERROR:
		__atomic_fetch_add(&serrors, 1, __ATOMIC_RELAXED);
		return;
	default:
		break;
	}
	unexpected(frame, kind);
}
