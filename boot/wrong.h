/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may be wrong with how the image was entered (start.S finds out,
 * boot_refuse() says it): bits. For C and assembly: constants only.
 */
#pragma once

#define WRONG_EL1 1	   /* entered at EL1, or at EL3 where there is no EL2 */
#define WRONG_EL3 2	   /* entered at EL3 */
#define WRONG_BIG_ENDIAN 4 /* SCTLR_ELx.EE was set */
#define WRONG_ADDRESS 8	   /* loaded off a 2 MiB boundary */
#define WRONG_E2H 16	   /* HCR_EL2.E2H stays set */
