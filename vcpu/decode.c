// SPDX-License-Identifier: BSD-2-Clause
/*
 * The A64 load and store decoder: pure, without state. Follows DDI 0487,
 * C4.1 "Loads and Stores" for the encodings and C6.2 for what each
 * instruction does and when it is CONSTRAINED UNPREDICTABLE (the latter also
 * in K1.2). No other instruction is decoded.
 */
#include "vcpu/decode.h"

#include "lib/bits.h"

/* Bits 29:27 and 25:24 name the group; V (26) is SIMD&FP: always 0 here. */
#define LITERAL_MASK 0x3f000000u
#define LITERAL 0x18000000u
#define PAIR_MASK 0x3e000000u /* bit 24 is part of the mode */
#define PAIR 0x28000000u
#define SINGLE_MASK 0x3e000000u /* bit 24: unsigned offset */
#define SINGLE 0x38000000u

#define SIZE GENMASK(31, 30) /* opc in pairs and literals */
#define PAIR_MODE GENMASK(24, 23)
#define PAIR_L BIT(22)
#define PAIR_IMM7 GENMASK(21, 15)
#define RT2 GENMASK(14, 10)
#define UNSIGNED BIT(24)
#define OPC GENMASK(23, 22)
#define IMM12 GENMASK(21, 10)
#define NOT_IMM9 BIT(21)
#define IMM9 GENMASK(20, 12)
#define MODE GENMASK(11, 10)
#define RM GENMASK(20, 16)
#define OPTION GENMASK(15, 13)
#define SCALED BIT(12)
#define IMM19 GENMASK(23, 5)
#define RN GENMASK(9, 5)
#define RT GENMASK(4, 0)

/* Values of the fields */
enum { PAIR_NO_ALLOCATE, PAIR_POST, PAIR_OFFSET, PAIR_PRE };
enum { MODE_UNSCALED, MODE_POST, MODE_UNPRIVILEGED, MODE_PRE };
enum { MODE_ATOMIC, MODE_PAC_1, MODE_REGISTER, MODE_PAC_2 }; /* with NOT_IMM9 */
enum { OPC_STORE, OPC_LOAD, OPC_LOAD_SIGNED_64, OPC_LOAD_SIGNED_32 };
enum { OPTION_UXTW = 2, OPTION_LSL = 3, OPTION_SXTW = 6, OPTION_SXTX = 7 };

#define FIELD(mask, insn) ((uint8_t)FIELD_GET(mask, insn))

static int64_t signed_field(uint64_t mask, uint32_t insn)
{
	uint64_t sign = (FIELD_MAX(mask) >> 1) + 1;

	return (int64_t)((FIELD_GET(mask, insn) ^ sign) - sign);
}

/* With write-back, a transferred register must not be the base, unless it is SP (31). */
static bool writeback_ok(const struct decoded *d)
{
	if (!d->writeback || d->rn == 31)
		return true;
	return d->rt[0] != d->rn && (d->count == 1 || d->rt[1] != d->rn);
}

/* LDR (literal), LDRSW (literal) */
static bool decode_literal(uint32_t insn, struct decoded *d)
{
	unsigned int opc = FIELD(SIZE, insn);

	if (opc == 3) /* PRFM (literal) */
		return false;
	d->size = opc == 1 ? 8 : 4;
	d->wide = opc != 0;
	d->sign_extend = opc == 2;
	d->literal = true;
	d->offset = signed_field(IMM19, insn) * 4;
	return true;
}

/* LDP, STP, LDPSW, LDNP, STNP */
static bool decode_pair(uint32_t insn, struct decoded *d)
{
	unsigned int opc = FIELD(SIZE, insn);
	unsigned int mode = FIELD(PAIR_MODE, insn);

	d->write = !(insn & PAIR_L);
	/* 1 is LDPSW, but STGP as a store and not allocated as LDNP; 3 is no pair of these */
	if (opc == 3 || (opc == 1 && (d->write || mode == PAIR_NO_ALLOCATE)))
		return false;
	d->count = 2;
	d->rt[1] = FIELD(RT2, insn);
	d->size = opc == 2 ? 8 : 4;
	d->wide = opc != 0;
	d->sign_extend = opc == 1;
	d->offset = signed_field(PAIR_IMM7, insn) * d->size;
	d->writeback = mode == PAIR_POST || mode == PAIR_PRE;
	d->post_index = mode == PAIR_POST;
	return (d->write || d->rt[0] != d->rt[1]) && writeback_ok(d);
}

/* LDR (register), STR (register) and their narrow forms */
static bool decode_register_offset(uint32_t insn, struct decoded *d)
{
	if (FIELD(MODE, insn) != MODE_REGISTER)
		return false; /* atomics, LDRAA, LDRAB */
	d->rm = FIELD(RM, insn);
	d->option = FIELD(OPTION, insn);
	d->shift = insn & SCALED ? FIELD(SIZE, insn) : 0;
	return d->option & 2; /* others are not allocated */
}

/* LDR, STR, LDUR, STUR, LDTR, STTR with an immediate, and their narrow forms */
static bool decode_immediate(uint32_t insn, struct decoded *d)
{
	if (insn & UNSIGNED) {
		d->offset = (int64_t)FIELD_GET(IMM12, insn) * d->size;
		return true;
	}
	d->offset = signed_field(IMM9, insn);
	switch (FIELD(MODE, insn)) {
	case MODE_UNPRIVILEGED:
		d->unprivileged = true;
		break;
	case MODE_POST:
		d->post_index = true;
		d->writeback = true;
		break;
	case MODE_PRE:
		d->writeback = true;
		break;
	default:
		break;
	}
	return writeback_ok(d);
}

/* One register, in any addressing mode: size and operation are encoded the same way in all. */
static bool decode_single(uint32_t insn, struct decoded *d)
{
	unsigned int size = FIELD(SIZE, insn);
	unsigned int opc = FIELD(OPC, insn);

	/* Nothing is wider than its register: PRFM, PRFUM or not allocated */
	if ((opc == OPC_LOAD_SIGNED_64 && size == 3) || (opc == OPC_LOAD_SIGNED_32 && size >= 2))
		return false;
	d->size = (uint8_t)(1u << size);
	d->write = opc == OPC_STORE;
	d->sign_extend = opc >= OPC_LOAD_SIGNED_64;
	d->wide = opc == OPC_LOAD_SIGNED_64 || size == 3;
	if (!(insn & UNSIGNED) && (insn & NOT_IMM9))
		return decode_register_offset(insn, d);
	return decode_immediate(insn, d);
}

bool decode_load_store(uint32_t insn, struct decoded *decoded)
{
	*decoded = (struct decoded){
	    .count = 1,
	    .rt = {FIELD(RT, insn)},
	    .rn = FIELD(RN, insn),
	    .rm = DECODE_NO_INDEX,
	};
	if ((insn & LITERAL_MASK) == LITERAL)
		return decode_literal(insn, decoded);
	if ((insn & PAIR_MASK) == PAIR)
		return decode_pair(insn, decoded);
	if ((insn & SINGLE_MASK) == SINGLE)
		return decode_single(insn, decoded);
	return false;
}

uint64_t decode_address(const struct decoded *decoded, uint64_t base, uint64_t index)
{
	if (decoded->rm != DECODE_NO_INDEX) {
		if (decoded->option == OPTION_UXTW)
			index = (uint32_t)index;
		else if (decoded->option == OPTION_SXTW)
			index = (uint64_t)(int32_t)index;
		base += index << decoded->shift;
	}
	return decoded->post_index ? base : base + (uint64_t)decoded->offset;
}
