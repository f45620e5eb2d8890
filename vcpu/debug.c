// SPDX-License-Identifier: BSD-2-Clause
/*
 * Breakpoints and watchpoints of guests (DDI 0487, D2.8 to D2.10). A guest is told of two of each
 * (vcpu/idregs.c). ID_AA64DFR0_EL1.CTX_CMPs is 0 for the guest: its last breakpoint, and no other,
 * is context-aware. A context-aware breakpoint can compare CONTEXTIDR_EL1, and others can be linked
 * to it. In the hardware the last CTX_CMPs + 1 breakpoints are context-aware. So the guest's last
 * breakpoint is the hardware's last, and every other one is the hardware's of the same number.
 *
 * The field LBN has the number of the breakpoint to which a breakpoint or a watchpoint is linked.
 * This number is translated, too, in both directions.
 *
 * No lock: the registers are the calling CPU's own.
 */
#include "vcpu/debug.h"

#include "arm64/id.h"
#include "arm64/sysreg.h"
#include "vcpu/context.h"

#define LAST (VCPU_NR_BREAKPOINTS - 1)

/* DBGBCR<n>_EL1 and DBGWCR<n>_EL1: the number of the linked breakpoint */
#define DBGCR_LBN GENMASK(19, 16)
/* Armv8.2's fields: guests are told of this version. Later fields name more breakpoints. */
#define DBGBCR_FIELDS (GENMASK(23, 13) | GENMASK(8, 5) | GENMASK(2, 0))
#define DBGWCR_FIELDS (GENMASK(28, 24) | GENMASK(20, 0))

/* The register is part of the instruction: each number needs an instruction of its own. */
/* clang-format off */
#define FOR_EACH_NUMBER(X, name)                                                                   \
	X(name, 0)  X(name, 1)  X(name, 2)  X(name, 3)                                             \
	X(name, 4)  X(name, 5)  X(name, 6)  X(name, 7)                                             \
	X(name, 8)  X(name, 9)  X(name, 10) X(name, 11)                                            \
	X(name, 12) X(name, 13) X(name, 14) X(name, 15)
/* clang-format on */

