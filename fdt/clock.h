/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frequencies of clocks, as far as the host's tree tells them.
 */
#pragma once

#include "lib/types.h"

/*
 * The frequency of a clock that a node uses, in Hz, or 0 if the tree does not say it.
 * `clock` has `cells` cells, of which the first is the phandle of `provider`.
 */
uint32_t clock_frequency(const void *dtb, int user, int provider, const void *clock,
			 unsigned int cells);
