// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every system register that the guest can reach holds what it has, whatever another guest on the
 * same CPU writes into its own. No list of registers: all encodings with op0 2 and 3 are tried, by
 * code that is made here. What can be read is kept an eye on; what can be written is filled with a
 * pattern of this guest's own, again and again, while the other one does the same with another.
 *
 * Bootargs: seed=N, 1 or 2, different for the two VMs.
 */
#include "lib/string.h"
#include "tests/guests/lib/guest.h"

#define ROUNDS 40u
#define ROUND_MS 12u /* more than two of the scheduler's slices */
#define MAX_REGISTERS 512u
/* So many at least have room for a pattern, on the oldest CPU: or the scan finds nothing. */
#define LEAST_WRITABLE 25u

/* op0 is 2 or 3: bit 19 of the instructions tells them apart (DDI 0487, C5.1.2) */
#define ENCODING(op0, op1, crn, crm, op2)                                                          \
	((((op0)-2u) << 14) | ((op1) << 11) | ((crn) << 7) | ((crm) << 3) | (op2))
#define CPACR_FPEN (UINT64_C(3) << 20)
#define NR_ENCODINGS (1u << 15)
#define MRS_X0 0xd5300000u
#define MSR_X0 0xd5100000u
#define ISB 0xd5033fdfu
#define RET 0xd65f03c0u

enum {
	CHANGES = 1, /* by itself: not compared */
	OPEN = 2,    /* known not to be kept: not compared */
};

/* What cannot be written without the test's own end, or changes by its nature. */
struct special {
	uint32_t encoding;
	uint64_t mask; /* bits that may be written */
	unsigned int flags;
	const char *reason;
};

static const struct special specials[] = {
    {ENCODING(3, 0, 1, 0, 0), BIT(9) | BIT(14) | BIT(15) | BIT(26), 0,
     "SCTLR_EL1: only what is about EL0"},
    {ENCODING(3, 0, 1, 0, 2), BIT(28) | GENMASK(17, 16), 0, "CPACR_EL1: lets at FPCR and FPSR"},
    {ENCODING(3, 0, 2, 0, 0), 0, 0, "TTBR0_EL1: this code's tables"},
    {ENCODING(3, 0, 2, 0, 2), BIT(38), 0, "TCR_EL1: their format; TBI1 is about the other half"},
    {ENCODING(3, 0, 10, 2, 0), GENMASK(63, 32), 0, "MAIR_EL1: this code's memory types"},
    {ENCODING(3, 0, 12, 0, 0), 0, 0, "VBAR_EL1: reports of what goes wrong"},
    {ENCODING(3, 0, 13, 0, 4), 0, 0, "TPIDR_EL1: the library's pointer to its CPU"},
    {ENCODING(3, 0, 4, 2, 0), 0, 0, "SPSel: the stack"},
    {ENCODING(3, 0, 4, 2, 3), 0, 0, "PAN: PSTATE, which is in SPSR_EL2 at every exit"},
    {ENCODING(3, 0, 4, 2, 4), 0, 0, "UAO: the same"},
    {ENCODING(3, 3, 4, 2, 0), 0, CHANGES, "NZCV: this code's conditions"},
    {ENCODING(3, 3, 4, 2, 1), 0, 0, "DAIF: interrupts stay masked"},
    {ENCODING(3, 3, 4, 2, 5), 0, 0, "DIT: PSTATE"},
    {ENCODING(3, 3, 4, 2, 6), 0, 0, "SSBS: PSTATE"},
    {ENCODING(3, 3, 4, 2, 7), 0, 0, "TCO: PSTATE"},
    {ENCODING(3, 3, 2, 4, 0), 0, CHANGES, "RNDR: a random number"},
    {ENCODING(3, 3, 2, 4, 1), 0, CHANGES, "RNDRRS: a random number"},
    {ENCODING(3, 3, 14, 0, 1), 0, CHANGES, "CNTPCT_EL0: time"},
    {ENCODING(3, 3, 14, 0, 2), 0, CHANGES, "CNTVCT_EL0: time"},
    {ENCODING(3, 3, 14, 0, 5), 0, CHANGES, "CNTPCTSS_EL0: time"},
    {ENCODING(3, 3, 14, 0, 6), 0, CHANGES, "CNTVCTSS_EL0: time"},
    {ENCODING(3, 3, 14, 2, 0), 0, CHANGES, "CNTP_TVAL_EL0: time that is left"},
    {ENCODING(3, 3, 14, 3, 0), 0, CHANGES, "CNTV_TVAL_EL0: time that is left"},
    {ENCODING(3, 3, 14, 2, 1), TIMER_MASK, 0, "CNTP_CTL_EL0: off, so that its status stays"},
    {ENCODING(3, 3, 14, 3, 1), TIMER_MASK, 0, "CNTV_CTL_EL0: off, so that its status stays"},
    {ENCODING(3, 3, 14, 3, 2), UINT32_MAX, 0, "CNTV_CVAL_EL0: QEMU 7.2 hangs near 2^64"},
    {ENCODING(3, 0, 12, 8, 3), 7, 0, "ICC_BPR0_EL1: QEMU 7.2 ends at 8"},
    {ENCODING(3, 0, 12, 12, 3), 7, 0, "ICC_BPR1_EL1: QEMU 7.2 ends at 8"},
    {ENCODING(3, 3, 13, 0, 5), UINT64_MAX, OPEN,
     "TPIDR2_EL0: traps by HFGRTR_EL2, which QEMU 7.2 does not have beside it"},
};

