// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/sysreg_trap.c: which registers exist for guests, what they do, and that all
 * others are UNDEFINED.
 */
#include <atf-c.h>
#include <string.h>

#include "arm64/el2.h"
#include "arm64/esr.h"
#include "arm64/pstate.h"
#include "arm64/sysreg.h"
#include "vcpu/crash.h"
#include "vcpu/exit.h"
#include "vcpu/idregs.h"
#include "vcpu/pcpu.h"
#include "vcpu/sysreg_trap.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"
#include "vdev/vgic_sgi.h"
#include "vdev/vgic_v3.h"

#define PC UINT64_C(0x40080000)

static struct vm vm;
static struct vcpu vcpu;
static struct pcpu cpu;
static uint64_t idregs[IDREGS_NR];
static uint64_t sgi1r, dir;
static unsigned int nr_sgi1r, nr_dir;
static enum vcpu_ptimer_reg ptimer_reg;
static uint64_t ptimer_written;

void vgic_v3_write_sgi1r(struct vgic_cpu *from, uint64_t value)
{
	ATF_REQUIRE_EQ(from, &vcpu.vgic);
	sgi1r = value;
	nr_sgi1r++;
}

void vgic_v3_write_dir(struct vgic_cpu *vgic, uint64_t value)
{
	ATF_REQUIRE_EQ(vgic, &vcpu.vgic);
	dir = value;
	nr_dir++;
}

uint64_t vcpu_ptimer_read(struct vcpu *v, enum vcpu_ptimer_reg reg)
{
	ATF_REQUIRE_EQ(v, &vcpu);
	return 100 + reg;
}

void vcpu_ptimer_write(struct vcpu *v, enum vcpu_ptimer_reg reg, uint64_t value)
{
	ATF_REQUIRE_EQ(v, &vcpu);
	ptimer_reg = reg;
	ptimer_written = value;
}

void vm_crash(struct vcpu *v, const char *fmt, ...)
{
	(void)v;
	atf_tc_fail("crash: %s", fmt);
}

static uint64_t own_number(unsigned int n)
{
	return n * UINT64_C(0x0101010101010101);
}

static void set_up(void)
{
	fake_sysreg_reset();
	memset(&vcpu, 0, sizeof(vcpu));
	for (unsigned int i = 0; i < 31; i++)
		vcpu.regs.x[i] = own_number(i);
	for (unsigned int i = 0; i < IDREGS_NR; i++)
		idregs_common[i] = 0;
	vm.vgic.version = 3;
	vm.stage2.vtcr = 24;
	vcpu.vm = &vm;
	vcpu.home = &cpu;
	vcpu.idregs = idregs;
	for (unsigned int i = 0; i < IDREGS_NR; i++)
		idregs[i] = 0x1000 + i;
	cpu.current = &vcpu;
	write_sysreg(elr_el2, PC);
	write_sysreg(spsr_el2, PSTATE_EL1H);
	write_sysreg(ICH_VTR_EL2, 0x90b00003); /* QEMU's, but for TDS */
	nr_sgi1r = 0;
	nr_dir = 0;
}

static uint64_t syndrome(uint32_t encoding, unsigned int rt, bool read)
{
	return FIELD_PREP(ESR_EC, ESR_EC_SYSREG) | ESR_IL | encoding | FIELD_PREP(ESR_SYS_RT, rt) |
	       (read ? ESR_SYS_READ : 0);
}

/* Reads or writes a register in the slow path; false if that is UNDEFINED. */
static bool try_access(uint32_t encoding, unsigned int rt, bool read)
{
	unsigned int injected = fake_sysreg_writes("esr_el1");

	write_sysreg(elr_el2, PC);
	vcpu_sysreg(&vcpu, syndrome(encoding, rt, read));
	if (fake_sysreg_writes("esr_el1") != injected) {
		ATF_CHECK_EQ(read_sysreg(esr_el1), 0x02000000);
		ATF_CHECK_EQ(read_sysreg(elr_el1), PC);
		write_sysreg(spsr_el2, PSTATE_EL1H);
		return false;
	}
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
	return true;
}

