/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves EL2, where a guest is when there is no hypervisor: it goes on at EL1
 * with nothing trapped, as the hardware's own cost is to be seen there. What
 * stays at EL2 answers every HVC with ERET.
 */
	.text

/*
 * Called with the MMU off, at the address where the image is; returns at EL1.
 * At EL1 it does nothing. Clobbers x0 and x1.
 */
	.global	el2_leave
el2_leave:
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	2f
	mov	x0, #(1 << 31)		/* HCR_EL2.RW: EL1 is AArch64 */
	msr	hcr_el2, x0
	isb
	mov	x0, #3			/* EL1 has the physical counter and timer */
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mov	x0, #0x33ff		/* RES1; FP and SIMD do not trap */
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4		/* the GIC's registers are system registers */
	cbz	x0, 1f
	mov	x0, #0xf		/* ICC_SRE_EL2: for EL1 too, no bypass */
	msr	S3_4_C12_C9_5, x0
	isb
1:	adrp	x0, el2_vectors
	add	x0, x0, :lo12:el2_vectors
	msr	vbar_el2, x0
	ldr	x0, =0x30d00800		/* SCTLR_EL1: RES1, MMU off */
	msr	sctlr_el1, x0
	mov	x0, #0x3c5		/* EL1h, all masked */
	msr	spsr_el2, x0
	msr	elr_el2, x30
	isb
	eret
2:	ret

	.ltorg

	.balign	0x800
el2_vectors:
	.rept	8			/* from EL2 itself */
	.balign	0x80
	b	.
	.endr
	.balign	0x80
	eret				/* from EL1: HVC is all that traps */
	.rept	7
	.balign	0x80
	b	.
	.endr
