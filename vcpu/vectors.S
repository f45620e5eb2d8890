/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's exception vectors (DDI 0487, D1.3.1.5), and the way into a guest.
 *
 * An exit from a guest runs on the CPU's own stack. First only the registers
 * that a C function may change (AAPCS64, 6.1.1: x0 to x18 and x30) are saved,
 * and a fast path in C is tried. C leaves the others as the guest had them. If
 * the fast path does not finish the exit, they are saved too, and the slow path
 * decides which vCPU runs next.
 *
 * There are several tables, for CPUs that differ in their measures against a
 * guest's training of their branch predictors (vcpu/mitigation.c). Every table
 * but the first begins a guest's exit with a sequence of its own, and then goes
 * on in the first. No indirect branch, such as RET, may come before the sequence
 * is over.
 *
 * ELR_EL2 and SPSR_EL2 stay in their registers: EL2 takes no exceptions while
 * it runs, but for its own fatal ones, and those that it expects (arm64/expect.h).
 */
#include "arm64/vmsa_asm.h"

	.section .vectors, "ax"

	.macro	fatal, number
	.balign	0x80
	msr	sp_el0, x0		/* the guest's value is lost: no guest runs again */
	mov	x0, #\number
	b	fatal_entry
	.endm

/* The same, unless it is the answer of one of arm64/expect.S's instructions. */
	.macro	fatal_or_expected, number
	.balign	0x80
	msr	sp_el0, x0
	msr	tpidr_el0, x1
	mrs	x0, elr_el2
	adr	x1, expect_begin
	cmp	x0, x1
	b.lo	1f
	adr	x1, expect_end
	cmp	x0, x1
	b.hs	1f
	adr	x0, expect_failed
	msr	elr_el2, x0
	eret
	dsb	nsh
	isb
1:	mrs	x1, tpidr_el0
	mov	x0, #\number
	b	fatal_entry
	.endm

