/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware for tests: enters the image at IMAGE, with TREE in x0, at the exception
 * level that QEMU gives, unless a test wants more; see entry.py.
 */
	.globl	_start
_start:
#ifdef AT_EL1
	mov	x0, #(1 << 31)		/* HCR_EL2.RW */
	msr	hcr_el2, x0
	mov	w0, #0x0800		/* SCTLR_EL1: RES1 */
	movk	w0, #0x30d0, lsl #16
	msr	sctlr_el1, x0
	mov	x0, #0x3c5		/* EL1h, all masked */
	msr	spsr_el2, x0
	adr	x0, 1f
	msr	elr_el2, x0
	eret
1:
#endif
#ifdef E2H
	mov	x0, #(1 << 31)		/* RW */
	orr	x0, x0, #(1 << 34)	/* E2H */
	msr	hcr_el2, x0
	isb
#endif
	movz	x19, #(TREE >> 32 & 0xffff), lsl #32
	movk	x19, #(TREE >> 16 & 0xffff), lsl #16
	movk	x19, #(TREE & 0xffff)
	movz	x4, #(IMAGE >> 16 & 0xffff), lsl #16
	movk	x4, #(IMAGE & 0xffff)
#ifdef BIG_ENDIAN
	mrs	x0, BIG_ENDIAN
	orr	x0, x0, #(1 << 25)	/* EE */
	msr	BIG_ENDIAN, x0
	isb
#endif
	mov	x0, x19
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x4
