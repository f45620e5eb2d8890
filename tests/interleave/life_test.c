// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of VMs and vCPUs, and CPUs' mailboxes, under schedules that meet
 * where it hurts: vcpu/vcpu.c, vcpu/psci.c, vcpu/vm.c, core/smp.c and what they
 * stand on. See explore.h for how, machine.h for what is checked.
 *
 * SOAK=n in the environment looks n times as far (make soak).
 */
#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/interleave/machine.h"
#include "tests/unit/limit.h"

/* A neighbour that wants its ticks */
/* clang-format off */
static const struct op ticks[] = {
	{OP_BEGIN,      0,  0, 0},
	{OP_TIMER,      8,  0, 0},
	{OP_TAKE,       0,  0, 0},
	{OP_EOI,        0,  0, 0},
	{OP_TIMER,      8,  0, 0},
	{OP_TAKE,       0,  0, 0},
	{OP_EOI,        0,  0, 0},
	{OP_TIMER,      50, 0, 0},
	{OP_TAKE,       0,  0, 0},
	{OP_EOI,        0,  0, 0},
	{OP_SYSTEM_OFF, 0,  0, 0},
	{OP_DEAD,       0,  0, 0},
};
/* clang-format on */

#define TICKS(...)                                                                                 \
	{                                                                                          \
		.cpus = {__VA_ARGS__}, .nr_cpus = 1, .program = ticks, .ends = MACHINE_OFF,        \
		.lives = 1                                                                         \
	}

static uint64_t soak(void)
{
	const char *text = getenv("SOAK");

	if (!text)
		return 1;
	limit_cpu_time(3600);
	return strtoull(text, NULL, 10);
}

static void say(const char *how, const struct explore_result *result)
{
	printf("%s: %llu runs, %llu steps, the longest %u\n", how, (unsigned long long)result->runs,
	       (unsigned long long)result->steps, result->longest);
	if (result->failed)
		atf_tc_fail("%s", result->why);
}

/* All schedules with so many deviations, then some at random; for both GICs' SGIs. */
static void explore(struct machine *machine, unsigned int deviations, uint64_t random_runs)
{
	for (machine->gic_version = 2; machine->gic_version <= 3; machine->gic_version++) {
		const struct explore_program *program = machine_program(machine);
		struct explore_result result;

		result = explore_all(program, deviations + (soak() > 1));
		say("all", &result);
		result = explore_random(program, machine->gic_version, random_runs * soak());
		say("random", &result);
	}
}

/*
 * vCPU 1 turns itself off with its timer's interrupt active, while vCPU 0
 * resets the VM. vCPU 1's neighbour must get its ticks.
 */
ATF_TC_WITHOUT_HEAD(off_and_reset);
ATF_TC_BODY(off_and_reset, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 8, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_RESET, 2, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_TIMER, 1, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_SGI, 0, 0, 0},
	    {OP_FP, 0, 0, 0},
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 3},
		    TICKS(1)},
	};

	explore(&machine, 2, 3000);
}

/* All vCPUs turn themselves off at once: the VM is off, once. */
ATF_TC_WITHOUT_HEAD(all_off);
ATF_TC_BODY(all_off, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0}, {OP_ON, 1, 4, 0},  {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},	 {OP_OFF, 0, 0, 0}, {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 1},
		    TICKS(1)},
	};

	explore(&machine, 2, 2000);
}

/* On and off again and again: seen OFF, it can be turned on; before that it is ALREADY_ON. */
ATF_TC_WITHOUT_HEAD(off_and_on);
ATF_TC_BODY(off_and_on, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 6, 0},
	    {OP_WAIT_OFF, 1, 0, 0},
	    {OP_ON, 1, 6, 0},
	    {OP_ON, 1, 8, 1},
	    {OP_JUMP, 9, 0, 0},
	    /* vCPU 1: once, and then to stay until it is told */
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    {OP_SGI, 0, 0, 0},
	    /* both */
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 1},
		    TICKS(1)},
	};

	explore(&machine, 1, 2000);
}