/*
 * Takes 31 of the 32 instructions that a vector has. The other tables enter
 * behind the first two of them (EXIT_BEGUN).
 */
	.macro	guest_exit, fast
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_CURRENT]
	stp	x2, x3, [x0, #8 * 2]
	stp	x4, x5, [x0, #8 * 4]
	stp	x6, x7, [x0, #8 * 6]
	stp	x8, x9, [x0, #8 * 8]
	stp	x10, x11, [x0, #8 * 10]
	stp	x12, x13, [x0, #8 * 12]
	stp	x14, x15, [x0, #8 * 14]
	stp	x16, x17, [x0, #8 * 16]
	str	x18, [x0, #8 * 18]
	str	x30, [x0, #8 * 30]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	/* struct exit_result fast(struct vcpu *): the vCPU to go back to, or a negative number */
	bl	\fast
	tbnz	x0, #63, guest_exit_slow
	/* the counterpart */
	ldp	x2, x3, [x0, #8 * 2]
	ldp	x4, x5, [x0, #8 * 4]
	ldp	x6, x7, [x0, #8 * 6]
	ldp	x8, x9, [x0, #8 * 8]
	ldp	x10, x11, [x0, #8 * 10]
	ldp	x12, x13, [x0, #8 * 12]
	ldp	x14, x15, [x0, #8 * 14]
	ldp	x16, x17, [x0, #8 * 16]
	ldr	x18, [x0, #8 * 18]
	ldr	x30, [x0, #8 * 30]
	ldp	x0, x1, [x0]
	eret
	/* no speculation past the return (as DDI 0487, B2.10 allows it) */
	dsb	nsh
	isb
	.endm

	.globl	vectors
	.balign	2048
vectors:
	/* From EL2 itself, SP_EL0 selected: never by design */
	fatal	0
	fatal	1
	fatal	2
	fatal	3
	/* From EL2 itself: a bug or a hardware error */
	fatal_or_expected 4
	fatal	5
	fatal	6
	fatal_or_expected 7
	/* From a guest in AArch64 state */
	guest_exit exit_sync_fast
	guest_exit exit_irq_fast
	guest_exit exit_irq_fast
	guest_exit exit_serror_fast
	/* From a guest's EL0 in AArch32 state */
	guest_exit exit_sync_fast
	guest_exit exit_irq_fast
	guest_exit exit_irq_fast
	guest_exit exit_serror_fast

	.equ	EXIT_BEGUN, 8

/* Taken branches that replace all of the guest's in the history: CPU_MITIGATION is their number. */
	.macro	clear_by_loop
	ldr	x1, [x0, #CPU_MITIGATION]
1:	b	. + 4
	subs	x1, x1, #1
	b.ne	1b
	dsb	nsh
	isb
	.endm

	.macro	clear_by_instruction
	hint	#22			/* CLRBHB */
	isb
	.endm

/* SMCCC_ARCH_WORKAROUND_1 or _3, which change x0 to x3 only (DEN0028, 7.5). */
	.macro	clear_by_firmware
	stp	x2, x3, [sp, #-16]!
	ldr	x0, [x0, #CPU_MITIGATION]
	smc	#0
	mrs	x0, tpidr_el2
	ldp	x2, x3, [sp], #16
	.endm

	.macro	table, name, clear
	.globl	\name
	.balign	2048
\name:
	/* EL2's own: as in the first table */
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	.balign	0x80
	b	vectors + \number * 0x80
	.endr
	.irp	number, 8, 9, 10, 11, 12, 13, 14, 15
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mrs	x0, tpidr_el2
	\clear
	b	vectors + \number * 0x80 + EXIT_BEGUN
	.endr
	.endm

	table	vectors_loop, clear_by_loop
	table	vectors_clear, clear_by_instruction
	table	vectors_call, clear_by_firmware

/*
 * struct vcpu *exit_slow(struct exit_result why, struct vcpu *): the vCPU that runs next. Within
 * 32 KiB of the vectors, as far as TBNZ goes.
 */
guest_exit_slow:
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #CPU_CURRENT]
	str	x19, [x1, #8 * 19]
	stp	x20, x21, [x1, #8 * 20]
	stp	x22, x23, [x1, #8 * 22]
	stp	x24, x25, [x1, #8 * 24]
	stp	x26, x27, [x1, #8 * 26]
	stp	x28, x29, [x1, #8 * 28]
	mov	x29, xzr		/* a backtrace ends here */
	mov	x30, xzr
	bl	exit_slow
	/* fall through: the stack is empty again */

/* _Noreturn void vcpu_enter(struct vcpu *vcpu): from the bottom of the stack or anywhere */
	.globl	vcpu_enter
vcpu_enter:
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #CPU_STACK_TOP]
	mov	sp, x1
	ldp	x2, x3, [x0, #16 * 1]
	ldp	x4, x5, [x0, #16 * 2]
	ldp	x6, x7, [x0, #16 * 3]
	ldp	x8, x9, [x0, #16 * 4]
	ldp	x10, x11, [x0, #16 * 5]
	ldp	x12, x13, [x0, #16 * 6]
	ldp	x14, x15, [x0, #16 * 7]
	ldp	x16, x17, [x0, #16 * 8]
	ldp	x18, x19, [x0, #16 * 9]
	ldp	x20, x21, [x0, #16 * 10]
	ldp	x22, x23, [x0, #16 * 11]
	ldp	x24, x25, [x0, #16 * 12]
	ldp	x26, x27, [x0, #16 * 13]
	ldp	x28, x29, [x0, #16 * 14]
	ldr	x30, [x0, #16 * 15]
	ldp	x0, x1, [x0]
	eret
	dsb	nsh
	isb

/*
 * An exception that EL2 took from itself. x0: its vector, SP_EL0: x0 before.
 * The CPU's stack may be broken, so the first CPU that fails has another one. Any
 * other CPU, and the same one at a second exception, stops here.
 *
 * Saves struct panic_frame: x0-x30, sp, and calls panic_exception(frame, vector).
 */
fatal_entry:
	msr	tpidr_el1, x1
	msr	tpidr_el0, x2
	ldr	x1, =panic_owner
1:	ldaxr	w2, [x1]
	cbnz	w2, 3f
	stxr	w2, w1, [x1]		/* any value but 0: the pointer's low half */
	cbnz	w2, 1b
	ldr	x1, =panic_stack + PANIC_STACK_SIZE - PANIC_FRAME_SIZE
	mov	x2, sp
	str	x2, [x1, #8 * 31]
	mov	sp, x1
	str	x0, [x1, #8 * 32]
	mrs	x0, sp_el0
	mrs	x2, tpidr_el1
	stp	x0, x2, [sp]
	mrs	x2, tpidr_el0
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
	str	x30, [sp, #16 * 15]
	mov	x0, sp
	bl	panic_exception
	/* somebody reports a failure already: a CPU that fails too only stops */
fatal_parked:
3:	wfe
	b	3b

	.ltorg
