// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2: its geometry (DDI 0487, D8.2.1 and D8.2.2: sizes, start levels and
 * concatenation; D19.2: VTCR_EL2, VTTBR_EL2), and its mappings, by the walker of
 * mm/pgtable.c with tables from the page pool. No state of its own.
 */
#include "mm/stage2.h"

#include "arm64/tlb.h"
#include "arm64/vmsa.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/pages.h"

#define MIN_IPA_BITS 32
/* Input bits that one table at level 1 resolves, and 16 of them in a row. */
#define LEVEL1_BITS 39
#define LEVEL1_CONCATENATED_BITS (LEVEL1_BITS + 4)

static bool has_stage2_4k(uint64_t mmfr0)
{
	uint64_t stage2 = FIELD_GET(MMFR0_TGRAN4_2, mmfr0);

	if (stage2 == MMFR0_TGRAN4_2_SAME)
		return FIELD_GET(MMFR0_TGRAN4, mmfr0) != MMFR0_TGRAN4_NONE;
	return stage2 != MMFR0_TGRAN4_2_NONE;
}

int stage2_geometry(uint64_t mmfr0, uint64_t mmfr1, unsigned int ipa_bits,
		    struct stage2_geometry *geometry)
{
	unsigned int parange = parange_usable(mmfr0);
	unsigned int pa_bits = parange_bits(parange);
	bool vmid16 = FIELD_GET(MMFR1_VMIDBITS, mmfr1) == MMFR1_VMIDBITS_16;
	unsigned int start_level;

	if (!has_stage2_4k(mmfr0))
		return -ENODEV;
	if (ipa_bits == 0)
		ipa_bits = MIN(pa_bits, STAGE2_DEFAULT_IPA_BITS);
	/* more input than output bits would be an invalid VTCR_EL2.T0SZ */
	if (ipa_bits < MIN_IPA_BITS || ipa_bits > pa_bits)
		return -ERANGE;
	/*
	 * Level 1 as long as 16 tables reach: one level less on every TLB miss,
	 * and 1 GiB blocks. Level 0 is only allowed with 44 or more PA bits,
	 * which is when it is needed.
	 */
	start_level = ipa_bits <= LEVEL1_CONCATENATED_BITS ? 1 : 0;
	*geometry = (struct stage2_geometry){
	    .ipa_bits = ipa_bits,
	    .pa_bits = pa_bits,
	    .start_level = start_level,
	    .root_pages = pgtable_root_pages(ipa_bits, start_level),
	    .vmid_bits = vmid16 ? 16 : 8,
	    .vtcr = VTCR_EL2_RES1 | TCR_WALKS | FIELD_PREP(TCR_T0SZ, 64 - ipa_bits) |
		    FIELD_PREP(TCR_PS, parange) | (vmid16 ? VTCR_EL2_VS : 0) |
		    FIELD_PREP(VTCR_EL2_SL0,
			       start_level == 0 ? VTCR_EL2_SL0_LEVEL0 : VTCR_EL2_SL0_LEVEL1),
	};
	return 0;
}

/* ---- Tables come from the page pool ---- */

static bool table_alloc(pa_t *table)
{
	void *page = page_alloc(1);

	if (page == NULL)
		return false;
	*table = page_to_pa(page);
	return true;
}

static void table_free(pa_t table)
{
	page_free(page_from_pa(table), 1);
}

static uint64_t *table_access(pa_t table)
{
	return page_from_pa(table);
}

/* By any address of a block all of it is forgotten; by one address of a table's, that one alone. */
static void invalidate(const struct pgtable *pt, uint64_t addr, uint64_t size, bool table)
{
	uint64_t vttbr = container_of_const(pt, struct stage2, pt)->vttbr;

	(void)size;
	if (table)
		tlb_invalidate_vmid(vttbr);
	else
		tlb_invalidate_ipa(vttbr, ipa(addr));
}

static void publish(const struct pgtable *pt)
{
	(void)pt;
	tlb_publish_tables();
}

static const struct pgtable_ops table_ops = {
    .alloc = table_alloc,
    .free = table_free,
    .access = table_access,
    .invalidate = invalidate,
    .publish = publish,
};

int stage2_init(struct stage2 *s2, const struct stage2_geometry *geometry, unsigned int vmid)
{
	void *root;

	if (vmid == 0 || vmid >> geometry->vmid_bits != 0)
		return -EINVAL;
	root = page_alloc(geometry->root_pages);
	if (root == NULL)
		return -ENOMEM;
	s2->vtcr = geometry->vtcr;
	s2->vttbr = FIELD_PREP(VTTBR_EL2_VMID, vmid) | page_to_pa(root).v;
	s2->pt = (struct pgtable){
	    .ops = &table_ops,
	    .kind = PGTABLE_STAGE2,
	    .root = page_to_pa(root),
	    .start_level = geometry->start_level,
	    .ia_bits = geometry->ipa_bits,
	    .pa_bits = geometry->pa_bits,
	};
	return 0;
}

/* ---- Mappings ---- */

static int map(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size, unsigned int attrs)
{
	if (pgtable_any(&s2->pt, addr.v, size))
		return -EEXIST;
	return pgtable_map(&s2->pt, addr.v, base, size, attrs);
}

int stage2_map_ram(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size)
{
	return map(s2, addr, base, size, PGTABLE_READ | PGTABLE_WRITE | PGTABLE_EXEC);
}

int stage2_map_rom(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size)
{
	return map(s2, addr, base, size, PGTABLE_READ | PGTABLE_EXEC);
}

int stage2_map_device(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size)
{
	return map(s2, addr, base, size, PGTABLE_READ | PGTABLE_WRITE | PGTABLE_DEVICE);
}

bool stage2_lookup(const struct stage2 *s2, ipa_t addr, pa_t *base, uint64_t *contiguous,
		   bool *device)
{
	struct pgtable_leaf leaf;
	uint64_t offset;

	if (!pgtable_lookup(&s2->pt, addr.v, &leaf))
		return false;
	offset = addr.v - leaf.addr;
	*base = pa(leaf.pa.v + offset);
	if (contiguous != NULL)
		*contiguous = leaf.size - offset;
	if (device != NULL)
		*device = leaf.attrs & PGTABLE_DEVICE;
	return true;
}