/* Two vCPUs reset the VM at once, the first while it starts the third one. */
ATF_TC_WITHOUT_HEAD(resets);
ATF_TC_BODY(resets, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 6, 0},
	    {OP_ON, 2, 8, 0},
	    {OP_RESET, 2, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_RESET, 2, 0, 0},
	    {OP_OFF, 0, 0, 0},
	    /* vCPU 2 */
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 3,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1, 2},
		     .nr_cpus = 3,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 3},
		    TICKS(2)},
	};

	explore(&machine, 1, 3000);
}

/* Two vCPUs crash and the third one resets: one of them is first; one report at most. */
ATF_TC_WITHOUT_HEAD(crashes);
ATF_TC_BODY(crashes, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0}, {OP_ON, 1, 6, 0},   {OP_ON, 2, 8, 0},	  {OP_RESET, 1, 0, 0},
	    {OP_CRASH, 0, 0, 0}, {OP_DEAD, 0, 0, 0}, {OP_CRASH, 0, 0, 0}, {OP_DEAD, 0, 0, 0},
	    {OP_CRASH, 0, 0, 0}, {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 3,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1, 2},
		     .nr_cpus = 3,
		     .program = program,
		     .ends = MACHINE_CRASHED,
		     .lives = 1},
		    TICKS(2)},
	};

	explore(&machine, 1, 2000);
}

/* SGIs to and fro between vCPUs that wait, one of them on a shared CPU: none is lost. */
ATF_TC_WITHOUT_HEAD(wake_ups);
ATF_TC_BODY(wake_ups, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 12, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_SGI, 1, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_SGI, 1, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_SGI, 0, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_JUMP, 12, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 1},
		    TICKS(1)},
	};

	explore(&machine, 2, 2000);
}

/* The same where a vCPU has its CPU to itself, and CPU_SUSPEND in the place of WFI. */
ATF_TC_WITHOUT_HEAD(suspend);
ATF_TC_BODY(suspend, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 8, 0},
	    {OP_SUSPEND, 0, 0, 0},
	    {OP_TAKE_NATIVE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_SGI, 1, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_SGI, 0, 0, 0},
	    {OP_SUSPEND, 0, 0, 0},
	    {OP_TAKE_NATIVE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_SGI, 0, 0, 0},
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 1,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 1}},
	};

	explore(&machine, 2, 2000);
}

/* Two VMs with vCPUs on all CPUs, both resetting. */
ATF_TC_WITHOUT_HEAD(crossed);
ATF_TC_BODY(crossed, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 7, 0},
	    {OP_TIMER, 3, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_RESET, 1, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_TIMER, 2, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_FP, 0, 0, 0},
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 2},
		    {.cpus = {1, 0},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 2}},
	};

	explore(&machine, 1, 4000);
}

/*
 * Timers that are armed when their VM resets, in the hardware or EL2's in its
 * place: the next life does not hear of them.
 */
ATF_TC_WITHOUT_HEAD(timers_left);
ATF_TC_BODY(timers_left, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 8, 0},
	    {OP_TAKE, 1, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_TIMER, 30, 0, 0},
	    {OP_RESET, 2, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_SGI, 0, 0, 0},
	    {OP_TIMER, 60, 0, 0},
	    {OP_TAKE, 27, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 3},
		    TICKS(1)},
	};

	explore(&machine, 1, 4000);
}

/* How the CPUs start. */
ATF_TC_WITHOUT_HEAD(boot);
ATF_TC_BODY(boot, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 3,
	    .nr_vms = 2,
	    .vms =
		{{.cpus = {1}, .nr_cpus = 1, .program = program, .ends = MACHINE_OFF, .lives = 1},
		 {.cpus = {2}, .nr_cpus = 1, .program = program, .ends = MACHINE_OFF, .lives = 1}},
	    .explore_boot = true,
	};

	explore(&machine, 2, 2000);
}

