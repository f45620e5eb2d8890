/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor's registers that both versions have, as rows of a table, for
 * the guest's two faces, vgic_v2.c and vgic_v3.c. A GICv3's redistributors have
 * the same rows for private interrupts.
 */
#pragma once

#include "vdev/mmio.h"
#include "vdev/vgic_state.h"

/* The top five bits of a priority are implemented. */
#define VGIC_PRIORITY_MASK 0xf8

/* GICD_IIDR: "BH" in the place of an implementer's JEP106 code, for it is nobody's product */
#define VGIC_IIDR 0x0000042b

/* Registers with `bits` for each interrupt; found by offset >> VGIC_ROW_SHIFT */
#define VGIC_ROW_SHIFT 7
#define VGIC_NR_ROWS 32

struct vgic_row {
	uint16_t offset;
	uint16_t length;
	uint8_t bits;
	bool ones; /* one bit each, and only ones that are written have an effect */
	bool lrs;  /* list registers know better: they are looked at for the answer */

	/* The interrupt's field, in the lowest bits; with its owner's lock held */
	uint64_t (*read)(struct vgic *vgic, struct vgic_irq *irq);
	void (*write)(struct vgic *vgic, struct vgic_irq *irq, uint64_t value);
};

extern const struct vgic_row vgic_shared_rows[VGIC_NR_ROWS];

/* The row for an offset, or NULL: constant time. */
const struct vgic_row *vgic_find_row(const struct vgic_row *rows, uint64_t offset);

/*
 * Does an access to the row's registers, for the interrupts as `cpu` sees
 * them; `caller` made it. access->value of a read must be 0. MMIO_AGAIN: another
 * vCPU has to say first what its list registers hold.
 */
enum mmio_result vgic_row_access(struct vgic *vgic, struct vgic_cpu *caller, struct vgic_cpu *cpu,
				 const struct vgic_row *row, struct mmio_access *access);

/* A write to GICD_ISENABLER<n> or GICD_ICENABLER<n> of SPIs; private interrupts' are ignored. */
enum mmio_result vgic_write_enables(struct vgic *vgic, const struct mmio_access *access);

/* A write to GICD_CTLR: which groups are on. Takes the locks of all vCPUs, one after the other. */
void vgic_set_groups(struct vgic *vgic, bool group0, bool group1);
