// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a guest finds when it starts, and starts again: its device tree, where
 * it was promised, with random numbers in it, and its memory.
 *
 * Bootargs: tree=N, the address of the device tree, which is in x0 too;
 * seeds=N: how many seeds are in the tree, 2 if it does not say; clear:
 * all memory is 0 but for what was loaded; lives=N: so many, the later ones by
 * a reset. Which one it is, the guest keeps where no reset of its own gets to:
 * in the match register of a real-time clock that was passed through.
 */
#include "lib/format.h"
#include "lib/string.h"
#include "tests/guests/lib/fdt.h"
#include "tests/guests/lib/guest.h"

extern char image_start[], image_end[];

#define RTC_MR 0x004 /* PL031 (DDI 0224, 3.3.2) */
#define LIFE_PASSED GENMASK(15, 0)
#define LIFE_NUMBER GENMASK(23, 16)

/* Anything but 0, and different at each address */
#define FILL(address) ((address) ^ 0x5a5a5a5a5a5a5a5a)

static void check_tree(void)
{
	uint64_t address = machine_number("tree", machine.dtb.base);

	check_equal(machine.dtb.base, address, "x0 has the device tree's address");
	check(fdt_size((const void *)address) != 0, "there is a device tree at %#llx",
	      (unsigned long long)address);
}

/* ---- Seeds ---- */

static unsigned int nr_seeds;

/* Prints a seed, for the test to compare with all others: "seed rng-seed 0123...". */
static void read_seed(const struct fdt_property *property, void *arg)
{
	bool rng = strcmp(property->name, "rng-seed") == 0;
	char text[2 * 64 + 1];
	bool zero = true;

	(void)arg;
	if (strcmp(property->path, "/chosen") != 0 ||
	    (!rng && strcmp(property->name, "kaslr-seed") != 0))
		return;
	nr_seeds++;
	for (uint32_t i = 0; i < property->size; i++)
		zero = zero && property->value[i] == 0;
	check(!zero, "%s is not 0", property->name);
	check_equal(property->size, rng ? 32 : 8, "%s has its size", property->name);
	for (uint32_t i = 0; i < property->size && i < 64; i++)
		format(text + 2 * (size_t)i, 3, "%02x", property->value[i]);
	print("seed %s %s\n", property->name, text);
}

static void check_seeds(void)
{
	nr_seeds = 0;
	fdt_walk((const void *)machine.dtb.base, read_seed, NULL);
	check_equal(nr_seeds, machine_number("seeds", 2), "all seeds are in the tree");
}

/* ---- Memory ---- */

/* The guest itself and its device tree; the rest of the tree's last word is nobody's. */
static bool is_loaded(uint64_t address)
{
	return range_overlaps(address, 8, mmu_pa(image_start), (size_t)(image_end - image_start)) ||
	       range_overlaps(address, 8, machine.dtb.base, machine.dtb.size);
}

static bool is_zero(uint64_t address)
{
	return *(volatile uint64_t *)address == 0;
}

static bool fill(uint64_t address)
{
	*(volatile uint64_t *)address = FILL(address);
	return true;
}

/* Calls fn for each word that nothing was loaded into. Returns how many times it said no. */
static unsigned int for_each_word(bool (*fn)(uint64_t address))
{
	unsigned int failures = 0;

	for (unsigned int i = 0; i < machine.nr_ram; i++) {
		uint64_t end = machine.ram[i].base + machine.ram[i].size;

		for (uint64_t address = machine.ram[i].base; address < end; address += 8)
			if (!is_loaded(address) && !fn(address))
				failures++;
	}
	return failures;
}

/* ---- Lives ---- */

static void live_again(uint64_t life)
{
	unsigned int passed = 0, failed = 0;

	for_each_word(fill);
	check_get_counts(&passed, &failed);
	if (failed != 0)
		return;
	mmio_write32((uint8_t *)machine.rtc + RTC_MR,
		     (uint32_t)(FIELD_PREP(LIFE_NUMBER, life) | FIELD_PREP(LIFE_PASSED, passed)));
	psci(PSCI_SYSTEM_RESET, 0, 0, 0);
	check(false, "a reset does not return");
}

void guest_main(void)
{
	unsigned long lives = machine_number("lives", 1);
	uint64_t life = 0;

	if (lives > 1) {
		uint32_t kept = mmio_read32((uint8_t *)machine.rtc + RTC_MR);

		life = FIELD_GET(LIFE_NUMBER, kept);
		check_set_counts((unsigned int)FIELD_GET(LIFE_PASSED, kept), 0);
	}
	check_tree();
	check_seeds();
	if (machine_has("clear"))
		check_equal(for_each_word(is_zero), 0, "memory holds nothing, in life %u",
			    (unsigned int)life);
	if (life + 1 < lives)
		live_again(life + 1);
}
