/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/tlb.h for the build machine: records what would have been invalidated,
 * and calls the test back, so that it can look at the tables at that moment.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

enum fake_tlb_kind { FAKE_TLB_EL2_VA, FAKE_TLB_EL2_ALL, FAKE_TLB_IPA, FAKE_TLB_VMID };

struct fake_tlb_op {
	enum fake_tlb_kind kind;
	uint64_t addr;	/* VA or IPA */
	uint64_t pages; /* FAKE_TLB_EL2_VA */
	uint64_t vttbr; /* FAKE_TLB_IPA and FAKE_TLB_VMID */
};

/* The last operations: number n since the reset is at [n % FAKE_TLB_LOG]. */
#define FAKE_TLB_LOG 64
extern struct fake_tlb_op fake_tlb_ops[FAKE_TLB_LOG];
extern size_t fake_tlb_count;
/* Calls of tlb_publish_tables(). */
extern size_t fake_tlb_published;
/* Called with each operation, if not NULL; with NULL for tlb_publish_tables(). */
extern void (*fake_tlb_hook)(const struct fake_tlb_op *op);

void fake_tlb_reset(void);
void fake_tlb_record(struct fake_tlb_op op);

static inline void tlb_publish_tables(void)
{
	fake_tlb_published++;
	if (fake_tlb_hook != NULL)
		fake_tlb_hook(NULL);
}

static inline void tlb_invalidate_el2_range(uintptr_t va, size_t pages)
{
	fake_tlb_record((struct fake_tlb_op){FAKE_TLB_EL2_VA, va, pages, 0});
}

static inline void tlb_invalidate_el2_all(void)
{
	fake_tlb_record((struct fake_tlb_op){.kind = FAKE_TLB_EL2_ALL});
}

static inline void tlb_invalidate_ipa(uint64_t vttbr, ipa_t addr)
{
	fake_tlb_record((struct fake_tlb_op){FAKE_TLB_IPA, addr.v, 1, vttbr});
}

static inline void tlb_invalidate_vmid(uint64_t vttbr)
{
	fake_tlb_record((struct fake_tlb_op){.kind = FAKE_TLB_VMID, .vttbr = vttbr});
}
