// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trapped system registers: a table of what exists for guests, by encoding;
 * everything else is UNDEFINED (DDI 0487, D19 for the registers, D19.2.37 for
 * the syndrome). trap_config.h decides which registers trap.
 *
 * No lock: a vCPU's registers are its own; the parts of the vGIC behind some of
 * them have locks.
 */
#include "vcpu/sysreg_trap.h"

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/gic.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/debug.h"
#include "vcpu/exit.h"
#include "vcpu/idregs.h"
#include "vcpu/inject.h"
#include "vcpu/timer.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vdev/vgic_ich.h"
#include "vdev/vgic_sgi.h"
#include "vdev/vgic_v3.h"

struct sysreg {
	uint32_t encoding;
	bool gicv3; /* exists only with a GICv3 */
	/* NULL: UNDEFINED */
	uint64_t (*read)(struct vcpu *vcpu);
	void (*write)(struct vcpu *vcpu, uint64_t value);
};

#define MDSCR_SS BIT(0)	   /* software step */
#define MDSCR_TDCC BIT(12) /* EL0's accesses to the debugger's channel trap */
#define MDSCR_KDE BIT(13)  /* debug exceptions at EL1 */
#define MDSCR_MDE BIT(15)  /* breakpoints and watchpoints */
#define MDSCR_GUEST (MDSCR_SS | MDSCR_TDCC | MDSCR_KDE | MDSCR_MDE)

#define OSLSR_OSLM_IMPLEMENTED BIT(3) /* OSLM is bits 3 and 0; OSLK, bit 1, is 0: unlocked */

static uint64_t read_zero(struct vcpu *vcpu)
{
	(void)vcpu;
	return 0;
}

static void write_ignored(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	(void)value;
}

/* Breakpoints and watchpoints: the guest's own, in the hardware. */
#define DEBUG(n, name)                                                                             \
	static uint64_t read_dbg##name##n(struct vcpu *vcpu)                                       \
	{                                                                                          \
		(void)vcpu;                                                                        \
		return vcpu_debug_read_##name(n);                                                  \
	}                                                                                          \
	static void write_dbg##name##n(struct vcpu *vcpu, uint64_t value)                          \
	{                                                                                          \
		(void)vcpu;                                                                        \
		vcpu_debug_write_##name(n, value);                                                 \
	}

DEBUG(0, bvr)
DEBUG(1, bvr)
DEBUG(0, bcr)
DEBUG(1, bcr)
DEBUG(0, wvr)
DEBUG(1, wvr)
DEBUG(0, wcr)
DEBUG(1, wcr)
_Static_assert(VCPU_NR_BREAKPOINTS == 2 && VCPU_NR_WATCHPOINTS == 2, "one DEBUG() and row each");

/* Without a debugger's channel, and with the OS lock unlocked, these bits are all there is. */
static uint64_t read_mdscr(struct vcpu *vcpu)
{
	return vcpu_read_reg(vcpu, GUEST_MDSCR) & MDSCR_GUEST;
}

static void write_mdscr(struct vcpu *vcpu, uint64_t value)
{
	vcpu_write_reg(vcpu, GUEST_MDSCR, value & MDSCR_GUEST);
}

static uint64_t read_oslsr(struct vcpu *vcpu)
{
	(void)vcpu;
	return OSLSR_OSLM_IMPLEMENTED;
}

static void write_sgi1r(struct vcpu *vcpu, uint64_t value)
{
	vgic_v3_write_sgi1r(&vcpu->vgic, value);
}

static void write_dir(struct vcpu *vcpu, uint64_t value)
{
	vgic_v3_write_dir(&vcpu->vgic, value);
}

/*
 * ICC_PMR_EL1, ICC_RPR_EL1 and ICC_CTLR_EL1 are the guest's own, in the hardware. They trap only
 * where ICC_DIR_EL1 has to and the CPU has no trap for that one alone (ICH_HCR_EL2.TC).
 */
static uint64_t read_pmr(struct vcpu *vcpu)
{
	(void)vcpu;
	return ich_read_pmr();
}

static void write_pmr(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	ich_write_pmr(value);
}

static uint64_t read_rpr(struct vcpu *vcpu)
{
	(void)vcpu;
	return ich_read_rpr();
}

