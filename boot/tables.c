// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first page tables, made by the boot CPU with its MMU off (so built with
 * -mstrict-align), at the address where the image was loaded: what this code
 * touches, it reaches relative to the program counter, and it may not use
 * pointers from initialised data. mm/el2_map.c takes the tables over.
 *
 * What they map: the page of start.S that turns the MMU on, at its physical
 * address; the image at its link address, each section as it may be used; and
 * the rest of the image's 2 MiB block as the first part of the pool, unless all
 * that is to be done is to say that something is wrong.
 */
#include "boot/boot.h"

#include "arm64/el2.h"
#include "arm64/pte.h"
#include "arm64/vmsa.h"
#include "arm64/vmsa_asm.h"
#include "boot/wrong.h"
#include "lib/types.h"
#include "mm/layout.h"

_Static_assert(MAIR_VALUE == MAIR_EL2_VALUE, "start.S");
_Static_assert((TCR_VALUE | TCR_RES1) == TCR_EL2_VALUE(0), "start.S");
_Static_assert(SCTLR_BOOT == SCTLR_EL2_MMU_ON, "start.S");
_Static_assert(HCR_BOOT == HCR_RW, "start.S");
_Static_assert(CPTR_BOOT == (CPTR_RES1 | CPTR_TZ | CPTR_TSM), "start.S");

#define TABLE_ENTRIES 512

#define BOOT_TABLE __attribute__((aligned(4096), section(".bss_tables")))

/* One table of each level for each of the three mappings; boot_l0 is the root for good. */
uint64_t boot_l0[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t image_l1[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t image_l2[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t image_l3[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t pool_l1[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t pool_l2[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t pool_l3[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t idmap_l1[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t idmap_l2[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t idmap_l3[TABLE_ENTRIES] BOOT_TABLE;

uint8_t boot_stack[BOOT_STACK_SIZE] __attribute__((aligned(16)));

#define PTE_S1_COMMON                                                                              \
	(PTE_TYPE_PAGE | PTE_AF | FIELD_PREP(PTE_SH, PTE_SH_INNER) |                               \
	 FIELD_PREP(PTE_S1_ATTR, MAIR_NORMAL) | PTE_S1_AP1)
#define PTE_TEXT (PTE_S1_COMMON | PTE_S1_READ_ONLY)
#define PTE_RODATA (PTE_S1_COMMON | PTE_S1_READ_ONLY | PTE_S1_XN)
#define PTE_DATA (PTE_S1_COMMON | PTE_S1_XN)

static unsigned int index_of(uint64_t va, unsigned int level)
{
	return (va >> (39 - 9 * level)) & (TABLE_ENTRIES - 1);
}

static void link_table(uint64_t *table, unsigned int index, uint64_t *next)
{
	table[index] = (uintptr_t)next | PTE_TYPE_TABLE;
}

/* Links root -> l1 -> l2 -> l3 for the 2 MiB around va. */
static void link_path(uint64_t va, uint64_t *l1, uint64_t *l2, uint64_t *l3)
{
	link_table(boot_l0, index_of(va, 0), l1);
	link_table(l1, index_of(va, 1), l2);
	link_table(l2, index_of(va, 2), l3);
}

/* Maps the pages of [from, to), both in the image, at va and on, into l3. */
static void map_pages(uint64_t *l3, uint64_t va, const char *from, const char *to,
		      uint64_t attributes)
{
	for (uintptr_t page = (uintptr_t)from; page < (uintptr_t)to; page += PAGE_SIZE) {
		l3[index_of(va, 3)] = page | attributes;
		va += PAGE_SIZE;
	}
}

/* One section of the image, at its link address. */
static void map_section(const char *from, const char *to, uint64_t attributes)
{
	map_pages(image_l3, EL2_IMAGE + (uint64_t)(from - image_start), from, to, attributes);
}

void boot_map(uintptr_t load, unsigned int wrong)
{
	/* AP[1] would give all to EL0, in a regime that has one */
	const uint64_t mask = wrong & (WRONG_EL1 | WRONG_E2H) ? ~PTE_S1_AP1 : ~UINT64_C(0);

	link_path(EL2_IMAGE, image_l1, image_l2, image_l3);
	map_section(image_start, text_end, PTE_TEXT & mask);
	map_section(init_text_start, init_text_end, PTE_TEXT & mask);
	map_section(init_text_end, init_rodata_end, PTE_RODATA & mask);
	map_section(init_rodata_end, image_end, PTE_DATA & mask);

	if (!wrong) {
		const char *end = (const char *)load + EL2_POOL_BLOCK;

		link_path(EL2_POOL + load, pool_l1, pool_l2, pool_l3);
		map_pages(pool_l3, (uintptr_t)image_end, image_end, end, PTE_DATA);
	}

	link_path(load, idmap_l1, idmap_l2, idmap_l3);
	map_pages(idmap_l3, load, idmap_start, idmap_start + PAGE_SIZE, PTE_TEXT & mask);
}
