/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of the interrupt controllers, GICv2 (IHI 0048) and GICv3 (IHI
 * 0069): shared by what drives the hardware and what emulates it. Offsets in
 * the order of the manuals; bits and fields as masks. Constants only.
 */
#pragma once

#include "lib/bits.h"

#define GIC_NR_PRIVATE 32u /* INTIDs of SGIs and PPIs, which each CPU has for itself */

/* Distributor; those with a bit, byte, ... for each interrupt are arrays */
#define GICD_CTLR 0x0000
#define GICD_TYPER 0x0004
#define GICD_IIDR 0x0008
#define GICD_TYPER2 0x000c
#define GICD_IGROUPR 0x0080
#define GICD_ISENABLER 0x0100
#define GICD_ICENABLER 0x0180
#define GICD_ISPENDR 0x0200
#define GICD_ICPENDR 0x0280
#define GICD_ISACTIVER 0x0300
#define GICD_ICACTIVER 0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR 0x0800 /* v2 */
#define GICD_ICFGR 0x0c00
#define GICD_IGRPMODR 0x0d00 /* v3 */
#define GICD_NSACR 0x0e00
#define GICD_SGIR 0x0f00      /* v2 */
#define GICD_CPENDSGIR 0x0f10 /* v2 */
#define GICD_SPENDSGIR 0x0f20 /* v2 */
#define GICD_IROUTER 0x6000   /* v3, 64 bits each, from INTID 32 on at 0x6100 */
#define GICD_V2_PIDR2 0x0fe8
#define GICD_V3_PIDR2 0xffe8

#define GICD_CTLR_ENABLE_G0 BIT(0)  /* v2; v3 with one security state */
#define GICD_CTLR_ENABLE_G1 BIT(0)  /* v3, as the non-secure side sees it */
#define GICD_CTLR_ENABLE_G1A BIT(1) /* v3; v2: group 1 */
#define GICD_CTLR_ARE_NS BIT(4)
#define GICD_CTLR_DS BIT(6)
#define GICD_CTLR_RWP BIT(31)

#define GICD_TYPER_LINES GENMASK(4, 0) /* INTIDs / 32 - 1 */
#define GICD_TYPER_CPUS GENMASK(7, 5)  /* v2: CPU interfaces - 1 */
#define GICD_TYPER_IDBITS GENMASK(23, 19)
#define GICD_TYPER_A3V BIT(24)
#define GICD_TYPER_NO1N BIT(25)

#define GICD_SGIR_INTID GENMASK(3, 0)
#define GICD_SGIR_NSATT BIT(15)
#define GICD_SGIR_TARGETS GENMASK(23, 16)
#define GICD_SGIR_FILTER GENMASK(25, 24)
#define GICD_SGIR_FILTER_LIST 0
#define GICD_SGIR_FILTER_OTHERS 1
#define GICD_SGIR_FILTER_SELF 2

#define GICD_IROUTER_IRM BIT(31)
#define GICD_IROUTER_AFFINITY (GENMASK(39, 32) | GENMASK(23, 0))

/* Redistributor: two frames, control and SGI; the second's registers have the GICD's offsets */
#define GICR_FRAME_SIZE 0x10000u
#define GICR_SGI_OFFSET 0x10000u
#define GICR_CTLR 0x0000
#define GICR_IIDR 0x0004
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014
#define GICR_PIDR2 0xffe8

#define GICR_CTLR_RWP BIT(3)
#define GICR_TYPER_PLPIS BIT(0)
#define GICR_TYPER_VLPIS BIT(1)
#define GICR_TYPER_LAST BIT(4)
#define GICR_TYPER_PROCESSOR GENMASK(23, 8)
#define GICR_TYPER_AFFINITY GENMASK(63, 32)
#define GICR_WAKER_PROCESSOR_SLEEP BIT(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT(2)

#define GIC_PIDR2_ARCH GENMASK(7, 4)

/* CPU interface, v2; GICV, the virtual one, has the same */
#define GICC_CTLR 0x0000
#define GICC_PMR 0x0004
#define GICC_BPR 0x0008
#define GICC_IAR 0x000c
#define GICC_EOIR 0x0010
#define GICC_RPR 0x0014
#define GICC_HPPIR 0x0018
#define GICC_IIDR 0x00fc
#define GICC_DIR 0x1000