static uint64_t read_ctlr(struct vcpu *vcpu)
{
	(void)vcpu;
	return ich_read_ctlr();
}

static void write_ctlr(struct vcpu *vcpu, uint64_t value)
{
	(void)vcpu;
	ich_write_ctlr(value);
}

/* The system register interface is the only one, and cannot be turned off. */
static uint64_t read_sre(struct vcpu *vcpu)
{
	(void)vcpu;
	return ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB;
}

#define PTIMER(name, reg)                                                                          \
	static uint64_t read_##name(struct vcpu *vcpu)                                             \
	{                                                                                          \
		return vcpu_ptimer_read(vcpu, reg);                                                \
	}                                                                                          \
	static void write_##name(struct vcpu *vcpu, uint64_t value)                                \
	{                                                                                          \
		vcpu_ptimer_write(vcpu, reg, value);                                               \
	}

PTIMER(cntp_tval, VCPU_PTIMER_TVAL)
PTIMER(cntp_ctl, VCPU_PTIMER_CTL)
PTIMER(cntp_cval, VCPU_PTIMER_CVAL)

/* clang-format off */
/* In the order of the encoding in the syndrome: op0, op2, op1, CRn, CRm. */
static const struct sysreg table[] = {
	/* op0, op1, CRn, CRm, op2 */
	{ SYS_ENCODING(2, 0,  0,  2, 0), false, read_zero,      write_ignored   }, /* MDCCINT_EL1 */
	{ SYS_ENCODING(2, 0,  1,  0, 0), false, read_zero,      NULL            }, /* MDRAR_EL1 */
	{ SYS_ENCODING(2, 3,  0,  1, 0), false, read_zero,      NULL            }, /* MDCCSR_EL0 */
	{ SYS_ENCODING(2, 3,  0,  4, 0), false, read_zero,      write_ignored   }, /* DBGDTR_EL0 */
	{ SYS_ENCODING(2, 3,  0,  5, 0), false, read_zero,      write_ignored   }, /* DBGDTR[RT]X_EL0 */
	{ SYS_ENCODING(2, 0,  0,  0, 2), false, read_zero,      write_ignored   }, /* OSDTRRX_EL1 */
	{ SYS_ENCODING(2, 0,  0,  2, 2), false, read_mdscr,     write_mdscr     }, /* MDSCR_EL1 */
	{ SYS_ENCODING(2, 0,  0,  3, 2), false, read_zero,      write_ignored   }, /* OSDTRTX_EL1 */
	{ SYS_ENCODING(2, 0,  0,  6, 2), false, read_zero,      write_ignored   }, /* OSECCR_EL1 */
	{ SYS_ENCODING(2, 0,  0,  0, 4), false, read_dbgbvr0,   write_dbgbvr0   },
	{ SYS_ENCODING(2, 0,  0,  1, 4), false, read_dbgbvr1,   write_dbgbvr1   },
	{ SYS_ENCODING(2, 0,  1,  0, 4), false, NULL,           write_ignored   }, /* OSLAR_EL1 */
	{ SYS_ENCODING(2, 0,  1,  1, 4), false, read_oslsr,     NULL            }, /* OSLSR_EL1 */
	{ SYS_ENCODING(2, 0,  1,  3, 4), false, read_zero,      write_ignored   }, /* OSDLR_EL1 */
	{ SYS_ENCODING(2, 0,  1,  4, 4), false, read_zero,      write_ignored   }, /* DBGPRCR_EL1 */
	{ SYS_ENCODING(2, 0,  0,  0, 5), false, read_dbgbcr0,   write_dbgbcr0   },
	{ SYS_ENCODING(2, 0,  0,  1, 5), false, read_dbgbcr1,   write_dbgbcr1   },
	{ SYS_ENCODING(2, 0,  0,  0, 6), false, read_dbgwvr0,   write_dbgwvr0   },
	{ SYS_ENCODING(2, 0,  0,  1, 6), false, read_dbgwvr1,   write_dbgwvr1   },
	{ SYS_ENCODING(2, 0,  7,  8, 6), false, read_zero,      write_ignored   }, /* DBGCLAIMSET_EL1 */
	{ SYS_ENCODING(2, 0,  7,  9, 6), false, read_zero,      write_ignored   }, /* DBGCLAIMCLR_EL1 */
	{ SYS_ENCODING(2, 0,  7, 14, 6), false, read_zero,      NULL            }, /* DBGAUTHSTATUS_EL1 */
	{ SYS_ENCODING(2, 0,  0,  0, 7), false, read_dbgwcr0,   write_dbgwcr0   },
	{ SYS_ENCODING(2, 0,  0,  1, 7), false, read_dbgwcr1,   write_dbgwcr1   },
	{ SYS_ENCODING(3, 0,  4,  6, 0), true,  read_pmr,       write_pmr       }, /* ICC_PMR_EL1 */
	{ SYS_ENCODING(3, 3, 14,  2, 0), false, read_cntp_tval, write_cntp_tval }, /* CNTP_TVAL_EL0 */
	{ SYS_ENCODING(3, 0,  1,  0, 1), false, read_zero,      write_ignored   }, /* ACTLR_EL1 */
	{ SYS_ENCODING(3, 0, 12, 11, 1), true,  NULL,           write_dir       }, /* ICC_DIR_EL1 */
	{ SYS_ENCODING(3, 3, 14,  2, 1), false, read_cntp_ctl,  write_cntp_ctl  }, /* CNTP_CTL_EL0 */
	{ SYS_ENCODING(3, 3, 14,  2, 2), false, read_cntp_cval, write_cntp_cval }, /* CNTP_CVAL_EL0 */
	{ SYS_ENCODING(3, 0, 12, 11, 3), true,  read_rpr,       NULL            }, /* ICC_RPR_EL1 */
	{ SYS_ENCODING(3, 0, 12, 12, 4), true,  read_ctlr,      write_ctlr      }, /* ICC_CTLR_EL1 */
	{ SYS_ENCODING(3, 0, 12, 11, 5), true,  NULL,           write_sgi1r     }, /* ICC_SGI1R_EL1 */
	{ SYS_ENCODING(3, 0, 12, 12, 5), true,  read_sre,       write_ignored   }, /* ICC_SRE_EL1 */
	/* Guests have one Security state and no Group 0: these SGIs have no receiver */
	{ SYS_ENCODING(3, 0, 12, 11, 6), true,  NULL,           write_ignored   }, /* ICC_ASGI1R_EL1 */
	{ SYS_ENCODING(3, 0, 12, 11, 7), true,  NULL,           write_ignored   }, /* ICC_SGI0R_EL1 */
};
/* clang-format on */

