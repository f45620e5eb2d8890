// SPDX-License-Identifier: BSD-2-Clause
/*
 * PSCI 1.1 (DEN0022): what is there, CPUs going on and off, also at the same
 * time, suspend, reset and power off.
 *
 * The guest reboots itself several times; what it has to know then is in a
 * page of memory that no image is loaded to.
 *
 * Bootargs: reboots=N, as many quick ones at the end; end=cpu-off, the last
 * CPU turns itself off instead of the machine; own-counter, as the property.
 */
#include "tests/guests/psci/psci.h"

#include "tests/guests/lib/guest.h"

#define CYCLES 100
#define RACES 50
#define MAGIC 0x7073636962756c6b
#define POWER_DOWN BIT(16) /* power_state, original format (5.4.1) */

extern char secondary_start[];

struct record record;
uint64_t record_cpu;

/* Across reboots */
struct survivor {
	uint64_t magic;
	unsigned int boots;
	unsigned int passed;
	unsigned int failed;
	uint64_t reset_at; /* the physical counter before the last reset */
};

static struct survivor *survivor;

/* Another value at the end of each boot; these must be back at the next. */
static volatile uint64_t initialized = 0x1122334455667788;
static volatile uint64_t zero;

/* ---- What there is ---- */

static void check_features(void)
{
	static const uint32_t there[] = {
	    PSCI_VERSION,	PSCI_CPU_SUSPEND,      PSCI_CPU_SUSPEND_64,
	    PSCI_CPU_OFF,	PSCI_CPU_ON,	       PSCI_CPU_ON_64,
	    PSCI_AFFINITY_INFO, PSCI_AFFINITY_INFO_64, PSCI_MIGRATE_INFO_TYPE,
	    PSCI_SYSTEM_OFF,	PSCI_SYSTEM_RESET,     PSCI_FEATURES,
	};
	static const uint32_t absent[] = {PSCI_CPU_FREEZE, PSCI_SYSTEM_SUSPEND, 0x8400000c,
					  0x84000010, 0x8400001f};

	check_equal(psci(PSCI_VERSION, 0, 0, 0), 0x10001, "PSCI is version 1.1");
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++)
		check_equal(psci(PSCI_FEATURES, there[i], 0, 0), 0, "%#x is a feature", there[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		check_equal(psci(PSCI_FEATURES, absent[i], 0, 0), PSCI_NOT_SUPPORTED,
			    "%#x is no feature", absent[i]);
		check_equal(psci(absent[i], 0, 0, 0), PSCI_NOT_SUPPORTED,
			    "and calling it is not supported");
	}
	check_equal(psci(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), PSCI_MIGRATE_NOT_NEEDED,
		    "no trusted OS to migrate");
	if (!machine.native) {
		check_equal(psci(PSCI_FEATURES, PSCI_SYSTEM_RESET2_64, 0, 0), 0,
			    "SYSTEM_RESET2 is a feature");
		check_equal(psci(PSCI_FEATURES, SMCCC_VERSION, 0, 0), 0,
			    "SMCCC_VERSION is a feature");
		check_equal(psci(PSCI_SYSTEM_RESET2_64, BIT(31), 0, 0), PSCI_NOT_SUPPORTED,
			    "no vendor's reset");
		check_equal(psci(PSCI_SYSTEM_RESET2_64, 1, 0, 0), PSCI_INVALID_PARAMETERS,
			    "no second architectural reset");
	}
}

