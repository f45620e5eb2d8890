// SPDX-License-Identifier: BSD-2-Clause
/*
 * See random.h. A key is used for one call: the first half of its first block is the next key, and
 * the bytes after that half are given out.
 */
#include "lib/random.h"

#include "lib/bits.h"
#include "lib/string.h"

static const uint8_t nonce[CHACHA20_NONCE_SIZE];

void random_wipe(void *secret, size_t size)
{
	memset(secret, 0, size);
	/* The compiler must believe that the bytes are read afterwards. */
	__asm__ volatile("" ::"r"(secret) : "memory");
}

/*
 * The sum of the old key and the bytes that are mixed in is unknown as long as one of the two is
 * unknown. So is the key that ChaCha20 makes of the sum.
 */
void random_mix(struct random *random, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint8_t block[CHACHA20_BLOCK_SIZE];

	while (size != 0) {
		size_t part = MIN(size, sizeof(random->key));

		for (size_t i = 0; i < part; i++)
			random->key[i] ^= bytes[i];
		chacha20_block(random->key, 0, nonce, block);
		memcpy(random->key, block, sizeof(random->key));
		bytes += part;
		size -= part;
	}
	random_wipe(block, sizeof(block));
}

void random_bytes(struct random *random, void *out, size_t size)
{
	uint8_t key[CHACHA20_KEY_SIZE], block[CHACHA20_BLOCK_SIZE], *bytes = out;
	size_t used = sizeof(key);

	memcpy(key, random->key, sizeof(key));
	chacha20_block(key, 0, nonce, block);
	memcpy(random->key, block, sizeof(key));
	for (uint32_t counter = 1; size != 0; counter++) {
		size_t part = MIN(size, sizeof(block) - used);

		memcpy(bytes, block + used, part);
		bytes += part;
		size -= part;
		used = 0;
		if (size != 0)
			chacha20_block(key, counter, nonce, block);
	}
	random_wipe(block, sizeof(block));
	random_wipe(key, sizeof(key));
}