struct reg {
	uint32_t encoding;
	bool writable;
	uint64_t mask;
	unsigned int flags;
	uint64_t first; /* as it was found */
	uint64_t kept;	/* what it had after the last write */
};

static struct reg regs[MAX_REGISTERS];
static unsigned int nr_regs;
static uint32_t code[3] __attribute__((aligned(64)));

static const struct special *special_of(uint32_t encoding)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].encoding == encoding)
			return &specials[i];
	return NULL;
}

/* MRS x0 or MSR x0 of a register; returns x0. */
static uint64_t access(uint32_t insn, uint32_t encoding, uint64_t value)
{
	uint64_t (*function)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)code;

	code[0] = insn | encoding << 5;
	code[1] = ISB;
	code[2] = RET;
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(code)
			 : "memory");
	return function(value);
}

static uint64_t read_reg(const struct reg *reg)
{
	return access(MRS_X0, reg->encoding, 0);
}

static void write_reg(const struct reg *reg, uint64_t value)
{
	(void)access(MSR_X0, reg->encoding, (reg->first & ~reg->mask) | (value & reg->mask));
}

/* Adds a register that can be read. It can be written if that is no exception. */
static void add(uint32_t encoding, uint64_t value)
{
	struct reg *reg = &regs[nr_regs++];
	const struct special *special = special_of(encoding);
	struct fault fault;

	*reg = (struct reg){.encoding = encoding, .mask = UINT64_MAX, .first = value};
	if (special != NULL) {
		reg->mask = special->mask;
		reg->flags = special->flags;
	}
	if (reg->mask == 0)
		return;
	CATCH(fault, write_reg(reg, value));
	reg->writable = fault.count == 0;
}

static void find_registers(void)
{
	for (uint32_t encoding = 0; encoding < NR_ENCODINGS && nr_regs < MAX_REGISTERS;
	     encoding++) {
		uint64_t value = 0;
		struct fault fault;

		CATCH(fault, value = access(MRS_X0, encoding, 0));
		if (fault.count == 0)
			add(encoding, value);
	}
	check(nr_regs < MAX_REGISTERS, "there is room for all registers");
	print("%u of %u encodings are registers that this guest reads\n", nr_regs, NR_ENCODINGS);
}

static void print_reg(const char *what, const struct reg *reg, uint64_t value)
{
	uint32_t e = reg->encoding;

	print("%s S%u_%u_C%u_C%u_%u: %#llx, not %#llx\n", what, 2 + (e >> 14), e >> 11 & 7,
	      e >> 7 & 15, e >> 3 & 15, e & 7, (unsigned long long)value,
	      (unsigned long long)reg->kept);
}

/* No exception here: interrupts are masked, and all of these can be read and written. */
static void fill(uint64_t pattern)
{
	for (unsigned int i = 0; i < nr_regs; i++)
		if (regs[i].writable)
			write_reg(&regs[i], pattern);
	/* some are views of others */
	for (unsigned int i = 0; i < nr_regs; i++)
		regs[i].kept = read_reg(&regs[i]);
}

/* How many differ; what they have is for later: printing takes exceptions. */
static unsigned int compare(struct reg *different, uint64_t *value)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < nr_regs; i++) {
		uint64_t now = read_reg(&regs[i]);

		if (regs[i].flags != 0 || now == regs[i].kept)
			continue;
		if (count++ == 0) {
			*different = regs[i];
			*value = now;
		}
	}
	return count;
}

static void restore(void)
{
	for (unsigned int i = 0; i < nr_regs; i++)
		if (regs[i].writable)
			write_reg(&regs[i], regs[i].first);
}

static unsigned int count_writable(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr_regs; i++) {
		uint64_t none, all;

		if (!regs[i].writable || regs[i].flags != 0)
			continue;
		write_reg(&regs[i], 0);
		none = read_reg(&regs[i]);
		write_reg(&regs[i], UINT64_MAX);
		all = read_reg(&regs[i]);
		write_reg(&regs[i], regs[i].first);
		n += none != all;
	}
	return n;
}

void guest_main(void)
{
	uint64_t seed = machine_number("seed", 1);
	unsigned int writable, lost = 0;
	struct reg different = {0};
	uint64_t value = 0;

	write_sysreg(cpacr_el1, CPACR_FPEN);
	isb();
	find_registers();
	writable = count_writable();
	/* Each bit is the other's inverse in the other VM, and in the next round. */
	for (unsigned int round = 0; round < ROUNDS && lost == 0; round++) {
		fill((seed + round) & 1 ? 0x5a5a5a5a5a5a5a5a : 0xa5a5a5a5a5a5a5a5);
		delay_ms(ROUND_MS);
		lost = compare(&different, &value);
	}
	restore();
	if (lost != 0)
		print_reg("lost:", &different, value);
	check(writable >= LEAST_WRITABLE, "%u registers have bits of this guest's own", writable);
	check_equal(lost, 0, "no register has what another guest wrote");
}
