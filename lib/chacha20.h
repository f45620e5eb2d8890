/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ChaCha20 block function (RFC 8439, 2.3).
 */
#pragma once

#include <stdint.h>

#define CHACHA20_KEY_SIZE 32
#define CHACHA20_NONCE_SIZE 12
#define CHACHA20_BLOCK_SIZE 64

/* Computes the block of key stream that the key, the nonce and the counter name. */
void chacha20_block(const uint8_t key[CHACHA20_KEY_SIZE], uint32_t counter,
		    const uint8_t nonce[CHACHA20_NONCE_SIZE], uint8_t block[CHACHA20_BLOCK_SIZE]);
