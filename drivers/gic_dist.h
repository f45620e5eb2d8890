/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor's registers that GICv2 and GICv3 have in common, for their
 * two drivers: `frame` is where the distributor is mapped, or the SGI frame of
 * a redistributor.
 */
#pragma once

#include "arm64/gic.h"
#include "arm64/mmio.h"

#define GIC_PRIORITY_ALL 0xa0a0a0a0u /* of four interrupts; GICv3's non-secure view: upper half */
#define GIC_MAX_IRQS 1020u	     /* INTIDs from here on are special */

/* How many INTIDs there are: private ones and SPIs. */
static inline unsigned int gic_count_irqs(const uint8_t *dist)
{
	unsigned int lines =
	    (unsigned int)FIELD_GET(GICD_TYPER_LINES, mmio_read32(dist + GICD_TYPER));

	return MIN(32 * (lines + 1), GIC_MAX_IRQS);
}

/* The interrupt's bit of a register with one bit for each, where only ones have an effect. */
static inline void gic_write_bit(uint8_t *frame, unsigned int reg, uint32_t intid)
{
	mmio_write32(frame + reg + intid / 32 * 4, (uint32_t)BIT(intid % 32));
}

/* struct gic's line_level, of an SPI. */
static inline bool gic_read_line(const uint8_t *dist, uint32_t intid)
{
	return mmio_read32(dist + GICD_ISPENDR + intid / 32 * 4) >> (intid % 32) & 1;
}

/* struct gic's configure. Boot: what is read is written back, and no other CPU writes. */
static inline void gic_write_trigger(uint8_t *dist, uint32_t intid, bool edge)
{
	uint8_t *reg = dist + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = (uint32_t)BIT(intid % 16 * 2 + 1);
	uint32_t value = mmio_read32(reg);

	mmio_write32(reg, edge ? value | bit : value & ~bit);
}
