// SPDX-License-Identifier: BSD-2-Clause
/*
 * mm/stage2.c: the geometry that CPUs and VMs ask for, with VTCR_EL2 as the
 * manual's fields make it, and a guest's map on tables from a real page pool.
 */
#include <atf-c.h>
#include <stdlib.h>

#include "arm64/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/layout.h"
#include "mm/pages.h"
#include "mm/stage2.h"

#define BLOCK MIB(2)

/* ID register values: PARange, stage 2 granule, VMID bits */
#define MMFR0(parange, tgran4_2) ((uint64_t)(tgran4_2) << 40 | (uint64_t)(parange))
#define TGRAN4_NONE UINT64_C(0xf0000000)
#define VMID8 UINT64_C(0x00)
#define VMID16 UINT64_C(0x20)

static const struct {
	const char *cpu;
	uint64_t mmfr0, mmfr1;
	unsigned int wanted;
	/* expected */
	int error;
	unsigned int ipa_bits, start_level, root_pages;
	uint64_t vtcr;
} geometries[] = {
    {"cortex-a53", MMFR0(2, 0), VMID8, 0, 0, 40, 1, 2, 0x80023558},
    {"cortex-a57", MMFR0(4, 0), VMID8, 0, 0, 40, 1, 2, 0x80043558},
    {"cortex-a57, 32 bits", MMFR0(4, 0), VMID8, 32, 0, 32, 1, 1, 0x80043560},
    {"cortex-a57, 39 bits", MMFR0(4, 0), VMID8, 39, 0, 39, 1, 1, 0x80043559},
    {"cortex-a57, 43 bits", MMFR0(4, 0), VMID8, 43, 0, 43, 1, 16, 0x80043555},
    {"cortex-a57, 44 bits", MMFR0(4, 0), VMID8, 44, 0, 44, 0, 1, 0x80043594},
    {"cortex-a57, 45 bits", MMFR0(4, 0), VMID8, 45, -ERANGE, 0, 0, 0, 0},
    {"neoverse-n1", MMFR0(5, 0), VMID16, 0, 0, 40, 1, 2, 0x800d3558},
    {"neoverse-n1, 48 bits", MMFR0(5, 0), VMID16, 48, 0, 48, 0, 1, 0x800d3590},
    {"neoverse-n1, 49 bits", MMFR0(5, 0), VMID16, 49, -ERANGE, 0, 0, 0, 0},
    {"max: 52 bits are 48", MMFR0(6, 3), VMID16, 48, 0, 48, 0, 1, 0x800d3590},
    {"max, 52 bits", MMFR0(6, 3), VMID16, 52, -ERANGE, 0, 0, 0, 0},
    {"a later PARange", MMFR0(7, 2), VMID8, 0, 0, 40, 1, 2, 0x80053558},
    {"small, 36 bits", MMFR0(1, 0), VMID8, 0, 0, 36, 1, 1, 0x8001355c},
    {"small, 32 bits", MMFR0(0, 0), VMID8, 0, 0, 32, 1, 1, 0x80003560},
    {"small, too much", MMFR0(0, 0), VMID8, 33, -ERANGE, 0, 0, 0, 0},
    {"42 bits", MMFR0(3, 0), VMID8, 42, 0, 42, 1, 8, 0x80033556},
    {"too little", MMFR0(5, 0), VMID8, 31, -ERANGE, 0, 0, 0, 0},
    {"far too much", MMFR0(5, 0), VMID8, UINT32_MAX, -ERANGE, 0, 0, 0, 0},
    {"no granule at all", MMFR0(4, 0) | TGRAN4_NONE, VMID8, 0, -ENODEV, 0, 0, 0, 0},
    {"none at stage 2", MMFR0(4, 1), VMID8, 0, -ENODEV, 0, 0, 0, 0},
    {"only at stage 2", MMFR0(4, 2) | TGRAN4_NONE, VMID8, 0, 0, 40, 1, 2, 0x80043558},
};