#define READ_CASE(name, n)                                                                         \
	case n:                                                                                    \
		return read_sysreg(name##n##_el1);
#define WRITE_CASE(name, n)                                                                        \
	case n:                                                                                    \
		write_sysreg(name##n##_el1, value);                                                \
		break;

#define DEFINE_READ(name)                                                                          \
	static uint64_t read_##name(unsigned int n)                                                \
	{                                                                                          \
		switch (n) {                                                                       \
			FOR_EACH_NUMBER(READ_CASE, name)                                           \
		default:                                                                           \
			return 0;                                                                  \
		}                                                                                  \
	}
#define DEFINE_WRITE(name)                                                                         \
	static void write_##name(unsigned int n, uint64_t value)                                   \
	{                                                                                          \
		switch (n) {                                                                       \
			FOR_EACH_NUMBER(WRITE_CASE, name)                                          \
		default:                                                                           \
			break;                                                                     \
		}                                                                                  \
	}

DEFINE_READ(dbgbvr)
DEFINE_READ(dbgbcr)
DEFINE_WRITE(dbgbvr)
DEFINE_WRITE(dbgbcr)
DEFINE_WRITE(dbgwcr)

/* The last of the CPU's breakpoints, at least the second: D19.2.59, BRPs. */
static unsigned int last_of_cpu(void)
{
	return (unsigned int)FIELD_GET(DFR0_BRPS, read_sysreg(id_aa64dfr0_el1));
}

/*
 * The number of the hardware's breakpoint for the guest's, and the reverse: LAST and the hardware's
 * last change places. The hardware's breakpoint LAST stays off, as no number of the guest's leads
 * to it.
 */
static unsigned int exchange(unsigned int n)
{
	unsigned int last = last_of_cpu();

	if (n == LAST)
		return last;
	return n == last ? LAST : n;
}

static uint64_t exchange_link(uint64_t control)
{
	unsigned int link = (unsigned int)FIELD_GET(DBGCR_LBN, control);

	return (control & ~DBGCR_LBN) | FIELD_PREP(DBGCR_LBN, exchange(link));
}

uint64_t vcpu_debug_read_bvr(unsigned int n)
{
	return read_dbgbvr(exchange(n));
}

uint64_t vcpu_debug_read_bcr(unsigned int n)
{
	return exchange_link(read_dbgbcr(exchange(n)));
}

uint64_t vcpu_debug_read_wvr(unsigned int n)
{
	return n == 0 ? read_sysreg(dbgwvr0_el1) : read_sysreg(dbgwvr1_el1);
}

uint64_t vcpu_debug_read_wcr(unsigned int n)
{
	return exchange_link(n == 0 ? read_sysreg(dbgwcr0_el1) : read_sysreg(dbgwcr1_el1));
}

void vcpu_debug_write_bvr(unsigned int n, uint64_t value)
{
	write_dbgbvr(exchange(n), value);
}

void vcpu_debug_write_bcr(unsigned int n, uint64_t value)
{
	write_dbgbcr(exchange(n), exchange_link(value & DBGBCR_FIELDS));
}

void vcpu_debug_write_wvr(unsigned int n, uint64_t value)
{
	if (n == 0)
		write_sysreg(dbgwvr0_el1, value);
	else
		write_sysreg(dbgwvr1_el1, value);
}

void vcpu_debug_write_wcr(unsigned int n, uint64_t value)
{
	write_dbgwcr(n, exchange_link(value & DBGWCR_FIELDS));
}

_Static_assert(VCPU_NR_BREAKPOINTS == 2 && VCPU_NR_WATCHPOINTS == 2, "the two that are moved");

/* The values are the hardware's, without translation: a vCPU stays on its CPU. */
void vcpu_debug_save(struct vcpu_context *c)
{
	unsigned int last = last_of_cpu();

	c->dbgbvr[0] = read_sysreg(dbgbvr0_el1);
	c->dbgbcr[0] = read_sysreg(dbgbcr0_el1);
	c->dbgbvr[LAST] = read_dbgbvr(last);
	c->dbgbcr[LAST] = read_dbgbcr(last);
	c->dbgwvr[0] = read_sysreg(dbgwvr0_el1);
	c->dbgwvr[1] = read_sysreg(dbgwvr1_el1);
	c->dbgwcr[0] = read_sysreg(dbgwcr0_el1);
	c->dbgwcr[1] = read_sysreg(dbgwcr1_el1);
}

void vcpu_debug_load(const struct vcpu_context *c)
{
	unsigned int last = last_of_cpu();

	write_sysreg(dbgbvr0_el1, c->dbgbvr[0]);
	write_sysreg(dbgbcr0_el1, c->dbgbcr[0]);
	write_dbgbvr(last, c->dbgbvr[LAST]);
	write_dbgbcr(last, c->dbgbcr[LAST]);
	write_sysreg(dbgwvr0_el1, c->dbgwvr[0]);
	write_sysreg(dbgwvr1_el1, c->dbgwvr[1]);
	write_sysreg(dbgwcr0_el1, c->dbgwcr[0]);
	write_sysreg(dbgwcr1_el1, c->dbgwcr[1]);
}

/*
 * A guest that turns on its two breakpoints (MDSCR_EL1.MDE) turns on all of the
 * CPU's, so that those which are not the guest's must be off one by one. The OS
 * lock would keep the guest's from working.
 */
void vcpu_debug_init_cpu(void)
{
	unsigned int watchpoints =
	    (unsigned int)FIELD_GET(DFR0_WRPS, read_sysreg(id_aa64dfr0_el1)) + 1;

	write_sysreg(mdscr_el1, 0);
	for (unsigned int n = 0; n <= last_of_cpu(); n++)
		write_dbgbcr(n, 0);
	for (unsigned int n = 0; n < watchpoints; n++)
		write_dbgwcr(n, 0);
	write_sysreg(oslar_el1, 0);
}
