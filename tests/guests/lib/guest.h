/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All of the library, for the tests: tests/guests/README.md says how to
 * write one.
 */
#pragma once

#include "arm64/barrier.h"
#include "arm64/mmio.h"
#include "arm64/pl011.h"
#include "arm64/sysreg.h"
#include "lib/bits.h"
#include "tests/guests/lib/check.h"
#include "tests/guests/lib/exception.h"
#include "tests/guests/lib/gic.h"
#include "tests/guests/lib/machine.h"
#include "tests/guests/lib/mmu.h"
#include "tests/guests/lib/psci.h"
#include "tests/guests/lib/smp.h"
#include "tests/guests/lib/timer.h"

/* The test. When it returns, the guest reports its count and powers off. */
void guest_main(void);