static uint64_t mrs(uint32_t encoding)
{
	ATF_CHECK(try_access(encoding, 20, true));
	return vcpu.regs.x[20];
}

static void msr(uint32_t encoding, uint64_t value)
{
	vcpu.regs.x[21] = value;
	ATF_CHECK(try_access(encoding, 21, false));
}

ATF_TC_WITHOUT_HEAD(table);
ATF_TC_BODY(table, tc)
{
	ATF_CHECK(vcpu_sysreg_table_is_sorted());
}

/* How many of the 2 * 2^15 accesses that can trap exist: not one by accident. */
ATF_TC_WITHOUT_HEAD(default_deny);
ATF_TC_BODY(default_deny, tc)
{
	unsigned int reads = 0, writes = 0;

	set_up();
	for (unsigned int n = 0; n < 1u << 16; n++) {
		uint32_t encoding =
		    SYS_ENCODING(n >> 14, n >> 11 & 7, n >> 7 & 15, n >> 3 & 15, n & 7);

		reads += try_access(encoding, 31, true);
		writes += try_access(encoding, 31, false);
	}
	ATF_CHECK_EQ(reads, IDREGS_NR + 31);
	ATF_CHECK_EQ(writes, 31);
}

/* True if the fast path has done it, false if it leaves it to the slow one. */
static bool fast(uint64_t esr)
{
	struct exit_result result = vcpu_sysreg_fast(&vcpu, esr);

	ATF_REQUIRE(exit_is_done(result) || exit_is(result, EXIT_SLOW));
	if (exit_is_done(result))
		ATF_REQUIRE_EQ(result.value, (intptr_t)&vcpu);
	return exit_is_done(result);
}

ATF_TC_WITHOUT_HEAD(identification);
ATF_TC_BODY(identification, tc)
{
	set_up();
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			uint32_t encoding = SYS_ENCODING(3, 0, 0, crm, op2);
			uint64_t expected = 0x1000 + IDREGS_INDEX(crm, op2);

			ATF_CHECK_EQ(mrs(encoding), expected);
			ATF_CHECK(!try_access(encoding, 0, false));
			set_up();
			ATF_CHECK(fast(syndrome(encoding, 7, true)));
			ATF_CHECK_EQ(vcpu.regs.x[7], expected);
			ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
		}
	}
	/* MIDR_EL1 and what comes after the space do not trap by TID3 */
	ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 0, 0, 0), 0, true));
	ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 0, 8, 0), 0, true));
	ATF_CHECK(!fast(syndrome(SYS_ENCODING(3, 0, 0, 0, 5), 0, true)));
	ATF_CHECK(!fast(syndrome(SYS_ENCODING(3, 0, 0, 8, 0), 0, true)));
	ATF_CHECK(!fast(syndrome(SYS_ENCODING(3, 1, 0, 4, 0), 0, true)));
}

ATF_TC_WITHOUT_HEAD(fast_registers);
ATF_TC_BODY(fast_registers, tc)
{
	const uint32_t pfr1 = SYS_ENCODING(3, 0, 0, 4, 1), sgi = SYS_ENCODING(3, 0, 12, 11, 5);

	for (unsigned int rt = 0; rt < 32; rt++) {
		bool in_memory = vcpu_regs_are_early(rt);

		set_up();
		ATF_CHECK_EQ(fast(syndrome(pfr1, rt, true)), in_memory);
		for (unsigned int i = 0; i < 31; i++) {
			bool written = in_memory && i == rt;

			ATF_CHECK_EQ(vcpu.regs.x[i],
				     written ? 0x1000 + IDREGS_INDEX(4, 1) : own_number(i));
		}
		ATF_CHECK_EQ(vcpu.vm, &vm); /* which comes after x30 */

		set_up();
		ATF_CHECK_EQ(fast(syndrome(sgi, rt, false)), in_memory);
		ATF_CHECK_EQ(nr_sgi1r, in_memory);
		if (in_memory)
			ATF_CHECK_EQ(sgi1r, rt == 31 ? 0 : own_number(rt));
		ATF_CHECK_EQ(read_sysreg(elr_el2), in_memory ? PC + 4 : PC);
	}
}

