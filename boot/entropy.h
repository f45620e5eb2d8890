/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where random numbers come from. Boot only.
 */
#pragma once

#include <stdbool.h>

#include "lib/random.h"

/*
 * Mixes what the machine has of random numbers into the generator: the CPU's (RNDR), the
 * firmware's (TRNG, DEN0098), and the seeds in /chosen of the machine's tree at dtb, which are
 * 0 afterwards. Boot CPU, with its windows. Returns true if there was any.
 */
bool boot_gather_entropy(struct random *random, const void *dtb);
