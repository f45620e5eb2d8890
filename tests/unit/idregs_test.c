// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/idregs.c: what guests are told of hardware, of mixed hardware, and of
 * hardware that is newer than the table.
 */
#include <atf-c.h>

#include "arm64/sysreg.h"
#include "lib/bits.h"
#include "vcpu/idregs.h"
#include "vcpu/vm.h"

#define PFR0 IDREGS_INDEX(4, 0)
#define PFR1 IDREGS_INDEX(4, 1)
#define DFR0 IDREGS_INDEX(5, 0)
#define ISAR0 IDREGS_INDEX(6, 0)
#define ISAR1 IDREGS_INDEX(6, 1)
#define ISAR2 IDREGS_INDEX(6, 2)
#define MMFR0 IDREGS_INDEX(7, 0)
#define MMFR1 IDREGS_INDEX(7, 1)
#define MMFR2 IDREGS_INDEX(7, 2)

static struct vm vm;

/* A VM with this GIC and that many bits of intermediate physical address. */
static void set_up_vm(unsigned int gic, unsigned int ipa_bits)
{
	vm.vgic.version = gic;
	vm.stage2.vtcr = 0x80000000 | (64 - ipa_bits);
}

/* The registers of a Cortex-A57, from its Technical Reference Manual (r1p3, 4.2). */
static void set_up_a57(void)
{
	fake_sysreg_reset();
	write_sysreg(S3_0_C0_C1_0, 0x00000131); /* ID_PFR0 */
	write_sysreg(S3_0_C0_C1_1, 0x10011011); /* ID_PFR1 */
	write_sysreg(S3_0_C0_C1_2, 0x03010066); /* ID_DFR0 */
	write_sysreg(S3_0_C0_C1_4, 0x10101105); /* ID_MMFR0 */
	write_sysreg(S3_0_C0_C2_5, 0x00011121); /* ID_ISAR5 */
	write_sysreg(S3_0_C0_C3_0, 0x10110222); /* MVFR0 */
	write_sysreg(S3_0_C0_C4_0, 0x01002222);
	write_sysreg(S3_0_C0_C5_0, 0x10305106);
	write_sysreg(S3_0_C0_C6_0, 0x00011120);
	write_sysreg(S3_0_C0_C7_0, 0x00001124);
}

ATF_TC_WITHOUT_HEAD(cortex_a57);
ATF_TC_BODY(cortex_a57, tc)
{
	set_up_a57();
	idregs_init();
	set_up_vm(3, 44);
	ATF_CHECK_EQ(idregs_read(&vm, PFR0), 0x01000012);
	ATF_CHECK_EQ(idregs_read(&vm, DFR0), 0x00101006);
	ATF_CHECK_EQ(idregs_read(&vm, ISAR0), 0x00011120);
	ATF_CHECK_EQ(idregs_read(&vm, MMFR0), 0x00000024);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 0)), 0x00000131);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 1)), 0x10010000);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 2)), 0x00000006);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 4)), 0x10101105);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(2, 5)), 0x00011121);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(3, 0)), 0x10110222);
	ATF_CHECK(!idregs_have_pauth());
	/* GICv2 has no system registers */
	set_up_vm(2, 40);
	ATF_CHECK_EQ(idregs_read(&vm, PFR0), 0x00000012);
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 1)), 0x00010000);
	ATF_CHECK_EQ(idregs_read(&vm, MMFR0), 0x00000022);
}

/* A CPU that has, and numbers, everything. */
ATF_TC_WITHOUT_HEAD(everything);
ATF_TC_BODY(everything, tc)
{
	const uint64_t all = UINT64_C(0x7777777777777777);

	/* nothing of EL2, EL3, SVE, SEL2, MPAM, AMU, RME, RAS; and all at its known maximum */
	ATF_CHECK_EQ(idregs_limit(PFR0, all), UINT64_C(0x1101000000110012));
	ATF_CHECK_EQ(idregs_limit(PFR1, all), 0x21); /* no MTE, SME, NMI, GCS */
	ATF_CHECK_EQ(idregs_limit(DFR0, all), 0x00101007);
	ATF_CHECK_EQ(idregs_limit(DFR0, UINT64_C(0x777777777777777b)), 0x00101008);
	ATF_CHECK_EQ(idregs_limit(ISAR0, all), UINT64_C(0x1221111110212120));
	ATF_CHECK_EQ(idregs_limit(ISAR1, all), UINT64_C(0x0011211111211552));
	ATF_CHECK_EQ(idregs_limit(ISAR2, all), UINT64_C(0x0010000011105110));
	ATF_CHECK_EQ(idregs_limit(MMFR0, all), UINT64_C(0x0000100000100025));
	ATF_CHECK_EQ(idregs_limit(MMFR1, all), UINT64_C(0x1001103000302002));
	ATF_CHECK_EQ(idregs_limit(MMFR2, all), UINT64_C(0x1021001110110111));
	/* not a single register that nobody has thought about */
	for (unsigned int crm = 4; crm <= 7; crm++) {
		for (unsigned int op2 = 3; op2 < 8; op2++)
			ATF_CHECK_EQ(idregs_limit(IDREGS_INDEX(crm, op2), all), 0);
	}
	ATF_CHECK_EQ(idregs_limit(IDREGS_INDEX(4, 2), all), 0);
	ATF_CHECK_EQ(idregs_limit(IDREGS_INDEX(5, 1), all), 0);
}

