/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function per load or store instruction, in access.S: it takes the
 * registers from `regs`, executes the instruction, and puts them back. x0 is
 * the base, x1 and x2 what is transferred, x3 the index.
 */
#pragma once

#ifndef __ASSEMBLER__
#include <stdint.h>

struct regs {
	uint64_t x[4];
};

typedef void access_function(struct regs *regs);

/* Table rows for mmio.c: X(function, "the instruction"). */
/* clang-format does not come to an end with this. */
// clang-format off
#define ACCESSES(X)                                                                                \
	X(ldrb)                                                                                    \
	X(ldrb_imm)                                                                                \
	X(ldrb_post) X(ldrb_pre) X(ldrb_reg) X(ldrb_sxtw) X(ldrb_uxtw) X(ldrsb_w) X(ldrsb_x) X(    \
	    ldrsb_x_post) X(ldurb) X(ldtrb) X(ldrh) X(ldrh_post) X(ldrsh_w) X(ldrsh_x)             \
	    X(ldrsh_x_pre) X(ldurh) X(ldr_w) X(ldr_w_imm) X(ldr_w_post) X(ldr_w_pre) X(ldr_w_down) \
		X(ldr_w_lsl) X(ldr_wzr) X(ldr_wzr_post) X(ldrsw) X(ldrsw_post) X(ldrsw_pre)        \
		    X(ldur_w) X(ldursw) X(ldtr_w) X(ldar) X(ldr_sp_post) X(ldr_sp_pre) X(ldp_w)    \
			X(ldp_w_post) X(ldp_w_pre) X(ldp_w_zr) X(ldpsw) X(ldpsw_post) X(ldnp_w)    \
			    X(strb) X(strb_post) X(strb_pre) X(strb_reg) X(sturb) X(sttrb) X(strh) \
				X(strh_post) X(str_w) X(str_w_post) X(str_w_pre) X(str_w_down) X(  \
				    str_wzr) X(str_wzr_post) X(stur_w) X(sttr_w) X(stlr)           \
				    X(str_sp_post) X(stp_w) X(stp_w_post) X(stp_w_pre) X(stp_wzr)  \
					X(stnp_w) X(ldr_x) X(ldr_x_post) X(ldr_x_lsl) X(ldp_x)     \
					    X(ldp_x_pre) X(ldr_xzr) X(str_x) X(str_x_pre) X(stp_x) \
						X(stp_x_post) X(simd_ldr_q) X(simd_ldr_s_post)     \
						    X(simd_str_d) X(simd_str_q_pre) X(simd_ldp)    \
							X(simd_stp) X(simd_ld1) X(simd_st1_post)   \
							    X(ldxr) X(ldaxr) X(stxr) X(ldxp)       \
								X(dc_zva) X(ldadd) X(swp) X(cas)
// clang-format on

#define DECLARE(name) access_function access_##name;
ACCESSES(DECLARE)
#undef DECLARE

/* Loads a word from x0, post-indexed; for mmu_call_off(). Returns it. */
uint64_t load_post_indexed(uint64_t address);
uint64_t load_pair(uint64_t address);
#endif
