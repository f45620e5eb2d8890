/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values that boot writes into control registers, for assembly, which
 * cannot use the C constants' types. boot/tables.c proves that they are the
 * ones of arm64/vmsa.h and arm64/el2.h.
 */
#pragma once

#define MAIR_VALUE 0x04ff
#define TCR_VALUE 0x3510 /* T0SZ 16, walks inner-shareable and write-back, 4 KiB */
#define TCR_RES1 0x80800000
#define SCTLR_BOOT 0x30cd183d	  /* RES1, M, C, SA, I, WXN */
#define SCTLR_BOOT_EL1 0x30d0180d /* RES1, M, C, SA, I */
#define HCR_BOOT 0x80000000	  /* RW */
/*
 * RES1; SVE and SME are trapped. FP is not: libfdt is compiled with it. It runs
 * on the boot CPU and before the seal only, while no guest has anything in the
 * FP registers, and a vCPU's are loaded before it can look at them
 * (vcpu_fp_switch()). EL2's own code is compiled without them.
 */
#define CPTR_BOOT 0x33ff

/* Offsets that assembly uses; proved in vcpu/exit.c, vcpu/mitigation.c */
#define CPU_STACK_TOP 0
#define CPU_CURRENT 80
#define CPU_MITIGATION 88

/* The stack of a failing EL2, and struct panic_frame on it (core/panic.c) */
#define PANIC_STACK_SIZE 4096
#define PANIC_FRAME_SIZE 272
