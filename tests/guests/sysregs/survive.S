/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Patterns in all registers, one instruction, and a look at what is left of
 * them. See sysregs.h.
 */
#include "tests/guests/sysregs/sysregs.h"

	.text
	.altmacro

	.macro	save
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.endm

	.macro	restore
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	.endm

	/* xN and vN get a number of their own. */
	.macro	fill_pair n
	mov	x\n, #(0x1000 + \n)
	movk	x\n, #(0xabc0 + \n), lsl #48
	.endm

	.macro	fill_vector n
	movi	v\n\().16b, #(0x40 + \n)
	.endm

	.macro	fill_all
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, \
		24, 25, 26, 27, 28, 29, 30
	fill_pair \n
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30, 31
	fill_vector \n
	.endr
	.endm

/* Stack below: x0 to x30 as the instruction left them */
	.macro	spill n, m
	stp	x\n, x\m, [sp, #(8 * \n)]
	.endm

	.macro	survive name, instruction
	.global	survive_\name
survive_\name:
	save
	fill_all
	\instruction
	b	compare
	.endm

compare:
	sub	sp, sp, #256
	.irp	n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	spill	\n, %(\n + 1)
	.endr
	str	x30, [sp, #240]

	/* x9: bits of what changed; x10: the register's number */
	mov	x9, #0
	mov	x10, #1
1:	ldr	x11, [sp, x10, lsl #3]
	mov	x12, #0x1000
	add	x12, x12, x10
	mov	x13, #0xabc0
	add	x13, x13, x10
	orr	x12, x12, x13, lsl #48
	cmp	x11, x12
	cset	x13, ne
	lsl	x13, x13, x10
	orr	x9, x9, x13
	add	x10, x10, #1
	cmp	x10, #31
	b.ne	1b
	add	sp, sp, #256

	.macro	compare_vector n
	mov	x13, #(0x40 + \n)
	mov	x14, #0x0101010101010101
	mul	x13, x13, x14
	fmov	x11, d\n
	fmov	x12, v\n\().d[1]
	cmp	x11, x13
	ccmp	x12, x13, #0, eq
	cset	x13, ne
	orr	x9, x9, x13, lsl #(SURVIVE_FP_SHIFT + \n)
	.endm

	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30, 31
	compare_vector \n
	.endr
	mov	x0, x9
	restore
	ret

	survive	hvc, <hvc #0>
	survive	load, <ldr w1, [x0]>
	survive	load_x28, <ldr w28, [x0]>
	survive	load_xzr, <ldr wzr, [x0]>
	survive	load_writeback, <ldr w1, [x0], #0>
	survive	store, <str wzr, [x0]>
	survive	mrs, <mrs x1, id_aa64pfr0_el1>
	survive	mrs_x25, <mrs x25, cntp_ctl_el0>
	survive	mrs_xzr, <mrs xzr, id_aa64mmfr0_el1>
	survive	wfi, <wfi>
	survive	yield, <yield>

	.global	step_over, step_first
step_over:
	mrs	x2, mdscr_el1
	orr	x2, x2, #1
	msr	mdscr_el1, x2
	isb
	msr	daifclr, #8		/* from here on steps are taken */
step_first:
	mrs	x1, id_aa64pfr0_el1
	ldr	w1, [x0], #4
	nop
	/* the last step is taken here; the handler turns stepping off */
	msr	daifset, #8
	ret

	.global	breakpoint_here
breakpoint_here:
	mov	x0, #0
	ret
