// SPDX-License-Identifier: BSD-2-Clause
/*
 * Identification registers (DDI 0487, D19.2.57 and following; the scheme of
 * their fields: D19.1.3). HCR_EL2.TID3 traps guests' reads.
 *
 * Every field is four bits wide, and a larger number means more. Where 0b1111
 * says "not implemented", the number is signed. A guest sees the least of all
 * CPUs' values and of the limit in the table below. Fields without a limit are
 * 0. So a feature of a newer architecture stays hidden until somebody has
 * thought about the state and the traps that it takes.
 *
 * Written at boot by one CPU after the other, constant afterwards: no lock.
 */
#include "vcpu/idregs.h"

#include "arm64/sysreg.h"
#include "arm64/vmsa.h"
#include "vcpu/context.h"
#include "vcpu/vm.h"

#define NIBBLE(shift, value) ((uint64_t)(value) << (shift))
#define ALL(shift) NIBBLE(shift, 0xf)

struct idreg {
	uint8_t index;
	uint64_t limit;	    /* the largest value of each field */
	uint64_t is_signed; /* fields that are signed: all their bits */
	uint64_t equal;	    /* fields that count only if all CPUs have the same */
	uint64_t fixed;	    /* or-ed: fields that do not depend on the hardware */
};

/*
 * AArch32, which ID_PFR0_EL1 to MVFR2_EL1 describe, exists for guests at EL0
 * alone: a kernel reads these registers to inform its 32-bit programs. A whole
 * register is given if no field of it is about another exception level.
 */
