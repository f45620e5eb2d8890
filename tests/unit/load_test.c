// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/load.c: every byte of a VM's memory that is to be written is written once, in steps of a
 * bounded size, and again at a restart; with memory in pieces that are not contiguous physically.
 */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "mm/guest.h"
#include "vcpu/load.h"
#include "vcpu/vm.h"

#define BASE UINT64_C(0x40000000)
#define SIZE MIB(4)
#define STEP KIB(256)
/* Pieces of memory of this size are not beside each other physically. */
#define PIECE KIB(64)

static uint8_t copied[SIZE], zeroed[SIZE], flushed[SIZE];
static uint64_t this_step;
static struct vm vm;
static struct vm_config config;
static struct vm_memory memory[3];
static _Alignas(16) uint8_t arena_memory[4096];

/* Counts the bytes' writes: up to the piece's end, as the guest's memory is not in one. */
static int64_t count(uint8_t *counters, ipa_t addr, uint64_t n)
{
	uint64_t offset = addr.v - BASE;

	n = MIN(MIN(n, STEP), PIECE - offset % PIECE);
	for (unsigned int i = 0; i < config.nr_memory; i++)
		if (range_within(addr.v, 1, memory[i].ipa.v, memory[i].size)) {
			ATF_REQUIRE(range_within(addr.v, n, memory[i].ipa.v, memory[i].size));
			for (uint64_t k = 0; k < n; k++)
				counters[offset + k]++;
			this_step += n;
			return (int64_t)n;
		}
	atf_tc_fail("%#llx is no memory", (unsigned long long)addr.v);
}

int64_t guest_load(const struct stage2 *s2, unsigned int cpu, ipa_t addr, pa_t src, uint64_t n)
{
	ATF_REQUIRE_EQ(s2, &vm.stage2);
	(void)cpu;
	(void)src;
	return count(copied, addr, n);
}

int64_t guest_clear(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n)
{
	ATF_REQUIRE_EQ(s2, &vm.stage2);
	(void)cpu;
	return count(zeroed, addr, n);
}

int64_t guest_flush(const struct stage2 *s2, unsigned int cpu, ipa_t addr, uint64_t n)
{
	ATF_REQUIRE_EQ(s2, &vm.stage2);
	(void)cpu;
	return count(flushed, addr, n);
}

/* The trees here have no seeds. */
int guest_write(const struct stage2 *s2, unsigned int cpu, ipa_t addr, const void *src, size_t n)
{
	(void)s2;
	(void)cpu;
	(void)addr;
	(void)src;
	(void)n;
	abort();
}

/* Three memories, the last of which ends where the address space of the test does. */
static void set_up(unsigned int max_parts)
{
	struct arena arena;

	memset(&vm, 0, sizeof(vm));
	memory[0] = (struct vm_memory){.ipa = ipa(BASE), .size = MIB(2)};
	memory[1] = (struct vm_memory){.ipa = ipa(BASE + MIB(3)), .size = KIB(4)};
	memory[2] = (struct vm_memory){.ipa = ipa(BASE + SIZE - KIB(8)), .size = KIB(8)};
	config = (struct vm_config){.memory = memory, .nr_memory = 3};
	vm.config = &config;
	arena_init(&arena, arena_memory, sizeof(arena_memory));
	ATF_REQUIRE_EQ(load_init(&vm, max_parts, &arena), 0);
}

static void load_all(void)
{
	bool done = false;

	memset(copied, 0, sizeof(copied));
	memset(zeroed, 0, sizeof(zeroed));
	memset(flushed, 0, sizeof(flushed));
	while (!done) {
		this_step = 0;
		done = load_step(&vm, 0);
		ATF_REQUIRE(this_step != 0 && this_step <= STEP);
	}
}

/* How often the byte was written by a copy, and by zeroing, and how often it left the caches. */
static void check_byte(uint64_t offset, unsigned int copies, unsigned int zeroes,
		       unsigned int flushes)
{
	ATF_REQUIRE_EQ_MSG(copied[offset], copies, "%#llx", (unsigned long long)offset);
	ATF_REQUIRE_EQ_MSG(zeroed[offset], zeroes, "%#llx", (unsigned long long)offset);
	ATF_REQUIRE_EQ_MSG(flushed[offset], flushes, "%#llx", (unsigned long long)offset);
}

static bool is_memory(uint64_t offset)
{
	for (unsigned int i = 0; i < config.nr_memory; i++)
		if (range_within(BASE + offset, 1, memory[i].ipa.v, memory[i].size))
			return true;
	return false;
}

/* What is loaded nowhere keeps its contents, and at a restart leaves the caches. */
ATF_TC_WITHOUT_HEAD(only_images);
ATF_TC_BODY(only_images, tc)
{
	(void)tc;
	set_up(7);
	load_add(&vm, pa(MIB(1)), ipa(BASE + 5), 300001, 7);
	load_add(&vm, pa(MIB(2)), ipa(BASE + MIB(1)), 0, 100);
	load_add_rest(&vm);
	for (unsigned int life = 0; life < 3; life++) {
		load_all();
		for (uint64_t i = 0; i < SIZE; i++) {
			bool copy = i >= 5 && i < 300006;
			bool zero =
			    (i >= 300006 && i < 300013) || (i >= MIB(1) && i < MIB(1) + 100);

			check_byte(i, copy, zero, life != 0 && is_memory(i) && !copy && !zero);
		}
		load_restart(&vm);
	}
}

/* Parts at the start, at the end, beside each other, out of order, and a memory without one. */
ATF_TC_WITHOUT_HEAD(cleared);
ATF_TC_BODY(cleared, tc)
{
	/* clang-format off */
	static const struct {
		uint64_t offset, size, zeroes;
	} parts[] = {
		{MIB(1),        300000, 100},
		{0,             1,      0},
		{KIB(8),        KIB(4), 0},
		{KIB(12),       10,     0},
		{MIB(2) - 3,    3,      0},
		{SIZE - KIB(8), 4,      4},
	};
	/* clang-format on */

	(void)tc;
	set_up(2 * ARRAY_SIZE(parts) + 3);
	for (unsigned int i = 0; i < ARRAY_SIZE(parts); i++)
		load_add(&vm, pa(0), ipa(BASE + parts[i].offset), parts[i].size, parts[i].zeroes);
	config.clear_memory = true;
	load_add_rest(&vm);
	for (unsigned int life = 0; life < 2; life++) {
		load_all();
		for (uint64_t i = 0; i < SIZE; i++) {
			unsigned int copies = 0;

			for (unsigned int k = 0; k < ARRAY_SIZE(parts); k++)
				copies += range_within(i, 1, parts[k].offset, parts[k].size);
			check_byte(i, copies, is_memory(i) && copies == 0, 0);
		}
		load_restart(&vm);
	}
}

/* Nothing is left to clear. */
ATF_TC_WITHOUT_HEAD(all_loaded);
ATF_TC_BODY(all_loaded, tc)
{
	(void)tc;
	set_up(6);
	for (unsigned int i = 0; i < 3; i++)
		load_add(&vm, pa(0), memory[i].ipa, memory[i].size, 0);
	config.clear_memory = true;
	load_add_rest(&vm);
	ATF_CHECK_EQ(vm.load.nr_parts, 3);
	load_all();
	for (uint64_t i = 0; i < SIZE; i++)
		check_byte(i, is_memory(i), 0, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, only_images);
	ATF_TP_ADD_TC(tp, cleared);
	ATF_TP_ADD_TC(tp, all_loaded);
	return atf_no_error();
}
