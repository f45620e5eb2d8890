// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table walker. DDI 0487, D8.2 (the walk), D8.3 (descriptors), D8.14
 * (what may be changed while other CPUs walk); it holds no state of its own.
 *
 *   47      39 38      30 29      21 20      12 11         0
 *  +----------+----------+----------+----------+------------+
 *  | level 0  | level 1  | level 2  | level 3  |   offset   |   input address
 *  +----------+----------+----------+----------+------------+
 *       |          |          |          |
 *       v          v          v          v
 *   +-------+  +-------+  +-------+  +-------+
 *   | table |->| table |->| table |->| page  |-> 4 KiB
 *   |       |  | block |-----------------------> 1 GiB
 *   |       |  |       |  | block |------------> 2 MiB
 *   +-------+  +-------+  +-------+  +-------+
 *
 * Stage 2 may start at level 1 with up to 16 tables in a row instead of one:
 * four more bits of input address, one level fewer to walk.
 *
 *   walk() -> walk_table() -> walk_entry() -> visit()
 *                 ^                |
 *                 +----------------+  where visit() says STEP_INTO
 *
 * Every operation is a visitor. It sees each entry of the range on the way
 * down, and acts on it (STEP_OVER) or has the walker go into its table
 * (STEP_INTO), which splits what is not a table: its parts fill the new table.
 *
 * An operation walks twice. The first walk is dry: visitors change nothing,
 * and where a table would have to be made, the walker goes on through entries
 * that it computes, and counts. With that many tables at hand, the second walk
 * cannot fail.
 */
#include "mm/pgtable.h"

#include "arm64/atomic.h"
#include "arm64/nospec.h"
#include "arm64/pte.h"
#include "lib/assert.h"
#include "lib/errno.h"

#define LAST_LEVEL 3u
#define LEVEL_BITS 9
#define ENTRIES (1u << LEVEL_BITS)
#define LEVEL_SHIFT(level) (PAGE_SHIFT + LEVEL_BITS * (LAST_LEVEL - (level)))
#define LEVEL_SIZE(level) (UINT64_C(1) << LEVEL_SHIFT(level))

_Static_assert(ENTRIES * sizeof(uint64_t) == PAGE_SIZE, "a table is a page");
_Static_assert(LEVEL_SIZE(3) == PAGE_SIZE, "level 3 maps pages");
_Static_assert(LEVEL_SIZE(2) == MIB(2) && LEVEL_SIZE(1) == GIB(1), "sizes of blocks");
_Static_assert(LEVEL_SHIFT(0) + LEVEL_BITS == 48, "four levels resolve 48 bits");
_Static_assert(PTE_ADDR == (UINT64_C(1) << 48) - PAGE_SIZE, "addresses are not shifted");

enum step { STEP_OVER, STEP_INTO };

/* An entry that the walk has come to, and the part of the range that is its. */
struct entry {
	uint64_t *slot; /* NULL: in a table that does not exist yet (dry) */
	uint64_t pte;
	uint64_t addr;
	uint64_t end;
	unsigned int level;
	bool live; /* walkers can reach it: its table is linked */
};

struct walk {
	const struct pgtable *pt;
	enum step (*visit)(struct walk *w, const struct entry *e);
	/* After the table of entry e was walked, not dry; may be NULL. */
	void (*leave)(struct walk *w, const struct entry *e);
	bool dry;
	int error;	 /* set by visitors; ends the walk */
	size_t tables;	 /* dry: how many will be made */
	pa_t spare;	 /* not dry: tables to make them of, linked by their first words */
	size_t nr_spare; /* and how many */

	/* For the visitors */
	uint64_t start; /* of the whole range */
	pa_t base;	/* what start is to be mapped to */
	uint64_t bits;	/* descriptor bits of a leaf, without type and address */
	uint64_t *table;
	int (*each)(const struct pgtable_leaf *leaf, void *arg);
	void *arg;
};

/* ---- Descriptors ---- */

