// SPDX-License-Identifier: BSD-2-Clause
/*
 * See chacha20.h. Numbers are little-endian (RFC 8439, 2.3), on any machine; no branch and no
 * address depends on the key.
 */
#include "lib/chacha20.h"

#include "lib/bits.h"
#include "lib/string.h"

#define WORDS 16
#define DOUBLE_ROUNDS 10

static uint32_t load(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store(uint8_t *p, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

/* RFC 8439, 2.1, on the words with these indices. */
static inline void quarter_round(uint32_t *x, unsigned int a, unsigned int b, unsigned int c,
				 unsigned int d)
{
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 7);
}

void chacha20_block(const uint8_t key[CHACHA20_KEY_SIZE], uint32_t counter,
		    const uint8_t nonce[CHACHA20_NONCE_SIZE], uint8_t block[CHACHA20_BLOCK_SIZE])
{
	/* "expand 32-byte k" */
	uint32_t start[WORDS] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[WORDS];

	for (unsigned int i = 0; i < 8; i++)
		start[4 + i] = load(key + 4 * (size_t)i);
	start[12] = counter;
	for (unsigned int i = 0; i < 3; i++)
		start[13 + i] = load(nonce + 4 * (size_t)i);
	memcpy(x, start, sizeof(x));
	for (unsigned int i = 0; i < DOUBLE_ROUNDS; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
	for (unsigned int i = 0; i < WORDS; i++)
		store(block + 4 * (size_t)i, x[i] + start[i]);
}
