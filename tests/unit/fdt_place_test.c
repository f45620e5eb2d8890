// SPDX-License-Identifier: BSD-2-Clause
/*
 * fdt/place.c: which physical memory VMs get: aligned if there is room for it,
 * apart, and never what is reserved or taken.
 */
#include "fdt/place.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "tests/unit/dts.h"

#define ENTRIES 64

static struct vm_config vms[ENTRIES];
static struct vm_memory memory[ENTRIES][16];
static struct system_config config;
static struct range ram[ENTRIES], reserved[ENTRIES];
static struct place_taken taken[ENTRIES];
static struct host host;
static unsigned int nr_taken;
static uint8_t arena_memory[64 * 1024] __attribute__((aligned(16)));
static struct dts_diag diag;

static void set_up(void)
{
	memset(vms, 0, sizeof(vms));
	memset(memory, 0, sizeof(memory));
	config = (struct system_config){.vms = vms};
	host = (struct host){.ram = ram, .reserved = reserved};
	nr_taken = 0;
}

static void add_ram(uint64_t base, uint64_t size)
{
	ram[host.nr_ram++] = (struct range){base, size};
}

static void add_reserved(uint64_t base, uint64_t size)
{
	reserved[host.nr_reserved++] = (struct range){base, size};
}

static void add_taken(uint64_t base, uint64_t size)
{
	taken[nr_taken++] = (struct place_taken){{base, size}, "Bulkhead's image"};
}

static void add_vm(void)
{
	struct vm_config *vm = &vms[config.nr_vms];

	vm->memory = memory[config.nr_vms++];
	format(vm->path, sizeof(vm->path), "/vm%u", config.nr_vms);
}

/* To the last VM. Returns it, to look at its place. */
static const struct vm_memory *add_memory(uint64_t address, uint64_t size)
{
	struct vm_config *vm = &vms[config.nr_vms - 1];

	vm->memory[vm->nr_memory] = (struct vm_memory){.ipa = ipa(address), .size = size};
	return &vm->memory[vm->nr_memory++];
}

static bool is_clear(const struct vm_memory *m, const struct range *ranges, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (range_overlaps(m->pa.v, m->size, ranges[i].base, ranges[i].size))
			return false;
	return true;
}

/* What has to hold of every placing. */
static void check_all(void)
{
	for (unsigned int i = 0; i < config.nr_vms * 16; i++) {
		const struct vm_memory *m = &memory[i / 16][i % 16];
		bool inside = false;

		if (m->size == 0)
			continue;
		ATF_CHECK(IS_ALIGNED(m->pa.v, PAGE_SIZE));
		for (unsigned int r = 0; r < host.nr_ram; r++)
			inside |= range_within(m->pa.v, m->size, ram[r].base, ram[r].size);
		ATF_CHECK(inside);
		ATF_CHECK(is_clear(m, reserved, host.nr_reserved));
		for (unsigned int t = 0; t < nr_taken; t++)
			ATF_CHECK(is_clear(m, &taken[t].range, 1));
		for (unsigned int j = 0; j < i; j++) {
			const struct vm_memory *other = &memory[j / 16][j % 16];

			ATF_CHECK(other->size == 0 ||
				  !range_overlaps(m->pa.v, m->size, other->pa.v, other->size));
		}
	}
}

static int place(void)
{
	struct arena arena;
	int err;

	arena_init(&arena, arena_memory, sizeof(arena_memory));
	dts_diag_init(&diag);
	err = place_memory(&config, &host, taken, nr_taken, &arena, &diag.diag);
	ATF_CHECK_EQ(err != 0, diag.diag.errors != 0);
	if (err == 0)
		check_all();
	return err;
}

#define CHECK_PLACED() ATF_REQUIRE_EQ_MSG(place(), 0, "%s", diag.lines[0])
#define CHECK_PA(m, address)                                                                       \
	ATF_CHECK_EQ_MSG((m)->pa.v, address, "0x%llx", (unsigned long long)(m)->pa.v)

ATF_TC_WITHOUT_HEAD(largest_blocks);
ATF_TC_BODY(largest_blocks, tc)
{
	const struct vm_memory *large, *small, *tiny, *odd;

	set_up();
	add_ram(0x40000000, GIB(7));
	add_reserved(0x40000000, MIB(1));
	add_vm();
	tiny = add_memory(0x10000000, KIB(8));
	odd = add_memory(0x12345000, MIB(2));
	add_vm();
	small = add_memory(0x40000000, MIB(512));
	large = add_memory(0x80000000, GIB(2));
	CHECK_PLACED();
	/* 1 GiB blocks, behind what is reserved */
	CHECK_PA(large, 0x80000000);
	/* 2 MiB blocks, at the first of them */
	CHECK_PA(small, 0x40200000);
	/* the same place in its 2 MiB as the guest sees; the rest goes wherever there is room */
	CHECK_PA(odd, 0x60345000);
	CHECK_PA(tiny, 0x40100000);
}