/*
 * Runs a VM whose vCPU 0 writes to vCPU 1's interrupts, while another VM has
 * vCPU 1's CPU to itself; returns the most interrupts that it got for that.
 */
static unsigned int most_kicks(const struct op *program)
{
	static const struct op busy[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_WORK, 200, 0, 0},
	    {OP_WORK, 200, 0, 0},
	    {OP_SYSTEM_OFF, 0, 0, 0},
	};
	struct machine machine = {
	    .nr_cpus = 2,
	    .nr_vms = 2,
	    .vms = {{.cpus = {0, 1},
		     .nr_cpus = 2,
		     .program = program,
		     .ends = MACHINE_OFF,
		     .lives = 1},
		    {.cpus = {1}, .nr_cpus = 1, .program = busy, .ends = MACHINE_OFF, .lives = 1}},
	    .gic_version = 3,
	};
	const struct explore_program *explored = machine_program(&machine);
	unsigned int most = 0;

	for (uint64_t seed = 1; seed <= 500; seed++) {
		struct explore_result result = explore_random(explored, seed, 1);

		if (result.failed)
			atf_tc_fail("%s", result.why);
		if (machine_kicks(1) > most)
			most = machine_kicks(1);
	}
	return most;
}

#define POKE_TWICE                                                                                 \
	{OP_POKE, 1, 1, 0},                                                                        \
	{                                                                                          \
		OP_POKE, 1, 0, 0                                                                   \
	}
#define POKE_OFTEN                                                                                 \
	POKE_TWICE, POKE_TWICE, POKE_TWICE, POKE_TWICE, POKE_TWICE, POKE_TWICE, POKE_TWICE,        \
	    POKE_TWICE, POKE_TWICE, POKE_TWICE

/* A vCPU that is runnable and not loaded: one for CPU_ON, one for the VM's stop. */
ATF_TC_WITHOUT_HEAD(kicks_of_runnable);
ATF_TC_BODY(kicks_of_runnable, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 25, 0},
	    {OP_WAIT_ON, 1, 0, 0},
	    POKE_OFTEN,
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_WORK, 250, 0, 0},
	    {OP_JUMP, 25, 0, 0},
	};
	unsigned int most = most_kicks(program);

	printf("at most %u interrupts for 20 writes\n", most);
	ATF_CHECK(most <= 2);
}

/* One that waits: it has its turn before it can be woken again. */
ATF_TC_WITHOUT_HEAD(kicks_of_waiting);
ATF_TC_BODY(kicks_of_waiting, tc)
{
	static const struct op program[] = {
	    {OP_BEGIN, 0, 0, 0},
	    {OP_ON, 1, 27, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_WORK, 20, 0, 0},
	    POKE_OFTEN,
	    {OP_SYSTEM_OFF, 0, 0, 0},
	    {OP_DEAD, 0, 0, 0},
	    /* vCPU 1 */
	    {OP_SGI, 0, 0, 0},
	    {OP_TAKE, 0, 0, 0},
	    {OP_EOI, 0, 0, 0},
	    {OP_JUMP, 28, 0, 0},
	};
	unsigned int most = most_kicks(program);

	printf("at most %u interrupts for 20 writes\n", most);
	ATF_CHECK(most <= 8);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, off_and_reset);
	ATF_TP_ADD_TC(tp, all_off);
	ATF_TP_ADD_TC(tp, off_and_on);
	ATF_TP_ADD_TC(tp, resets);
	ATF_TP_ADD_TC(tp, crashes);
	ATF_TP_ADD_TC(tp, wake_ups);
	ATF_TP_ADD_TC(tp, suspend);
	ATF_TP_ADD_TC(tp, crossed);
	ATF_TP_ADD_TC(tp, timers_left);
	ATF_TP_ADD_TC(tp, boot);
	ATF_TP_ADD_TC(tp, kicks_of_runnable);
	ATF_TP_ADD_TC(tp, kicks_of_waiting);
	return atf_no_error();
}
