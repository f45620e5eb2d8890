/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shared register handlers of vgic_mmio.c, for vgic_v2.c and vgic_v3.c.
 */
#pragma once

#include "vdev/vgic_core.h"
#include "vdev/vgic_mmio.h"

/* The top five bits of a priority are implemented. */
#define VGIC_PRIORITY_MASK 0xf8

/* "BH", in the place of an implementer's JEP106 code: nobody's product */
#define VGIC_IIDR 0x0000042b

/* Registers with `bits` for each interrupt; found by offset >> VGIC_ROW_SHIFT */
#define VGIC_ROW_SHIFT 7
#define VGIC_NR_ROWS 32

struct vgic_row {
	uint16_t offset;
	uint16_t length;
	uint8_t bits;
	bool ones; /* one bit each, and only ones that are written mean something */
	bool lrs;  /* about what list registers hold: answered from the hardware */
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

/* A write to GICD_ISENABLER<n> or GICD_ICENABLER<n>, of SPIs: private ones are not looked at. */
enum mmio_result vgic_write_enables(struct vgic *vgic, const struct mmio_access *access);

/* GICD_CTLR's group enables. */
void vgic_set_groups(struct vgic *vgic, bool group0, bool group1);

/* Routes an SPI to a vCPU; under its owner's lock. */
void vgic_set_target(struct vgic *vgic, struct vgic_irq *irq, unsigned int target);

/* Routes an SPI to nobody; the same. It stays whose it is, and is not delivered. */
void vgic_set_no_target(struct vgic *vgic, struct vgic_irq *irq);

/* An SGI from vCPU `source` is pending for vCPU `target`, whose lock is not held. */
void vgic_pend_sgi(struct vgic *vgic, unsigned int target, unsigned int sgi, unsigned int source);
