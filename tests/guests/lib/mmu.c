// SPDX-License-Identifier: BSD-2-Clause
/*
 * Changes of the guest's translation tables after start.S made them. Only one
 * CPU at a time does that; all CPUs use the same tables.
 */
#include "tests/guests/lib/mmu.h"

#include "arm64/barrier.h"
#include "lib/bits.h"

extern uint64_t level2[];
extern uint64_t image_pa;

static uint64_t window_va(unsigned int n)
{
	return GUEST_VA + ((uint64_t)(MMU_WINDOW_FIRST + n) << MMU_BLOCK_SHIFT);
}

/* A block must be invalid, and known so to all, before it becomes another one (D8.14.1). */
static void set_block(unsigned int n, uint64_t descriptor)
{
	__atomic_store_n(&level2[MMU_WINDOW_FIRST + n], descriptor, __ATOMIC_RELAXED);
	dsb(ishst);
	__asm__ volatile("tlbi vaae1is, %0" ::"r"(window_va(n) >> 12) : "memory");
	dsb(ish);
	isb();
}

void *mmu_map(unsigned int n, uint64_t pa, uint64_t attr)
{
	uint64_t offset = pa & (BIT(MMU_BLOCK_SHIFT) - 1);
	uint64_t type = attr & 3;

	set_block(n, 0);
	set_block(n, (pa - offset) | MMU_BLOCK(type) | (attr & ~UINT64_C(3)));
	return (void *)(uintptr_t)(window_va(n) + offset);
}

void *mmu_map_table(unsigned int n, uint64_t pa)
{
	set_block(n, 0);
	set_block(n, pa | 3);
	return (void *)(uintptr_t)window_va(n);
}

void mmu_unmap(unsigned int n)
{
	set_block(n, 0);
}

uint64_t mmu_pa(const volatile void *p)
{
	return (uintptr_t)p - GUEST_VA + image_pa;
}
