/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frequencies of clocks, as far as the host's tree tells them.
 */
#pragma once

#include "lib/types.h"

/*
 * Of the clock that a node uses: `cells` cells at `clock`, with the phandle of
 * `provider`. In Hz, or 0 if the tree does not say it.
 */
uint32_t clock_frequency(const void *dtb, int user, int provider, const void *clock,
			 unsigned int cells);