static bool is_table(const struct entry *e)
{
	return e->level < LAST_LEVEL && (e->pte & PTE_TYPE) == PTE_TYPE_TABLE;
}

static bool is_leaf(const struct entry *e)
{
	return (e->pte & PTE_VALID) && !is_table(e);
}

/* True if the range covers all that the entry translates. */
static bool is_whole(const struct entry *e)
{
	return e->end - e->addr == LEVEL_SIZE(e->level);
}

static uint64_t leaf_type(unsigned int level)
{
	return level == LAST_LEVEL ? PTE_TYPE_PAGE : PTE_TYPE_BLOCK;
}

/* What maps addr at `level` as the leaf `pte` of the level above does: 0 if that is invalid. */
static uint64_t leaf_part(uint64_t pte, unsigned int level, uint64_t addr)
{
	uint64_t offset = addr & (LEVEL_SIZE(level - 1) - LEVEL_SIZE(level));

	if (!(pte & PTE_VALID))
		return 0;
	return ((pte & ~PTE_TYPE) | leaf_type(level)) + offset;
}

/* The bits that may change while walkers use the entry: D8.14.1 excepts permissions. */
static uint64_t permission_bits(enum pgtable_kind kind)
{
	return kind == PGTABLE_EL2 ? PTE_S1_READ_ONLY | PTE_S1_XN
				   : PTE_S2_READ | PTE_S2_WRITE | PTE_S2_XN;
}

/*
 * The one place where permissions become descriptor bits, and so the one that
 * refuses (with 0) what must never exist.
 */
static uint64_t encode(enum pgtable_kind kind, unsigned int attrs)
{
	bool write = attrs & PGTABLE_WRITE;
	bool exec = attrs & PGTABLE_EXEC;
	bool device = attrs & PGTABLE_DEVICE;
	uint64_t bits = PTE_AF | FIELD_PREP(PTE_SH, PTE_SH_INNER);

	if (!(attrs & PGTABLE_READ) || (device && exec))
		return 0;
	if (kind == PGTABLE_EL2) {
		if (write && exec)
			return 0;
		return bits | PTE_S1_AP1 | (write ? 0 : PTE_S1_READ_ONLY) | (exec ? 0 : PTE_S1_XN) |
		       FIELD_PREP(PTE_S1_ATTR, device ? MAIR_DEVICE : MAIR_NORMAL);
	}
	return bits | PTE_S2_READ | (write ? PTE_S2_WRITE : 0) |
	       FIELD_PREP(PTE_S2_XN, exec ? PTE_S2_XN_NONE : PTE_S2_XN_ALL) |
	       FIELD_PREP(PTE_S2_MEMATTR,
			  device ? PTE_S2_MEMATTR_DEVICE_nGnRE : PTE_S2_MEMATTR_NORMAL_WB);
}

static unsigned int decode(enum pgtable_kind kind, uint64_t pte)
{
	bool write, exec, device;

	if (kind == PGTABLE_EL2) {
		write = !(pte & PTE_S1_READ_ONLY);
		exec = !(pte & PTE_S1_XN);
		device = FIELD_GET(PTE_S1_ATTR, pte) == MAIR_DEVICE;
	} else {
		write = pte & PTE_S2_WRITE;
		exec = FIELD_GET(PTE_S2_XN, pte) == PTE_S2_XN_NONE;
		device = FIELD_GET(PTE_S2_MEMATTR, pte) == PTE_S2_MEMATTR_DEVICE_nGnRE;
	}
	return PGTABLE_READ | (write ? PGTABLE_WRITE : 0) | (exec ? PGTABLE_EXEC : 0) |
	       (device ? PGTABLE_DEVICE : 0);
}

uint64_t pgtable_page(enum pgtable_kind kind, pa_t base, unsigned int attrs)
{
	uint64_t bits = encode(kind, attrs);

	return bits != 0 ? bits | PTE_TYPE_PAGE | (base.v & PTE_ADDR) : 0;
}

/* ---- Changing entries ---- */

