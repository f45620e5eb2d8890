/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See crash.h.
 */
	.text

	.global	crash_jump
crash_jump:
	msr	vbar_el1, x1
	isb
	br	x0

	.global	crash_tables
crash_tables:
	msr	ttbr0_el1, x0
	dsb	sy
	isb
	tlbi	vmalle1
	dsb	sy
	isb
	b	.

	.global	crash_stack
crash_stack:
	mov	sp, x0
	.inst	0			/* UDF */
	b	.

	.global	crash_mmu_off
crash_mmu_off:
	mrs	x0, sctlr_el1
	bic	x0, x0, #1
	msr	sctlr_el1, x0
	isb
	b	.
