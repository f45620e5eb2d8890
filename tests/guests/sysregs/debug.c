// SPDX-License-Identifier: BSD-2-Clause
/*
 * Self-hosted debug: the registers, and one each of the exceptions (DDI 0487,
 * D2). The library's handler ends a software step after STEP_COUNT of them.
 */
#include "tests/guests/lib/guest.h"
#include "tests/guests/sysregs/sysregs.h"

#define MDSCR_KDE BIT(13)
#define MDSCR_MDE BIT(15)

/* Enabled, at EL1, all four bytes (DBGBCR, DBGWCR: loads and stores of eight bytes) */
#define BREAKPOINT_ON 0x1e3
#define WATCHPOINT_ON 0x1ffb

/* The same, linked to breakpoint 1; and a breakpoint that compares CONTEXTIDR_EL1 for such links */
#define BREAKPOINT_LINKED (BREAKPOINT_ON | 1 << 20 | 1 << 16)
#define WATCHPOINT_LINKED (WATCHPOINT_ON | 1 << 20 | 1 << 16)
#define CONTEXT_FOR_LINKS (BREAKPOINT_ON | 3 << 20)

#define EC_BREAKPOINT 0x31
#define EC_STEP 0x33
#define EC_WATCHPOINT 0x35

static void check_locks(void)
{
	struct fault fault;

	CATCH(fault, write_sysreg(oslar_el1, 0); isb());
	check_equal(fault.count, 0, "OSLAR_EL1 can be written");
	check_equal(read_sysreg(oslsr_el1) & 2, 0, "the OS lock is open");
	CATCH(fault, write_sysreg(osdlr_el1, 0); (void)read_sysreg(osdlr_el1));
	check_equal(fault.count, 0, "OSDLR_EL1 is there");
	CATCH(fault, (void)read_sysreg(mdccsr_el0); (void)read_sysreg(mdrar_el1);
	      write_sysreg(mdccint_el1, 0));
	check_equal(fault.count, 0, "the other debug registers are there");
	/* not DBGAUTHSTATUS_EL1: QEMU 7.2 does not have it, and so does not trap it */
}

static void check_breakpoint(void)
{
	struct fault fault;
	uint64_t result = 0;

	write_sysreg(dbgbvr0_el1, (uintptr_t)breakpoint_here);
	write_sysreg(dbgbcr0_el1, BREAKPOINT_ON);
	isb();
	check_equal(read_sysreg(dbgbvr0_el1), (uintptr_t)breakpoint_here,
		    "DBGBVR0_EL1 keeps what is written");
	CATCH(fault, result = breakpoint_here(42));
	/* The instruction there was skipped, which shows that it was not executed. */
	check(fault.count == 1 && fault_ec(&fault) == EC_BREAKPOINT &&
		  fault.elr == (uintptr_t)breakpoint_here && result == 42,
	      "a breakpoint is hit");
	write_sysreg(dbgbcr0_el1, 0);
	isb();
	CATCH(fault, result = breakpoint_here(42));
	check(fault.count == 0 && result == 0, "and is gone when disabled");
}

static void check_watchpoint(void)
{
	static volatile uint64_t watched;
	struct fault fault;

	write_sysreg(dbgwvr1_el1, (uintptr_t)&watched);
	write_sysreg(dbgwcr1_el1, WATCHPOINT_ON);
	isb();
	CATCH(fault, watched = 1);
	check(fault.count == 1 && fault_ec(&fault) == EC_WATCHPOINT &&
		  fault.far == (uintptr_t)&watched,
	      "a watchpoint is hit");
	write_sysreg(dbgwcr1_el1, 0);
	isb();
	CATCH(fault, watched = 1);
	check(fault.count == 0 && watched == 1, "and is gone when disabled");
}

/* Breakpoints there are with any number; 1, the last of a guest's two, compares contexts. */
static void check_context(void)
{
	static volatile uint64_t watched;
	uint64_t brps = read_sysreg(id_aa64dfr0_el1) >> 12 & 15;
	struct fault fault;
	uint64_t result = 0;

	/* without a hypervisor the CPU may have more, of which 1 is none of the last */
	if (brps != 1)
		return;
	write_sysreg(dbgbvr0_el1, (uintptr_t)breakpoint_here);
	write_sysreg(dbgbcr0_el1, BREAKPOINT_LINKED);
	write_sysreg(dbgwvr1_el1, (uintptr_t)&watched);
	write_sysreg(dbgwcr1_el1, WATCHPOINT_LINKED);
	write_sysreg(dbgbvr1_el1, 0x77);
	write_sysreg(dbgbcr1_el1, CONTEXT_FOR_LINKS);
	isb();
	check_equal(read_sysreg(dbgbcr0_el1), BREAKPOINT_LINKED, "DBGBCR0_EL1 keeps its link");
	check_equal(read_sysreg(dbgbcr1_el1), CONTEXT_FOR_LINKS,
		    "DBGBCR1_EL1 keeps that it compares contexts");
	write_sysreg(contextidr_el1, 0x76);
	isb();
	CATCH(fault, result = breakpoint_here(42); watched = 1);
	check(fault.count == 0 && result == 0, "in another context linked ones are not hit");
	write_sysreg(contextidr_el1, 0x77);
	isb();
	CATCH(fault, result = breakpoint_here(42));
	check(fault.count == 1 && fault_ec(&fault) == EC_BREAKPOINT && result == 42,
	      "a breakpoint linked to a context is hit there");
	CATCH(fault, watched = 1);
	check(fault.count == 1 && fault_ec(&fault) == EC_WATCHPOINT,
	      "a watchpoint linked to a context, too");
	write_sysreg(contextidr_el1, 0);
	write_sysreg(dbgbcr0_el1, 0);
	write_sysreg(dbgbcr1_el1, 0);
	write_sysreg(dbgwcr1_el1, 0);
	isb();
}

/* Over instructions that a hypervisor does for the guest: none of them may be stepped over twice.
 */
static void check_step(void)
{
	struct fault fault;

	CATCH(fault, step_over(machine.uart + PL011_FR));
	check_equal(fault.count, FAULT_STEPS, "software steps are taken");
	check(fault_ec(&fault) == EC_STEP && fault.elr == (uintptr_t)step_first + 12,
	      "one for each instruction");
	check_equal(read_sysreg(mdscr_el1) & 1, 0, "and end");
}

void check_debug(void)
{
	struct fault fault;

	check_locks();
	write_sysreg(mdscr_el1, MDSCR_KDE | MDSCR_MDE);
	isb();
	check_equal(read_sysreg(mdscr_el1) & (MDSCR_KDE | MDSCR_MDE), MDSCR_KDE | MDSCR_MDE,
		    "MDSCR_EL1 keeps what is written");
	__asm__ volatile("msr daifclr, #8\n\tisb" ::: "memory");
	check_breakpoint();
	check_watchpoint();
	check_context();
	__asm__ volatile("msr daifset, #8\n\tisb" ::: "memory");
	check_step();
	write_sysreg(mdscr_el1, 0);
	isb();
	CATCH(fault, __asm__ volatile("brk #7"));
	check(fault.count == 1 && fault_ec(&fault) == ESR_EC_BRK64 && (fault.esr & 0xffff) == 7,
	      "BRK is an exception");
}