/*
 * The one place where an entry changes. A valid one that walkers can reach is
 * first made invalid, and forgotten by all TLBs, before it becomes something
 * else (break before make, D8.14.1), or a TLB could hold both translations;
 * only permissions change in place. A new value is stored with release order:
 * who finds a table by it finds the table's contents.
 */
static void entry_set(const struct pgtable *pt, const struct entry *e, uint64_t pte)
{
	uint64_t old = *e->slot;
	uint64_t size = LEVEL_SIZE(e->level);
	bool in_place = (pte & PTE_VALID) && ((old ^ pte) & ~permission_bits(pt->kind)) == 0;

	if (old == pte)
		return;
	if (e->live && (old & PTE_VALID)) {
		atomic_store(e->slot, in_place ? pte : 0);
		pt->ops->invalidate(pt, ALIGN_DOWN(e->addr, size), size, is_table(e));
		if (in_place)
			return;
	}
	atomic_store(e->slot, pte);
}

/* Frees the table that `pte`, no longer in use, led to, and all below it. */
static void free_tables(const struct pgtable *pt, uint64_t pte, unsigned int level)
{
	pa_t table = pa(pte & PTE_ADDR);
	const uint64_t *entries = pt->ops->access(table);

	for (unsigned int i = 0; level < LAST_LEVEL && i < ENTRIES; i++) {
		if ((entries[i] & PTE_TYPE) == PTE_TYPE_TABLE)
			free_tables(pt, entries[i], level + 1);
	}
	pt->ops->free(table);
}

/* entry_set() for a visitor: nothing if dry; and frees a table that was there. */
static void replace(struct walk *w, const struct entry *e, uint64_t pte)
{
	if (w->dry)
		return;
	entry_set(w->pt, e, pte);
	if (is_table(e))
		free_tables(w->pt, e->pte, e->level + 1);
}

/* ---- Spare tables ---- */

static void spare_free(struct walk *w)
{
	while (w->nr_spare != 0) {
		pa_t table = w->spare;

		w->spare = pa(*w->pt->ops->access(table));
		w->nr_spare--;
		w->pt->ops->free(table);
	}
}

static int spare_alloc(struct walk *w, size_t count)
{
	while (w->nr_spare < count) {
		pa_t table;

		if (!w->pt->ops->alloc(&table)) {
			spare_free(w);
			return -ENOMEM;
		}
		*w->pt->ops->access(table) = w->spare.v;
		w->spare = table;
		w->nr_spare++;
	}
	return 0;
}

/* A zeroed table; there is one, the dry walk has counted. */
static pa_t spare_take(struct walk *w)
{
	pa_t table = w->spare;
	uint64_t *entries = w->pt->ops->access(table);

	ASSERT(w->nr_spare != 0);
	w->spare = pa(entries[0]);
	w->nr_spare--;
	entries[0] = 0;
	return table;
}

/* ---- The walker ---- */

static void walk_table(struct walk *w, uint64_t *table, const struct entry *above);

/*
 * Walks into an entry that is no table, which becomes one. The new table is
 * linked only when the walk through it is over: its entries need no TLB
 * maintenance, and the old translation is broken once.
 */
static void walk_split(struct walk *w, const struct entry *e)
{
	struct entry above = *e;
	uint64_t *entries;
	pa_t table;

	above.live = false;
	if (w->dry) {
		w->tables++;
		walk_table(w, NULL, &above);
		return;
	}
	table = spare_take(w);
	entries = w->pt->ops->access(table);
	for (unsigned int i = 0; is_leaf(e) && i < ENTRIES; i++)
		entries[i] = leaf_part(e->pte, e->level + 1, i * LEVEL_SIZE(e->level + 1));
	walk_table(w, entries, &above);
	entry_set(w->pt, e, table.v | PTE_TYPE_TABLE);
}

static void walk_entry(struct walk *w, const struct entry *e)
{
	if (w->visit(w, e) == STEP_OVER)
		return;
	if (!is_table(e)) {
		walk_split(w, e);
		return;
	}
	walk_table(w, w->pt->ops->access(pa(e->pte & PTE_ADDR)), e);
	if (!w->dry && w->leave != NULL)
		w->leave(w, e);
}

