/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSTATE as SPSR_ELx holds it (DDI 0487, C5.2.18), and the bits of SCTLR_EL1
 * that decide what an exception does to it.
 */
#pragma once

#include "lib/bits.h"
#include "lib/types.h"

#define PSTATE_M GENMASK(4, 0)
#define PSTATE_SPSEL BIT(0) /* with EL: the handler's stack pointer, not SP_EL0 */
#define PSTATE_EL GENMASK(3, 2)
#define PSTATE_AARCH32 BIT(4)
#define PSTATE_T BIT(5) /* AArch32: T32 instructions */
#define PSTATE_F BIT(6)
#define PSTATE_I BIT(7)
#define PSTATE_A BIT(8)
#define PSTATE_D BIT(9)
#define PSTATE_DAIF (PSTATE_D | PSTATE_A | PSTATE_I | PSTATE_F)
#define PSTATE_BTYPE GENMASK(11, 10)
#define PSTATE_SSBS BIT(12)
#define PSTATE_IL BIT(20)
#define PSTATE_SS BIT(21) /* software step */
#define PSTATE_PAN BIT(22)
#define PSTATE_UAO BIT(23)
#define PSTATE_DIT BIT(24)
#define PSTATE_TCO BIT(25)
#define PSTATE_NZCV GENMASK(31, 28)

#define PSTATE_EL0T 0x0
#define PSTATE_EL1T 0x4
#define PSTATE_EL1H 0x5

/* AArch32: the If-Then state is in two pieces, IT[7:2] and IT[1:0] */
#define PSTATE_A32_IT_HIGH GENMASK(15, 10)
#define PSTATE_A32_IT_LOW GENMASK(26, 25)

#define SCTLR_EL1_M BIT(0)
#define SCTLR_EL1_SPAN BIT(23)	/* 0: exceptions to EL1 set PSTATE.PAN */
#define SCTLR_EL1_DSSBS BIT(44) /* PSTATE.SSBS after an exception to EL1 */

/* In either execution state */
static inline bool pstate_is_el0(uint64_t pstate)
{
	return FIELD_GET(PSTATE_EL, pstate) == 0;
}
