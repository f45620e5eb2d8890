/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load or store of a guest's to emulated devices, executed by EL2 in the
 * guest's place: finds out which access the guest made, has the device answer
 * it, and changes the guest's registers. For the loaded vCPU, on its CPU, after
 * a data abort.
 */
#pragma once

#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "lib/types.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/*
 * Emulates the instruction that has aborted with syndrome `esr`. The guest goes on after it, or
 * executes it again, or takes an abort. Needs all of vcpu->regs.
 */
void emulate_access(struct vcpu *vcpu, uint64_t esr);

/*
 * The region that holds all of an access of `size` bytes at the IPA, or NULL if there is none. The
 * vCPU remembers it (vcpu->mmio_last). A VM's map never changes.
 */
static inline const struct mmio_region *emulate_find_region(struct vcpu *vcpu, uint64_t addr,
							    unsigned int size)
{
	const struct mmio_region *region = mmio_map_find(&vcpu->vm->mmio, ipa(addr), size);

	if (region != NULL)
		vcpu->mmio_last = region;
	return region;
}

/* The lowest `size` bytes, 1 to 8. */
static inline uint64_t emulate_truncate(uint64_t value, unsigned int size)
{
	unsigned int unused = (64 - 8 * size) & 63;

	return value << unused >> unused;
}

/* The IPA of an access to the page that HPFAR_EL2 has: the offset is the virtual address's. */
static inline uint64_t emulate_fault_ipa(uint64_t far)
{
	return FIELD_GET(HPFAR_FIPA, read_sysreg(hpfar_el2)) << PAGE_SHIFT | (far & PAGE_MASK);
}
