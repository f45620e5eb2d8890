/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's own address space, as mm/layout.h draws it. Boot builds the first
 * tables by hand; this module takes them over and makes every later change.
 * All of it is boot's work: after the seal nothing changes but the windows
 * (mm/window.h), which own their tables.
 *
 * A lock guards the tables and the next free device address; only the page
 * pool's is taken under it. Functions that return an error or NULL have
 * changed nothing.
 */
#pragma once

#include "mm/layout.h"
#include "mm/pgtable.h"

/*
 * Takes over the tables under `root` (one level 0 table). They are in the image, which was loaded
 * at `image` and is mapped at EL2_IMAGE with image_size bytes, or in the page pool. pa_bits:
 * physical address bits.
 */
void el2_map_init(pa_t root, pa_t image, uint64_t image_size, unsigned int pa_bits);

/*
 * Maps the 2 MiB block of RAM at base, 2 MiB-aligned, and adds it to the page pool: fit for a
 * pool's refill function. Returns 0; -EINVAL if misaligned or beyond EL2_POOL_SIZE; -EEXIST if
 * part of it is mapped; -ENOMEM; -ENOSPC.
 */
int el2_map_pool_block(pa_t base);

/*
 * Maps RAM that boot reads and that is not the pool's (device trees, images)
 * at its linear address, read-only, in whole pages. A mapping that is there
 * already stays as it is, so that data which shares a page can be mapped too.
 * Returns the address of base; NULL if the range is empty, wraps or is beyond
 * EL2_POOL_SIZE, or for lack of memory. el2_unmap_range() takes it away.
 */
const void *el2_map_boot_data(pa_t base, uint64_t size);

/*
 * Maps a device's registers, which need not be page-aligned: whole pages,
 * Device-nGnRE, never executable, with an unmapped page after them.
 * Returns the address of base; NULL if the range is empty, wraps, or has no
 * room, or for lack of memory.
 */
void *el2_map_device(pa_t base, uint64_t size);

/*
 * Gives the CPU with this index a stack from the page pool, with a guard
 * below. Returns its top, page-aligned; NULL for an index of EL2_MAX_CPUS or
 * more, a stack that is there already, or lack of memory.
 */
void *el2_map_stack(unsigned int cpu);

/*
 * Unmaps every page that has a byte in [start, start + size). The memory is given to nobody.
 * Returns 0; -EINVAL for a range that is empty or not all within 48 bits; -ENOMEM, if a block was
 * to be split.
 */
int el2_unmap_range(uintptr_t start, uint64_t size);

/* What is mapped at an address: true and *leaf, as pgtable_lookup(). */
bool el2_map_lookup(uintptr_t addr, struct pgtable_leaf *leaf);

/* The page-level table of the 2 MiB at addr, for its owner; see pgtable_take_table(). */
int el2_map_take_table(uintptr_t addr, uint64_t **table);