ATF_TC_WITHOUT_HEAD(fast_declines);
ATF_TC_BODY(fast_declines, tc)
{
	static const uint64_t states[] = {PSTATE_SS, BIT(10), BIT(11)};
	const uint32_t pfr0 = SYS_ENCODING(3, 0, 0, 4, 0), sgi = SYS_ENCODING(3, 0, 12, 11, 5);

	for (unsigned int i = 0; i < ARRAY_SIZE(states); i++) {
		set_up();
		write_sysreg(spsr_el2, PSTATE_EL1H | states[i]);
		ATF_CHECK(!fast(syndrome(pfr0, 0, true)));
		ATF_CHECK(!fast(syndrome(sgi, 0, false)));
	}
	set_up();
	ATF_CHECK(!fast(syndrome(pfr0, 0, false)));
	ATF_CHECK(!fast(syndrome(sgi, 0, true)));
	ATF_CHECK(!fast(syndrome(SYS_ENCODING(3, 0, 1, 0, 2), 0, true)));
	vm.vgic.version = 2;
	ATF_CHECK(!fast(syndrome(sgi, 0, false)));
	ATF_CHECK_EQ(nr_sgi1r, 0);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC);
	ATF_CHECK_EQ(vcpu.regs.x[0], own_number(0));
	/* ACTLR_EL1: in the table, so it is done at once */
	ATF_CHECK(fast(syndrome(SYS_ENCODING(3, 0, 1, 0, 1), 0, true)));
	ATF_CHECK_EQ(vcpu.regs.x[0], 0);
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
}

ATF_TC_WITHOUT_HEAD(gic);
ATF_TC_BODY(gic, tc)
{
	set_up();
	msr(SYS_ENCODING(3, 0, 12, 11, 5), 0x123); /* ICC_SGI1R_EL1 */
	ATF_CHECK_EQ(sgi1r, 0x123);
	msr(SYS_ENCODING(3, 0, 12, 11, 6), 1); /* ICC_ASGI1R_EL1 */
	msr(SYS_ENCODING(3, 0, 12, 11, 7), 1); /* ICC_SGI0R_EL1 */
	ATF_CHECK_EQ(nr_sgi1r, 1);
	msr(SYS_ENCODING(3, 0, 12, 11, 1), 27); /* ICC_DIR_EL1 */
	ATF_CHECK_EQ(nr_dir, 1);
	ATF_CHECK_EQ(dir, 27);
	ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 12, 11, 1), 0, true));
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 0, 12, 12, 5)), 7); /* ICC_SRE_EL1 */
	msr(SYS_ENCODING(3, 0, 12, 12, 5), 0);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 0, 12, 12, 5)), 7);

	/* those that trap with ICC_DIR_EL1: ICC_PMR_EL1, ICC_RPR_EL1, ICC_CTLR_EL1 */
	write_sysreg(ICH_VMCR_EL2, 0xa8000000);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 0, 4, 6, 0)), 0xa8);
	msr(SYS_ENCODING(3, 0, 4, 6, 0), 0xf0);
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf0000000);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 0, 12, 11, 3)), 0xff);
	ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 12, 11, 3), 0, false));
	msr(SYS_ENCODING(3, 0, 12, 12, 4), 2);
	ATF_CHECK_EQ(read_sysreg(ICH_VMCR_EL2), 0xf0000200);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 0, 12, 12, 4)), 0x8c02);

	/* none of them with a GICv2 */
	vm.vgic.version = 2;
	nr_sgi1r = 0;
	for (unsigned int op2 = 0; op2 < 8; op2++) {
		ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 12, 11, op2), 0, false));
		ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 12, 12, op2), 0, true));
		ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 12, 12, op2), 0, false));
		ATF_CHECK(!try_access(SYS_ENCODING(3, 0, 4, 6, op2), 0, true));
	}
	ATF_CHECK_EQ(nr_sgi1r, 0);
}

