/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See share.h. vN has seed + N in both halves.
 */
	.text
	.altmacro

#define FPSR_BITS 0x0800001f		/* QC and the cumulative flags */
#define FPCR_BITS 0x03c00000		/* AHP, DN, FZ, RMode's lower bit */

	.macro	for_all do
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30, 31
	\do	\n
	.endr
	.endm

	.macro	fill n
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endm

	.macro	compare n
	add	x1, x0, #\n
	mov	x2, v\n\().d[0]
	mov	x3, v\n\().d[1]
	cmp	x1, x2
	ccmp	x1, x3, #0, eq
	cinc	x9, x9, ne
	.endm

	.global	fp_fill
fp_fill:
	for_all	fill
	ldr	w1, =FPSR_BITS
	and	x1, x1, x0
	msr	fpsr, x1
	ldr	w1, =FPCR_BITS
	and	x1, x1, x0
	msr	fpcr, x1
	ret

	.global	fp_compare
fp_compare:
	mov	x9, #0
	for_all	compare
	ldr	w1, =FPSR_BITS
	and	x1, x1, x0
	mrs	x2, fpsr
	cmp	x1, x2
	cinc	x9, x9, ne
	ldr	w1, =FPCR_BITS
	and	x1, x1, x0
	mrs	x2, fpcr
	cmp	x1, x2
	cinc	x9, x9, ne
	mov	x0, x9
	ret