ATF_TC_WITHOUT_HEAD(geometry);
ATF_TC_BODY(geometry, tc)
{
	(void)tc;
	for (size_t i = 0; i < ARRAY_SIZE(geometries); i++) {
		struct stage2_geometry g = {0};
		const char *cpu = geometries[i].cpu;

		ATF_CHECK_EQ_MSG(geometries[i].error,
				 stage2_geometry(geometries[i].mmfr0, geometries[i].mmfr1,
						 geometries[i].wanted, &g),
				 "%s", cpu);
		if (geometries[i].error != 0)
			continue;
		ATF_CHECK_EQ_MSG(geometries[i].ipa_bits, g.ipa_bits, "%s", cpu);
		ATF_CHECK_EQ_MSG(geometries[i].start_level, g.start_level, "%s", cpu);
		ATF_CHECK_EQ_MSG(geometries[i].root_pages, g.root_pages, "%s", cpu);
		ATF_CHECK_EQ_MSG(geometries[i].vtcr, g.vtcr, "%s: %#lx", cpu, g.vtcr);
		ATF_CHECK_EQ_MSG(geometries[i].mmfr1 == VMID16 ? 16 : 8, g.vmid_bits, "%s", cpu);
	}
}

/* ---- A guest ---- */

#define PHYS_BASE UINT64_C(0x40000000)
#define POOL_PAGES 24

static struct stage2_geometry geometry;
static struct stage2 s2;
static void *ram;

static void set_up(unsigned int ipa_bits, unsigned int vmid)
{
	ram = aligned_alloc(EL2_POOL_BLOCK, EL2_POOL_BLOCK);
	pages_init((uintptr_t)ram - PHYS_BASE);
	ATF_REQUIRE_EQ(0, pages_add(pa(PHYS_BASE), POOL_PAGES * PAGE_SIZE));
	fake_tlb_reset();
	ATF_REQUIRE_EQ(0, stage2_geometry(MMFR0(5, 0), VMID16, ipa_bits, &geometry));
	ATF_REQUIRE_EQ(0, stage2_init(&s2, &geometry, vmid));
}

static void check_maps(uint64_t addr, uint64_t base, uint64_t rest, bool is_device)
{
	uint64_t contiguous = 0;
	bool device = !is_device;
	pa_t got = pa(0);

	ATF_REQUIRE_MSG(stage2_lookup(&s2, ipa(addr), &got, &contiguous, &device),
			"nothing at %#lx", addr);
	ATF_CHECK_EQ_MSG(base, got.v, "%#lx -> %#lx", addr, got.v);
	ATF_CHECK_EQ_MSG(rest, contiguous, "%#lx: %#lx", addr, contiguous);
	ATF_CHECK_EQ(is_device, device);
}

ATF_TC_WITHOUT_HEAD(roots);
ATF_TC_BODY(roots, tc)
{
	static const unsigned int bits[] = {32, 39, 40, 42, 43, 44, 48};

	(void)tc;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		set_up(bits[i], 0xabcd);
		ATF_CHECK_EQ(geometry.vtcr, s2.vtcr);
		ATF_CHECK_EQ(0xabcd, s2.vttbr >> 48);
		/* aligned to all of its tables, or VTTBR_EL2.BADDR would lose bits */
		ATF_CHECK_EQ(0, (s2.vttbr & 0xffffffffffff) % (geometry.root_pages * PAGE_SIZE));
		ATF_CHECK_EQ(geometry.root_pages, pages_stats().used);
		free(ram);
	}
}