static const struct idreg table[] = {
    {
	.index = IDREGS_INDEX(1, 0),		    /* ID_PFR0_EL1 */
	.limit = ALL(0) | ALL(4) | ALL(8) | ALL(12) /* State0 to State3 */
		 | NIBBLE(16, 1)		    /* CSV2 */
		 | NIBBLE(24, 1),		    /* DIT */
    },
    {
	.index = IDREGS_INDEX(1, 1), /* ID_PFR1_EL1; GIC: per VM */
	.limit = NIBBLE(16, 1),	     /* GenTimer */
    },
    {
	.index = IDREGS_INDEX(1, 2), /* ID_DFR0_EL1 */
	.limit = NIBBLE(0, 8),	     /* CopDbg: Armv8.2's */
    },
    {.index = IDREGS_INDEX(1, 4), .limit = UINT32_MAX}, /* ID_MMFR0_EL1 */
    {.index = IDREGS_INDEX(1, 5), .limit = UINT32_MAX}, /* ID_MMFR1_EL1 */
    {.index = IDREGS_INDEX(1, 6), .limit = UINT32_MAX}, /* ID_MMFR2_EL1 */
    {.index = IDREGS_INDEX(1, 7), .limit = UINT32_MAX}, /* ID_MMFR3_EL1 */
    {.index = IDREGS_INDEX(2, 0), .limit = UINT32_MAX}, /* ID_ISAR0_EL1 */
    {.index = IDREGS_INDEX(2, 1), .limit = UINT32_MAX}, /* ID_ISAR1_EL1 */
    {.index = IDREGS_INDEX(2, 2), .limit = UINT32_MAX}, /* ID_ISAR2_EL1 */
    {.index = IDREGS_INDEX(2, 3), .limit = UINT32_MAX}, /* ID_ISAR3_EL1 */
    {.index = IDREGS_INDEX(2, 4), .limit = UINT32_MAX}, /* ID_ISAR4_EL1 */
    {.index = IDREGS_INDEX(2, 5), .limit = UINT32_MAX}, /* ID_ISAR5_EL1 */
    {
	.index = IDREGS_INDEX(2, 6), /* ID_MMFR4_EL1; XNX is stage 2's, EVT is EL2's */
	.limit = NIBBLE(4, 1)	     /* AC2 */
		 | NIBBLE(12, 1)     /* CnP */
		 | NIBBLE(16, 2)     /* HPDS */
		 | NIBBLE(20, 1)     /* LSM */
		 | NIBBLE(24, 1),    /* CCIDX */
    },
    {.index = IDREGS_INDEX(2, 7), .limit = UINT32_MAX}, /* ID_ISAR6_EL1 */
    {.index = IDREGS_INDEX(3, 0), .limit = UINT32_MAX}, /* MVFR0_EL1 */
    {.index = IDREGS_INDEX(3, 1), .limit = UINT32_MAX}, /* MVFR1_EL1 */
    {.index = IDREGS_INDEX(3, 2), .limit = UINT32_MAX}, /* MVFR2_EL1 */
    {
	.index = IDREGS_INDEX(3, 4),	      /* ID_PFR2_EL1 */
	.limit = NIBBLE(0, 1) | NIBBLE(4, 2), /* CSV3, SSBS */
    },
    {
	.index = IDREGS_INDEX(4, 0), /* ID_AA64PFR0_EL1; GIC: per VM */
	.limit = NIBBLE(0, 2)	     /* EL0: AArch32 too */
		 | NIBBLE(4, 1)	     /* EL1: AArch64 only */
		 | NIBBLE(16, 1)     /* FP */
		 | NIBBLE(20, 1)     /* AdvSIMD */
		 | NIBBLE(48, 1)     /* DIT */
		 | NIBBLE(56, 1)     /* CSV2; 2 has SCXTNUM_ELx */
		 | NIBBLE(60, 1),    /* CSV3 */
	.is_signed = ALL(16) | ALL(20),
    },
    {
	.index = IDREGS_INDEX(4, 1), /* ID_AA64PFR1_EL1 */
	.limit = NIBBLE(0, 1)	     /* BT */
		 | NIBBLE(4, 2),     /* SSBS */
    },
    {
	.index = IDREGS_INDEX(5, 0), /* ID_AA64DFR0_EL1 */
	.limit = NIBBLE(0, 8)	     /* DebugVer: Armv8.2's */
		 | NIBBLE(36, 0),    /* DoubleLock: 0 is "implemented" */
	.is_signed = ALL(36),
	.fixed = NIBBLE(12, VCPU_NR_BREAKPOINTS - 1)	/* BRPs */
		 | NIBBLE(20, VCPU_NR_WATCHPOINTS - 1), /* WRPs */
    },
    {
	.index = IDREGS_INDEX(6, 0), /* ID_AA64ISAR0_EL1 */
	.limit = NIBBLE(4, 2)	     /* AES */
		 | NIBBLE(8, 1)	     /* SHA1 */
		 | NIBBLE(12, 2)     /* SHA2 */
		 | NIBBLE(16, 1)     /* CRC32 */
		 | NIBBLE(20, 2)     /* Atomic */
		 | NIBBLE(28, 1)     /* RDM */
		 | NIBBLE(32, 1)     /* SHA3 */
		 | NIBBLE(36, 1)     /* SM3 */
		 | NIBBLE(40, 1)     /* SM4 */
		 | NIBBLE(44, 1)     /* DP */
		 | NIBBLE(48, 1)     /* FHM */
		 | NIBBLE(52, 2)     /* TS */
		 | NIBBLE(56, 2)     /* TLB */
		 | NIBBLE(60, 1),    /* RNDR */
    },
    {
	.index = IDREGS_INDEX(6, 1), /* ID_AA64ISAR1_EL1 */
	.limit = NIBBLE(0, 2)	     /* DPB */
		 | NIBBLE(4, 5)	     /* APA */
		 | NIBBLE(8, 5)	     /* API */
		 | NIBBLE(12, 1)     /* JSCVT */
		 | NIBBLE(16, 1)     /* FCMA */
		 | NIBBLE(20, 2)     /* LRCPC */
		 | NIBBLE(24, 1)     /* GPA */
		 | NIBBLE(28, 1)     /* GPI */
		 | NIBBLE(32, 1)     /* FRINTTS */
		 | NIBBLE(36, 1)     /* SB */
		 | NIBBLE(40, 1)     /* SPECRES */
		 | NIBBLE(44, 2)     /* BF16 */
		 | NIBBLE(48, 1)     /* DGH */
		 | NIBBLE(52, 1),    /* I8MM */
	/* One CPU signs, another one authenticates */
	.equal = ALL(4) | ALL(8) | ALL(24) | ALL(28),
    },
    {
	.index = IDREGS_INDEX(6, 2), /* ID_AA64ISAR2_EL1 */
	.limit = NIBBLE(4, 1)	     /* RPRES */
		 | NIBBLE(8, 1)	     /* GPA3 */
		 | NIBBLE(12, 5)     /* APA3 */
		 | NIBBLE(20, 1)     /* BC */
		 | NIBBLE(24, 1)     /* PAC_frac */
		 | NIBBLE(28, 1)     /* CLRBHB */
		 | NIBBLE(52, 1),    /* CSSC */
	.equal = ALL(8) | ALL(12) | ALL(24),
    },
    {
	.index = IDREGS_INDEX(7, 0), /* ID_AA64MMFR0_EL1; PARange: per VM, too */
	.limit = NIBBLE(0, 5)	     /* PARange: 48 bits */
		 | NIBBLE(4, 2)	     /* ASIDBits */
		 | NIBBLE(20, 1)     /* TGran16; 2 is 52 bits */
		 | NIBBLE(24, 0)     /* TGran64: 0 is "implemented" */
		 | NIBBLE(28, 0)     /* TGran4; 1 is 52 bits */
		 | NIBBLE(44, 1),    /* ExS */
	.is_signed = ALL(24) | ALL(28),
    },
    {
	.index = IDREGS_INDEX(7, 1), /* ID_AA64MMFR1_EL1 */
	.limit = NIBBLE(0, 2)	     /* HAFDBS */
		 | NIBBLE(12, 2)     /* HPDS */
		 | NIBBLE(20, 3)     /* PAN */
		 | NIBBLE(36, 3)     /* ETS */
		 | NIBBLE(44, 1)     /* AFP */
		 | NIBBLE(48, 1)     /* nTLBPA */
		 | NIBBLE(60, 1),    /* ECBHB */
    },
    {
	.index = IDREGS_INDEX(7, 2), /* ID_AA64MMFR2_EL1 */
	.limit = NIBBLE(0, 1)	     /* CnP */
		 | NIBBLE(4, 1)	     /* UAO */
		 | NIBBLE(8, 1)	     /* LSM */
		 | NIBBLE(16, 1)     /* VARange */
		 | NIBBLE(20, 1)     /* CCIDX: CCSIDR_EL1 is not trapped */
		 | NIBBLE(28, 1)     /* ST */
		 | NIBBLE(32, 1)     /* AT */
		 | NIBBLE(36, 1)     /* IDS */
		 | NIBBLE(48, 1)     /* TTL */
		 | NIBBLE(52, 2)     /* BBM */
		 | NIBBLE(60, 1),    /* E0PD */
    },
};

