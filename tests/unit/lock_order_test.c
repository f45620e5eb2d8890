// SPDX-License-Identifier: BSD-2-Clause
/*
 * The check of the locks' order: what is right passes, and each kind of mistake
 * panics with the names of the locks. CPUs are those that TPIDR_EL2 points to.
 */
#include "arm64/lock.h"

#include <atf-c.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "lib/panic.h"

static struct lock vm = LOCK_INIT(LOCK_VM, 1);
static struct lock vgic[2] = {LOCK_INIT(LOCK_VGIC_CPU, 0), LOCK_INIT(LOCK_VGIC_CPU, 1)};
static struct lock console_lock = LOCK_INIT(LOCK_CONSOLE, 0);
static struct lock unranked;

static struct cpu cpus[2] = {{.id = 0}, {.id = 1}};

static jmp_buf back;
static char said[200];

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	longjmp(back, 1);
}

static void run_on(unsigned int cpu)
{
	write_sysreg(tpidr_el2, (uintptr_t)&cpus[cpu]);
}

/* Does something that has to panic, with a text that has this in it. */
#define REQUIRE_PANIC(statement, text)                                                             \
	do {                                                                                       \
		said[0] = '\0';                                                                    \
		if (setjmp(back) == 0) {                                                           \
			statement;                                                                 \
			atf_tc_fail_requirement(__FILE__, __LINE__, "no panic: " #statement);      \
		}                                                                                  \
		printf("%s\n", said);                                                              \
		ATF_REQUIRE_MSG(strstr(said, text), "%s", said);                                   \
	} while (0)

/* Ranks rise, within one the numbers where that is asked for; releases come in any order. */
static void take_all(void)
{
	lock_assert_none_held();
	lock_acquire(&vm);
	lock_acquire_next(&vgic[0]);
	lock_acquire_next(&vgic[1]);
	lock_acquire(&console_lock);
	lock_assert_held(&vm);
	lock_assert_held(&vgic[1]);
	lock_release(&vm);
	lock_release(&vgic[0]);
	lock_release(&console_lock);
	lock_release(&vgic[1]);
	lock_assert_none_held();
}

ATF_TC_WITHOUT_HEAD(right);
ATF_TC_BODY(right, tc)
{
	/* the boot CPU before it has data, and then each CPU with its own list */
	take_all();
	run_on(0);
	take_all();
	lock_acquire(&console_lock);
	run_on(1);
	lock_acquire(&vm);
	lock_release(&vm);
	lock_assert_none_held();
	run_on(0);
	lock_assert_held(&console_lock);
	lock_release(&console_lock);
	lock_assert_none_held();
}

ATF_TC_WITHOUT_HEAD(wrong_order);
ATF_TC_BODY(wrong_order, tc)
{
	lock_acquire(&console_lock);
	REQUIRE_PANIC(lock_acquire(&vm), "vm.lock 1 is taken while console.lock 0 is held");
	/* the highest of those that are held counts, wherever it stands in the list */
	lock_release(&console_lock);
	lock_acquire(&vm);
	lock_acquire(&vgic[0]);
	lock_acquire(&console_lock);
	lock_release(&vm);
	REQUIRE_PANIC(lock_acquire(&vm), "vm.lock 1 is taken while console.lock 0 is held");
	lock_release(&console_lock);
	REQUIRE_PANIC(lock_acquire(&vm), "vm.lock 1 is taken while vgic_cpu.lock 0 is held");
}

ATF_TC_WITHOUT_HEAD(two_of_a_rank);
ATF_TC_BODY(two_of_a_rank, tc)
{
	lock_acquire(&vgic[0]);
	REQUIRE_PANIC(lock_acquire(&vgic[1]),
		      "vgic_cpu.lock 1 is taken while vgic_cpu.lock 0 is held");
	lock_release(&vgic[0]);
	lock_acquire_next(&vgic[1]);
	REQUIRE_PANIC(lock_acquire_next(&vgic[0]),
		      "vgic_cpu.lock 0 is taken while vgic_cpu.lock 1 is held");
}

ATF_TC_WITHOUT_HEAD(taken_twice);
ATF_TC_BODY(taken_twice, tc)
{
	lock_acquire(&vm);
	lock_acquire(&console_lock);
	REQUIRE_PANIC(lock_acquire(&vm), "vm.lock 1 is taken twice");
	REQUIRE_PANIC(lock_acquire_next(&console_lock), "console.lock 0 is taken twice");
}

ATF_TC_WITHOUT_HEAD(foreign_release);
ATF_TC_BODY(foreign_release, tc)
{
	run_on(1);
	REQUIRE_PANIC(lock_release(&vm), "vm.lock 1 is released by CPU 1, which does not hold it");
	lock_acquire(&vm);
	run_on(0);
	lock_acquire(&console_lock);
	REQUIRE_PANIC(lock_release(&vm),
		      "vm.lock 1 is released by CPU 0, which does not hold it: CPU 1 took it last");
	run_on(1);
	lock_release(&vm);
}

ATF_TC_WITHOUT_HEAD(missing_hold);
ATF_TC_BODY(missing_hold, tc)
{
	run_on(0);
	REQUIRE_PANIC(lock_assert_held(&vm), "vm.lock 1 is not held by CPU 0");
	lock_acquire(&vm);
	REQUIRE_PANIC(lock_assert_none_held(), "vm.lock 1 is held where no lock may be");
	run_on(1);
	REQUIRE_PANIC(lock_assert_held(&vm), "vm.lock 1 is not held by CPU 1");
}

ATF_TC_WITHOUT_HEAD(no_rank);
ATF_TC_BODY(no_rank, tc)
{
	REQUIRE_PANIC(lock_acquire(&unranked), "without a rank");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, right);
	ATF_TP_ADD_TC(tp, wrong_order);
	ATF_TP_ADD_TC(tp, two_of_a_rank);
	ATF_TP_ADD_TC(tp, taken_twice);
	ATF_TP_ADD_TC(tp, foreign_release);
	ATF_TP_ADD_TC(tp, missing_hold);
	ATF_TP_ADD_TC(tp, no_rank);
	return atf_no_error();
}
