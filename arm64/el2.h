/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers by which EL2 configures and traps what runs below it (DDI
 * 0487, D19.2 and D19.3), as they are with HCR_EL2.E2H == 0. Constants only.
 */
#pragma once

#include "lib/bits.h"

/* HCR_EL2: hypervisor configuration */
#define HCR_VM BIT(0)	  /* stage 2 translation */
#define HCR_SWIO BIT(1)	  /* DC ISW cleans too */
#define HCR_PTW BIT(2)	  /* a stage 1 walk through Device memory faults */
#define HCR_FMO BIT(3)	  /* FIQs to EL2, virtual ones below */
#define HCR_IMO BIT(4)	  /* IRQs to EL2 */
#define HCR_AMO BIT(5)	  /* SErrors to EL2 */
#define HCR_VF BIT(6)	  /* virtual FIQ pending */
#define HCR_VI BIT(7)	  /* virtual IRQ pending */
#define HCR_VSE BIT(8)	  /* virtual SError pending */
#define HCR_FB BIT(9)	  /* broadcast local maintenance */
#define HCR_DC BIT(12)	  /* cacheable while stage 1 is off */
#define HCR_TWI BIT(13)	  /* trap WFI */
#define HCR_TWE BIT(14)	  /* trap WFE */
#define HCR_TID1 BIT(16)  /* trap REVIDR_EL1, AIDR_EL1 */
#define HCR_TID2 BIT(17)  /* trap CTR_EL0, CCSIDR_EL1, CLIDR_EL1, CSSELR_EL1 */
#define HCR_TID3 BIT(18)  /* trap ID registers */
#define HCR_TSC BIT(19)	  /* trap SMC */
#define HCR_TIDCP BIT(20) /* trap IMPLEMENTATION DEFINED registers */
#define HCR_TACR BIT(21)  /* trap ACTLR_EL1 */
#define HCR_TSW BIT(22)	  /* trap cache maintenance by set/way */
#define HCR_TGE BIT(27)
#define HCR_HCD BIT(29) /* HVC is UNDEFINED */
#define HCR_RW BIT(31)	/* EL1 is AArch64 */
#define HCR_E2H BIT(34)
#define HCR_TLOR BIT(35) /* trap LORegion registers (FEAT_LOR) */
#define HCR_TERR BIT(36) /* trap error record registers (FEAT_RAS) */
#define HCR_TEA BIT(37)	 /* external aborts to EL2 (FEAT_RAS) */
#define HCR_APK BIT(40)	 /* do not trap pointer authentication keys (FEAT_PAuth) */
#define HCR_API BIT(41)	 /* do not trap pointer authentication instructions */
#define HCR_FWB BIT(46)
#define HCR_ATA BIT(56)	 /* allow tags (FEAT_MTE2) */
#define HCR_TID5 BIT(58) /* trap GMID_EL1 (FEAT_MTE2) */

/* CPTR_EL2: traps of extensions. TZ and TSM are RES1 without SVE and SME. */
#define CPTR_RES1 (GENMASK(7, 0) | BIT(9) | BIT(13))
#define CPTR_TZ BIT(8)	   /* SVE */
#define CPTR_TFP BIT(10)   /* FP and Advanced SIMD */
#define CPTR_TSM BIT(12)   /* SME */
#define CPTR_TTA BIT(20)   /* trace unit registers */
#define CPTR_TAM BIT(30)   /* activity monitors (FEAT_AMUv1) */
#define CPTR_TCPAC BIT(31) /* CPACR_EL1 */

/* MDCR_EL2: traps of debug, PMU, profiling, trace */
#define MDCR_HPMN GENMASK(4, 0) /* number of event counters that EL1 may use */
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM BIT(6)
#define MDCR_TDE BIT(8)		  /* debug exceptions to EL2 */
#define MDCR_TDA BIT(9)		  /* debug registers */
#define MDCR_TDOSA BIT(10)	  /* OS lock and power registers */
#define MDCR_TDRA BIT(11)	  /* debug ROM address */
#define MDCR_E2PB GENMASK(13, 12) /* 0: the profiling buffer is EL2's (FEAT_SPE) */
#define MDCR_TPMS BIT(14)	  /* statistical profiling (FEAT_SPE) */
#define MDCR_TTRF BIT(19)	  /* trace filter (FEAT_TRF) */
#define MDCR_E2TB GENMASK(25, 24) /* 0: the trace buffer is EL2's (FEAT_TRBE) */

/* CNTHCTL_EL2 */
#define CNTHCTL_EL1PCTEN BIT(0) /* do not trap CNTPCT_EL0 */
#define CNTHCTL_EL1PCEN BIT(1)	/* do not trap the EL1 physical timer */

/* HSTR_EL2: traps of AArch32 coprocessor 15 registers, by CRn */
#define HSTR_T15 BIT(15)

/* MPAM2_EL2 (FEAT_MPAM; DDI 0598) */
#define MPAM2_TRAP_EL1 GENMASK(49, 48)
/* MPAMHCR_EL2, if MPAMIDR_EL1 says so: no virtual partitions; MPAMIDR_EL1 traps */
#define MPAMHCR_TRAP_MPAMIDR BIT(31)
#define MPAMIDR_HAS_HCR BIT(17)

/* HPFAR_EL2: the faulting IPA's bits 51:12 */
#define HPFAR_FIPA GENMASK(43, 4)
#define HPFAR_IPA_SHIFT 8

/* PAR_EL1: what an AT instruction found, in the 64-bit format */
#define PAR_F BIT(0)	       /* the translation failed */
#define PAR_FST GENMASK(6, 1)  /* F: the fault status code */
#define PAR_S BIT(9)	       /* F: stage 2 failed it */
#define PAR_PA GENMASK(51, 12) /* not F: the page */

/* PMCR_EL0 */
#define PMCR_N GENMASK(15, 11) /* number of event counters */

/* CNT{V,P}_CTL_EL0 */
#define CNT_CTL_ENABLE BIT(0)
#define CNT_CTL_IMASK BIT(1)
#define CNT_CTL_ISTATUS BIT(2)