ATF_TC_WITHOUT_HEAD(debug);
ATF_TC_BODY(debug, tc)
{
	static const struct {
		uint32_t encoding;
		const char *name;
	} live[] = {
	    {SYS_ENCODING(2, 0, 0, 0, 4), "dbgbvr0_el1"},
	    {SYS_ENCODING(2, 0, 0, 1, 4), "dbgbvr1_el1"},
	    {SYS_ENCODING(2, 0, 0, 0, 5), "dbgbcr0_el1"},
	    {SYS_ENCODING(2, 0, 0, 1, 5), "dbgbcr1_el1"},
	    {SYS_ENCODING(2, 0, 0, 0, 6), "dbgwvr0_el1"},
	    {SYS_ENCODING(2, 0, 0, 1, 6), "dbgwvr1_el1"},
	    {SYS_ENCODING(2, 0, 0, 0, 7), "dbgwcr0_el1"},
	    {SYS_ENCODING(2, 0, 0, 1, 7), "dbgwcr1_el1"},
	};

	set_up();
	write_sysreg(id_aa64dfr0_el1, 0x101006); /* two of each */
	for (unsigned int i = 0; i < ARRAY_SIZE(live); i++) {
		msr(live[i].encoding, 0x6040 + i);
		ATF_CHECK_EQ(fake_sysreg_get(live[i].name), 0x6040 + i);
		fake_sysreg_set(live[i].name, 0xa100 + i);
		ATF_CHECK_EQ(mrs(live[i].encoding), 0xa100 + i);
	}
	/* the CPU's others */
	for (unsigned int n = 2; n < 16; n++) {
		for (unsigned int op2 = 4; op2 < 8; op2++) {
			ATF_CHECK(!try_access(SYS_ENCODING(2, 0, 0, n, op2), 0, true));
			ATF_CHECK(!try_access(SYS_ENCODING(2, 0, 0, n, op2), 0, false));
		}
	}
	/* MDSCR_EL1: no halting debug, nothing of the channel */
	msr(SYS_ENCODING(2, 0, 0, 2, 2), UINT64_MAX);
	ATF_CHECK_EQ(read_sysreg(mdscr_el1), 0xb001);
	write_sysreg(mdscr_el1, UINT64_MAX);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(2, 0, 0, 2, 2)), 0xb001);
	/* OSLAR_EL1 takes anything, OSLSR_EL1 says unlocked */
	msr(SYS_ENCODING(2, 0, 1, 0, 4), 1);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(2, 0, 1, 1, 4)), 8);
	ATF_CHECK_EQ(fake_sysreg_writes("oslar_el1"), 0);
	ATF_CHECK(!try_access(SYS_ENCODING(2, 0, 1, 0, 4), 0, true));
	ATF_CHECK(!try_access(SYS_ENCODING(2, 0, 1, 1, 4), 0, false));
}

ATF_TC_WITHOUT_HEAD(physical_timer);
ATF_TC_BODY(physical_timer, tc)
{
	static const enum vcpu_ptimer_reg regs[] = {VCPU_PTIMER_TVAL, VCPU_PTIMER_CTL,
						    VCPU_PTIMER_CVAL};

	set_up();
	for (unsigned int op2 = 0; op2 < 3; op2++) {
		uint32_t encoding = SYS_ENCODING(3, 3, 14, 2, op2);

		ATF_CHECK_EQ(mrs(encoding), 100 + regs[op2]);
		msr(encoding, 77 + op2);
		ATF_CHECK_EQ(ptimer_reg, regs[op2]);
		ATF_CHECK_EQ(ptimer_written, 77 + op2);
	}
	/* also from EL0, if EL1 allows it */
	write_sysreg(spsr_el2, PSTATE_EL0T);
	ATF_CHECK_EQ(mrs(SYS_ENCODING(3, 3, 14, 2, 1)), 100 + VCPU_PTIMER_CTL);
}

