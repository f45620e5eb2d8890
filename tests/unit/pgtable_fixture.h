/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of mm/pgtable.c: memory for tables, at physical addresses of
 * their own, that runs out when a test says so and notices wrong uses.
 */
#pragma once

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "mm/pgtable.h"

#define RW (PGTABLE_READ | PGTABLE_WRITE)
#define RX (PGTABLE_READ | PGTABLE_EXEC)
#define RWX (PGTABLE_READ | PGTABLE_WRITE | PGTABLE_EXEC)
#define DEVICE (RW | PGTABLE_DEVICE)

#define BLOCK MIB(2)

#define NR_TABLES 6000
#define TABLES_BASE UINT64_C(0x123400000) /* where they seem to be in physical memory */

static uint64_t tables[NR_TABLES][512];
static bool allocated[NR_TABLES];
static size_t nr_allocated;
static size_t allocations_left; /* until alloc() fails */

static bool table_alloc(pa_t *table)
{
	static size_t next;

	if (allocations_left == 0 || nr_allocated == NR_TABLES)
		return false;
	allocations_left--;
	while (allocated[next])
		next = (next + 1) % NR_TABLES;
	allocated[next] = true;
	nr_allocated++;
	memset(tables[next], 0, sizeof(tables[next]));
	*table = pa(TABLES_BASE + next * PAGE_SIZE);
	return true;
}

static size_t table_index(pa_t table)
{
	size_t index = (table.v - TABLES_BASE) / PAGE_SIZE;

	ATF_REQUIRE(table.v % PAGE_SIZE == 0 && index < NR_TABLES && allocated[index]);
	return index;
}

static void table_free(pa_t table)
{
	size_t index = table_index(table);

	/* whoever still uses it falls over this */
	memset(tables[index], 0xff, sizeof(tables[index]));
	allocated[index] = false;
	nr_allocated--;
}

static uint64_t *table_access(pa_t table)
{
	return tables[table_index(table)];
}

/* What the owner was asked to invalidate: number n since the reset is at [n % NR_INVALIDATIONS]. */
#define NR_INVALIDATIONS 64
static struct invalidation {
	uint64_t addr, size;
	bool table;
} invalidations[NR_INVALIDATIONS];
static size_t nr_invalidations;
static size_t nr_published;
/* Called with each, if not NULL, so that a test can look at the tables at that moment. */
static void (*invalidation_hook)(const struct invalidation *what);

static struct pgtable pt;

static void reset_invalidations(void)
{
	nr_invalidations = 0;
	nr_published = 0;
	invalidation_hook = NULL;
}

static void invalidate(const struct pgtable *of, uint64_t addr, uint64_t size, bool table)
{
	struct invalidation *what = &invalidations[nr_invalidations++ % NR_INVALIDATIONS];

	ATF_REQUIRE_EQ(of, &pt);
	ATF_REQUIRE_EQ(0, addr % size);
	*what = (struct invalidation){addr, size, table};
	if (invalidation_hook != NULL)
		invalidation_hook(what);
}

static void publish(const struct pgtable *of)
{
	ATF_REQUIRE_EQ(of, &pt);
	nr_published++;
}

static const struct pgtable_ops ops = {table_alloc, table_free, table_access, invalidate, publish};

static void set_up(enum pgtable_kind kind, unsigned int start_level, unsigned int ia_bits)
{
	unsigned int pages = pgtable_root_pages(ia_bits, start_level);

	memset(allocated, 0, sizeof(allocated));
	memset(allocated, 1, pages);
	memset(tables, 0, pages * sizeof(tables[0]));
	nr_allocated = 0; /* beside the root */
	allocations_left = SIZE_MAX;
	pt = (struct pgtable){
	    .ops = &ops,
	    .kind = kind,
	    .root = pa(TABLES_BASE),
	    .start_level = start_level,
	    .ia_bits = ia_bits,
	    .pa_bits = 44,
	};
	reset_invalidations();
}

static void set_up_stage2(void)
{
	set_up(PGTABLE_STAGE2, 1, 40);
}
