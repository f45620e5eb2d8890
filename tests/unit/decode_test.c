// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/decode.c: every form against the assembler's encodings, what must be
 * refused, addresses, and properties that hold for all words.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "decode_table.h"
#include "lib/bits.h"

static unsigned int flags_of(const struct decoded *d)
{
	return (d->write ? W : 0u) | (d->sign_extend ? S : 0u) | (d->wide ? X : 0u) |
	       (d->literal ? L : 0u) | (d->unprivileged ? U : 0u) | (d->writeback ? B : 0u) |
	       (d->post_index ? P : 0u);
}

ATF_TC_WITHOUT_HEAD(assembled);
ATF_TC_BODY(assembled, tc)
{
	for (size_t i = 0; i < ARRAY_SIZE(decodable); i++) {
		struct decoded d;
		const char *text = decodable[i].text;

		ATF_CHECK_MSG(decode_load_store(decodable[i].insn, &d), "%s", text);
		ATF_CHECK_EQ_MSG(d.count, decodable[i].count, "%s", text);
		ATF_CHECK_EQ_MSG(d.size, decodable[i].size, "%s", text);
		ATF_CHECK_EQ_MSG(d.rt[0], decodable[i].rt, "%s", text);
		ATF_CHECK_EQ_MSG(d.rt[1], decodable[i].rt2, "%s", text);
		/* A literal has an immediate where others have the base */
		ATF_CHECK_MSG(d.literal || d.rn == decodable[i].rn, "%s", text);
		ATF_CHECK_EQ_MSG(d.rm, decodable[i].rm, "%s", text);
		ATF_CHECK_EQ_MSG(d.option, decodable[i].option, "%s", text);
		ATF_CHECK_EQ_MSG(d.shift, decodable[i].shift, "%s", text);
		ATF_CHECK_EQ_MSG(flags_of(&d), decodable[i].flags, "%s", text);
		ATF_CHECK_EQ_MSG(d.offset, decodable[i].offset, "%s", text);
	}
}

ATF_TC_WITHOUT_HEAD(refused);
ATF_TC_BODY(refused, tc)
{
	for (size_t i = 0; i < ARRAY_SIZE(undecodable); i++) {
		struct decoded d;

		ATF_CHECK_MSG(!decode_load_store(undecodable[i].insn, &d), "%s",
			      undecodable[i].text);
	}
}

/* The address of an instruction, with the base at 0x1000. */
static uint64_t address(uint32_t insn, uint64_t index)
{
	struct decoded d;

	ATF_REQUIRE(decode_load_store(insn, &d));
	return decode_address(&d, 0x1000, index);
}

ATF_TC_WITHOUT_HEAD(addresses);
ATF_TC_BODY(addresses, tc)
{
	const uint64_t minus_1_and_noise = UINT64_C(0x12345678ffffffff);

	ATF_CHECK_EQ(address(0xf8408c41, 7), 0x1008); /* ldr x1, [x2, #8]! */
	ATF_CHECK_EQ(address(0xf85f8462, 7), 0x1000); /* ldr x2, [x3], #-8 */
	ATF_CHECK_EQ(address(0xb81fcd28, 7), 0xffc);  /* str w8, [x9, #-4]! */
	ATF_CHECK_EQ(address(0xf8656883, 8), 0x1008); /* ldr x3, [x4, x5] */
	ATF_CHECK_EQ(address(0xf8657883, 8), 0x1040); /* ldr x3, [x4, x5, lsl #3] */
	/* ldr w9, [x10, w11, uxtw #2] */
	ATF_CHECK_EQ(address(0xb86b5949, minus_1_and_noise), 0x1000 + UINT64_C(0x3fffffffc));
	/* ldrsw x12, [x13, w14, sxtw #2] */
	ATF_CHECK_EQ(address(0xb8aed9ac, minus_1_and_noise), 0xffc);
	/* str x20, [sp, x21, sxtx #3] */
	ATF_CHECK_EQ(address(0xf835fbf4, UINT64_MAX), 0xff8);
	ATF_CHECK_EQ(address(0x98000042, 0), 0x1008); /* ldrsw x2, . + 8 */
}

/* What the emulation relies on for any word that a guest can place under its PC. */
ATF_TC_WITHOUT_HEAD(any_word);
ATF_TC_BODY(any_word, tc)
{
	unsigned int seen = 0;

	srandom(1);
	for (int i = 0; i < 2000000; i++) {
		uint32_t insn = (uint32_t)random() ^ (uint32_t)random() << 16;
		struct decoded d;

		if (!decode_load_store(insn, &d))
			continue;
		seen++;
		ATF_REQUIRE(d.count == 1 || d.count == 2);
		ATF_REQUIRE(d.size == 1 || d.size == 2 || d.size == 4 || d.size == 8);
		ATF_REQUIRE(d.rt[0] < 32 && d.rt[1] < 32 && d.rn < 32);
		ATF_REQUIRE(d.rm < 32 || d.rm == DECODE_NO_INDEX);
		ATF_REQUIRE(d.shift == 0 || 1u << d.shift == d.size);
		ATF_REQUIRE(!(d.write && d.sign_extend));
		ATF_REQUIRE(!(d.sign_extend && d.size == (d.wide ? 8 : 4)));
		ATF_REQUIRE(d.size <= (d.wide ? 8 : 4));
		ATF_REQUIRE(d.writeback || !d.post_index);
		ATF_REQUIRE(!(d.writeback && (d.literal || d.rm != DECODE_NO_INDEX)));
		if (d.writeback && d.rn != 31)
			ATF_REQUIRE(d.rt[0] != d.rn && (d.count == 1 || d.rt[1] != d.rn));
		ATF_REQUIRE_EQ(insn & BIT(26), 0); /* V: SIMD&FP */
	}
	ATF_CHECK(seen > 20000);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, assembled);
	ATF_TP_ADD_TC(tp, refused);
	ATF_TP_ADD_TC(tp, addresses);
	ATF_TP_ADD_TC(tp, any_word);
	return atf_no_error();
}
