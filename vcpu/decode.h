/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads from an A64 encoding what a load or store does. A stage 2 data abort
 * comes without a description of the access (ESR_EL2.ISV == 0) if there is
 * write-back, or a pair of registers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DECODE_NO_INDEX 0xff

struct decoded {
	uint8_t count;	/* registers transferred, one access each: 1 or 2, at ascending addresses */
	uint8_t size;	/* of one access: 1, 2, 4 or 8 bytes */
	uint8_t rt[2];	/* 31: the zero register */
	uint8_t rn;	/* base register; 31: the stack pointer */
	uint8_t rm;	/* index register (31: the zero register), or DECODE_NO_INDEX */
	uint8_t option; /* how the index is extended: the encoding's field */
	uint8_t shift;	/* and shifted to the left */
	bool write;	/* a store */
	bool sign_extend;  /* a load sign-extends to the register's width */
	bool wide;	   /* the register's width is 64 bits, not 32 */
	bool literal;	   /* the base is the instruction's own address, not rn */
	bool unprivileged; /* accesses with EL0's permissions (LDTR, STTR) */
	bool writeback;	   /* rn becomes base + offset */
	bool post_index;   /* the address is the base alone */
	int64_t offset;
};

/*
 * Decodes the A64 instruction `insn`. Returns false for everything but loads
 * and stores of one or two general registers: also for exclusives, atomics,
 * acquire/release, SIMD and floating point, prefetches, and all forms that are
 * CONSTRAINED UNPREDICTABLE.
 */
bool decode_load_store(uint32_t insn, struct decoded *decoded);

/*
 * The address of the first access, for the given values of the base (rn, or
 * the instruction's address for literals) and of rm (any if there is none).
 */
uint64_t decode_address(const struct decoded *decoded, uint64_t base, uint64_t index);
