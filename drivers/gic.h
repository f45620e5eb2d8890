/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical interrupt controller, GICv2 or GICv3, behind one table of
 * functions. EL2 takes every interrupt (HCR_EL2.IMO, FMO), with priority drop
 * and deactivation apart (EOImode 1): an interrupt that belongs to a guest is
 * acknowledged and dropped here, and deactivated by the guest through its
 * list register.
 *
 * All interrupts are Group 1 (or what of Group 1 EL2 sees) at one priority.
 * No lock: the distributor is set up at boot by the boot CPU; afterwards only
 * registers that are one bit or one byte per interrupt, with set and clear
 * forms, are written.
 */
#pragma once

#include "fdt/host.h"
#include "lib/types.h"

#define GIC_SPURIOUS 1020u /* INTIDs from here on: nothing to do */

/* Software-generated interrupts that EL2 sends itself */
#define GIC_SGI_KICK 0u /* look at the mailbox */
#define GIC_SGI_HALT 1u /* another CPU has panicked */

struct gic {
	unsigned int version;
	unsigned int nr_irqs; /* INTIDs that exist: private ones and SPIs */
	unsigned int nr_lrs;  /* list registers of the virtual interface */
	void *hyp;	      /* v2: where GICH is mapped */
	/*
	 * A deactivation through a list register does not make it look at a level-triggered
	 * line again: an interrupt that is still due would be lost.
	 */
	bool forgets_lines;

	/* Each CPU's own part; after the distributor's, which the boot CPU does. */
	int (*init_cpu)(unsigned int cpu, uint64_t mpidr);

	/* The pending interrupt of highest priority becomes active; GIC_SPURIOUS or more: none. */
	uint32_t (*acknowledge)(void);
	/* Priority drop for what acknowledge() returned. */
	void (*drop)(uint32_t acknowledged);
	/* Deactivation, by INTID (for v2 SGIs: what acknowledge() returned). */
	void (*deactivate)(uint32_t intid);

	void (*enable)(uint32_t intid);
	void (*disable)(uint32_t intid);
	void (*set_active)(uint32_t intid, bool active);
	/*
	 * The level of a level-triggered SPI's line, also while the interrupt is active:
	 * GICD_ISPENDR follows it then (IHI 0048, 4.3.7; IHI 0069, GICD_ISPENDR<n>: "active and
	 * pending").
	 */
	bool (*line_level)(uint32_t intid);
	/* SPIs only: edge or level; which CPU takes it. */
	void (*configure)(uint32_t intid, bool edge);
	void (*route)(uint32_t intid, unsigned int cpu, uint64_t mpidr);

	/* Sends SGI `sgi` to one CPU, or to all but the sender. */
	void (*send_sgi)(unsigned int sgi, unsigned int cpu, uint64_t mpidr);
	void (*send_sgi_others)(unsigned int sgi);
};

/* The machine's; set by gic_init(). Private INTIDs mean the calling CPU's. */
extern const struct gic *gic;

/*
 * Finds the registers, resets the distributor: all disabled, nothing pending
 * or active. Boot CPU; init_cpu() is still to be called there. Returns 0,
 * -ENODEV if the hardware is not what the tree says or lacks the
 * virtualization extensions, -ENOMEM.
 */
int gic_init(const struct host *host);
int gicv2_init(const struct host *host, struct gic *ops);
int gicv3_init(const struct host *host, struct gic *ops);

/* The INTID of what acknowledge() returned: v2 has the sender in the upper bits. */
static inline uint32_t gic_intid(uint32_t acknowledged)
{
	return acknowledged & 0x3ff;
}
