/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
/*
 * EL2's virtual address space: 48 bits through TTBR0_EL2, four levels. Used by
 * C, by assembly and by the linker script: constants only.
 *
 * What is mapped where, with the index into the level 0 and level 1 tables:
 *
 *   from              to                L0        L1  what
 *   ----------------  ----------------  --------  --  -----------------------------------------
 *   0x0000_0000_0000  0x7fff_ffff_ffff    0..255      identity: the page of boot code that runs
 *                                                     on both sides of the MMU switch
 *   0x8000_0000_0000  0xff7f_ffff_ffff  256..510      pool: linear, only the pool's blocks
 *   0xff80_0000_0000  0xff80_3fff_ffff       511   0  image: text RX, rodata R, data RW
 *   0xff80_4000_0000  0xff80_7fff_ffff       511   1  devices: nGnRE, RW
 *   0xff80_8000_0000  0xff80_bfff_ffff       511   2  stacks, 64 KiB apart: guard below each
 *   0xff80_c000_0000  0xff80_ffff_ffff       511   3  windows: two of 2 MiB for each CPU
 */
/* clang-format on */
#pragma once

#ifdef __ASSEMBLER__
#define LAYOUT(n) n
#else
#include <stdint.h>
#define LAYOUT(n) UINT64_C(n)
#endif

#define EL2_VA_BITS 48

#define EL2_POOL LAYOUT(0x800000000000)
#define EL2_IMAGE LAYOUT(0xff8000000000)
#define EL2_DEVICES LAYOUT(0xff8040000000)
#define EL2_STACKS LAYOUT(0xff8080000000)
#define EL2_WINDOWS LAYOUT(0xff80c0000000)

/* Physical memory from here on has no address in the pool's linear map. */
#define EL2_POOL_SIZE (EL2_IMAGE - EL2_POOL)
/* The image, the devices, the stacks and the windows have one level 1 entry each. */
#define EL2_AREA_SIZE LAYOUT(0x40000000)

/* The pool grows by whole level 2 blocks. */
#define EL2_POOL_BLOCK LAYOUT(0x200000)

/* CPU n's stack is the top EL2_STACK_SIZE bytes of its slot; below is its guard. */
#define EL2_STACK_SLOT LAYOUT(0x10000)
#define EL2_STACK_SIZE LAYOUT(0x2000)
#define EL2_STACK_TOP(cpu) (EL2_STACKS + ((cpu) + 1) * EL2_STACK_SLOT)

/* A window is one level 3 table. */
#define EL2_WINDOW_SIZE LAYOUT(0x200000)
#define EL2_WINDOWS_PER_CPU 2

/* As many as have windows in their area. */
#define EL2_MAX_CPUS 256

#ifndef __ASSEMBLER__
_Static_assert(EL2_AREA_SIZE / EL2_WINDOW_SIZE / EL2_WINDOWS_PER_CPU >= EL2_MAX_CPUS, "windows");
_Static_assert(EL2_AREA_SIZE / EL2_STACK_SLOT >= EL2_MAX_CPUS, "stacks");
_Static_assert(EL2_STACK_SIZE < EL2_STACK_SLOT, "every stack has a guard");
_Static_assert(EL2_POOL % EL2_POOL_BLOCK == 0, "pool blocks are blocks at their address too");
_Static_assert(EL2_WINDOWS + EL2_AREA_SIZE <= LAYOUT(1) << EL2_VA_BITS, "48 bits");
#endif