/* The entries, for the part of the range that is that of the entry above. */
static void walk_table(struct walk *w, uint64_t *table, const struct entry *above)
{
	/* above the root stands an entry of level start - 1: for level 0, -1 wraps to 0 again */
	unsigned int level = above->level + 1;
	uint64_t index_mask = level == w->pt->start_level ? UINT64_MAX : ENTRIES - 1;
	struct entry e = {.level = level, .live = above->live};

	for (e.addr = above->addr; e.addr < above->end && w->error == 0; e.addr = e.end) {
		uint64_t boundary = ALIGN_DOWN(e.addr, LEVEL_SIZE(level)) + LEVEL_SIZE(level);

		e.end = MIN(boundary, above->end);
		if (table != NULL) {
			e.slot = &table[e.addr >> LEVEL_SHIFT(level) & index_mask];
			e.pte = *e.slot;
		} else {
			e.pte = leaf_part(above->pte, level, e.addr);
		}
		walk_entry(w, &e);
	}
}

static void walk(struct walk *w, uint64_t addr, uint64_t size)
{
	struct entry root = {
	    .level = w->pt->start_level - 1, .addr = addr, .end = addr + size, .live = true};

	w->start = addr;
	walk_table(w, w->pt->ops->access(w->pt->root), &root);
}

/* Both walks. The second takes the first one's decisions again, so no table is left. */
static int prepare_and_commit(struct walk *w, uint64_t addr, uint64_t size)
{
	int error;

	w->dry = true;
	walk(w, addr, size);
	error = w->error != 0 ? w->error : spare_alloc(w, w->tables);
	if (error != 0)
		return error;
	w->dry = false;
	walk(w, addr, size);
	ASSERT(w->nr_spare == 0);
	w->pt->ops->publish(w->pt);
	return 0;
}

static bool within(uint64_t addr, uint64_t size, unsigned int bits)
{
	return size != 0 && range_within(addr, size, 0, UINT64_C(1) << bits);
}

static bool pages_within(uint64_t addr, uint64_t size, unsigned int bits)
{
	return IS_ALIGNED(addr | size, PAGE_SIZE) && within(addr, size, bits);
}

/* ---- The operations ---- */

static enum step visit_map(struct walk *w, const struct entry *e)
{
	uint64_t base = w->base.v + (e->addr - w->start);
	uint64_t pte = w->bits | leaf_type(e->level) | base;
	uint64_t inside = e->addr & (LEVEL_SIZE(e->level) - 1);

	if (e->level >= 1 && is_whole(e) && IS_ALIGNED(base, LEVEL_SIZE(e->level))) {
		replace(w, e, pte);
		return STEP_OVER;
	}
	/* Part of a block that maps it so already: nothing to split for */
	if (is_leaf(e) && e->pte == pte - inside)
		return STEP_OVER;
	return STEP_INTO;
}

int pgtable_map(struct pgtable *pt, uint64_t addr, pa_t base, uint64_t size, unsigned int attrs)
{
	struct walk w = {.pt = pt, .visit = visit_map, .base = base};

	w.bits = encode(pt->kind, attrs);
	if (w.bits == 0 || !pages_within(addr, size, pt->ia_bits) ||
	    !pages_within(base.v, size, pt->pa_bits))
		return -EINVAL;
	return prepare_and_commit(&w, addr, size);
}

static enum step visit_unmap(struct walk *w, const struct entry *e)
{
	if (!(e->pte & PTE_VALID))
		return STEP_OVER;
	if (!is_whole(e))
		return STEP_INTO;
	replace(w, e, 0);
	return STEP_OVER;
}

static bool table_is_empty(const uint64_t *entries)
{
	for (unsigned int i = 0; i < ENTRIES; i++) {
		if (entries[i] != 0)
			return false;
	}
	return true;
}

