/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A generator of random bytes: ChaCha20 with fast key erasure (D. J. Bernstein, "Fast-key-erasure
 * random-number generators", 2017). Its state tells nothing of the bytes that it gave out before.
 * No lock: its owner guards it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/chacha20.h"

struct random {
	uint8_t key[CHACHA20_KEY_SIZE];
};

/* The most that random_bytes() gives out at once */
#define RANDOM_MAX 512

/*
 * Mixes size bytes into the state. The state is at least as hard to guess afterwards as it was
 * before, and as these bytes are, up to 256 bits. A generator that is all 0 has no secret yet.
 */
void random_mix(struct random *random, const void *data, size_t size);

/* Fills size bytes, up to RANDOM_MAX, at out. The state is another one afterwards. */
void random_bytes(struct random *random, void *out, size_t size);

/* Overwrites size bytes of a secret, even if nobody reads them any more. */
void random_wipe(void *secret, size_t size);