ATF_TC_WITHOUT_HEAD(negative_fields);
ATF_TC_BODY(negative_fields, tc)
{
	/* no FP: 0xf is less than 0 */
	ATF_CHECK_EQ(idregs_limit(PFR0, 0x00ff0011), 0x00ff0011);
	ATF_CHECK_EQ(idregs_combine(PFR0, 0x00ff0011, 0x00110011), 0x00ff0011);
	ATF_CHECK_EQ(idregs_combine(PFR0, 0x00000011, 0x00110011), 0x00000011);
	/* no 4 KiB, no 64 KiB granule; DoubleLock */
	ATF_CHECK_EQ(idregs_limit(MMFR0, 0xff000000), 0xff000000);
	ATF_CHECK_EQ(idregs_limit(MMFR0, 0x10000000), 0);
	ATF_CHECK_EQ(idregs_combine(MMFR0, 0xf0000000, 0x0f000000), 0xff000000);
	ATF_CHECK_EQ(idregs_limit(DFR0, UINT64_C(0xf000000006)), UINT64_C(0xf000101006));
	/* where 0xf is the largest, it is limited like any other */
	ATF_CHECK_EQ(idregs_limit(MMFR0, 0x00f00000), 0x00100000);
}

ATF_TC_WITHOUT_HEAD(combine);
ATF_TC_BODY(combine, tc)
{
	ATF_CHECK_EQ(idregs_combine(ISAR0, 0x00011120, 0x00211112), 0x00011110);
	/* Pointer authentication is the same everywhere, or it is not there */
	ATF_CHECK_EQ(idregs_combine(ISAR1, 0x01000052, 0x01000052), 0x01000052);
	ATF_CHECK_EQ(idregs_combine(ISAR1, 0x01000052, 0x01000042), 0x01000002);
	ATF_CHECK_EQ(idregs_combine(ISAR1, 0x01000052, 0x10000502), 0x00000002);
	ATF_CHECK_EQ(idregs_combine(ISAR2, 0x01005110, 0x01003110), 0x01000110);
	/* what does not depend on the hardware stays */
	ATF_CHECK_EQ(idregs_combine(DFR0, 0x00101006, 0x00101008), 0x00101006);
	/* commutative, and a CPU has in common with its like what it has */
	for (unsigned int i = 0; i < IDREGS_NR; i++) {
		uint64_t a = idregs_limit(i, UINT64_C(0x123456789abcdef0));
		uint64_t b = idregs_limit(i, UINT64_C(0xfedcba9876543210));

		ATF_CHECK_EQ(idregs_combine(i, a, a), a);
		ATF_CHECK_EQ(idregs_combine(i, a, b), idregs_combine(i, b, a));
	}
}

ATF_TC_WITHOUT_HEAD(merge);
ATF_TC_BODY(merge, tc)
{
	set_up_a57();
	write_sysreg(S3_0_C0_C6_1, 0x00100051);
	idregs_init();
	set_up_vm(3, 48);
	ATF_CHECK(idregs_have_pauth());
	/* the next one has more crypto, fewer address bits, another pointer authentication */
	write_sysreg(S3_0_C0_C6_0, 0x00112120);
	write_sysreg(S3_0_C0_C6_1, 0x00200051 - 0x10);
	write_sysreg(S3_0_C0_C7_0, 0x00001122);
	idregs_merge();
	ATF_CHECK_EQ(idregs_read(&vm, ISAR0), 0x00011120);
	ATF_CHECK_EQ(idregs_read(&vm, ISAR1), 0x00100001);
	ATF_CHECK_EQ(idregs_read(&vm, MMFR0), 0x00000022);
	ATF_CHECK(!idregs_have_pauth());
	ATF_CHECK_EQ(idregs_read(&vm, IDREGS_INDEX(1, 0)), 0x00000131);
	/* and one without AArch32, whose registers for it hold anything */
	write_sysreg(S3_0_C0_C4_0, 0x01002221);
	idregs_merge();
	ATF_CHECK_EQ(idregs_read(&vm, PFR0), 0x01000011);
	for (unsigned int i = 0; i < PFR0; i++)
		ATF_CHECK_EQ(idregs_read(&vm, i), 0);
}

ATF_TC_WITHOUT_HEAD(parange);
ATF_TC_BODY(parange, tc)
{
	static const struct {
		unsigned int ipa_bits, expected;
	} cases[] = {{32, 0}, {36, 1}, {39, 1}, {40, 2}, {42, 3}, {44, 4}, {48, 5}, {52, 5}};

	fake_sysreg_reset();
	write_sysreg(S3_0_C0_C7_0, 6);
	idregs_init();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up_vm(3, cases[i].ipa_bits);
		ATF_CHECK_EQ(idregs_read(&vm, MMFR0), cases[i].expected);
	}
	/* never more than the hardware */
	write_sysreg(S3_0_C0_C7_0, 2);
	idregs_init();
	ATF_CHECK_EQ(idregs_read(&vm, MMFR0), 2);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, cortex_a57);
	ATF_TP_ADD_TC(tp, everything);
	ATF_TP_ADD_TC(tp, negative_fields);
	ATF_TP_ADD_TC(tp, combine);
	ATF_TP_ADD_TC(tp, merge);
	ATF_TP_ADD_TC(tp, parange);
	return atf_no_error();
}
