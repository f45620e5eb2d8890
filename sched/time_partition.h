/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU's time divided by a frame of windows that is repeated, as ARINC 653
 * (Part 1, 2.3.1) has it: an entity runs in its windows, and in no other.
 *
 * Windows are in microseconds from the frame's begin, and frames in
 * microseconds from an epoch that all CPUs have. The time is converted for
 * each decision, instead of counting ticks from frame to frame. So nothing
 * drifts: CPUs with frames of one length, or of multiples of it, stay aligned
 * for ever, whatever the counter's frequency is.
 */
#pragma once

#include "lib/types.h"

struct sched_entity;

struct sched_window {
	struct sched_entity *entity; /* NULL: nobody's */
	uint64_t end;		     /* us from the frame's begin; begins where the last one ends */
};

struct sched_frame {
	uint64_t hz;	/* of the ticks, at most 10^12 */
	uint64_t epoch; /* ticks: when the first frame begins, not later than the first decision */
	const struct sched_window *windows;
	unsigned int nr_windows;    /* at least 1 */
	uint64_t length;	    /* us; what is behind the last window is nobody's */
	struct sched_entity *slack; /* has what is nobody's or is not used; NULL: that is idle */
};