/* 1 GiB of alignment for one would take from the other what it needs. */
ATF_TC_WITHOUT_HEAD(alignment_is_not_all);
ATF_TC_BODY(alignment_is_not_all, tc)
{
	const struct vm_memory *a, *b;

	set_up();
	add_ram(0x60000000, GIB(2) + MIB(512));
	add_vm();
	a = add_memory(0x40000000, GIB(1) + MIB(256));
	add_vm();
	b = add_memory(0x40000000, GIB(1) + MIB(256));
	CHECK_PLACED();
	CHECK_PA(a, 0x60000000);
	CHECK_PA(b, 0xb0000000);
	/* nor 2 MiB: every page of the machine */
	set_up();
	add_ram(0x40001000, MIB(8));
	add_vm();
	add_memory(0x40000000, MIB(4));
	add_memory(0x80000000, MIB(4));
	CHECK_PLACED();
}

ATF_TC_WITHOUT_HEAD(several_banks);
ATF_TC_BODY(several_banks, tc)
{
	const struct vm_memory *a, *b, *c;

	set_up();
	add_ram(0x80000000, GIB(1));
	add_ram(0x880000000, GIB(4));
	add_ram(0x2000000000, MIB(64));
	add_vm();
	a = add_memory(0x40000000, GIB(3));
	b = add_memory(0x100000000, GIB(1));
	c = add_memory(0x200000000, GIB(1));
	add_memory(0x300000000, MIB(64));
	CHECK_PLACED();
	CHECK_PA(a, 0x880000000);
	CHECK_PA(b, 0x80000000);
	CHECK_PA(c, 0x940000000);
	/* in none of them, and in no two of them */
	add_memory(0x400000000, PAGE_SIZE);
	ATF_CHECK_EQ(place(), -EINVAL);
}

ATF_TC_WITHOUT_HEAD(gaps);
ATF_TC_BODY(gaps, tc)
{
	set_up();
	add_ram(0x40000000, MIB(16));
	/* 4 pieces of 1 MiB, at odd places; reservations may overlap others, and RAM's ends */
	add_reserved(0x3ff00000, MIB(3));
	add_reserved(0x40300000, MIB(4));
	add_taken(0x40400000, MIB(4));
	add_taken(0x40900000, MIB(2));
	add_reserved(0x40c00000, MIB(100));
	add_vm();
	add_memory(0x40000000, MIB(1));
	add_memory(0x50000000, MIB(1));
	add_memory(0x60000000, MIB(1));
	CHECK_PLACED();
	add_memory(0x70000000, PAGE_SIZE);
	ATF_CHECK_EQ(place(), -EINVAL);
	dts_check_line(&diag, "error: /vm1: memory: needs 4 KiB for 0x70000000, but the largest "
			      "free piece of this machine's memory has 0 bytes: make it "
			      "smaller, or divide it into several memory@ nodes");
}

ATF_TC_WITHOUT_HEAD(nothing_free);
ATF_TC_BODY(nothing_free, tc)
{
	set_up();
	add_ram(0x40000000, MIB(64));
	add_reserved(0x40000000, MIB(64));
	add_ram(0x50000000, MIB(64));
	add_taken(0, GIB(4));
	add_vm();
	add_memory(0x40000000, MIB(3));
	add_vm();
	add_memory(0x40000000, MIB(2));
	ATF_CHECK_EQ(place(), -EINVAL);
	/* all that has no room is named */
	ATF_REQUIRE_EQ(diag.nr_lines, 2);
	ATF_CHECK_STREQ(diag.lines[0],
			"error: /vm1: memory: needs 3 MiB for 0x40000000, but the largest free "
			"piece of this machine's memory has 0 bytes: make it smaller, or "
			"divide it into several memory@ nodes");
	ATF_CHECK(strncmp(diag.lines[1], "error: /vm2: memory: needs 2 MiB for 0x40000000,", 48) ==
		  0);
}

static void add_fixed(uint64_t physical, uint64_t size)
{
	struct vm_config *vm = &vms[config.nr_vms - 1];
	struct vm_memory *m = &vm->memory[vm->nr_memory];

	add_memory(0x40000000 + ((uint64_t)vm->nr_memory << 32), size);
	m->pa = pa(physical);
	m->fixed = true;
}

static void check_fixed(uint64_t physical, const char *why)
{
	char line[320];

	set_up();
	add_ram(0x40000000, MIB(64));
	add_ram(0x80000000, MIB(32));
	add_reserved(0x41000000, MIB(1));
	add_taken(0x42000000, MIB(2));
	add_vm();
	add_fixed(0x43000000, MIB(8));
	add_vm();
	add_fixed(physical, MIB(4));
	ATF_CHECK_EQ(place(), -EINVAL);
	format(line, sizeof(line), "error: /vm2: memory: 0x%llx to 0x%llx%s",
	       (unsigned long long)physical, (unsigned long long)(physical + MIB(4) - 1), why);
	dts_check_line(&diag, line);
}

