/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's first instructions, its exception vectors, and what else cannot
 * be C. The header is that of an arm64 Linux kernel (its boot protocol says
 * how we are entered: at EL1, or EL2 where nobody is below us, MMU off, x0 =
 * device tree), for which any loader will do.
 */
#include "tests/guests/lib/exception.h"
#include "tests/guests/lib/mmu.h"
#include "tests/guests/lib/smp.h"

	.section .head, "ax"
	.global image_head
image_head:
	b	start
	.word	0
	.quad	0			/* text_offset */
	.quad	image_size
	.quad	0xa			/* little-endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.word	0

	.text

/* x0: device tree */
start:
	msr	daifset, #0xf
	adrp	x1, image_head
	cbnz	x1, 2f
	/* We are firmware, in flash at 0: go on in a copy, in memory behind the device tree. */
	movz	x2, #0x4020, lsl #16
	ldr	x3, [x1, #16]		/* image_size */
1:	ldr	x4, [x1]
	str	x4, [x2]
	add	x1, x1, #8
	add	x2, x2, #8
	subs	x3, x3, #8
	b.ne	1b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	movz	x2, #0x4020, lsl #16
	br	x2
2:	mov	x20, x0
	bl	el2_leave
	adrp	x21, image_head		/* where we are: the first 2 MiB block */

	/* The image's own mapping depends on that; the rest of the tables is constant. */
	adrp	x0, level2
	add	x0, x0, :lo12:level2
	mov	x1, #MMU_BLOCK(MMU_NORMAL)
	add	x1, x1, x21
	mov	x2, #MMU_IMAGE_BLOCKS
	mov	x3, x0
1:	str	x1, [x3], #8
	add	x1, x1, #(1 << MMU_BLOCK_SHIFT)
	subs	x2, x2, #1
	b.ne	1b
	dsb	sy
	dc	ivac, x0		/* 32 bytes: one line */
	adrp	x1, level1
	add	x1, x1, :lo12:level1
	orr	x0, x0, #3		/* a table */
	str	x0, [x1, #(511 * 8)]
	add	x1, x1, #(511 * 8)
	dsb	sy
	dc	ivac, x1
	dsb	sy

	bl	mmu_on
	ldr	x0, =1f
	br	x0
1:	ldr	x0, =bss_start
	ldr	x1, =bss_end
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b
	mov	x0, #0
	bl	set_stack
	mov	x0, x20
	mov	x1, x21
	bl	guest_start
	b	.

/* x0: the CPU's index, PSCI's context identifier. CPU_ON enters here, with the MMU off. */
	.global	secondary_start
secondary_start:
	msr	daifset, #0xf
	mov	x20, x0
	bl	el2_leave
	bl	mmu_on
	ldr	x0, =1f
	br	x0
1:	mov	x0, x20
	bl	set_stack
	mov	x0, x20
	bl	smp_secondary_main
	b	.

/* x0: the CPU's index */
set_stack:
	msr	spsel, #1
	ldr	x1, =stacks
	add	x0, x0, #1
	mov	x2, #STACK_SIZE
	madd	x1, x0, x2, x1
	mov	sp, x1
	mov	x29, #0
	ldr	x1, =vectors
	msr	vbar_el1, x1
	mov	x1, #(3 << 20)		/* FP and SIMD do not trap */
	msr	cpacr_el1, x1
	isb
	ret

/* Turns the MMU on; clobbers x0 to x2. Runs where it was loaded. */
mmu_on:
	ldr	x0, =MMU_MAIR
	msr	mair_el1, x0
	/* 39 bits, inner shareable write-back walks, TTBR1_EL1 off, IPS as the CPU has it */
	ldr	x0, =(25 | (1 << 8) | (1 << 10) | (3 << 12) | (1 << 23))
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf
	mov	x2, #5			/* 48 bits are enough */
	cmp	x1, x2
	csel	x1, x1, x2, lo
	orr	x0, x0, x1, lsl #32
	msr	tcr_el1, x0
	adrp	x0, level1
	add	x0, x0, :lo12:level1
	msr	ttbr0_el1, x0
	dsb	sy
	tlbi	vmalle1
	dsb	sy
	isb
	ldr	x0, =GUEST_SCTLR
	msr	sctlr_el1, x0
	isb
	ret

/*
 * uint64_t mmu_call_off(uint64_t (*fn)(uint64_t), uint64_t arg), see mmu.h.
 * Between here and the return everything runs at its physical address.
 */
	.global	mmu_call_off
mmu_call_off:
	stp	x29, x30, [sp, #-48]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	mrs	x22, daif
	msr	daifset, #0xf
	ldr	x2, =GUEST_VA
	ldr	x3, =image_pa
	ldr	x3, [x3]
	sub	x19, x3, x2		/* physical less virtual */
	add	x20, x0, x19
	ldr	x0, =1f
	add	x0, x0, x19
	br	x0
1:	mrs	x21, sctlr_el1
	bic	x0, x21, #SCTLR_M
	msr	sctlr_el1, x0
	isb
	mov	x0, x1
	blr	x20
	msr	sctlr_el1, x21
	isb
	ldr	x1, =2f
	br	x1
2:	msr	daif, x22
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #48
	ret

/* ---- Exceptions ---- */

	.macro	vector kind
	.balign	0x80
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	exception_entry
	.endm

	.balign	0x800
	.global	vectors
vectors:
	.irp	origin, 0, 4, 8, 12	/* EL1 with SP_EL0, with SP_EL1, EL0, EL0 in AArch32 */
	vector	(\origin + EXCEPTION_SYNC)
	vector	(\origin + EXCEPTION_IRQ)
	vector	(\origin + EXCEPTION_FIQ)
	vector	(\origin + EXCEPTION_SERROR)
	.endr

	.macro	all_pairs op
	.irp	n, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	pair	\op, \n, %(\n + 1)
	.endr
	.endm

	.altmacro
	.macro	pair op, n, m
	\op	x\n, x\m, [sp, #(8 * \n)]
	.endm

/* x1: what it is; x0 and x1 are saved. See struct frame. */
exception_entry:
	all_pairs stp
	str	x30, [sp, #(8 * 30)]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, esr_el1
	mrs	x5, far_el1
	stp	x2, x3, [sp, #(8 * 31)]
	stp	x4, x5, [sp, #(8 * 33)]
	mov	x0, sp
	bl	exception_handle
	ldp	x2, x3, [sp, #(8 * 31)]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	all_pairs ldp
	ldr	x30, [sp, #(8 * 30)]
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_SIZE
	eret

/* ---- Tables and stacks ---- */

	.data
	.balign	4096
level1:	.quad	MMU_BLOCK(MMU_DEVICE) | MMU_XN
	.set	gib, 1
	.rept	510
	.quad	MMU_BLOCK(MMU_NORMAL) | (gib << 30)
	.set	gib, gib + 1
	.endr
	.quad	0			/* the level 2 table */

	.global	level2
level2:	.fill	512, 8, 0

	.bss
	.balign	16
stacks:	.fill	SMP_MAX_CPUS * STACK_SIZE
