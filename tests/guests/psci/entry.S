/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where CPUs start whose first state is looked at. See psci.h.
 */
#include "tests/guests/psci/psci.h"

	.text
	.global	recording_entry
recording_entry:
	adrp	x1, record
	add	x1, x1, :lo12:record
	mrs	x2, sctlr_el1
	str	x2, [x1, #RECORD_SCTLR]
	mrs	x2, currentel
	str	x2, [x1, #RECORD_CURRENT_EL]
	mrs	x2, daif
	str	x2, [x1, #RECORD_DAIF]
	mrs	x2, spsel
	str	x2, [x1, #RECORD_SPSEL]
	str	x0, [x1, #RECORD_CONTEXT]
	mrs	x2, mpidr_el1
	str	x2, [x1, #RECORD_MPIDR]
	adrp	x1, record_cpu
	ldr	x0, [x1, :lo12:record_cpu]
	b	secondary_start
