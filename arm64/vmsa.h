/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers that control EL2's own translation and the guests' stage 2
 * (DDI 0487, D19.2), for HCR_EL2.E2H = 0, and the values that we give them.
 * Constants and pure functions only.
 */
#pragma once

#include "arm64/pte.h"
#include "lib/bits.h"

/* TCR_EL2 and VTCR_EL2: common fields */
#define TCR_T0SZ GENMASK(5, 0) /* 64 - input address bits */
#define TCR_IRGN0 GENMASK(9, 8)
#define TCR_ORGN0 GENMASK(11, 10)
#define TCR_RGN_WB 1 /* write-back, read and write allocate */
#define TCR_SH0 GENMASK(13, 12)
#define TCR_SH_INNER 3
#define TCR_TG0 GENMASK(15, 14)
#define TCR_TG0_4K 0
#define TCR_PS GENMASK(18, 16) /* output address bits, encoded as PARange */
/* The table walks are cacheable and coherent with all CPUs' accesses. */
#define TCR_WALKS                                                                                  \
	(FIELD_PREP(TCR_IRGN0, TCR_RGN_WB) | FIELD_PREP(TCR_ORGN0, TCR_RGN_WB) |                   \
	 FIELD_PREP(TCR_SH0, TCR_SH_INNER) | FIELD_PREP(TCR_TG0, TCR_TG0_4K))

#define TCR_EL2_TBI BIT(20)
#define TCR_EL2_RES1 (BIT(31) | BIT(23))
/* EL2's own: 48-bit addresses; `parange` is the smaller of the CPU's and PARANGE_48. */
#define TCR_EL2_VALUE(parange)                                                                     \
	(TCR_EL2_RES1 | FIELD_PREP(TCR_T0SZ, 64 - 48) | TCR_WALKS | FIELD_PREP(TCR_PS, parange))

#define VTCR_EL2_SL0 GENMASK(7, 6)
#define VTCR_EL2_SL0_LEVEL2 0
#define VTCR_EL2_SL0_LEVEL1 1
#define VTCR_EL2_SL0_LEVEL0 2
#define VTCR_EL2_VS BIT(19) /* 16-bit VMIDs */
#define VTCR_EL2_RES1 BIT(31)

/* VTTBR_EL2 */
#define VTTBR_EL2_CNP BIT(0)
#define VTTBR_EL2_BADDR GENMASK(47, 1)
#define VTTBR_EL2_VMID GENMASK(63, 48)

/* MAIR_EL2: attribute n is byte n */
#define MAIR_ATTR(n) (UINT64_C(0xff) << (8 * (n)))
#define MAIR_NORMAL_WB 0xff    /* write-back, read and write allocate, inner and outer */
#define MAIR_DEVICE_nGnRE 0x04 /* no gathering, no reordering, early acknowledgement */
#define MAIR_EL2_VALUE                                                                             \
	(FIELD_PREP(MAIR_ATTR(MAIR_NORMAL), MAIR_NORMAL_WB) |                                      \
	 FIELD_PREP(MAIR_ATTR(MAIR_DEVICE), MAIR_DEVICE_nGnRE))

/* SCTLR_EL2 */
#define SCTLR_EL2_M BIT(0)    /* MMU on */
#define SCTLR_EL2_A BIT(1)    /* alignment faults */
#define SCTLR_EL2_C BIT(2)    /* data accesses cacheable */
#define SCTLR_EL2_SA BIT(3)   /* stack pointer alignment faults */
#define SCTLR_EL2_I BIT(12)   /* instruction fetches cacheable */
#define SCTLR_EL2_WXN BIT(19) /* what is writable is not executable */
#define SCTLR_EL2_EE BIT(25)  /* big-endian data */
#define SCTLR_EL2_BT BIT(36)  /* FEAT_BTI */
#define SCTLR_EL2_RES1                                                                             \
	(BIT(4) | BIT(5) | BIT(11) | BIT(16) | BIT(18) | BIT(22) | BIT(23) | BIT(28) | BIT(29))
#define SCTLR_EL2_MMU_OFF SCTLR_EL2_RES1
#define SCTLR_EL2_MMU_ON                                                                           \
	(SCTLR_EL2_RES1 | SCTLR_EL2_M | SCTLR_EL2_C | SCTLR_EL2_SA | SCTLR_EL2_I | SCTLR_EL2_WXN)

/* ID_AA64MMFR0_EL1 */
#define MMFR0_PARANGE GENMASK(3, 0)
#define MMFR0_TGRAN4 GENMASK(31, 28) /* stage 1: 0 and 1 supported, 15 not */
#define MMFR0_TGRAN4_NONE 0xf
#define MMFR0_TGRAN4_2 GENMASK(43, 40) /* stage 2: 0 as TGRAN4, 1 not, 2 and more supported */
#define MMFR0_TGRAN4_2_SAME 0
#define MMFR0_TGRAN4_2_NONE 1

/* ID_AA64MMFR1_EL1 */
#define MMFR1_VMIDBITS GENMASK(7, 4)
#define MMFR1_VMIDBITS_16 2

/* MMFR0_PARANGE and TCR_PS: physical address bits */
#define PARANGE_32 0
#define PARANGE_36 1
#define PARANGE_40 2
#define PARANGE_42 3
#define PARANGE_44 4
#define PARANGE_48 5
#define PARANGE_52 6

/*
 * The PARange to use: descriptors here hold 48-bit addresses, so that a CPU
 * with more, or with an encoding that is not known yet, counts as 48.
 */
static inline unsigned int parange_usable(uint64_t mmfr0)
{
	uint64_t parange = FIELD_GET(MMFR0_PARANGE, mmfr0);

	return (unsigned int)(parange < PARANGE_48 ? parange : PARANGE_48);
}

/* Address bits of a usable PARange. */
static inline unsigned int parange_bits(unsigned int parange)
{
	static const unsigned char bits[] = {32, 36, 40, 42, 44, 48};

	return bits[parange];
}