#define ID_SPACE (ESR_SYS_OP0 | ESR_SYS_OP1 | ESR_SYS_CRN)
#define ID_ENCODING SYS_ENCODING(3, 0, 0, 0, 0)
#define SGI1R_ENCODING SYS_ENCODING(3, 0, 12, 11, 5)

bool vcpu_sysreg_table_is_sorted(void)
{
	for (size_t i = 1; i < ARRAY_SIZE(table); i++) {
		if (table[i - 1].encoding >= table[i].encoding)
			return false;
	}
	return true;
}

static const struct sysreg *find(uint32_t encoding)
{
	size_t low = 0, high = ARRAY_SIZE(table);

	/* if the table has the encoding, it is in table[low..high) */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table[middle].encoding == encoding)
			return &table[middle];
		if (table[middle].encoding < encoding)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * The index of an identification register that is read, or IDREGS_NR and up.
 * CRm 0 (MIDR_EL1, MPIDR_EL1) comes out as a large number, too.
 */
static inline unsigned int id_index(uint64_t esr)
{
	if ((esr & (ID_SPACE | ESR_SYS_READ)) != (ID_ENCODING | ESR_SYS_READ))
		return IDREGS_NR;
	return IDREGS_INDEX((unsigned int)FIELD_GET(ESR_SYS_CRM, esr),
			    (unsigned int)FIELD_GET(ESR_SYS_OP2, esr));
}

/* The table's entry for a register that the VM has, or NULL. */
static const struct sysreg *find_of_vm(const struct vcpu *vcpu, uint64_t esr)
{
	const struct sysreg *reg = find((uint32_t)(esr & ESR_SYS_ENCODING));

	return reg != NULL && reg->gicv3 && vcpu->vm->vgic.version != 3 ? NULL : reg;
}