uint64_t idregs_common[IDREGS_NR];

/* Fields that depend on the VM */
#define GIC32 GENMASK(31, 28) /* ID_PFR1_EL1 */
#define GIC64 GENMASK(27, 24) /* ID_AA64PFR0_EL1 */
#define EL0_MODES GENMASK(3, 0)

/* Pointer authentication, of any kind and by any algorithm */
#define ISAR1_PAUTH (GENMASK(11, 4) | GENMASK(31, 24)) /* APA, API, GPA, GPI */
#define ISAR2_PAUTH GENMASK(15, 8)		       /* GPA3, APA3 */

static const struct idreg *find(unsigned int index)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].index == index)
			return &table[i];
	}
	return NULL;
}

/* The lesser of two values of the field at `shift`, in its place. */
static uint64_t lesser(const struct idreg *reg, unsigned int shift, uint64_t a, uint64_t b)
{
	/* A signed number becomes unsigned, with the order kept, by turning its sign over */
	uint64_t turn = FIELD_GET(ALL(0), reg->is_signed >> shift) ? 8 : 0;
	uint64_t left = (a >> shift & 0xf) ^ turn, right = (b >> shift & 0xf) ^ turn;

	return (MIN(left, right) ^ turn) << shift;
}

static uint64_t least(const struct idreg *reg, uint64_t a, uint64_t b)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 4)
		value |= lesser(reg, shift, a, b);
	return value;
}

