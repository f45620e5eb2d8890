// SPDX-License-Identifier: BSD-2-Clause
/*
 * Identification registers: readable, the same on all CPUs, and without the
 * features that guests do not have (DDI 0487, D19.2.57 and following).
 */
#include "tests/guests/lib/guest.h"
#include "tests/guests/sysregs/sysregs.h"

#define NR_ROWS 7
#define NR_IDS (NR_ROWS * 8)

static uint64_t ids[SMP_MAX_CPUS][NR_IDS];
static uint64_t identities[SMP_MAX_CPUS][2];
static uint64_t frequencies[SMP_MAX_CPUS];
static unsigned int faults;

static uint64_t id(unsigned int crm, unsigned int op2)
{
	return ids[0][8 * (crm - 1) + op2];
}

static void read_ids(unsigned int cpu)
{
	uint64_t *value = ids[cpu];
	struct fault fault;

#define ROW(crm)                                                                                   \
	value[0] = read_sysreg(S3_0_C0_C##crm##_0);                                                \
	value[1] = read_sysreg(S3_0_C0_C##crm##_1);                                                \
	value[2] = read_sysreg(S3_0_C0_C##crm##_2);                                                \
	value[3] = read_sysreg(S3_0_C0_C##crm##_3);                                                \
	value[4] = read_sysreg(S3_0_C0_C##crm##_4);                                                \
	value[5] = read_sysreg(S3_0_C0_C##crm##_5);                                                \
	value[6] = read_sysreg(S3_0_C0_C##crm##_6);                                                \
	value[7] = read_sysreg(S3_0_C0_C##crm##_7);                                                \
	value += 8
	fault_begin(&fault);
	ROW(1);
	ROW(2);
	ROW(3);
	ROW(4);
	ROW(5);
	ROW(6);
	ROW(7);
	identities[cpu][0] = read_sysreg(midr_el1);
	identities[cpu][1] = read_sysreg(mpidr_el1);
	frequencies[cpu] = read_sysreg(cntfrq_el0);
	fault_end();
#undef ROW
	__atomic_fetch_add(&faults, fault.count, __ATOMIC_RELAXED);
}

static void check_cpus(void)
{
	unsigned int different = 0;

	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++) {
		uint64_t mpidr = identities[cpu][1];

		check_equal(mpidr & 0xff00ffffff, machine.mpidr[cpu],
			    "MPIDR_EL1 of CPU %u is that of the device tree", cpu);
		check((mpidr & BIT(31)) && !(mpidr & BIT(24)), "MPIDR_EL1 of CPU %u: a core", cpu);
		different += identities[cpu][0] != identities[0][0];
		different += frequencies[cpu] != frequencies[0];
		for (unsigned int i = 0; i < NR_IDS; i++)
			different += ids[cpu][i] != ids[0][i];
	}
	check_equal(different, 0, "all CPUs say the same");
}

struct field {
	const char *name;
	uint8_t crm, op2, shift;
};

/* Features with state that is not switched, or that need EL2's leave */
/* clang-format off */
static const struct field absent[] = {
	{"EL2",                   4, 0, 8},
	{"EL3",                   4, 0, 12},
	{"RAS",                   4, 0, 28},
	{"SVE",                   4, 0, 32},
	{"MPAM",                  4, 0, 40},
	{"AMU",                   4, 0, 44},
	{"RME",                   4, 0, 52},
	{"MTE",                   4, 1, 8},
	{"MPAM_frac",             4, 1, 16},
	{"SME",                   4, 1, 24},
	{"NMI",                   4, 1, 36},
	{"tracing",               5, 0, 4},
	{"PMU",                   5, 0, 8},
	{"SPE",                   5, 0, 32},
	{"TraceFilt",             5, 0, 40},
	{"TRBE",                  5, 0, 44},
	{"VHE",                   7, 1, 8},
	{"LORegions",             7, 1, 16},
	{"XNX",                   7, 1, 28},
	{"HCX",                   7, 1, 40},
	{"FGT",                   7, 0, 56},
	{"ECV",                   7, 0, 60},
	{"big-endian",            7, 0, 8},
	{"nested virtualization", 7, 2, 24},
	{"stage 2 FWB",           7, 2, 40},
};
/* clang-format on */

static void check_features(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		const struct field *f = &absent[i];

		check_equal(id(f->crm, f->op2) >> f->shift & 0xf, 0, "no %s", f->name);
	}
	/* 0b1111: none. The 4 KiB granule is there if this runs. */
	check((id(4, 0) & 0xf0) == 0x10, "EL1 is AArch64 only");
	check((id(5, 0) & 0xf) >= 6, "Armv8 debug");
	check((id(5, 0) >> 12 & 0xf) >= 1 && (id(5, 0) >> 20 & 0xf) >= 1,
	      "at least two breakpoints and two watchpoints");
}

void check_id_registers(void)
{
	smp_run(read_ids);
	check_equal(faults, 0, "all identification registers can be read");
	check_cpus();
	check((identities[0][0] >> 16 & 0xf) == 0xf, "MIDR_EL1 has the Armv8 scheme");
	check(frequencies[0] >= 1000000, "CNTFRQ_EL0 is set");
	check_equal(id(4, 0) >> 24 & 0xf, machine.gic_version == 3 ? 1 : 0,
		    "the GIC's system registers are there as the GIC is");
	check((id(4, 0) >> 16 & 0xf) != 0xf && (id(4, 0) >> 20 & 0xf) != 0xf, "FP and SIMD");
	if (!machine.native)
		check_features();
}