ATF_TC_WITHOUT_HEAD(vmids);
ATF_TC_BODY(vmids, tc)
{
	(void)tc;
	set_up(40, 1);
	ATF_CHECK_EQ(-EINVAL, stage2_init(&s2, &geometry, 0));
	ATF_CHECK_EQ(-EINVAL, stage2_init(&s2, &geometry, 0x10000));
	ATF_CHECK_EQ(0, stage2_init(&s2, &geometry, 0xffff));
	ATF_REQUIRE_EQ(0, stage2_geometry(MMFR0(5, 0), VMID8, 0, &geometry));
	ATF_CHECK_EQ(-EINVAL, stage2_init(&s2, &geometry, 0x100));
	ATF_CHECK_EQ(0, stage2_init(&s2, &geometry, 0xff));
	ATF_CHECK_EQ(6, pages_stats().used);
	free(ram);
}

ATF_TC_WITHOUT_HEAD(mapping);
ATF_TC_BODY(mapping, tc)
{
	pa_t base;

	(void)tc;
	set_up(40, 3);
	ATF_REQUIRE_EQ(0, stage2_map_ram(&s2, ipa(GIB(1)), pa(GIB(2)), GIB(1) + BLOCK));
	ATF_REQUIRE_EQ(0, stage2_map_device(&s2, ipa(0x9000000), pa(0xfe000000), 2 * PAGE_SIZE));
	check_maps(GIB(1), GIB(2), GIB(1), false);
	check_maps(GIB(1) + 0x1234567, GIB(2) + 0x1234567, GIB(1) - 0x1234567, false);
	check_maps(GIB(2) + BLOCK - 1, GIB(3) + BLOCK - 1, 1, false);
	check_maps(0x9000018, 0xfe000018, PAGE_SIZE - 0x18, true);
	check_maps(0x9001fff, 0xfe001fff, 1, true);
	ATF_CHECK(stage2_lookup(&s2, ipa(GIB(1)), &base, NULL, NULL));
	ATF_CHECK(!stage2_lookup(&s2, ipa(GIB(1) - 1), &base, NULL, NULL));
	ATF_CHECK(!stage2_lookup(&s2, ipa(GIB(2) + BLOCK), &base, NULL, NULL));
	ATF_CHECK(!stage2_lookup(&s2, ipa(0x9002000), &base, NULL, NULL));
	ATF_CHECK(!stage2_lookup(&s2, ipa(UINT64_C(1) << 40), &base, NULL, NULL));
	ATF_CHECK(!stage2_lookup(&s2, ipa(UINT64_MAX), &base, NULL, NULL));
	/* new mappings need no TLB maintenance */
	ATF_CHECK_EQ(0, fake_tlb_count);

	ATF_REQUIRE_EQ(0, pgtable_unmap(&s2.pt, 0x9001000, PAGE_SIZE));
	ATF_CHECK(!stage2_lookup(&s2, ipa(0x9001000), &base, NULL, NULL));
	check_maps(0x9000000, 0xfe000000, PAGE_SIZE, true);
	ATF_CHECK_EQ(1, fake_tlb_count);
	ATF_CHECK_EQ(FAKE_TLB_IPA, fake_tlb_ops[0].kind);
	ATF_CHECK_EQ(s2.vttbr, fake_tlb_ops[0].vttbr);
	ATF_CHECK_EQ(0x9001000, fake_tlb_ops[0].addr);

	/* a table goes: what it led to may be cached for any address */
	fake_tlb_reset();
	ATF_REQUIRE_EQ(0, pgtable_unmap(&s2.pt, 0x9000000, PAGE_SIZE));
	ATF_CHECK_EQ(FAKE_TLB_IPA, fake_tlb_ops[0].kind);
	ATF_CHECK_EQ(FAKE_TLB_VMID, fake_tlb_ops[1].kind);
	ATF_CHECK_EQ(s2.vttbr, fake_tlb_ops[1].vttbr);
	free(ram);
}

