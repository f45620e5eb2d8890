// SPDX-License-Identifier: BSD-2-Clause
/*
 * Firmware calls. The variables here are written at boot and read-only afterwards;
 * answers that differ between CPUs are in struct cpu. No lock.
 */
#include "core/firmware.h"

#include "arm64/psci.h"
#include "core/cpu.h"
#include "lib/errno.h"
#include "lib/string.h"

static enum host_conduit conduit;
static uint32_t cpu_on_function = PSCI_CPU_ON_64;
static bool has_system_off;
static bool has_smccc;

/*
 * Arguments and results, in x0 to x3; x4 to x17 may be changed (SMCCC, DEN0028, 2.6).
 */
static void call_with(uint64_t x[4])
{
	uint64_t a0 = x[0], a1 = x[1], a2 = x[2], a3 = x[3];
	register uint64_t x0 __asm__("x0") = a0;
	register uint64_t x1 __asm__("x1") = a1;
	register uint64_t x2 __asm__("x2") = a2;
	register uint64_t x3 __asm__("x3") = a3;

	if (conduit == HOST_CONDUIT_NONE) {
		x[0] = (uint64_t)PSCI_NOT_SUPPORTED;
		return;
	}
	if (conduit == HOST_CONDUIT_SMC)
		__asm__ volatile("smc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
				   "x14", "x15", "x16", "x17", "memory");
	else
		__asm__ volatile("hvc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
				   "x14", "x15", "x16", "x17", "memory");
	x[0] = x0;
	x[1] = x1;
	x[2] = x2;
	x[3] = x3;
}

static int64_t call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
	uint64_t x[] = {function, a1, a2, a3};

	call_with(x);
	return (int64_t)x[0];
}

static int32_t call32(uint32_t function, uint64_t a1)
{
	return (int32_t)call(function, a1, 0, 0);
}

/* SMCCC 1.1 is there if PSCI 1.0 knows the call SMCCC_VERSION (DEN0028, 3.2). */
static bool has_smccc_1_1(void)
{
	return call32(PSCI_VERSION, 0) >= 0x10000 && call32(PSCI_FEATURES, SMCCC_VERSION) >= 0 &&
	       call32(SMCCC_VERSION, 0) >= 0x10001;
}

void firmware_init(const struct host *host)
{
	conduit = host->psci;
	/* In EL2, an HVC would be a call of our own: host_open() has warned. */
	if (conduit == HOST_CONDUIT_HVC && FIELD_GET(GENMASK(3, 2), read_sysreg(CurrentEL)) == 2)
		conduit = HOST_CONDUIT_NONE;
	if (host->psci_0_1)
		cpu_on_function = host->psci_cpu_on;
	has_system_off = conduit != HOST_CONDUIT_NONE && !host->psci_0_1;
	has_smccc = has_system_off && has_smccc_1_1();
}

void firmware_init_cpu(struct cpu *cpu)
{
	cpu->workaround_1 = cpu->workaround_3 = SMCCC_NOT_SUPPORTED;
	if (!has_smccc)
		return;
	cpu->workaround_1 = call32(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1);
	cpu->workaround_3 = call32(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3);
}

bool firmware_is_called_by_smc(void)
{
	return conduit == HOST_CONDUIT_SMC;
}

int firmware_trng(uint64_t words[FIRMWARE_TRNG_WORDS])
{
	uint64_t x[4] = {TRNG_RND64, FIRMWARE_TRNG_WORDS * 64};

	/* Version 1.0, and the call */
	if (!has_smccc || call32(TRNG_VERSION, 0) < 0x10000 ||
	    call32(TRNG_FEATURES, TRNG_RND64) < 0)
		return -ENODEV;
	call_with(x);
	if ((int32_t)x[0] != 0)
		return (int32_t)x[0] == TRNG_NO_ENTROPY ? -EBUSY : -ENODEV;
	memcpy(words, x + 1, FIRMWARE_TRNG_WORDS * sizeof(*words));
	return 0;
}

int firmware_cpu_on(uint64_t mpidr, pa_t entry, uint64_t context)
{
	return (int)call(cpu_on_function, mpidr, entry.v, context);
}

bool firmware_has_system_off(void)
{
	return has_system_off;
}

void firmware_system_off(void)
{
	if (has_system_off)
		(void)call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

int32_t firmware_workaround(uint32_t function)
{
	switch (function) {
	case SMCCC_ARCH_WORKAROUND_1:
		return this_cpu()->workaround_1;
	case SMCCC_ARCH_WORKAROUND_3:
		return this_cpu()->workaround_3;
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

void firmware_call_workaround(uint32_t function)
{
	(void)call(function, 0, 0, 0);
}
