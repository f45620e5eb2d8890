// SPDX-License-Identifier: BSD-2-Clause
/*
 * EL2's address space: where things go, by mm/layout.h, and the root that boot
 * built. `lock` guards the tables and device_next. Tables come from the page
 * pool by page_alloc_table(), which never refills: a refill maps a block, and
 * that takes the lock. So each function sees to it that there are enough pages
 * before it takes the lock.
 */
#include "mm/el2_map.h"

#include "arm64/lock.h"
#include "arm64/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/pages.h"

/* Tables for one mapping that is no larger than a block: levels 1, 2, 3, and a second 3. */
#define TABLES 4

static struct lock lock = LOCK_INIT(LOCK_EL2_MAP, 0);
static struct pgtable map;
static uint64_t device_next;

/* The first tables are in the image. */
static pa_t image_base;
static uint64_t image_bytes;

/* ---- Tables ---- */

static bool in_image(pa_t table)
{
	return range_within(table.v, PAGE_SIZE, image_base.v, image_bytes);
}

static bool table_alloc(pa_t *table)
{
	void *page = page_alloc_table();

	if (page == NULL)
		return false;
	*table = page_to_pa(page);
	return true;
}

static void table_free(pa_t table)
{
	if (!in_image(table))
		page_free(page_from_pa(table), 1);
}

static uint64_t *table_access(pa_t table)
{
	if (in_image(table))
		return (uint64_t *)(uintptr_t)(EL2_IMAGE + (table.v - image_base.v));
	return page_from_pa(table);
}

/* By any address of a block all of it is forgotten; by one address of a table's, that one alone. */
static void invalidate(const struct pgtable *pt, uint64_t addr, uint64_t size, bool table)
{
	(void)pt;
	(void)size;
	if (table)
		tlb_invalidate_el2_all();
	else
		tlb_invalidate_el2_range(addr, 1);
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

void el2_map_init(pa_t root, pa_t image, uint64_t image_size, unsigned int pa_bits)
{
	image_base = image;
	image_bytes = image_size;
	device_next = EL2_DEVICES;
	map = (struct pgtable){
	    .ops = &table_ops,
	    .kind = PGTABLE_EL2,
	    .root = root,
	    .start_level = 0,
	    .ia_bits = EL2_VA_BITS,
	    .pa_bits = pa_bits,
	};
}

/* The whole pages of [base, base + size), which does not wrap when rounded; else an empty range. */
static struct range whole_pages(uint64_t base, uint64_t size)
{
	uint64_t start = ALIGN_DOWN(base, PAGE_SIZE);

	if (!range_valid(base, size) || base + (size - 1) >= ALIGN_DOWN(UINT64_MAX, PAGE_SIZE))
		return (struct range){0, 0};
	return (struct range){start, ALIGN_UP(base + size, PAGE_SIZE) - start};
}

/* ---- Mappings ---- */

/* Where nothing is mapped yet. */
static int map_new(uint64_t addr, pa_t base, uint64_t size, unsigned int attrs)
{
	lock_assert_held(&lock);
	if (pgtable_any(&map, addr, size))
		return -EEXIST;
	return pgtable_map(&map, addr, base, size, attrs);
}

int el2_map_pool_block(pa_t base)
{
	int error;

	if (!IS_ALIGNED(base.v, EL2_POOL_BLOCK) ||
	    !range_within(base.v, EL2_POOL_BLOCK, 0, EL2_POOL_SIZE))
		return -EINVAL;
	lock_acquire(&lock);
	error = map_new(EL2_POOL + base.v, base, EL2_POOL_BLOCK, PGTABLE_READ | PGTABLE_WRITE);
	if (error == 0) {
		error = pages_add(base, EL2_POOL_BLOCK);
		/* a block that was just mapped as one is unmapped without a split: no error */
		if (error != 0)
			(void)pgtable_unmap(&map, EL2_POOL + base.v, EL2_POOL_BLOCK);
	}
	lock_release(&lock);
	return error;
}

static int is_writable(const struct pgtable_leaf *leaf, void *arg)
{
	(void)arg;
	return (leaf->attrs & PGTABLE_WRITE) != 0;
}

const void *el2_map_boot_data(pa_t base, uint64_t size)
{
	struct range pages = whole_pages(base.v, size);
	uint64_t addr = EL2_POOL + pages.base;
	bool mapped;

	if (pages.size == 0 || !range_within(pages.base, pages.size, 0, EL2_POOL_SIZE))
		return NULL;
	/* a table of level 2 for each GiB, and at both ends one of level 3 */
	pages_ensure(TABLES + pages.size / GIB(1) + 2);
	lock_acquire(&lock);
	mapped = pgtable_for_each(&map, addr, pages.size, is_writable, NULL) == 0 &&
		 pgtable_map(&map, addr, pa(pages.base), pages.size, PGTABLE_READ) == 0;
	lock_release(&lock);
	return mapped ? (const void *)(uintptr_t)(EL2_POOL + base.v) : NULL;
}

void *el2_map_device(pa_t base, uint64_t size)
{
	struct range pages = whole_pages(base.v, size);
	uint64_t addr = 0, next;

	if (pages.size == 0 || pages.size >= EL2_AREA_SIZE)
		return NULL;
	pages_ensure(TABLES + 2);
	lock_acquire(&lock);
	next = device_next;
	/* A large device (redistributors) is mapped by blocks: at an address that allows them. */
	if (pages.size >= MIB(2))
		next = ALIGN_UP(next, MIB(2)) + pages.base % MIB(2);
	if (pages.size + PAGE_SIZE <= EL2_DEVICES + EL2_AREA_SIZE - next &&
	    map_new(next, pa(pages.base), pages.size,
		    PGTABLE_READ | PGTABLE_WRITE | PGTABLE_DEVICE) == 0) {
		addr = next + (base.v - pages.base);
		device_next = next + pages.size + PAGE_SIZE;
	}
	lock_release(&lock);
	return (void *)(uintptr_t)addr;
}

void *el2_map_stack(unsigned int cpu)
{
	uint64_t top = EL2_STACK_TOP((uint64_t)cpu);
	void *stack;
	int error;

	if (cpu >= EL2_MAX_CPUS)
		return NULL;
	stack = page_alloc(EL2_STACK_SIZE / PAGE_SIZE);
	if (stack == NULL)
		return NULL;
	pages_ensure(TABLES);
	lock_acquire(&lock);
	error = map_new(top - EL2_STACK_SIZE, page_to_pa(stack), EL2_STACK_SIZE,
			PGTABLE_READ | PGTABLE_WRITE);
	lock_release(&lock);
	if (error == 0)
		return (void *)(uintptr_t)top;
	page_free(stack, EL2_STACK_SIZE / PAGE_SIZE);
	return NULL;
}

int el2_unmap_range(uintptr_t start, uint64_t size)
{
	struct range pages = whole_pages(start, size);
	int error;

	pages_ensure(TABLES);
	lock_acquire(&lock);
	error = pgtable_unmap(&map, pages.base, pages.size);
	lock_release(&lock);
	return error;
}

int el2_map_take_table(uintptr_t addr, uint64_t **table)
{
	int error;

	pages_ensure(TABLES);
	lock_acquire(&lock);
	error = pgtable_take_table(&map, addr, table);
	lock_release(&lock);
	return error;
}

/* Without the lock: it is asked after boot, or when something is broken. */
bool el2_map_lookup(uintptr_t addr, struct pgtable_leaf *leaf)
{
	return pgtable_lookup(&map, addr, leaf);
}
