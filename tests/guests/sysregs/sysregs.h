/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the system register test.
 */
#pragma once

/* Bits that survive_*() return for what is not a general register */
#define SURVIVE_FP_SHIFT 32 /* v0 to v31 */

#ifndef __ASSEMBLER__
#include <stdint.h>

void check_id_registers(void);
void check_hidden(void);
void check_debug(void);

/*
 * Each executes one instruction that a hypervisor sees, with patterns in all
 * registers, and returns those that it changed: bit n for xn (x0 and those
 * that it writes left out), bit 32 + n for vn. `arg` is in x0.
 */
uint64_t survive_hvc(uint64_t arg);
uint64_t survive_load(uint64_t arg);
uint64_t survive_load_x28(uint64_t arg);
uint64_t survive_load_xzr(uint64_t arg);
uint64_t survive_load_writeback(uint64_t arg);
uint64_t survive_store(uint64_t arg);
uint64_t survive_mrs(uint64_t arg);
uint64_t survive_mrs_x25(uint64_t arg);
uint64_t survive_mrs_xzr(uint64_t arg);
uint64_t survive_wfi(uint64_t arg);
uint64_t survive_yield(uint64_t arg);

/* Three instructions to step over: a trapped MRS, a load from x0, a NOP; and the first of them. */
void step_over(uint64_t address);
extern char step_first[];
/* Its first instruction sets x0 to 0; returns x0. */
uint64_t breakpoint_here(uint64_t value);
#endif
