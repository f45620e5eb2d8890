/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware at EL3 with a mitigation, as a Cortex-A57 needs it: SMCCC_ARCH_WORKAROUND_1 (DEN0028,
 * 7.5). It counts the calls and changes all that it may, x0 to x3. And with numbers that are not
 * random, but pass for that: TRNG_RND64 (DEN0098), every other time it has none. For the rest as little as one
 * CPU needs: a GICv3 with two security states that the non-secure one can use, PSCI's VERSION,
 * FEATURES and SYSTEM_OFF. Enters the image at 0x40200000 at EL2, with the tree that QEMU left at
 * 0x40000000. Runs at 0x60000000.
 */
	.globl	_start
_start:
	ldr	x1, =0x08000000		/* GICD_CTLR: ARE for both states, all groups on */
	mov	w0, #0x37
	str	w0, [x1]
	mov	w0, #-1			/* GICD_IGROUPR: all of them are non-secure */
	mov	x2, #0x84
1:	str	w0, [x1, x2]
	add	x2, x2, #4
	cmp	x2, #0x100
	b.ne	1b
	ldr	x1, =0x080a0000		/* GICR_WAKER, GICR_IGROUPR0 */
	str	wzr, [x1, #0x14]
	add	x1, x1, #0x10000
	str	w0, [x1, #0x80]
	mov	x0, #0xf
	msr	S3_6_C12_C12_5, x0	/* ICC_SRE_EL3 */
	isb
	mov	x0, #3
	msr	S3_6_C12_C12_7, x0	/* ICC_IGRPEN1_EL3 */

	mov	x0, #0x531		/* SCR_EL3: NS, HCE, RW */
	msr	scr_el3, x0
	msr	cptr_el3, xzr
	msr	mdcr_el3, xzr
	adr	x0, vectors
	msr	vbar_el3, x0
	mov	x0, #0x3c9		/* SPSR_EL3: EL2h, all masked */
	msr	spsr_el3, x0
	ldr	x0, =0x40200000
	msr	elr_el3, x0
	ldr	x0, =0x40000000
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	eret

/* x0: the function, x1: its argument */
call:
	ldr	w2, =0x80008000		/* SMCCC_ARCH_WORKAROUND_1 */
	cmp	w0, w2
	b.eq	workaround
	ldr	w2, =0xc4000053		/* TRNG_RND64, of 192 bits */
	mov	w3, #192
	cmp	w0, w2
	ccmp	w1, w3, #0, eq
	b.eq	random
	ldr	w2, =0x84000050		/* TRNG_VERSION */
	cmp	w0, w2
	b.eq	version
	ldr	w2, =0x84000051		/* TRNG_FEATURES of it */
	ldr	w3, =0xc4000053
	cmp	w0, w2
	ccmp	w1, w3, #0, eq
	b.eq	success
	ldr	w2, =0x84000000		/* PSCI_VERSION */
	cmp	w0, w2
	b.eq	version
	ldr	w2, =0x80000000		/* SMCCC_VERSION */
	cmp	w0, w2
	b.eq	version
	ldr	w2, =0x8400000a		/* PSCI_FEATURES of SMCCC_VERSION */
	ldr	w3, =0x80000000
	cmp	w0, w2
	ccmp	w1, w3, #0, eq
	b.eq	success
	ldr	w2, =0x80000001		/* SMCCC_ARCH_FEATURES of the workaround */
	ldr	w3, =0x80008000
	cmp	w0, w2
	ccmp	w1, w3, #0, eq
	b.eq	success
	ldr	w2, =0x84000008		/* PSCI SYSTEM_OFF */
	cmp	w0, w2
	b.eq	system_off
	mov	x0, #-1
	eret
version:
	ldr	x0, =0x10001
	eret
success:
	mov	x0, xzr
	eret

random:
	adr	x2, asked
	ldr	x3, [x2]
	add	x3, x3, #1
	str	x3, [x2]
	mov	x0, #-3			/* NO_ENTROPY */
	tbnz	x3, #0, 1f
	mov	x0, xzr
	mrs	x1, cntpct_el0
	mvn	x2, x1
	ror	x3, x1, #13
1:	eret

workaround:
	adr	x2, count
	ldr	x3, [x2]
	add	x3, x3, #1
	str	x3, [x2]
	ldr	x0, =0xdead0000dead0000
	mov	x1, x0
	mov	x2, x0
	mov	x3, x0
	eret

/* Says so if there were many calls, and ends QEMU (semihosting, SYS_EXIT). */
system_off:
	adr	x2, count
	ldr	x3, [x2]
	cmp	x3, #1000
	b.lo	2f
	adr	x1, text
	ldr	x2, =0x09000000
1:	ldrb	w0, [x1], #1
	cbz	w0, 2f
	str	w0, [x2]
	b	1b
2:	mov	w0, #0x18
	adr	x1, exit
	hlt	#0xf000

	.ltorg
text:
	.asciz	"\nfirmware: called more than 1000 times\n"
	.balign	8
exit:
	.quad	0x20026, 0
count:
	.quad	0
asked:
	.quad	0

	.balign	2048
vectors:
	.org	vectors + 0x400		/* synchronous, from a lower level in AArch64 state */
	b	call
