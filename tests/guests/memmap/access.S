/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function per load and store, see memmap.h. x0: the address.
 */
#include "tests/guests/memmap/memmap.h"

	.text

	/* x1 takes what is loaded, and is returned. */
	.macro	load name, instruction:vararg
	.global	memmap_\name
memmap_\name:
	ldr	x1, =MEMMAP_UNTOUCHED
	mov	x2, x1
	fmov	d0, x1
	\instruction
	mov	x0, x1
	ret
	.endm

	.macro	store name, instruction:vararg
	.global	memmap_\name
memmap_\name:
	\instruction
	ret
	.endm

	load	ldrb, ldrb w1, [x0]
	load	ldrh, ldrh w1, [x0]
	load	ldr_w, ldr w1, [x0]
	load	ldr_x, ldr x1, [x0]
	load	ldrsw, ldrsw x1, [x0]
	load	ldp, ldp x1, x2, [x0]
	load	ldxr, ldxr x1, [x0]
	load	ldar, ldar x1, [x0]

	.global	memmap_ldr_q
memmap_ldr_q:
	ldr	x1, =MEMMAP_UNTOUCHED
	fmov	d0, x1
	ldr	q0, [x0]
	fmov	x0, d0
	ret

	store	strb, strb w1, [x0]
	store	strh, strh w1, [x0]
	store	str_w, str w1, [x0]
	store	str_x, str x1, [x0]
	store	stp, stp x1, x2, [x0]
	store	str_q, str q0, [x0]
	store	str_post, str x1, [x0], #8
	store	str_pre, str x1, [x0, #0]!
