/*
 * Calls into the machine's firmware: PSCI (DEN0022) and the mitigations that
 * it offers (SMCCC, DEN0028), by the conduit that the host's tree names.
 */
#pragma once

#include "fdt/host.h"
#include "lib/types.h"

/* Learns the conduit, asks for the mitigations. Boot CPU. */
void firmware_init(const struct host *host);

/* PSCI CPU_ON. Returns PSCI_SUCCESS or a negative PSCI code. */
int firmware_cpu_on(uint64_t mpidr, pa_t entry, uint64_t context);

/* PSCI SYSTEM_OFF; returns if there is no PSCI, or it fails. */
void firmware_system_off(void);

/*
 * What SMCCC_ARCH_FEATURES says of SMCCC_ARCH_WORKAROUND_1 to _3: 0 or more
 * if guests should call it, SMCCC_NOT_SUPPORTED if not, or for anything else.
 */
int32_t firmware_workaround(uint32_t function);

/* Does a workaround's call for a guest. */
void firmware_call_workaround(uint32_t function, uint64_t argument);