ATF_TC_WITHOUT_HEAD(absent);
ATF_TC_BODY(absent, tc)
{
	static const uint32_t encodings[] = {
	    SYS_ENCODING(3, 3, 9, 12, 0), /* PMCR_EL0 */
	    SYS_ENCODING(3, 3, 9, 13, 0), /* PMCCNTR_EL0 */
	    SYS_ENCODING(3, 0, 9, 9, 0),  /* PMSCR_EL1 */
	    SYS_ENCODING(3, 0, 10, 4, 0), /* LORSA_EL1 */
	    SYS_ENCODING(3, 0, 5, 3, 0),  /* ERRIDR_EL1 */
	    SYS_ENCODING(3, 0, 2, 1, 0),  /* APIAKeyLo_EL1 */
	    SYS_ENCODING(3, 0, 1, 2, 0),  /* ZCR_EL1 */
	    SYS_ENCODING(3, 1, 15, 0, 0), /* IMPLEMENTATION DEFINED */
	    SYS_ENCODING(3, 3, 13, 2, 1), /* AMCFGR_EL0 */
	    SYS_ENCODING(3, 0, 10, 5, 0), /* MPAM1_EL1 */
	    SYS_ENCODING(3, 1, 0, 0, 4),  /* GMID_EL1 */
	    SYS_ENCODING(3, 4, 1, 1, 0),  /* HCR_EL2 */
	};

	set_up();
	for (unsigned int i = 0; i < ARRAY_SIZE(encodings); i++) {
		ATF_CHECK(!try_access(encodings[i], 0, true));
		ATF_CHECK(!try_access(encodings[i], 0, false));
	}
}

/* True if a coprocessor access with this condition is taken to be done. */
static bool coprocessor_skipped(uint64_t esr, uint64_t pstate)
{
	set_up();
	write_sysreg(spsr_el2, PSTATE_AARCH32 | pstate);
	vcpu_coprocessor(&vcpu, FIELD_PREP(ESR_EC, ESR_EC_CP15_32) | esr);
	if (fake_sysreg_writes("esr_el1") == 0)
		return true;
	ATF_CHECK_EQ(read_sysreg(elr_el2), 0x600);
	return false;
}

ATF_TC_WITHOUT_HEAD(coprocessor);
ATF_TC_BODY(coprocessor, tc)
{
	/* Conditions that hold, a bit each, by NZCV: from the manual's table F1-1 */
	for (unsigned int nzcv = 0; nzcv < 16; nzcv++) {
		bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;
		const bool holds[16] = {
		    z,		!z,	c,	!c,	      n,	   !n,	 v,   !v, c && !z,
		    !(c && !z), n == v, n != v, !z && n == v, z || n != v, true, true};

		for (unsigned int cond = 0; cond < 16; cond++) {
			uint64_t pstate = FIELD_PREP(PSTATE_NZCV, nzcv);
			/* A32: in the syndrome */
			uint64_t esr = ESR_IL | ESR_COPROC_CV | FIELD_PREP(ESR_COPROC_COND, cond);

			ATF_CHECK_EQ(coprocessor_skipped(esr, pstate), !holds[cond]);
			/* T32: in the If-Then state, of which something is left */
			if (cond == 15)
				continue;
			pstate |= PSTATE_T | FIELD_PREP(PSTATE_A32_IT_HIGH, cond << 2 | 2);
			ATF_CHECK_EQ(coprocessor_skipped(ESR_IL, pstate), !holds[cond]);
		}
	}
	/* T32 outside a block: always */
	ATF_CHECK(!coprocessor_skipped(ESR_IL, PSTATE_T));
	/* how far skipping goes */
	ATF_CHECK(coprocessor_skipped(ESR_IL | ESR_COPROC_CV, 0));
	ATF_CHECK_EQ(read_sysreg(elr_el2), PC + 4);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, table);
	ATF_TP_ADD_TC(tp, default_deny);
	ATF_TP_ADD_TC(tp, identification);
	ATF_TP_ADD_TC(tp, fast_registers);
	ATF_TP_ADD_TC(tp, fast_declines);
	ATF_TP_ADD_TC(tp, gic);
	ATF_TP_ADD_TC(tp, debug);
	ATF_TP_ADD_TC(tp, physical_timer);
	ATF_TP_ADD_TC(tp, absent);
	ATF_TP_ADD_TC(tp, coprocessor);
	return atf_no_error();
}
