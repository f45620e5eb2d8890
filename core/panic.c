// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reports of EL2's own failures: the exception with ESR decoded, all
 * registers, a backtrace by frame pointers. Everything here assumes that
 * anything may be broken: no locks are waited for, memory is read only where
 * it is known to be mapped.
 */
#include "core/panic.h"

#include "arm64/barrier.h"
#include "arm64/esr.h"
#include "arm64/sysreg.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "mm/layout.h"

_Static_assert(sizeof(struct panic_frame) == PANIC_FRAME_SIZE, "vectors.S");
_Static_assert(offsetof(struct panic_frame, sp) == 8 * 31, "vectors.S");
_Static_assert(offsetof(struct panic_frame, vector) == 8 * 32, "vectors.S");

/* Not 0 once a CPU is reporting; taken by vectors.S or by panic(). */
uint32_t panic_owner;
uint8_t panic_stack[PANIC_STACK_SIZE] __attribute__((aligned(16)));

#define BACKTRACE_DEPTH 16

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	char line[128];
	va_list args;

	va_start(args, fmt);
	format_va(line, sizeof(line), fmt, args);
	va_end(args);
	log_emergency(line);
}

static const char *ec_name(uint64_t esr)
{
	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_UNKNOWN:
		return "undefined instruction";
	case ESR_EC_BTI:
		return "branch target";
	case ESR_EC_ILLEGAL:
		return "illegal execution state";
	case ESR_EC_IABT_SAME:
		return "instruction abort";
	case ESR_EC_PC_ALIGN:
		return "PC alignment";
	case ESR_EC_DABT_SAME:
		return "data abort";
	case ESR_EC_SP_ALIGN:
		return "SP alignment";
	case ESR_EC_SERROR:
		return "SError";
	case ESR_EC_BRK64:
		return "BRK instruction";
	default:
		return "see ESR_EL2.EC";
	}
}

/* True if the 16 bytes at address lie in a CPU's mapped stack, or in the panic stack. */
static bool in_stack(uintptr_t address)
{
	uintptr_t own = (uintptr_t)panic_stack;

	if (address % 16 != 0)
		return false;
	if (address >= own && address - own < PANIC_STACK_SIZE)
		return true;
	if (address < EL2_STACKS || address >= EL2_STACKS + EL2_MAX_CPUS * EL2_STACK_SLOT)
		return false;
	/* the upper part of each slot, of CPUs that are on: the caller's own, in practice */
	return (address - EL2_STACKS) % EL2_STACK_SLOT >= EL2_STACK_SLOT - EL2_STACK_SIZE;
}

static void backtrace(uintptr_t fp, uintptr_t pc)
{
	say("backtrace: %016lx\n", pc);
	for (int i = 0; i < BACKTRACE_DEPTH && in_stack(fp); i++) {
		const uintptr_t *frame = (const uintptr_t *)fp;

		say("           %016lx\n", frame[1]);
		if (frame[0] <= fp)
			break;
		fp = frame[0];
	}
}

static void say_cpu(void)
{
	const struct cpu *cpu = this_cpu();

	say("\n");
	if (cpu)
		say("bulkhead: CPU %u (MPIDR %lx) ", cpu->id, cpu->mpidr);
	else
		say("bulkhead: boot CPU ");
}

/* Out of line, so that a debugger finds a halted CPU in a function of this name. */
__attribute__((noinline)) void panic_halt(void)
{
	for (;;)
		wfe();
}

void panic_exception(struct panic_frame *frame)
{
	static const char *const type[] = {"synchronous exception", "IRQ", "FIQ", "SError"};
	uint64_t esr = read_sysreg(esr_el2);

	irq_halt_others();
	say_cpu();
	say("failed in EL2: %s%s\n", type[frame->vector & 3],
	    frame->vector < 4 ? " on SP_EL0" : "");
	say("ESR_EL2  %016lx  (EC 0x%02x: %s, ISS 0x%07x)\n", esr,
	    (unsigned int)FIELD_GET(ESR_EC, esr), ec_name(esr),
	    (unsigned int)FIELD_GET(ESR_ISS, esr));
	say("FAR_EL2  %016lx  ELR_EL2  %016lx\n", read_sysreg(far_el2), read_sysreg(elr_el2));
	say("SPSR_EL2 %016lx  HPFAR_EL2 %016lx\n", read_sysreg(spsr_el2), read_sysreg(hpfar_el2));
	for (int i = 0; i < 30; i += 2)
		say("x%-2d %016lx  x%-2d %016lx\n", i, frame->x[i], i + 1, frame->x[i + 1]);
	say("x30 %016lx  sp  %016lx\n", frame->x[30], frame->sp);
	backtrace(frame->x[29], read_sysreg(elr_el2));
	say("all CPUs are halted\n");
	panic_halt();
}

/* panic()'s sink: a CPU that fails while another one reports only stops. */
static __attribute__((format(printf, 1, 0))) void report(const char *fmt, va_list args)
{
	char line[160];

	if (__atomic_exchange_n(&panic_owner, 1, __ATOMIC_ACQ_REL) != 0)
		panic_halt();
	irq_halt_others();
	format_va(line, sizeof(line), fmt, args);
	say_cpu();
	say("panic: %s\n", line);
	backtrace((uintptr_t)__builtin_frame_address(0), (uintptr_t)__builtin_return_address(0));
	say("all CPUs are halted\n");
	panic_halt();
}

void panic_init(void)
{
	panic_set_sink(report);
}
