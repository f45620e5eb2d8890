/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/barrier.h for tests of interleavings: memory is sequentially
 * consistent there. Hints are those of tests/interleave/machine.c.
 */
#pragma once

#include "tests/interleave/explore.h"

#define isb() ((void)0)
#define dsb(scope) ((void)0)
#define dmb(scope) ((void)0)

void machine_wfi(void);
void machine_wfe(void);
void machine_sev(void);

#define cpu_yield() explore_relax()
#define wfi() machine_wfi()
#define wfe() machine_wfe()
#define sev() machine_sev()
