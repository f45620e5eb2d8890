/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ESR_ELx: exception syndrome (DDI 0487, D19.2.37). Constants only.
 */
#pragma once

#include "lib/bits.h"

#define ESR_EC GENMASK(31, 26)
#define ESR_IL BIT(25)
#define ESR_ISS GENMASK(24, 0)

#define ESR_EC_UNKNOWN 0x00
#define ESR_EC_WFX 0x01
#define ESR_EC_CP15_32 0x03
#define ESR_EC_CP15_64 0x04
#define ESR_EC_CP14_32 0x05
#define ESR_EC_CP14_LS 0x06
#define ESR_EC_FP_ACCESS 0x07
#define ESR_EC_CP10_ID 0x08
#define ESR_EC_PAUTH 0x09
#define ESR_EC_CP14_64 0x0c
#define ESR_EC_BTI 0x0d
#define ESR_EC_ILLEGAL 0x0e
#define ESR_EC_SVC64 0x15
#define ESR_EC_HVC64 0x16
#define ESR_EC_SMC64 0x17
#define ESR_EC_SYSREG 0x18
#define ESR_EC_SVE 0x19
#define ESR_EC_ERET 0x1a
#define ESR_EC_SME 0x1d
#define ESR_EC_IABT_LOWER 0x20
#define ESR_EC_IABT_SAME 0x21
#define ESR_EC_PC_ALIGN 0x22
#define ESR_EC_DABT_LOWER 0x24
#define ESR_EC_DABT_SAME 0x25
#define ESR_EC_SP_ALIGN 0x26
#define ESR_EC_FPEXC64 0x2c
#define ESR_EC_SERROR 0x2f
#define ESR_EC_BREAKPT_LOWER 0x30
#define ESR_EC_BRK64 0x3c

/* WFx */
#define ESR_WFX_TI GENMASK(1, 0) /* 0: WFI, 1: WFE */

/* Instruction and data aborts */
#define ESR_ABT_FSC GENMASK(5, 0)
#define ESR_ABT_WNR BIT(6)
#define ESR_ABT_S1PTW BIT(7)
#define ESR_ABT_CM BIT(8)
#define ESR_ABT_EA BIT(9)
#define ESR_ABT_FNV BIT(10)
#define ESR_ABT_SF BIT(15)
#define ESR_ABT_SRT GENMASK(20, 16)
#define ESR_ABT_SSE BIT(21)
#define ESR_ABT_SAS GENMASK(23, 22)
#define ESR_ABT_ISV BIT(24)

/* Fault status codes, without the level in bits 1:0 */
#define FSC_TYPE GENMASK(5, 2)
#define FSC_TRANSLATION (0x04 >> 2)
#define FSC_ACCESS (0x08 >> 2)
#define FSC_PERMISSION (0x0c >> 2)
#define FSC_EXTERNAL 0x10 /* on the access itself; has no level */
#define FSC_ALIGNMENT 0x21
/* External aborts and memory errors, on the access itself or on a table walk: 0x10 to 0x1f */
#define FSC_IS_EXTERNAL(fsc) (((fsc)&0x30) == 0x10)

/* System register access: MSR, MRS and system instructions */
#define ESR_SYS_READ BIT(0) /* MRS */
#define ESR_SYS_CRM GENMASK(4, 1)
#define ESR_SYS_RT GENMASK(9, 5)
#define ESR_SYS_CRN GENMASK(13, 10)
#define ESR_SYS_OP1 GENMASK(16, 14)
#define ESR_SYS_OP2 GENMASK(19, 17)
#define ESR_SYS_OP0 GENMASK(21, 20)

/* Coprocessor accesses from AArch32 */
#define ESR_COPROC_COND GENMASK(23, 20)
#define ESR_COPROC_CV BIT(24) /* COND is valid */

/* All fields of the ISS that name the register, without Rt and direction */
#define ESR_SYS_ENCODING (ESR_SYS_OP0 | ESR_SYS_OP1 | ESR_SYS_OP2 | ESR_SYS_CRN | ESR_SYS_CRM)
/* The same encoding, from the five numbers that name a register */
#define SYS_ENCODING(op0, op1, crn, crm, op2)                                                      \
	((uint32_t)(FIELD_PREP(ESR_SYS_OP0, op0) | FIELD_PREP(ESR_SYS_OP1, op1) |                  \
		    FIELD_PREP(ESR_SYS_OP2, op2) | FIELD_PREP(ESR_SYS_CRN, crn) |                  \
		    FIELD_PREP(ESR_SYS_CRM, crm)))
