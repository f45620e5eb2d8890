/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's address space: 39 bits, 4 KiB granule, one level 1 table.
 *
 *	0x00_0000_0000	  1 GiB: identity, Device-nGnRE, never executed
 *	0x00_4000_0000	510 GiB: identity, normal memory, whether there is any or not
 *	0x7f_c000_0000	  8 MiB: the guest's image (GUEST_VA), and
 *	0x7f_c100_0000	        windows of 2 MiB that tests map as they like
 *
 * Usable from assembly.
 */
#pragma once

#define GUEST_VA 0x7fc0000000
#define MMU_IMAGE_BLOCKS 4
#define MMU_WINDOW_FIRST 8 /* index in the level 2 table */
#define MMU_NR_WINDOWS 8

#define MMU_BLOCK_SHIFT 21

/* Indices into MAIR_EL1, and its value */
#define MMU_NORMAL 0
#define MMU_DEVICE 1 /* nGnRE */
#define MMU_UNCACHED 2
#define MMU_STRONG 3 /* Device-nGnRnE */
#define MMU_MAIR 0x004404ff

/* A block: access flag, inner shareable, block descriptor (DDI 0487, D8.3) */
#define MMU_BLOCK(attr) (0x701 | ((attr) << 2))
#define MMU_XN ((1 << 54) | (1 << 53))

#define SCTLR_M 0x1
/* RES1 bits as of Armv8.0, M, C, SA, I; unaligned accesses are allowed */
#define GUEST_SCTLR 0x30d0180d

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#define MMU_READ_ONLY (UINT64_C(1) << 7)
#define MMU_USER (UINT64_C(1) << 6)
#define MMU_NO_EXEC (UINT64_C(3) << 53)

/*
 * Maps the 2 MiB block around `pa` in window n and returns where `pa` then is.
 * `attr` is one of MMU_NORMAL..., with MMU_READ_ONLY and the like or-ed to it.
 * All CPUs see it.
 */
void *mmu_map(unsigned int n, uint64_t pa, uint64_t attr);

/* Makes the table at `pa`, wherever that is, the one that maps window n; `pa` is page-aligned. */
void *mmu_map_table(unsigned int n, uint64_t pa);

/* Nothing is mapped in window n any more. */
void mmu_unmap(unsigned int n);

/* The (guest-)physical address of something in the guest's image. */
uint64_t mmu_pa(const volatile void *p);

/* Calls fn(arg) with this CPU's MMU off. fn must not touch memory but devices, and be assembly. */
uint64_t mmu_call_off(uint64_t (*fn)(uint64_t), uint64_t arg);
#endif