static void check_parameters(void)
{
	uint64_t entry = mmu_pa(secondary_start);
	uint64_t end = machine.ram[machine.nr_ram - 1].base + machine.ram[machine.nr_ram - 1].size;
	const uint64_t nobody[] = {machine.nr_cpus == 8 ? 9 : machine.nr_cpus,
				   0xff,
				   0x100,
				   0x10000,
				   BIT(24),
				   BIT(31),
				   BIT(32),
				   UINT64_MAX};

	for (unsigned int i = 0; i < ARRAY_SIZE(nobody); i++) {
		check_equal(psci_cpu_on(nobody[i], entry, 0), PSCI_INVALID_PARAMETERS,
			    "CPU_ON: there is no %#llx", (unsigned long long)nobody[i]);
		check_equal(psci(PSCI_AFFINITY_INFO_64, nobody[i], 0, 0), PSCI_INVALID_PARAMETERS,
			    "AFFINITY_INFO: nor there");
	}
	check_equal(psci_cpu_on(machine.mpidr[0], entry, 0), PSCI_ALREADY_ON,
		    "CPU_ON: the caller is already on");
	check_equal(psci(PSCI_AFFINITY_INFO, machine.mpidr[0], 0, 0), PSCI_AFFINITY_ON,
		    "AFFINITY_INFO: the caller is on");
	if (machine.native || machine.nr_cpus == 1)
		return;
	check_equal(psci_cpu_on(machine.mpidr[1], end, 0), PSCI_INVALID_ADDRESS,
		    "CPU_ON: no start outside of memory");
	check_equal(psci_cpu_on(machine.mpidr[1], machine.gicd.base, 0), PSCI_INVALID_ADDRESS,
		    "CPU_ON: no start in a device");
	check_equal(psci_cpu_on(machine.mpidr[1], UINT64_MAX & ~UINT64_C(3), 0),
		    PSCI_INVALID_ADDRESS, "CPU_ON: no start at the end of all addresses");
	check_equal(psci(PSCI_AFFINITY_INFO_64, machine.mpidr[1], 0, 0), PSCI_AFFINITY_OFF,
		    "the CPU is still off");
}

/* ---- On and off ---- */

/* The work of a CPU that is to go. */
static void turn_off(unsigned int cpu)
{
	__atomic_store_n(&cpus[cpu].started, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&cpus[cpu].work, NULL, __ATOMIC_RELEASE);
	check_equal(psci(PSCI_CPU_OFF, 0, 0, 0), 0, "CPU_OFF does not return");
	check_done();
}

static bool is_off(unsigned int cpu)
{
	return psci(PSCI_AFFINITY_INFO_64, machine.mpidr[cpu], 0, 0) == PSCI_AFFINITY_OFF;
}

static bool stop(unsigned int cpu)
{
	smp_call(cpu, turn_off);
	return WAIT_FOR(is_off(cpu));
}

static bool has_started(unsigned int cpu)
{
	return WAIT_FOR(__atomic_load_n(&cpus[cpu].started, __ATOMIC_ACQUIRE));
}

static void clean_record(void)
{
	__asm__ volatile("dc civac, %0\n\tdc civac, %1\n\tdsb sy" ::"r"(&record), "r"(&record_cpu)
			 : "memory");
}

static void check_first_state(unsigned int cpu, uint64_t function, uint64_t context)
{
	record = (struct record){0};
	record_cpu = cpu;
	clean_record();
	check_equal(psci(function, machine.mpidr[cpu], mmu_pa(recording_entry), context),
		    PSCI_SUCCESS, "CPU_ON: CPU %u, %s", cpu,
		    function == PSCI_CPU_ON ? "32 bits" : "64 bits");
	check(has_started(cpu), "it starts");
	clean_record();
	check_equal(record.context, context, "with the context in x0");
	/* 6.4.3.4: EL1, with the MMU and caches off, interrupts masked */
	check(record.current_el == 4 && record.spsel == 1, "in EL1h");
	check_equal(record.sctlr & 0x1005, 0, "MMU and caches off");
	check_equal(record.daif, 0x3c0, "exceptions masked");
	check_equal(record.mpidr & 0xff00ffffff, machine.mpidr[cpu], "on the right CPU");
}

static void check_on_off(void)
{
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++) {
		check(is_off(cpu), "CPU %u is off at first", cpu);
		check_first_state(cpu, PSCI_CPU_ON_64, 0x0123456789abcdef + cpu);
		check_equal(psci(PSCI_AFFINITY_INFO, machine.mpidr[cpu], 0, 0), PSCI_AFFINITY_ON,
			    "CPU %u is on now", cpu);
		check_equal(psci_cpu_on(machine.mpidr[cpu], mmu_pa(secondary_start), cpu),
			    PSCI_ALREADY_ON, "and not turned on twice");
		check(stop(cpu), "CPU %u goes off", cpu);
		check_first_state(cpu, PSCI_CPU_ON, 0x89abcdef);
	}
}

static unsigned int worked[SMP_MAX_CPUS];

static void work(unsigned int cpu)
{
	worked[cpu]++;
}

