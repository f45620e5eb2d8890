// SPDX-License-Identifier: BSD-2-Clause
/*
 * vcpu/seeds.c: every start writes other numbers, where the seeds are and nowhere else.
 */
#include <atf-c.h>
#include <string.h>

#include "lib/bits.h"
#include "mm/guest.h"
#include "vcpu/seeds.h"
#include "vcpu/vm.h"

#define DTB UINT64_C(0x40000ff0) /* a seed across the end of its page */

static uint8_t memory[2 * PAGE_SIZE];
static struct vm_config config = {.dtb_ipa = {DTB}};

int guest_write(const struct stage2 *s2, unsigned int cpu, ipa_t addr, const void *src, size_t n)
{
	uint64_t offset = addr.v - 0x40000000;

	(void)s2;
	ATF_REQUIRE_EQ(cpu, 3);
	ATF_REQUIRE(range_within(offset, n, 0, sizeof(memory)));
	memcpy(memory + offset, src, n);
	return 0;
}

static uint8_t *seed_of(const struct vm *vm, unsigned int n)
{
	return memory + (DTB - 0x40000000) + vm->seeds.places[n].offset;
}

static void set_up(struct vm *vm, uint8_t key)
{
	*vm = (struct vm){
	    .config = &config,
	    .seeds = {.random = {.key = {key}}, .places = {{8, 32}, {64, 8}}, .nr_places = 2}};
	memset(memory, 0xa5, sizeof(memory));
}

ATF_TC_WITHOUT_HEAD(places);
ATF_TC_BODY(places, tc)
{
	struct vm vm;

	(void)tc;
	set_up(&vm, 1);
	seeds_write(&vm, 3);
	for (size_t i = 0; i < sizeof(memory); i++) {
		const uint8_t *p = memory + i;
		bool seed = range_within((uintptr_t)p, 1, (uintptr_t)seed_of(&vm, 0), 32) ||
			    range_within((uintptr_t)p, 1, (uintptr_t)seed_of(&vm, 1), 8);

		if (!seed)
			ATF_CHECK_EQ_MSG(*p, 0xa5, "%zu", i);
	}
	/* of which no half has stayed as it was */
	for (unsigned int i = 0; i < 32; i += 4)
		ATF_CHECK(memcmp(seed_of(&vm, 0) + i, "\xa5\xa5\xa5\xa5", 4) != 0);
	ATF_CHECK(memcmp(seed_of(&vm, 1), "\xa5\xa5\xa5\xa5", 4) != 0);
	ATF_CHECK(memcmp(seed_of(&vm, 1) + 4, "\xa5\xa5\xa5\xa5", 4) != 0);
}

/* Three starts of each of two VMs: no seed is there twice. */
ATF_TC_WITHOUT_HEAD(starts);
ATF_TC_BODY(starts, tc)
{
	uint8_t found[12][8];
	unsigned int n = 0;

	(void)tc;
	for (uint8_t key = 0; key < 2; key++) {
		struct vm vm;

		set_up(&vm, key);
		for (unsigned int life = 0; life < 3; life++) {
			seeds_write(&vm, 3);
			memcpy(found[n++], seed_of(&vm, 0), 8);
			memcpy(found[n++], seed_of(&vm, 1), 8);
		}
	}
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < i; k++)
			ATF_CHECK(memcmp(found[i], found[k], 8) != 0);
}

/* No source of random numbers, or a tree without seeds. */
ATF_TC_WITHOUT_HEAD(none);
ATF_TC_BODY(none, tc)
{
	struct vm vm;

	(void)tc;
	set_up(&vm, 1);
	vm.seeds.nr_places = 0;
	seeds_write(&vm, 3);
	for (size_t i = 0; i < sizeof(memory); i++)
		ATF_CHECK_EQ(memory[i], 0xa5);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, places);
	ATF_TP_ADD_TC(tp, starts);
	ATF_TP_ADD_TC(tp, none);
	return atf_no_error();
}
