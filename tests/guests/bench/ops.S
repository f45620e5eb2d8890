/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that are timed. RET is not counted; every other instruction
 * is, so a trap's cost is what is over the native figure.
 */
	.text

	.macro	op name, insn:vararg
	.global	op_\name
	.balign	16
op_\name:
	\insn
	ret
	.endm

	op	none
	op	hvc, hvc #0
	op	id_aa64pfr0, mrs x0, id_aa64pfr0_el1
	op	id_aa64mmfr0, mrs x0, id_aa64mmfr0_el1
	op	actlr, mrs x0, actlr_el1
	op	cntp_ctl, mrs x0, cntp_ctl_el0
	op	cntv_ctl, mrs x0, cntv_ctl_el0
	op	read32, ldr w0, [x0]
	op	read64, ldr x0, [x0]
	op	read32_post, ldr w1, [x0], #4
	op	write32, str w1, [x0]
	op	wfi, wfi
	op	eoi_v3, msr S3_0_C12_C12_1, x0		/* ICC_EOIR1_EL1 */
	op	deactivate_v3, msr S3_0_C12_C11_1, x0	/* ICC_DIR_EL1 */

/* struct arrivals at x2. YIELD lets the other CPUs run if an emulator runs them in turn. */
	.macro	await_arrivals
1:	yield
	ldp	x3, x4, [x2]
	cmp	x3, x4
	b.lo	1b
	ret
	.endm

	.global	op_sgi_v3
op_sgi_v3:
	msr	S3_0_C12_C11_5, x0	/* ICC_SGI1R_EL1 */
	isb
	await_arrivals

	.global	op_sgi_v2
op_sgi_v2:
	str	w0, [x1]
	await_arrivals

	.global	op_write32_irq
op_write32_irq:
	str	w1, [x0]
	await_arrivals

	.global	op_sgi_poll_v3
op_sgi_poll_v3:
	msr	S3_0_C12_C11_5, x0
	isb
1:	mrs	x3, S3_0_C12_C12_0	/* ICC_IAR1_EL1 */
	tbnz	x3, #9, 1b		/* 1023: not there yet */
	msr	S3_0_C12_C12_1, x3
	ret

	.global	op_sgi_poll_v2
op_sgi_poll_v2:
	str	w0, [x1]
1:	ldr	w3, [x2, #0xc]		/* GICC_IAR */
	tbnz	w3, #9, 1b
	str	w3, [x2, #0x10]		/* GICC_EOIR */
	ret

/* x1 pages from x0 on: one store into each */
	.global	op_touch
op_touch:
	str	x1, [x0]
	add	x0, x0, #4096
	subs	x1, x1, #1
	b.ne	op_touch
	ret

	.global	op_spin
op_spin:
	subs	x0, x0, #1
	nop
	b.ne	op_spin
	ret
