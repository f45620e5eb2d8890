/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB maintenance for the two kinds of tables that EL2 owns (DDI 0487,
 * D8.13 and D8.14). All operations are broadcast: every CPU may have walked
 * these tables, if only in speculation.
 *
 * Each invalidation is a whole sequence: what was stored into the tables
 * before is seen by every walker before the TLBI (DSB ISHST), and when it
 * returns, no CPU uses an old entry any more (DSB ISH), this one included
 * (ISB). By-address operations take the entry's whole block with any address
 * in it, and the walk caches' entries for that address.
 */
#pragma once

#include <stddef.h>

#include "arm64/barrier.h"
#include "arm64/sysreg.h"
#include "lib/bits.h"
#include "lib/types.h"

#define tlbi(op) __asm__ volatile("tlbi " #op ::: "memory")
#define tlbi_arg(op, arg) __asm__ volatile("tlbi " #op ", %0" ::"r"((uint64_t)(arg)) : "memory")

/* TLBI by VA and by IPA: the page number, in bits 43:0 and 39:0 */
#define TLBI_VA_PAGE GENMASK(43, 0)
#define TLBI_IPA_PAGE GENMASK(39, 0)

/*
 * New entries where there were none: no TLB can hold them, but the walkers of
 * all CPUs must see the stores (DSB ISHST), and this CPU must not have gone
 * ahead with a walk from before (ISB).
 */
static inline void tlb_publish_tables(void)
{
	dsb(ishst);
	isb();
}

/* EL2 stage 1: the entries for `pages` pages from va on. */
static inline void tlb_invalidate_el2_range(uintptr_t va, size_t pages)
{
	uint64_t page = va >> PAGE_SHIFT;

	dsb(ishst);
	for (size_t i = 0; i < pages; i++)
		tlbi_arg(vae2is, (page + i) & TLBI_VA_PAGE);
	dsb(ish);
	isb();
}

/* EL2 stage 1: everything. */
static inline void tlb_invalidate_el2_all(void)
{
	dsb(ishst);
	tlbi(alle2is);
	dsb(ish);
	isb();
}

/*
 * Operations on one guest's translations act on the VMID in VTTBR_EL2, which
 * is changed for their duration where it is another one. No guest code runs
 * on this CPU meanwhile (we are in EL2); a speculative walk of the EL1&0
 * regime would use the loaded EL1 registers with the other VMID, so this is
 * for boot, when no vCPU is loaded, or for the loaded vCPU's own tables.
 */
static inline uint64_t tlb_switch_vmid(uint64_t vttbr)
{
	uint64_t previous = read_sysreg(vttbr_el2);

	if (previous != vttbr) {
		write_sysreg(vttbr_el2, vttbr);
		isb(); /* the TLBI uses the new VMID */
	}
	return previous;
}

static inline void tlb_restore_vmid(uint64_t vttbr, uint64_t previous)
{
	if (previous != vttbr) {
		write_sysreg(vttbr_el2, previous);
		isb();
	}
}

/*
 * Stage 2: one address of the guest whose VTTBR_EL2 is given. IPAS2E1IS drops
 * what is cached of stage 2 alone. Stage 1 and 2 combined is cached by VA,
 * and which VAs lead here is not known: VMALLE1IS drops all of the VMID's, but
 * only after the first has completed (DSB ISH), or a walk between the two
 * could combine the old stage 2 entry anew.
 */
static inline void tlb_invalidate_ipa(uint64_t vttbr, ipa_t addr)
{
	uint64_t previous = tlb_switch_vmid(vttbr);

	dsb(ishst);
	tlbi_arg(ipas2e1is, (addr.v >> PAGE_SHIFT) & TLBI_IPA_PAGE);
	dsb(ish);
	tlbi(vmalle1is);
	dsb(ish);
	isb();
	tlb_restore_vmid(vttbr, previous);
}

/* Stage 2: everything of the guest whose VTTBR_EL2 is given, both stages. */
static inline void tlb_invalidate_vmid(uint64_t vttbr)
{
	uint64_t previous = tlb_switch_vmid(vttbr);

	dsb(ishst);
	tlbi(vmalls12e1is);
	dsb(ish);
	isb();
	tlb_restore_vmid(vttbr, previous);
}
