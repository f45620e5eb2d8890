/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver for the interrupt controller of a guest, GICv2 or GICv3, thin
 * enough for tests of it: what a test does to a register is what the guest
 * does. Interrupts are those of group 1 on GICv3, as in Linux, and of group 0
 * on GICv2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arm64/gic.h"

#define GIC_SPURIOUS 1023u
#define GIC_FIRST_SPI 32u

/* Bits of priority that every GIC has which can be virtualized */
#define GIC_PRIORITY_MASK 0xf8u
#define GIC_PRIORITY_STEP 8u

/* The distributor on, all its interrupts off, priority 0xa0, edge; then gic_init_cpu(). CPU 0. */
void gic_init(void);

/* This CPU's private interrupts and its interface: PMR open, no grouping of priorities. */
void gic_init_cpu(void);

/* INTIDs of the distributor: those below are private, SPIs or not there. */
unsigned int gic_nr_irqs(void);

/* The page with the registers of `intid`, of this CPU if that is private. */
uint8_t *gic_page(uint32_t intid);
/* A GICv3's frame of another CPU: offset 0 RD_base, 0x10000 SGI_base. */
uint8_t *gic_redistributor(unsigned int cpu);
static inline uint8_t *gic_distributor(void)
{
	return gic_page(GIC_FIRST_SPI);
}

/* Registers with one bit for each interrupt: GICD_ISENABLER and so on. */
bool gic_get_bit(unsigned int reg, uint32_t intid);
void gic_put_bit(unsigned int reg, uint32_t intid);

static inline void gic_enable(uint32_t intid)
{
	gic_put_bit(GICD_ISENABLER, intid);
}

static inline void gic_set_pending(uint32_t intid)
{
	gic_put_bit(GICD_ISPENDR, intid);
}

static inline void gic_clear_pending(uint32_t intid)
{
	gic_put_bit(GICD_ICPENDR, intid);
}

static inline bool gic_is_pending(uint32_t intid)
{
	return gic_get_bit(GICD_ISPENDR, intid);
}

static inline bool gic_is_active(uint32_t intid)
{
	return gic_get_bit(GICD_ISACTIVER, intid);
}

/* Disables, and waits until that has taken effect. */
void gic_disable(uint32_t intid);
void gic_set_priority(uint32_t intid, uint8_t priority);
uint8_t gic_get_priority(uint32_t intid);
void gic_set_edge(uint32_t intid, bool edge);
void gic_route(uint32_t intid, unsigned int cpu);

/* To the CPUs of the mask, which may be any; to all but this one. */
void gic_send_sgi(uint32_t intid, unsigned int cpu_mask);
void gic_send_sgi_others(uint32_t intid);

/* Nobody's SGI with this number is pending for this CPU. */
void gic_clear_pending_sgi(uint32_t intid);

/*
 * The CPU interface. What acknowledge returns is what EOI and deactivate
 * want; gic_intid() is the interrupt in it, gic_source() a GICv2's sender.
 */
uint32_t gic_acknowledge(void);
void gic_eoi(uint32_t iar);
void gic_deactivate(uint32_t iar);
uint32_t gic_highest_pending(void);
uint8_t gic_running_priority(void);
void gic_set_mask(uint8_t priority);
uint8_t gic_get_mask(void);
void gic_set_binary_point(unsigned int n);
void gic_set_eoimode(bool two_steps);
void gic_enable_interface(bool on);

static inline uint32_t gic_intid(uint32_t iar)
{
	return iar & 0x3ff;
}

static inline unsigned int gic_source(uint32_t iar)
{
	return (unsigned int)FIELD_GET(GICC_IAR_CPU, iar);
}
