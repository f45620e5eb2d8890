/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SErrors: whose they are.
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
 * Before the calling CPU does something that is not the loaded vCPU's any more: what is pending is
 * taken. It is `owner`'s, which is the loaded vCPU and gets a virtual SError; or, if that is NULL,
 * nobody's, of which the first on each CPU is reported. Returns true if `owner` was in WFI, which
 * that has ended.
 */
bool serror_sync(struct pcpu *cpu, struct vcpu *owner);
