/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bulk copy and zero; general registers only, as all of EL2. See arm64/copy.h.
 */

	.text

/*
 * void copy_pages_stream(void *dst, const void *src, size_t bytes)
 * Clobbers x0 to x11. 18 instructions for 128 bytes: the pointers stand 16
 * bytes low, so that the last pair of each kind can move them (only plain
 * LDP and STP write back).
 */
	.globl	copy_pages_stream
	.type	copy_pages_stream, %function
	.balign	64
copy_pages_stream:
	sub	x0, x0, #16
	sub	x1, x1, #16
	add	x2, x0, x2		/* where x0 ends */
1:	ldnp	x4, x5, [x1, #16]
	ldnp	x6, x7, [x1, #32]
	ldnp	x8, x9, [x1, #48]
	ldnp	x10, x11, [x1, #64]
	stnp	x4, x5, [x0, #16]
	stnp	x6, x7, [x0, #32]
	stnp	x8, x9, [x0, #48]
	stnp	x10, x11, [x0, #64]
	ldnp	x4, x5, [x1, #80]
	ldnp	x6, x7, [x1, #96]
	ldnp	x8, x9, [x1, #112]
	ldp	x10, x11, [x1, #128]!
	stnp	x4, x5, [x0, #80]
	stnp	x6, x7, [x0, #96]
	stnp	x8, x9, [x0, #112]
	stp	x10, x11, [x0, #128]!
	cmp	x0, x2
	b.ne	1b
	ret
	.size	copy_pages_stream, . - copy_pages_stream

/*
 * void zero_pages(void *dst, size_t bytes)
 * Clobbers x0 to x3. DC ZVA zeroes a block of 4 << BS bytes, at most 2 KiB, so
 * a page is whole blocks; where it is prohibited (DZP), pairs of stores. What is
 * above DZP in DCZID_EL0 is reserved, and may come to mean something.
 */
	.globl	zero_pages
	.type	zero_pages, %function
	.balign	64
zero_pages:
	add	x1, x0, x1		/* end */
	mrs	x2, dczid_el0
	tbnz	x2, #4, 2f
	and	x2, x2, #0xf		/* BS */
	mov	x3, #4
	lsl	x3, x3, x2
1:	dc	zva, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.ne	1b
	ret
2:	stp	xzr, xzr, [x0], #64
	stp	xzr, xzr, [x0, #-48]
	stp	xzr, xzr, [x0, #-32]
	stp	xzr, xzr, [x0, #-16]
	cmp	x0, x1
	b.ne	2b
	ret
	.size	zero_pages, . - zero_pages
