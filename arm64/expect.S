/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that may take an exception at EL2, which then is an answer. See arm64/expect.h.
 */

	.text

/*
 * From here to expect_end an exception to EL2 goes on at expect_failed (vcpu/vectors.S). The
 * vectors have x0 and x1 for it, as no caller keeps anything there, and use SP_EL0 and TPIDR_EL0,
 * which expect_run() keeps.
 *
 * struct expect_result expect_*(uint64_t)
 */
	.globl	expect_begin
expect_begin:
	.globl	expect_at_s1e1r
expect_at_s1e1r:
	at	s1e1r, x0
	b	1f
	.globl	expect_at_s1e1w
expect_at_s1e1w:
	at	s1e1w, x0
	b	1f
	.globl	expect_at_s1e0r
expect_at_s1e0r:
	at	s1e0r, x0
	b	1f
	.globl	expect_at_s1e0w
expect_at_s1e0w:
	at	s1e0w, x0
	/* the result is in PAR_EL1 only after a context synchronization */
1:	isb
	mrs	x0, par_el1
	mov	x1, xzr
	ret

	/* struct expect_result expect_copy_bytes(void *dst, const void *src, size_t n) */
	.globl	expect_copy_bytes
expect_copy_bytes:
1:	subs	x2, x2, #8
	b.lo	2f
	ldr	x3, [x1], #8
	str	x3, [x0], #8
	b	1b
2:	tbz	x2, #2, 3f		/* 1 to 8 too few: the low bits are those of what is left */
	ldr	w3, [x1], #4
	str	w3, [x0], #4
3:	ands	x2, x2, #3
	b.eq	5f
4:	ldrb	w3, [x1], #1
	strb	w3, [x0], #1
	subs	x2, x2, #1
	b.ne	4b
	/* an abort is taken before anything is done with the copy */
5:	dsb	nsh
	isb
	mov	x1, xzr
	ret

	.globl	expect_serror
expect_serror:
	msr	daifclr, #4
	isb				/* what is pending is taken here, or there is nothing */
	msr	daifset, #4
	mov	x1, xzr
	ret
	.globl	expect_end
expect_end:

	.globl	expect_failed
expect_failed:
	msr	daifset, #4
	mrs	x0, esr_el2
	mov	x1, #1
	ret