/* The access if the register exists, without the step over the instruction. */
static bool table_access(struct vcpu *vcpu, uint64_t esr)
{
	const struct sysreg *reg = find_of_vm(vcpu, esr);
	unsigned int rt = (unsigned int)FIELD_GET(ESR_SYS_RT, esr);

	if (reg == NULL)
		return false;
	if (esr & ESR_SYS_READ) {
		if (reg->read == NULL)
			return false;
		vcpu_regs_set(&vcpu->regs, rt, reg->read(vcpu));
	} else {
		if (reg->write == NULL)
			return false;
		reg->write(vcpu, vcpu_regs_get(&vcpu->regs, rt));
	}
	return true;
}

/* Registers of the table. Not inlined, so that identification registers need no stack frame. */
static __attribute__((noinline)) struct exit_result sysreg_fast_call(struct vcpu *vcpu,
								     uint64_t esr)
{
	if (!table_access(vcpu, esr))
		return EXIT_SLOW;
	inject_skip_plain();
	return exit_done(vcpu);
}

static __attribute__((noinline)) struct exit_result send_sgi(struct vcpu *vcpu, uint64_t esr)
{
	unsigned int rt = (unsigned int)FIELD_GET(ESR_SYS_RT, esr);

	vgic_v3_write_sgi1r(&vcpu->vgic, vcpu_regs_get(&vcpu->regs, rt));
	inject_skip_plain();
	return exit_done(vcpu);
}

struct exit_result vcpu_sysreg_fast(struct vcpu *vcpu, uint64_t esr)
{
	unsigned int rt = (unsigned int)FIELD_GET(ESR_SYS_RT, esr);
	unsigned int id = id_index(esr);

	if (!vcpu_regs_are_early(rt) || (read_sysreg(spsr_el2) & INJECT_SKIP_STATE))
		return EXIT_SLOW;
	if (id >= IDREGS_NR) {
		/* after identification registers, SGIs are the most frequent */
		if ((esr & (ESR_SYS_ENCODING | ESR_SYS_READ)) == SGI1R_ENCODING &&
		    vcpu->vm->vgic.version == 3)
			return send_sgi(vcpu, esr);
		return sysreg_fast_call(vcpu, esr);
	}
	vcpu_regs_set(&vcpu->regs, rt, vcpu->idregs[id]);
	inject_skip_plain();
	return exit_done(vcpu);
}

void vcpu_sysreg(struct vcpu *vcpu, uint64_t esr)
{
	unsigned int id = id_index(esr);

	if (id < IDREGS_NR) {
		vcpu_regs_set(&vcpu->regs, (unsigned int)FIELD_GET(ESR_SYS_RT, esr),
			      vcpu->idregs[id]);
	} else if (!table_access(vcpu, esr)) {
		inject_undef(vcpu);
		return;
	}
	inject_skip_instruction(esr);
}

/* ConditionHolds(), J1.2.3 */
static bool condition_holds(unsigned int condition, uint64_t pstate)
{
	bool n = pstate & BIT(31), z = pstate & BIT(30), c = pstate & BIT(29), v = pstate & BIT(28);
	bool holds = true;

	switch (condition >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	case 6:
		holds = n == v && !z;
		break;
	default: /* always */
		return true;
	}
	return holds != (condition & 1);
}

void vcpu_coprocessor(struct vcpu *vcpu, uint64_t esr)
{
	uint64_t pstate = read_sysreg(spsr_el2);
	/* IT[7:4] is the current condition, if IT is not 0 */
	uint64_t it =
	    FIELD_GET(PSTATE_A32_IT_HIGH, pstate) << 2 | FIELD_GET(PSTATE_A32_IT_LOW, pstate);
	uint64_t condition = it == 0 ? 14 : it >> 4;

	if (esr & ESR_COPROC_CV)
		condition = FIELD_GET(ESR_COPROC_COND, esr);
	if (condition_holds((unsigned int)condition, pstate))
		inject_undef(vcpu);
	else
		inject_skip_instruction(esr);
}
