// SPDX-License-Identifier: BSD-2-Clause
/*
 * lib/random.c: what is given out is ChaCha20's key stream behind the next key, in one call or in
 * another of any size; what is mixed in matters, all of it.
 */
#include <atf-c.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/random.h"

static const uint8_t nonce[CHACHA20_NONCE_SIZE];

static struct random start(void)
{
	struct random r;

	for (unsigned int i = 0; i < sizeof(r.key); i++)
		r.key[i] = (uint8_t)(i * 7);
	return r;
}

/* By the definition: 32 bytes are the next key, the rest of the stream is given out. */
ATF_TC_WITHOUT_HEAD(stream);
ATF_TC_BODY(stream, tc)
{
	const struct random first = start();
	uint8_t expected[32 + RANDOM_MAX + 64], out[RANDOM_MAX + 1];

	(void)tc;
	for (uint32_t i = 0; i * 64 < sizeof(expected); i++) {
		uint8_t block[64];

		chacha20_block(first.key, i, nonce, block);
		memcpy(expected + i * 64, block, MIN(64, sizeof(expected) - i * 64));
	}
	for (unsigned int size = 0; size <= RANDOM_MAX; size++) {
		struct random r = first;

		memset(out, 0xee, sizeof(out));
		random_bytes(&r, out, size);
		ATF_CHECK_EQ(memcmp(out, expected + 32, size), 0);
		ATF_CHECK_EQ(out[size], 0xee);
		ATF_CHECK_EQ(memcmp(r.key, expected, sizeof(r.key)), 0);
	}
}

ATF_TC_WITHOUT_HEAD(calls_differ);
ATF_TC_BODY(calls_differ, tc)
{
	struct random r = start();
	uint8_t out[4][40];

	(void)tc;
	for (unsigned int i = 0; i < ARRAY_SIZE(out); i++)
		random_bytes(&r, out[i], sizeof(out[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(out); i++)
		for (unsigned int k = 0; k < i; k++)
			ATF_CHECK(memcmp(out[i], out[k], sizeof(out[i])) != 0);
}

/* Each bit of what is mixed in, and of what was there, makes another state. */
ATF_TC_WITHOUT_HEAD(every_bit_matters);
ATF_TC_BODY(every_bit_matters, tc)
{
	uint8_t seed[70] = {1, 2, 3};
	struct random plain = start();

	(void)tc;
	random_mix(&plain, seed, sizeof(seed));
	for (unsigned int i = 0; i < sizeof(seed) * 8; i++) {
		struct random r = start();

		seed[i / 8] ^= (uint8_t)(1u << i % 8);
		random_mix(&r, seed, sizeof(seed));
		seed[i / 8] ^= (uint8_t)(1u << i % 8);
		ATF_CHECK(memcmp(&r, &plain, sizeof(r)) != 0);
	}
	for (unsigned int i = 0; i < sizeof(plain.key) * 8; i++) {
		struct random r = start();

		r.key[i / 8] ^= (uint8_t)(1u << i % 8);
		random_mix(&r, seed, sizeof(seed));
		ATF_CHECK(memcmp(&r, &plain, sizeof(r)) != 0);
	}
}

/* A source that gives nothing changes nothing; what is mixed twice does not cancel itself. */
ATF_TC_WITHOUT_HEAD(mixes_do_not_cancel);
ATF_TC_BODY(mixes_do_not_cancel, tc)
{
	const uint8_t seed[32] = {9};
	const struct random first = start();
	struct random r = first;

	(void)tc;
	random_mix(&r, seed, 0);
	ATF_CHECK_EQ(memcmp(&r, &first, sizeof(r)), 0);
	random_mix(&r, seed, sizeof(seed));
	random_mix(&r, seed, sizeof(seed));
	ATF_CHECK(memcmp(&r, &first, sizeof(r)) != 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, stream);
	ATF_TP_ADD_TC(tp, calls_differ);
	ATF_TP_ADD_TC(tp, every_bit_matters);
	ATF_TP_ADD_TC(tp, mixes_do_not_cancel);
	return atf_no_error();
}
