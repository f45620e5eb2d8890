/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fatal things, in fatal.S; none of them returns.
 */
#pragma once

#include <stdint.h>

/* Goes to `address` with vectors at `vectors`, both of which may be anything. */
_Noreturn void crash_jump(uint64_t address, uint64_t vectors);
/* Translation tables at `tables`. */
_Noreturn void crash_tables(uint64_t tables);
/* The stack pointer `stack`, and an exception that wants to use it. */
_Noreturn void crash_stack(uint64_t stack);
/* The MMU off, then to a virtual address, which is nobody's physical one. */
_Noreturn void crash_mmu_off(void);