uint64_t idregs_limit(unsigned int index, uint64_t hardware)
{
	const struct idreg *reg = find(index);

	return reg == NULL ? 0 : least(reg, hardware, reg->limit) | reg->fixed;
}

uint64_t idregs_combine(unsigned int index, uint64_t a, uint64_t b)
{
	const struct idreg *reg = find(index);
	uint64_t value;

	if (reg == NULL)
		return 0;
	if (a == b)
		return a; /* the usual case: CPUs of one kind */
	value = least(reg, a, b);
	for (unsigned int shift = 0; shift < 64; shift += 4) {
		if ((reg->equal & (a ^ b)) >> shift & 0xf)
			value &= ~ALL(shift);
	}
	return value;
}

/* The calling CPU's registers. Encodings without a register read as 0. */
static void read_all(uint64_t *values)
{
#define READ(crm, op2) values[IDREGS_INDEX(crm, op2)] = read_sysreg(S3_0_C0_C##crm##_##op2)
#define READ_ROW(crm)                                                                              \
	READ(crm, 0), READ(crm, 1), READ(crm, 2), READ(crm, 3), READ(crm, 4), READ(crm, 5),        \
	    READ(crm, 6), READ(crm, 7)
	READ_ROW(1);
	READ_ROW(2);
	READ_ROW(3);
	READ_ROW(4);
	READ_ROW(5);
	READ_ROW(6);
	READ_ROW(7);
#undef READ_ROW
#undef READ
}

/* A guest without AArch32 at EL0 has none of its registers: D19.2.57 says UNKNOWN, so 0. */
static void drop_aarch32(void)
{
	if (FIELD_GET(EL0_MODES, idregs_common[IDREGS_INDEX(4, 0)]) == 2)
		return;
	for (unsigned int i = IDREGS_INDEX(1, 0); i < IDREGS_INDEX(4, 0); i++)
		idregs_common[i] = 0;
}

void idregs_init(void)
{
	read_all(idregs_common);
	for (unsigned int i = 0; i < IDREGS_NR; i++)
		idregs_common[i] = idregs_limit(i, idregs_common[i]);
	drop_aarch32();
}

void idregs_merge(void)
{
	uint64_t own[IDREGS_NR];

	read_all(own);
	for (unsigned int i = 0; i < IDREGS_NR; i++)
		idregs_common[i] = idregs_combine(i, idregs_common[i], idregs_limit(i, own[i]));
	drop_aarch32();
}

bool idregs_have_pauth(void)
{
	return (idregs_common[IDREGS_INDEX(6, 1)] & ISAR1_PAUTH) != 0 ||
	       (idregs_common[IDREGS_INDEX(6, 2)] & ISAR2_PAUTH) != 0;
}

/* The largest PARange that is not more than the VM's intermediate physical addresses. */
static uint64_t vm_parange(const struct vm *vm, uint64_t parange)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52};
	uint64_t bits = 64 - FIELD_GET(TCR_T0SZ, vm->stage2.vtcr);

	for (uint64_t i = MIN(parange, ARRAY_SIZE(sizes) - 1); i > 0; i--)
		if (sizes[i] <= bits)
			return i;
	return 0;
}

uint64_t idregs_read(const struct vm *vm, unsigned int index)
{
	uint64_t value = idregs_common[index];
	bool gicv3 = vm->vgic.version == 3;

	switch (index) {
	case IDREGS_INDEX(1, 1):
		/* ID_PFR1_EL1 is 0 as a whole, if there is no AArch32 */
		return value | FIELD_PREP(GIC32, gicv3 && value != 0);
	case IDREGS_INDEX(4, 0):
		return value | FIELD_PREP(GIC64, gicv3);
	case IDREGS_INDEX(7, 0):
		return (value & ~MMFR0_PARANGE) | vm_parange(vm, FIELD_GET(MMFR0_PARANGE, value));
	default:
		return value;
	}
}
