/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To which guest an SError belongs.
 */
#pragma once

#include "arm64/id.h"
#include "arm64/sysreg.h"
#include "lib/types.h"

struct pcpu;
struct vcpu;

/* True if the calling CPU has FEAT_RAS: SErrors have syndromes, and can be deferred. */
static inline bool serror_has_ras(void)
{
	return FIELD_GET(PFR0_RAS, read_sysreg(id_aa64pfr0_el1)) != 0;
}

/*
 * Takes a pending SError, before the calling CPU does something that is not for the loaded vCPU.
 * `owner`, the loaded vCPU, gets it as a virtual SError. If `owner` is NULL, the SError is
 * nobody's, and the first such one on each CPU is reported. Returns true if the SError has ended a
 * WFI of `owner`'s.
 */
bool serror_sync(struct pcpu *cpu, struct vcpu *owner);