static void leave_unmap(struct walk *w, const struct entry *e)
{
	if (table_is_empty(w->pt->ops->access(pa(e->pte & PTE_ADDR))))
		replace(w, e, 0);
}

int pgtable_unmap(struct pgtable *pt, uint64_t addr, uint64_t size)
{
	struct walk w = {.pt = pt, .visit = visit_unmap, .leave = leave_unmap};

	if (!pages_within(addr, size, pt->ia_bits))
		return -EINVAL;
	return prepare_and_commit(&w, addr, size);
}

/* What the leaf `pte` of the level maps addr to. */
static struct pgtable_leaf leaf_at(const struct pgtable *pt, uint64_t pte, unsigned int level,
				   uint64_t addr)
{
	return (struct pgtable_leaf){
	    .addr = ALIGN_DOWN(addr, LEVEL_SIZE(level)),
	    .pa = pa(pte & PTE_ADDR),
	    .size = LEVEL_SIZE(level),
	    .level = level,
	    .attrs = decode(pt->kind, pte),
	};
}

/* As the hardware walks, without a visitor: guests' exits come here. */
bool pgtable_lookup(const struct pgtable *pt, uint64_t addr, struct pgtable_leaf *leaf)
{
	uint64_t index_mask = UINT64_MAX; /* the root's tables stand in a row */
	struct entry e = {.level = pt->start_level};
	pa_t table = pt->root;

	if (!within(addr, 1, pt->ia_bits))
		return false;
	/* Some addresses are guests': the root is as long as what is checked says. */
	addr = nospec_index(addr, BIT(pt->ia_bits));
	for (;;) {
		e.pte = pt->ops->access(table)[(addr >> LEVEL_SHIFT(e.level)) & index_mask];
		if (!is_table(&e))
			break;
		table = pa(e.pte & PTE_ADDR);
		index_mask = ENTRIES - 1;
		e.level++;
	}
	if (!is_leaf(&e))
		return false;
	*leaf = leaf_at(pt, e.pte, e.level, addr);
	return true;
}

static enum step visit_leaves(struct walk *w, const struct entry *e)
{
	struct pgtable_leaf leaf;

	if (is_table(e))
		return STEP_INTO;
	if (is_leaf(e)) {
		leaf = leaf_at(w->pt, e->pte, e->level, e->addr);
		w->error = w->each(&leaf, w->arg);
	}
	return STEP_OVER;
}

int pgtable_for_each(const struct pgtable *pt, uint64_t addr, uint64_t size,
		     int (*visit)(const struct pgtable_leaf *leaf, void *arg), void *arg)
{
	struct walk w = {.pt = pt, .visit = visit_leaves, .dry = true, .each = visit, .arg = arg};

	if (!within(addr, size, pt->ia_bits))
		return -EINVAL;
	walk(&w, addr, size);
	return w.error;
}

static int first_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	(void)leaf;
	(void)arg;
	return 1;
}

bool pgtable_any(const struct pgtable *pt, uint64_t addr, uint64_t size)
{
	return pgtable_for_each(pt, addr, size, first_leaf, NULL) == 1;
}

/* Nothing is mapped there: down to where the first page of the table would be. */
static enum step visit_take(struct walk *w, const struct entry *e)
{
	if (e->level < LAST_LEVEL)
		return STEP_INTO;
	w->table = e->slot;
	return STEP_OVER;
}

int pgtable_take_table(struct pgtable *pt, uint64_t addr, uint64_t **table)
{
	struct walk w = {.pt = pt, .visit = visit_take};
	uint64_t start = ALIGN_DOWN(addr, LEVEL_SIZE(LAST_LEVEL - 1));
	int error;

	if (!within(addr, 1, pt->ia_bits))
		return -EINVAL;
	if (pgtable_any(pt, start, LEVEL_SIZE(LAST_LEVEL - 1)))
		return -EEXIST;
	error = prepare_and_commit(&w, start, PAGE_SIZE);
	if (error == 0)
		*table = w.table;
	return error;
}