/* Firmware: one 2 MiB block, that can be read and executed. */
ATF_TC_WITHOUT_HEAD(rom);
ATF_TC_BODY(rom, tc)
{
	struct pgtable_leaf leaf;

	(void)tc;
	set_up(40, 3);
	ATF_REQUIRE_EQ(0, stage2_map_rom(&s2, ipa(0), pa(GIB(2)), BLOCK));
	ATF_REQUIRE(pgtable_lookup(&s2.pt, 0x1000, &leaf));
	ATF_CHECK_EQ(leaf.size, BLOCK);
	ATF_CHECK_EQ(leaf.attrs, PGTABLE_READ | PGTABLE_EXEC);
	check_maps(0, GIB(2), BLOCK, false);
	ATF_CHECK_EQ(-EEXIST, stage2_map_rom(&s2, ipa(BLOCK - PAGE_SIZE), pa(0), PAGE_SIZE));
	free(ram);
}

ATF_TC_WITHOUT_HEAD(refusals);
ATF_TC_BODY(refusals, tc)
{
	size_t used;

	(void)tc;
	set_up(40, 3);
	ATF_REQUIRE_EQ(0, stage2_map_ram(&s2, ipa(GIB(1)), pa(GIB(2)), BLOCK));
	used = pages_stats().used;
	/* an overlap of one page, on either side, of either kind */
	ATF_CHECK_EQ(-EEXIST, stage2_map_ram(&s2, ipa(GIB(1) - PAGE_SIZE), pa(0), 2 * PAGE_SIZE));
	ATF_CHECK_EQ(-EEXIST,
		     stage2_map_device(&s2, ipa(GIB(1) + BLOCK - PAGE_SIZE), pa(0), 2 * PAGE_SIZE));
	ATF_CHECK_EQ(-EEXIST, stage2_map_ram(&s2, ipa(0), pa(0), GIB(8)));
	/* not whole pages, nothing, too far, wrapping */
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(0x10), pa(0), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, stage2_map_device(&s2, ipa(0), pa(0x10), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, stage2_map_device(&s2, ipa(0), pa(0), 0x1001));
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(0), pa(0), 0));
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(UINT64_C(1) << 40), pa(0), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(0), pa(UINT64_C(1) << 48), PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(-PAGE_SIZE), pa(0), 2 * PAGE_SIZE));
	ATF_CHECK_EQ(-EINVAL, stage2_map_ram(&s2, ipa(PAGE_SIZE), pa(0), -PAGE_SIZE));
	ATF_CHECK_EQ(used, pages_stats().used);
	ATF_CHECK_EQ(0, fake_tlb_count);
	free(ram);
}

/* The pool runs out in the middle of a large mapping: none of it is there. */
ATF_TC_WITHOUT_HEAD(no_memory);
ATF_TC_BODY(no_memory, tc)
{
	size_t used;
	pa_t base;

	(void)tc;
	set_up(40, 3);
	used = pages_stats().used;
	ATF_CHECK_EQ(-ENOMEM, stage2_map_ram(&s2, ipa(GIB(1)), pa(PAGE_SIZE), 64 * BLOCK));
	ATF_CHECK_EQ(used, pages_stats().used);
	ATF_CHECK(!stage2_lookup(&s2, ipa(GIB(1)), &base, NULL, NULL));
	/* the same in blocks fits easily */
	ATF_CHECK_EQ(0, stage2_map_ram(&s2, ipa(GIB(1)), pa(BLOCK), 64 * BLOCK));
	ATF_CHECK_EQ(used + 1, pages_stats().used);
	while (page_alloc(1) != NULL)
		;
	ATF_CHECK_EQ(-ENOMEM, stage2_init(&s2, &geometry, 4));
	free(ram);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, geometry);
	ATF_TP_ADD_TC(tp, roots);
	ATF_TP_ADD_TC(tp, vmids);
	ATF_TP_ADD_TC(tp, mapping);
	ATF_TP_ADD_TC(tp, rom);
	ATF_TP_ADD_TC(tp, refusals);
	ATF_TP_ADD_TC(tp, no_memory);
	return atf_no_error();
}