static void check_cycles(unsigned int cpu)
{
	unsigned int failures = 0;

	worked[cpu] = 0;
	for (unsigned int i = 0; i < CYCLES && failures == 0; i++) {
		failures += !stop(cpu);
		failures +=
		    psci_cpu_on(machine.mpidr[cpu], mmu_pa(secondary_start), cpu) != PSCI_SUCCESS;
		failures += !has_started(cpu);
		smp_call(cpu, work);
		smp_wait(cpu);
	}
	check(failures == 0 && worked[cpu] == CYCLES, "CPU %u: %u times off and on", cpu, CYCLES);
}

/* ---- Everybody at once ---- */

static unsigned int race_target;
static unsigned int race_won;
static unsigned int race_lost;

static void race(unsigned int cpu)
{
	int32_t result;

	if (cpu == race_target)
		return; /* work of a CPU that has just come on: this very race's */
	smp_barrier(machine.nr_cpus - 1);
	result = psci_cpu_on(machine.mpidr[race_target], mmu_pa(secondary_start), race_target);
	if (result == PSCI_SUCCESS)
		__atomic_fetch_add(&race_won, 1, __ATOMIC_RELAXED);
	else if (result == PSCI_ALREADY_ON || result == PSCI_ON_PENDING)
		__atomic_fetch_add(&race_lost, 1, __ATOMIC_RELAXED);
}

/* All CPUs turn the last one on. */
static void check_races(void)
{
	unsigned int failures = 0, rivals = machine.nr_cpus - 1;

	race_target = machine.nr_cpus - 1;
	for (unsigned int i = 0; i < RACES && failures == 0; i++) {
		failures += !stop(race_target);
		race_won = race_lost = 0;
		smp_run(race);
		failures += !has_started(race_target);
		/* QEMU's own PSCI may let several succeed. */
		failures += machine.native ? race_won == 0 : race_won != 1;
		failures += race_won + race_lost != rivals;
	}
	check(failures == 0, "%u times %u CPUs turn one on: one succeeds", RACES, rivals);
}

static unsigned int alternate_failures;

/* CPUs below the middle turn those above off and on, each its own. */
static void alternate(unsigned int cpu)
{
	unsigned int other = cpu + machine.nr_cpus / 2;

	if (cpu >= machine.nr_cpus / 2)
		return;
	for (unsigned int i = 0; i < CYCLES; i++) {
		bool good = stop(other) &&
			    psci_cpu_on(machine.mpidr[other], mmu_pa(secondary_start), other) ==
				PSCI_SUCCESS &&
			    has_started(other);

		if (!good)
			__atomic_fetch_add(&alternate_failures, 1, __ATOMIC_RELAXED);
	}
}

static void check_alternation(void)
{
	unsigned int half = machine.nr_cpus / 2;

	for (unsigned int cpu = 1; cpu < half; cpu++)
		smp_call(cpu, alternate);
	alternate(0);
	for (unsigned int cpu = 1; cpu < half; cpu++)
		smp_wait(cpu);
	check_equal(alternate_failures, 0, "%u pairs of CPUs at the same time, %u times", half,
		    CYCLES);
}

/* ---- Suspend ---- */

static void check_suspend(uint64_t state, const char *name)
{
	gic_enable(PLATFORM_PPI_VTIMER);
	write_sysreg(cntv_cval_el0, deadline_after(5));
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	/* A standby state may end at any time; it must end when the interrupt is there. */
	check_equal(psci(PSCI_CPU_SUSPEND_64, state, mmu_pa(secondary_start), 0), PSCI_SUCCESS,
		    "CPU_SUSPEND, %s, returns", name);
	check_equal(psci(PSCI_CPU_SUSPEND, state, mmu_pa(secondary_start), 0), PSCI_SUCCESS,
		    "and at once with an interrupt pending");
	write_sysreg(cntv_ctl_el0, 0);
	gic_disable(PLATFORM_PPI_VTIMER);
}

/* ---- Reboots ---- */

static struct survivor *find_survivor(void)
{
	uint64_t page = machine.ram[0].base + ALIGN_DOWN(machine.ram[0].size / 4 * 3, PAGE_SIZE);

	if (range_overlaps(page, PAGE_SIZE, machine.dtb.base, machine.dtb.size))
		page -= MIB(2);
	return (struct survivor *)page;
}

