/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction each. See mmio.h.
 */
	.arch	armv8.1-a

	.text

	.macro	enter
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x19, [sp, #16]
	mov	x19, x0
	ldp	x0, x1, [x19]
	ldp	x2, x3, [x19, #16]
	.endm

	.macro	leave
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	.endm

	.macro	access name, instruction:vararg
	.global	access_\name
access_\name:
	enter
	\instruction
	leave
	.endm

	/* The stack pointer as the base; nothing may interrupt. */
	.macro	access_sp name, instruction:vararg
	.global	access_\name
access_\name:
	enter
	mrs	x5, daif
	msr	daifset, #0xf
	mov	x4, sp
	mov	sp, x0
	\instruction
	mov	x0, sp
	mov	sp, x4
	msr	daif, x5
	leave
	.endm

	access	ldrb, ldrb w1, [x0]
	access	ldrb_imm, ldrb w1, [x0, #3]
	access	ldrb_post, ldrb w1, [x0], #1
	access	ldrb_pre, ldrb w1, [x0, #1]!
	access	ldrb_reg, ldrb w1, [x0, x3]
	access	ldrb_sxtw, ldrb w1, [x0, w3, sxtw]
	access	ldrb_uxtw, ldrb w1, [x0, w3, uxtw]
	access	ldrsb_w, ldrsb w1, [x0]
	access	ldrsb_x, ldrsb x1, [x0]
	access	ldrsb_x_post, ldrsb x1, [x0], #-3
	access	ldurb, ldurb w1, [x0, #-1]
	access	ldtrb, ldtrb w1, [x0]

	access	ldrh, ldrh w1, [x0]
	access	ldrh_post, ldrh w1, [x0], #2
	access	ldrsh_w, ldrsh w1, [x0]
	access	ldrsh_x, ldrsh x1, [x0]
	access	ldrsh_x_pre, ldrsh x1, [x0, #4]!
	access	ldurh, ldurh w1, [x0, #-4]

	access	ldr_w, ldr w1, [x0]
	access	ldr_w_imm, ldr w1, [x0, #4]
	access	ldr_w_post, ldr w1, [x0], #4
	access	ldr_w_pre, ldr w1, [x0, #4]!
	access	ldr_w_down, ldr w1, [x0, #-4]!
	access	ldr_w_lsl, ldr w1, [x0, x3, lsl #2]
	access	ldr_wzr, ldr wzr, [x0]
	access	ldr_wzr_post, ldr wzr, [x0], #4
	access	ldrsw, ldrsw x1, [x0]
	access	ldrsw_post, ldrsw x1, [x0], #8
	access	ldrsw_pre, ldrsw x1, [x0, #4]!
	access	ldur_w, ldur w1, [x0, #4]
	access	ldursw, ldursw x1, [x0, #-4]
	access	ldtr_w, ldtr w1, [x0]
	access	ldar, ldar w1, [x0]
	access_sp ldr_sp_post, ldr w1, [sp], #16
	access_sp ldr_sp_pre, ldr w1, [sp, #-16]!

	access	ldp_w, ldp w1, w2, [x0]
	access	ldp_w_post, ldp w1, w2, [x0], #8
	access	ldp_w_pre, ldp w1, w2, [x0, #-8]!
	access	ldp_w_zr, ldp wzr, w2, [x0]
	access	ldpsw, ldpsw x1, x2, [x0]
	access	ldpsw_post, ldpsw x1, x2, [x0], #8
	access	ldnp_w, ldnp w1, w2, [x0]

	access	strb, strb w1, [x0]
	access	strb_post, strb w1, [x0], #1
	access	strb_pre, strb w1, [x0, #1]!
	access	strb_reg, strb w1, [x0, x3]
	access	sturb, sturb w1, [x0, #1]
	access	sttrb, sttrb w1, [x0]
	access	strh, strh w1, [x0]
	access	strh_post, strh w1, [x0], #2
	access	str_w, str w1, [x0]
	access	str_w_post, str w1, [x0], #4
	access	str_w_pre, str w1, [x0, #4]!
	access	str_w_down, str w1, [x0], #-4
	access	str_wzr, str wzr, [x0]
	access	str_wzr_post, str wzr, [x0], #4
	access	stur_w, stur w1, [x0, #4]
	access	sttr_w, sttr w1, [x0]
	access	stlr, stlr w1, [x0]
	access_sp str_sp_post, str w1, [sp], #16
	access	stp_w, stp w1, w2, [x0]
	access	stp_w_post, stp w1, w2, [x0], #8
	access	stp_w_pre, stp w1, w2, [x0, #-8]!
	access	stp_wzr, stp wzr, wzr, [x0]
	access	stnp_w, stnp w1, w2, [x0]

	access	ldr_x, ldr x1, [x0]
	access	ldr_x_post, ldr x1, [x0], #8
	access	ldr_x_lsl, ldr x1, [x0, x3, lsl #3]
	access	ldp_x, ldp x1, x2, [x0]
	access	ldp_x_pre, ldp x1, x2, [x0, #16]!
	access	ldr_xzr, ldr xzr, [x0]
	access	str_x, str x1, [x0]
	access	str_x_pre, str x1, [x0, #8]!
	access	stp_x, stp x1, x2, [x0]
	access	stp_x_post, stp x1, x2, [x0], #16

	access	simd_ldr_q, ldr q0, [x0]
	access	simd_ldr_s_post, ldr s0, [x0], #4
	access	simd_str_d, str d0, [x0]
	access	simd_str_q_pre, str q0, [x0, #16]!
	access	simd_ldp, ldp d0, d1, [x0]
	access	simd_stp, stp s0, s1, [x0]
	access	simd_ld1, ld1 {v0.4s}, [x0]
	access	simd_st1_post, st1 {v0.4s}, [x0], #16
	access	ldxr, ldxr w1, [x0]
	access	ldaxr, ldaxr w1, [x0]
	access	stxr, stxr w2, w1, [x0]
	access	ldxp, ldxp w1, w2, [x0]
	access	dc_zva, dc zva, x0
	access	ldadd, ldadd w1, w2, [x0]
	access	swp, swp w1, w2, [x0]
	access	cas, cas w1, w2, [x0]

	.global	load_post_indexed
load_post_indexed:
	ldr	w1, [x0], #4
	mov	x0, x1
	ret

	.global	load_pair
load_pair:
	ldp	w1, w2, [x0]
	orr	x0, x1, x2, lsl #32
	ret
