/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMSAv8-64 translation table descriptors, 4 KiB granule, 48-bit addresses
 * (DDI 0487, D8.3), for the two regimes that EL2 owns: its own stage 1
 * (EL2 without VHE: one privilege level) and the guests' stage 2. Constants
 * only, each field a mask.
 */
#pragma once

#include "lib/bits.h"

#define PTE_VALID BIT(0)
#define PTE_TYPE GENMASK(1, 0)
#define PTE_TYPE_BLOCK UINT64_C(1) /* levels 1 and 2 */
#define PTE_TYPE_TABLE UINT64_C(3) /* levels 0 to 2 */
#define PTE_TYPE_PAGE UINT64_C(3)  /* level 3 */
#define PTE_ADDR GENMASK(47, 12)   /* next table, or output address */

/* Blocks and pages, both stages */
#define PTE_SH GENMASK(9, 8)
#define PTE_SH_NONE 0
#define PTE_SH_OUTER 2
#define PTE_SH_INNER 3
#define PTE_AF BIT(10) /* accessed: without it, the first access faults */

/* Blocks and pages, EL2 stage 1 */
#define PTE_S1_ATTR GENMASK(4, 2) /* index into MAIR_EL2: MAIR_NORMAL, MAIR_DEVICE */
#define PTE_S1_AP1 BIT(6)	  /* RES1: there is no EL0 in this regime */
#define PTE_S1_READ_ONLY BIT(7)	  /* AP[2] */
#define PTE_S1_GP BIT(50)	  /* BTI: indirect branches must land on a BTI */
#define PTE_S1_XN BIT(54)

/* Blocks and pages, stage 2 */
#define PTE_S2_MEMATTR GENMASK(5, 2)
#define PTE_S2_MEMATTR_DEVICE_nGnRE 0x1
#define PTE_S2_MEMATTR_NORMAL_WB 0xf
#define PTE_S2_READ BIT(6)	  /* S2AP[0] */
#define PTE_S2_WRITE BIT(7)	  /* S2AP[1] */
#define PTE_S2_XN GENMASK(54, 53) /* bit 53 alone has a meaning only with FEAT_XNX */
#define PTE_S2_XN_NONE 0
#define PTE_S2_XN_ALL 2

/* The attribute indices that EL2 gives MAIR_EL2, see MAIR_EL2_VALUE */
#define MAIR_NORMAL 0
#define MAIR_DEVICE 1