#define GICC_CTLR_ENABLE BIT(0)
#define GICC_CTLR_EOIMODE BIT(9)
#define GICC_IAR_INTID GENMASK(9, 0)
#define GICC_IAR_CPU GENMASK(12, 10)

/* Virtual interface control, v2 */
#define GICH_HCR 0x000
#define GICH_VTR 0x004
#define GICH_VMCR 0x008
#define GICH_MISR 0x010
#define GICH_EISR0 0x020
#define GICH_EISR1 0x024
#define GICH_ELRSR0 0x030
#define GICH_ELRSR1 0x034
#define GICH_APR 0x0f0
#define GICH_LR 0x100

/* GICH_HCR and ICH_HCR_EL2 agree in these */
#define ICH_HCR_EN BIT(0)
#define ICH_HCR_UIE BIT(1)
#define ICH_HCR_LRENPIE BIT(2)
#define ICH_HCR_NPIE BIT(3)
#define ICH_HCR_TC BIT(10)   /* v3 */
#define ICH_HCR_TDIR BIT(14) /* v3 */
#define ICH_HCR_EOICOUNT GENMASK(31, 27)

#define GICH_VTR_LISTREGS GENMASK(5, 0)

#define GICH_LR_VINTID GENMASK(9, 0)
#define GICH_LR_PINTID GENMASK(19, 10)
#define GICH_LR_CPUID GENMASK(12, 10) /* not HW: the sender of an SGI */
#define GICH_LR_EOI BIT(19)	      /* not HW */
#define GICH_LR_PRIORITY GENMASK(27, 23)
#define GICH_LR_STATE GENMASK(29, 28)
#define GICH_LR_GROUP1 BIT(30)
#define GICH_LR_HW BIT(31)

#define GICH_VMCR_GRP0EN BIT(0)
#define GICH_VMCR_GRP1EN BIT(1)
#define GICH_VMCR_EOIMODE BIT(9)
#define GICH_VMCR_PMR GENMASK(31, 27)

/* Virtual interface control, v3 */
#define ICH_VTR_LISTREGS GENMASK(4, 0)
#define ICH_VTR_TDS BIT(19)
#define ICH_VTR_A3V BIT(21)
#define ICH_VTR_SEIS BIT(22)
#define ICH_VTR_IDBITS GENMASK(25, 23)
#define ICH_VTR_PREBITS GENMASK(28, 26)
#define ICH_VTR_PRIBITS GENMASK(31, 29)

#define ICH_LR_VINTID GENMASK(31, 0)
#define ICH_LR_PINTID GENMASK(44, 32)
#define ICH_LR_EOI BIT(41) /* not HW */
#define ICH_LR_PRIORITY GENMASK(55, 48)
#define ICH_LR_GROUP1 BIT(60)
#define ICH_LR_HW BIT(61)
#define ICH_LR_STATE GENMASK(63, 62)

#define ICH_VMCR_GRP0EN BIT(0)
#define ICH_VMCR_GRP1EN BIT(1)
#define ICH_VMCR_CBPR BIT(4)
#define ICH_VMCR_EOIM BIT(9)
#define ICH_VMCR_PMR GENMASK(31, 24)

/* CPU interface, v3: system registers */
#define ICC_SRE_SRE BIT(0)
#define ICC_SRE_DFB BIT(1)
#define ICC_SRE_DIB BIT(2)
#define ICC_SRE_ENABLE BIT(3)
#define ICC_CTLR_CBPR BIT(0)
#define ICC_CTLR_EOIMODE BIT(1)
#define ICC_CTLR_PRIBITS GENMASK(10, 8)
#define ICC_CTLR_IDBITS GENMASK(13, 11)
#define ICC_CTLR_SEIS BIT(14)
#define ICC_CTLR_A3V BIT(15)
#define ICC_SGI1R_TARGETS GENMASK(15, 0)
#define ICC_SGI1R_AFF1 GENMASK(23, 16)
#define ICC_SGI1R_INTID GENMASK(27, 24)
#define ICC_SGI1R_AFF2 GENMASK(39, 32)
#define ICC_SGI1R_IRM BIT(40)
#define ICC_SGI1R_RS GENMASK(47, 44)
#define ICC_SGI1R_AFF3 GENMASK(55, 48)
