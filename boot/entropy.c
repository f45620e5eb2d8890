// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sources of random numbers, all of them, because nobody knows how good one is. None of them is
 * waited for: each is asked a few times.
 */
#include "boot/entropy.h"

#include <libfdt.h>

#include "arm64/rndr.h"
#include "core/cpu.h"
#include "core/firmware.h"
#include "fdt/tree.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/el2_map.h"
#include "mm/window.h"

/* Linux asks as often. */
#define TRIES 10
/* 256 bits, which is all that the generator can hold */
#define CPU_WORDS 4
#define FIRMWARE_CALLS 2

static bool read_rndr(uint64_t *value)
{
	for (unsigned int i = 0; i < TRIES; i++)
		if (rndr_read(value))
			return true;
	return false;
}

static bool mix_cpu(struct random *random)
{
	uint64_t words[CPU_WORDS];
	bool ok = rndr_is_there();

	for (unsigned int i = 0; ok && i < CPU_WORDS; i++)
		ok = read_rndr(&words[i]);
	if (ok)
		random_mix(random, words, sizeof(words));
	random_wipe(words, sizeof(words));
	return ok;
}

static bool call_trng(uint64_t words[FIRMWARE_TRNG_WORDS])
{
	int err = -EBUSY;

	for (unsigned int i = 0; err == -EBUSY && i < TRIES; i++)
		err = firmware_trng(words);
	return err == 0;
}

static bool mix_firmware(struct random *random)
{
	uint64_t words[FIRMWARE_CALLS][FIRMWARE_TRNG_WORDS];
	bool ok = true;

	for (unsigned int i = 0; ok && i < FIRMWARE_CALLS; i++)
		ok = call_trng(words[i]);
	if (ok)
		random_mix(random, words, sizeof(words));
	random_wipe(words, sizeof(words));
	return ok;
}

/* The tree is mapped read-only. Nobody else has read it, and nobody is to read this in it. */
static void wipe_in_tree(const uint8_t *value, unsigned int size)
{
	struct pgtable_leaf leaf;

	while (size != 0 && el2_map_lookup((uintptr_t)value, &leaf)) {
		uint64_t offset = (uintptr_t)value & (leaf.size - 1);
		unsigned int part = (unsigned int)MIN(size, leaf.size - offset);

		phys_zero(this_cpu()->id, pa(leaf.pa.v + offset), part);
		value += part;
		size -= part;
	}
}

/* A user of a seed, such as a boot loader, leaves zeroes in its place. */
static bool is_zero(const uint8_t *value, unsigned int size)
{
	while (size != 0)
		if (value[--size] != 0)
			return false;
	return true;
}

static bool mix_seed(struct random *random, const void *dtb, int chosen, const char *name)
{
	int size = 0;
	const uint8_t *value = fdt_getprop(dtb, chosen, name, &size);

	if (!value || is_zero(value, (unsigned int)size))
		return false;
	random_mix(random, value, (size_t)size);
	wipe_in_tree(value, (unsigned int)size);
	return true;
}

bool boot_gather_entropy(struct random *random, const void *dtb)
{
	int chosen = tree_find_path(dtb, "/chosen", 7);
	bool any = mix_cpu(random);

	any = mix_firmware(random) || any;
	if (chosen < 0)
		return any;
	any = mix_seed(random, dtb, chosen, "rng-seed") || any;
	return mix_seed(random, dtb, chosen, "kaslr-seed") || any;
}