/* Whose it is, and what else there is. */
ATF_TC_WITHOUT_HEAD(fixed_place);
ATF_TC_BODY(fixed_place, tc)
{
#define FREE ": choose another address; the largest free piece is 0x80000000 to 0x81ffffff"
	check_fixed(0x40e00000,
		    ": of this, 0x41000000 to 0x410fffff is reserved by the firmware" FREE);
	check_fixed(0x41f00000, ": of this, 0x42000000 to 0x421fffff is Bulkhead's image" FREE);
	check_fixed(0x43700000, ": of this, 0x43000000 to 0x437fffff is /vm1" FREE);
	check_fixed(0x20000000, " is no memory of this machine, which has 0x40000000 to "
				"0x43ffffff, 0x80000000 to 0x81ffffff: choose another address");
	check_fixed(0x81e00000, " is not all memory of this machine, which has 0x40000000 to "
				"0x43ffffff, 0x80000000 to 0x81ffffff: choose another address");
	/* to the last byte */
	set_up();
	add_ram(0x40000000, MIB(64));
	add_taken(0x42000000, MIB(2));
	add_vm();
	add_fixed(0x41c00000, MIB(4));
	add_fixed(0x42200000, MIB(4));
	CHECK_PLACED();
}

/* RAM at address 0, and at the end of the address space. */
ATF_TC_WITHOUT_HEAD(ends);
ATF_TC_BODY(ends, tc)
{
	const struct vm_memory *first, *last;

	set_up();
	add_ram(0, MIB(2));
	add_ram(0xffffffffffe00000, MIB(2) - PAGE_SIZE);
	add_vm();
	first = add_memory(0x40000000, MIB(2));
	last = add_memory(0x50000000, MIB(2) - PAGE_SIZE);
	CHECK_PLACED();
	CHECK_PA(first, 0);
	CHECK_PA(last, 0xffffffffffe00000);
}

ATF_TC_WITHOUT_HEAD(arena_too_small);
ATF_TC_BODY(arena_too_small, tc)
{
	struct arena arena;

	set_up();
	add_ram(0x40000000, MIB(64));
	add_vm();
	add_memory(0x40000000, MIB(2));
	arena_init(&arena, arena_memory, 16);
	dts_diag_init(&diag);
	ATF_CHECK_EQ(place_memory(&config, &host, taken, 0, &arena, &diag.diag), -ENOMEM);
	dts_check_line(&diag, "error: /: the system is too large: remove some of it");
}

/* Machines and systems of all kinds: apart and inside, or refused; and most fit. */
ATF_TC_WITHOUT_HEAD(random_systems);
ATF_TC_BODY(random_systems, tc)
{
	unsigned int placed = 0;

	srand(1);
	for (unsigned int round = 0; round < 2000; round++) {
		uint64_t next = 0;

		set_up();
		for (unsigned int i = (unsigned int)rand() % 4 + 1; i != 0; i--) {
			uint64_t size = ((uint64_t)rand() % 4096 + 1) * PAGE_SIZE << rand() % 9;

			next += (uint64_t)rand() % 100000 * PAGE_SIZE;
			add_ram(next, size);
			if (rand() % 2)
				add_reserved(next + (uint64_t)rand() % size / 4096 * 4096,
					     PAGE_SIZE << rand() % 10);
			if (rand() % 2)
				add_taken(next + (uint64_t)rand() % size / 4096 * 4096, MIB(2));
			next += size;
		}
		for (unsigned int i = (unsigned int)rand() % 6 + 1; i != 0; i--) {
			add_vm();
			for (unsigned int m = (unsigned int)rand() % 4 + 1; m != 0; m--)
				add_memory((uint64_t)rand() % 1000000 * PAGE_SIZE,
					   ((uint64_t)rand() % 512 + 1) * PAGE_SIZE << rand() % 6);
		}
		placed += place() == 0;
	}
	ATF_CHECK_MSG(placed > 1000 && placed < 2000, "%u", placed);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, largest_blocks);
	ATF_TP_ADD_TC(tp, alignment_is_not_all);
	ATF_TP_ADD_TC(tp, several_banks);
	ATF_TP_ADD_TC(tp, gaps);
	ATF_TP_ADD_TC(tp, nothing_free);
	ATF_TP_ADD_TC(tp, fixed_place);
	ATF_TP_ADD_TC(tp, ends);
	ATF_TP_ADD_TC(tp, arena_too_small);
	ATF_TP_ADD_TC(tp, random_systems);
	return atf_no_error();
}