static _Noreturn void reset(uint64_t function)
{
	initialized = ~initialized;
	zero = 1;
	check_get_counts(&survivor->passed, &survivor->failed);
	survivor->reset_at = physical_counter();
	dsb(sy);
	psci(function, 0, 0, 0);
	check_fail(__FILE__, __LINE__, "SYSTEM_RESET returned");
	check_done();
}

static void reset_from_here(unsigned int cpu)
{
	(void)cpu;
	reset(machine.native ? PSCI_SYSTEM_RESET : PSCI_SYSTEM_RESET2_64);
}

static void sleep_for_ever(unsigned int cpu)
{
	(void)cpu;
	for (;;)
		wfi();
}

static void spin_for_ever(unsigned int cpu)
{
	(void)cpu;
	for (;;)
		cpu_yield();
}

static void check_after_reset(void)
{
	check(initialized == 0x1122334455667788 && zero == 0, "boot %u: the image is pristine",
	      survivor->boots);
	check_equal(read_sysreg(mpidr_el1) & 0xff00ffffff, machine.mpidr[0], "CPU 0 boots");
	check_equal(read_sysreg(cntv_ctl_el0) & TIMER_ENABLE, 0, "the virtual timer is off");
	check_equal(read_sysreg(cntp_ctl_el0) & TIMER_ENABLE, 0, "the physical timer is off");
	check_equal(mmio_read32(gic_distributor() + GICD_CTLR) & 3, 0, "the distributor is off");
	check(!gic_is_pending(40) && !gic_get_bit(GICD_ISENABLER, 40), "its interrupts are, too");
	check(!gic_is_pending(3) && !gic_is_active(3), "private ones as well");
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		check(is_off(cpu), "CPU %u is off", cpu);
}

/* The virtual counter: the machine's, or one that begins at 0 with each life of the VM. */
static void check_counter(void)
{
	uint64_t before = physical_counter(), virtual = counter(), after = physical_counter();

	if (machine_has("own-counter"))
		check(virtual < after - survivor->reset_at,
		      "boot %u: the counter begins with the VM", survivor->boots);
	else
		check(before <= virtual && virtual <= after,
		      "boot %u: the counter is the machine's", survivor->boots);
}

/* Something to reset. */
static void make_a_mess(void)
{
	gic_init();
	gic_enable(40);
	gic_set_pending(40);
	gic_enable(3);
	gic_send_sgi(3, 1);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, TIMER_ENABLE);
	write_sysreg(cntp_cval_el0, 0);
	write_sysreg(cntp_ctl_el0, TIMER_ENABLE);
	isb();
	gic_acknowledge();
	smp_start();
	if (machine.nr_cpus > 2)
		smp_call(2, sleep_for_ever);
	if (machine.nr_cpus > 3)
		smp_call(3, spin_for_ever);
}

static void first_boot(void)
{
	gic_init();
	smp_sleep_when_idle();
	check_features();
	check_parameters();
	check_suspend(0, "standby");
	check_suspend(POWER_DOWN, "power-down");
	check_on_off();
	if (machine.nr_cpus > 1) {
		for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
			check_cycles(cpu);
		check_races();
		check_alternation();
	}
	make_a_mess();
	reset(PSCI_SYSTEM_RESET);
}

void guest_main(void)
{
	unsigned int reboots = (unsigned int)machine_number("reboots", 0);

	survivor = find_survivor();
	if (survivor->magic != MAGIC)
		*survivor = (struct survivor){.magic = MAGIC};
	check_set_counts(survivor->passed, survivor->failed);
	survivor->boots++;
	check_counter();
	if (survivor->boots == 1)
		first_boot();
	check_after_reset();
	if (survivor->boots < 3 + reboots) {
		make_a_mess();
		if (survivor->boots == 2 && machine.nr_cpus > 1) {
			smp_call(1, reset_from_here);
			smp_wait(1);
		}
		reset(PSCI_SYSTEM_RESET);
	}
	if (!machine_has("end=cpu-off"))
		return;

	/* A machine without a CPU is off, whichever is the last. */
	check_summary();
	smp_start();
	for (unsigned int cpu = 1; cpu < machine.nr_cpus; cpu++)
		smp_call(cpu, turn_off);
	psci(PSCI_CPU_OFF, 0, 0, 0);
}
