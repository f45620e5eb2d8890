/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into the machine's firmware: PSCI (DEN0022) and the mitigations that
 * it offers (SMCCC, DEN0028), by the conduit that the host's tree names.
 */
#pragma once

#include "fdt/host.h"
#include "lib/types.h"

struct cpu;

/* Learns the conduit, and which calls there are. Boot CPU. */
void firmware_init(const struct host *host);

/*
 * Asks for the mitigations. Each CPU asks for itself: an answer is about the CPU that asks
 * (DEN0028, 7.5), and a machine may have CPUs of several kinds.
 */
void firmware_init_cpu(struct cpu *cpu);

/* True if SMC reaches the firmware; otherwise another hypervisor is in between, or there is none.
 */
bool firmware_is_called_by_smc(void);

#define FIRMWARE_TRNG_WORDS 3

/*
 * Random bits of the firmware's (DEN0098). Returns 0; -EBUSY if it has none now; -ENODEV if it
 * never has any.
 */
int firmware_trng(uint64_t words[FIRMWARE_TRNG_WORDS]);

/* PSCI CPU_ON. Returns PSCI_SUCCESS or a negative PSCI code. */
int firmware_cpu_on(uint64_t mpidr, pa_t entry, uint64_t context);

/* True if the firmware has a PSCI with SYSTEM_OFF. */
bool firmware_has_system_off(void);

/* PSCI SYSTEM_OFF; returns if there is no PSCI, or it fails. */
void firmware_system_off(void);

/*
 * The answer of SMCCC_ARCH_FEATURES on this CPU about SMCCC_ARCH_WORKAROUND_1 or _3: 0 if guests
 * should call it; 1 if it is there and not needed; SMCCC_NOT_SUPPORTED if it is not there, and for
 * any other function.
 *
 * Not _2 (CVE-2018-3639): its argument turns the CPU's mitigation on and off, which would be one
 * guest's choice for all on that CPU. It stays as the firmware has it: on. Where PSTATE.SSBS is,
 * guests choose by that, which is switched.
 */
int32_t firmware_workaround(uint32_t function);

/* Does a workaround's call for a guest. */
void firmware_call_workaround(uint32_t function);
