/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time to one instruction. Seventeen reads of the counter in a row, and
 * the number of them that are still in the first one's tick, tell where in
 * its tick the first one was. All of this is without branches, so that the
 * number of instructions before and after it is known: the assembler counts.
 */
	.altmacro

	.macro	read n
	mrs	x\n, cntvct_el0
	.endm

	.macro	same n
	cmp	x\n, x0
	cinc	x17, x17, eq
	.endm

	.macro	reads			/* changes x0 to x16 */
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	read	%n
	.endr
	.endm

	/* The time of the first of reads: scale * x0 + (scale - 1 - those in the same tick) */
	.macro	time_of_first into	/* changes x1 and x17 */
	mov	x17, #0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	same	%n
	.endr
	adrp	x1, bench_scale
	ldr	x1, [x1, :lo12:bench_scale]
	madd	x0, x0, x1, x1
	sub	x0, x0, #1
	sub	\into, x0, x17
	.endm

	.text

/* struct span bench_time(const void *op, uint64_t a, uint64_t b, const volatile void *c) */
	.global	bench_time
bench_time:
	stp	x29, x30, [sp, #-64]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3
	isb
1:	reads
	time_of_first x23
	add	x23, x23, #((2f - 1b) / 4)
	mov	x0, x20
	mov	x1, x21
	mov	x2, x22
	blr	x19
2:	isb
	reads
	time_of_first x1
	sub	x1, x1, #2		/* op's RET, and the ISB */
	mov	x0, x23
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #64
	ret

/* An interrupt from EL1; the branch in the vector is the first instruction. */
#define SAVED 160
irq:
	sub	sp, sp, #SAVED
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	isb
1:	reads
	time_of_first x0
	sub	x0, x0, #(1 + (1b - irq) / 4)
	bl	bench_interrupt
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #SAVED
	eret

	.balign	0x800
	.global	bench_vectors
bench_vectors:
	.irp	offset, 0x000, 0x080, 0x100, 0x180, 0x200
	.balign	0x80
	b	vectors + \offset
	.endr
	.balign	0x80
	b	irq
	.irp	offset, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
	.balign	0x80
	b	vectors + \offset
	.endr
