/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables: one walker for EL2's own stage 1 and for the guests'
 * stage 2, 4 KiB granule, 48-bit addresses. It knows neither the allocator nor
 * the machine, nor who walks the tables: all this is the owner's, through struct
 * pgtable_ops.
 *
 * Operations on a range [addr, addr + size) want addr, size and the output
 * address page-aligned, size not 0, and the range within the input address
 * space: -EINVAL otherwise. They first find out and allocate all tables that
 * they are going to need, and only then change anything: one that fails has
 * changed nothing. Before an operation returns, walkers have forgotten what they had cached of it.
 *
 * No lock: the owner of a struct pgtable serialises its use.
 */
#pragma once

#include "lib/types.h"

/* What a mapping allows. READ is always part of it. */
#define PGTABLE_READ 0x1u
#define PGTABLE_WRITE 0x2u
#define PGTABLE_EXEC 0x4u
#define PGTABLE_DEVICE 0x8u /* Device-nGnRE; without: Normal, write-back, inner shareable */

enum pgtable_kind {
	PGTABLE_EL2,	/* EL2 stage 1; never both WRITE and EXEC */
	PGTABLE_STAGE2, /* a guest's stage 2 */
};

struct pgtable;

/* What the tables' owner does: whose memory they are in, and who walks them. */
struct pgtable_ops {
	/* Gives a zeroed page; false if there is none. */
	bool (*alloc)(pa_t *table);
	void (*free)(pa_t table);
	/* Where a table can be accessed; table is the root, or came from alloc(). */
	uint64_t *(*access)(pa_t table);
	/*
	 * An entry that translates [addr, addr + size) has become invalid, or has other
	 * permissions: when this returns, all walkers have seen that, and use nothing of the old
	 * entry that they have cached. `table`: it led to a table, of which entries may be cached
	 * for any of the addresses.
	 */
	void (*invalidate)(const struct pgtable *pt, uint64_t addr, uint64_t size, bool table);
	/* Entries that were invalid are valid now: when this returns, all walkers see them. */
	void (*publish)(const struct pgtable *pt);
};

struct pgtable {
	const struct pgtable_ops *ops;
	enum pgtable_kind kind;
	pa_t root;
	unsigned int start_level; /* of the root: 0 or 1 */
	unsigned int ia_bits;	  /* input address space; may take several root pages, contiguous */
	unsigned int pa_bits;	  /* output addresses have no more */
};

/* What one address is mapped to. */
struct pgtable_leaf {
	uint64_t addr;	    /* input address where the block or page begins */
	pa_t pa;	    /* its output address */
	uint64_t size;	    /* 4 KiB, 2 MiB or 1 GiB */
	unsigned int level; /* 3, 2 or 1 */
	unsigned int attrs; /* PGTABLE_* */
};

/* Pages of the root: more than one where concatenation saves a level. */
static inline unsigned int pgtable_root_pages(unsigned int ia_bits, unsigned int start_level)
{
	unsigned int bits = PAGE_SHIFT + 9 * (4 - start_level);

	return ia_bits > bits ? 1u << (ia_bits - bits) : 1;
}

/*
 * Maps the range to the physical range from base on, in the largest blocks
 * that both addresses' alignment allows. Mappings that are there are replaced.
 * Returns 0; -EINVAL, also for an output address out of range and for what is
 * refused: no READ, WRITE with EXEC at EL2, DEVICE with EXEC; or -ENOMEM.
 */
int pgtable_map(struct pgtable *pt, uint64_t addr, pa_t base, uint64_t size, unsigned int attrs);

/*
 * Unmaps what is mapped in the range; tables that become empty are freed.
 * Returns 0; -EINVAL; -ENOMEM, which a range that splits no block never does.
 */
int pgtable_unmap(struct pgtable *pt, uint64_t addr, uint64_t size);

/* True, with *leaf filled in, if addr is mapped. */
bool pgtable_lookup(const struct pgtable *pt, uint64_t addr, struct pgtable_leaf *leaf);

/*
 * Calls visit(leaf, arg) for every block and page that has a byte in the range (which need not be
 * page-aligned), by ascending address, until it returns other than 0. Returns what the last call
 * returned, 0 if there was none; -EINVAL for a range that is empty or not all within.
 */
int pgtable_for_each(const struct pgtable *pt, uint64_t addr, uint64_t size,
		     int (*visit)(const struct pgtable_leaf *leaf, void *arg), void *arg);

/* True if a byte of the range is mapped; false for a range that is empty or not all within. */
bool pgtable_any(const struct pgtable *pt, uint64_t addr, uint64_t size);

/*
 * Makes sure that the page-level table for addr exists and gives it to the
 * caller in *table, to fill its 512 entries with pgtable_page() and see to the
 * TLB; no other operation may then touch its 2 MiB.
 * Returns 0; -EINVAL if addr is out of range; -EEXIST if something is mapped there; -ENOMEM.
 */
int pgtable_take_table(struct pgtable *pt, uint64_t addr, uint64_t **table);

/* The descriptor that maps a page to base, or 0 if attrs are refused; see pgtable_map(). */
uint64_t pgtable_page(enum pgtable_kind kind, pa_t base, unsigned int attrs);
