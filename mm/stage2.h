/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's physical address space: stage 2 of the translation, which maps
 * intermediate physical addresses (what the guest takes for physical) to
 * physical memory and devices. Built at boot by the VM's first CPU; afterwards
 * only read, so that there is no lock.
 */
#pragma once

#include "mm/pgtable.h"

/* The shape of a stage 2, which the CPU's and the VM's sizes determine. */
struct stage2_geometry {
	unsigned int ipa_bits;
	unsigned int pa_bits;
	unsigned int start_level;
	unsigned int root_pages; /* contiguous, aligned to their whole size */
	unsigned int vmid_bits;	 /* 8 or 16 */
	uint64_t vtcr;		 /* VTCR_EL2 */
};

struct stage2 {
	struct pgtable pt;
	uint64_t vttbr; /* VTTBR_EL2: VMID and root */
	uint64_t vtcr;	/* VTCR_EL2 */
};

/* What a VM gets if it does not need more, or less if the CPU has less. */
#define STAGE2_DEFAULT_IPA_BITS 40

/*
 * Works out the geometry from ID_AA64MMFR0_EL1 and ID_AA64MMFR1_EL1 (of the
 * least capable CPU) and the number of IPA bits wanted: 0 for the default, or
 * at least 32. Pure. Returns 0; -ENODEV if the CPU has no 4 KiB granule for
 * stage 2; -ERANGE if the CPU has fewer bits than wanted, or they are under 32.
 */
int stage2_geometry(uint64_t mmfr0, uint64_t mmfr1, unsigned int ipa_bits,
		    struct stage2_geometry *geometry);

/*
 * Makes an empty address space for the guest with this VMID (from 1).
 * Returns 0; -EINVAL if the VMID is 0 or too large for the CPU; -ENOMEM.
 */
int stage2_init(struct stage2 *s2, const struct stage2_geometry *geometry, unsigned int vmid);

/*
 * Maps guest RAM (normal, write-back, executable), what is the same but cannot be
 * written, or a device's registers (nGnRE, never executable), read and write.
 * Page-aligned.
 * Returns 0; -EINVAL for a misaligned, empty or out-of-range part;
 * -EEXIST if part of it is mapped already; -ENOMEM. Nothing is mapped then.
 */
int stage2_map_ram(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size);
int stage2_map_rom(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size);
int stage2_map_device(struct stage2 *s2, ipa_t addr, pa_t base, uint64_t size);

/*
 * Finds what the guest has at addr. True, with *base set to the physical address, if it is
 * mapped; *contiguous (if not NULL) is then the number of bytes from there to the end of the block
 * or page, and *device whether it is device memory.
 */
bool stage2_lookup(const struct stage2 *s2, ipa_t addr, pa_t *base, uint64_t *contiguous,
		   bool *device);
