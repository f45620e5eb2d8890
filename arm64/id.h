/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of the identification registers that decide what EL2 does on a CPU (DDI 0487, D19.2):
 * which state there is to move, which controls there are to write. What guests see of them is
 * vcpu/idregs.c's; sizes of addresses are in arm64/vmsa.h. Constants only.
 */
#pragma once

#include "lib/bits.h"

/* MIDR_EL1 */
#define MIDR_PART GENMASK(15, 4)
#define MIDR_IMPLEMENTER GENMASK(31, 24)

/* ID_AA64PFR0_EL1 */
#define PFR0_RAS GENMASK(31, 28)
#define PFR0_MPAM GENMASK(43, 40)
#define PFR0_AMU GENMASK(47, 44)
#define PFR0_CSV2 GENMASK(59, 56) /* what branch predictors learn stays in its context */
#define PFR0_CSV2_3 3		  /* FEAT_CSV2_3: their history, too */

/* ID_AA64PFR1_EL1 */
#define PFR1_MTE GENMASK(11, 8)
#define PFR1_MPAM_FRAC GENMASK(19, 16) /* not 0: FEAT_MPAM, if PFR0_MPAM is 0 */

/* ID_AA64DFR0_EL1 */
#define DFR0_PMU GENMASK(11, 8)
#define DFR0_BRPS GENMASK(15, 12) /* breakpoints, less 1 */
#define DFR0_WRPS GENMASK(23, 20) /* watchpoints, less 1 */
#define DFR0_CTX_CMPS                                                                              \
	GENMASK(31, 28) /* of the breakpoints, the last so many + 1 compare contexts */
#define DFR0_SPE GENMASK(35, 32)
#define DFR0_TRF GENMASK(43, 40)

/* ID_AA64MMFR0_EL1 */
#define MMFR0_FGT GENMASK(59, 56)
#define MMFR0_FGT_2 2 /* FEAT_FGT2 */

/* ID_AA64MMFR1_EL1 */
#define MMFR1_LOR GENMASK(19, 16)
#define MMFR1_HCX GENMASK(43, 40)
#define MMFR1_ECBHB GENMASK(63, 60)

/* ID_AA64ISAR2_EL1 */
#define ISAR2_CLRBHB GENMASK(31, 28)
