/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores by exactly one instruction each, in access.S. Loads return
 * what is in the register afterwards, MEMMAP_UNTOUCHED before; stores return
 * the base register.
 */
#pragma once

#define MEMMAP_UNTOUCHED 0x5a5aa5a5deadbeef

#ifndef __ASSEMBLER__
#include <stdint.h>

uint64_t memmap_ldrb(uint64_t address);
uint64_t memmap_ldrh(uint64_t address);
uint64_t memmap_ldr_w(uint64_t address);
uint64_t memmap_ldr_x(uint64_t address);
uint64_t memmap_ldrsw(uint64_t address);
uint64_t memmap_ldp(uint64_t address);
uint64_t memmap_ldxr(uint64_t address);
uint64_t memmap_ldar(uint64_t address);
uint64_t memmap_ldr_q(uint64_t address);

uint64_t memmap_strb(uint64_t address);
uint64_t memmap_strh(uint64_t address);
uint64_t memmap_str_w(uint64_t address);
uint64_t memmap_str_x(uint64_t address);
uint64_t memmap_stp(uint64_t address);
uint64_t memmap_str_q(uint64_t address);
uint64_t memmap_str_post(uint64_t address);
uint64_t memmap_str_pre(uint64_t address);
#endif
