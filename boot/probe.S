/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bool boot_probe(const void *address, unsigned int width)
 *
 * Boot only, on one CPU: it has the exceptions for itself meanwhile. A read that
 * nothing answers is a synchronous external abort on most machines (DDI 0487,
 * D1.13.4 leaves that to the implementation); where it is an SError, this is no
 * help, as it is where it reads as anything.
 */
	.text

	.globl	boot_probe
boot_probe:
	mrs	x2, vbar_el2
	ldr	x3, =probe_vectors
	msr	vbar_el2, x3
	isb
	mov	w4, #1
	cmp	w1, #2
	b.lo	1f
	b.eq	2f
	ldr	w5, [x0]
	b	3f
1:	ldrb	w5, [x0]
	b	3f
2:	ldrh	w5, [x0]
3:	dsb	sy
	msr	vbar_el2, x2
	isb
	mov	w0, w4
	ret

	.ltorg

	.balign	2048
probe_vectors:
	.org	probe_vectors + 0x200	/* synchronous, from EL2 itself: the answer is no */
	mov	w4, #0
	mrs	x5, elr_el2
	add	x5, x5, #4
	msr	elr_el2, x5
	eret
	dsb	nsh
	isb
	.org	probe_vectors + 0x800
