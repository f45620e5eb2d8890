// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's GIC driver. No lock: CPUs keep to their own private interrupts,
 * and the registers with a bit for each interrupt need none.
 */
#include "tests/guests/lib/gic.h"

#include "arm64/barrier.h"
#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "tests/guests/lib/check.h"
#include "tests/guests/lib/machine.h"
#include "tests/guests/lib/smp.h"
#include "tests/guests/lib/timer.h"

#define ICC_RPR_EL1 S3_0_C12_C11_3

#define CTLR_EOIMODE_V3 BIT(1)

static uint8_t *redistributors[SMP_MAX_CPUS];

static bool is_v3(void)
{
	return machine.gic_version == 3;
}

static uint8_t *interface(unsigned int reg)
{
	return (uint8_t *)machine.gicc.base + reg;
}

/* The frame whose affinity is the CPU's (IHI 0069, 12.11, GICR_TYPER). */
static uint8_t *find_redistributor(uint64_t mpidr)
{
	uint64_t affinity = (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24;
	uint8_t *frame = (uint8_t *)machine.gicr.base;
	uint64_t typer;

	do {
		typer = mmio_read64(frame + GICR_TYPER);
		if (typer >> 32 == affinity)
			return frame;
		frame += (typer & GICR_TYPER_VLPIS) ? 4 * GICR_FRAME_SIZE : 2 * GICR_FRAME_SIZE;
	} while (!(typer & GICR_TYPER_LAST));
	check_fail(__FILE__, __LINE__, "no redistributor for MPIDR %#llx",
		   (unsigned long long)mpidr);
	check_done();
}

uint8_t *gic_redistributor(unsigned int cpu)
{
	if (redistributors[cpu] == NULL)
		redistributors[cpu] = find_redistributor(machine.mpidr[cpu]);
	return redistributors[cpu];
}

uint8_t *gic_page(uint32_t intid)
{
	if (is_v3() && intid < GIC_FIRST_SPI)
		return gic_redistributor(cpu_index()) + GICR_SGI_OFFSET;
	return (uint8_t *)machine.gicd.base;
}

unsigned int gic_nr_irqs(void)
{
	uint32_t typer = mmio_read32(gic_distributor() + GICD_TYPER);

	return 32 * ((unsigned int)FIELD_GET(GICD_TYPER_LINES, typer) + 1);
}

/* Writes to the distributor (or redistributor) have taken effect. */
static void wait_for_writes(uint32_t intid)
{
	uint8_t *page = gic_page(intid);

	if (!is_v3())
		return;
	if (intid < GIC_FIRST_SPI) {
		while (mmio_read32(page - GICR_SGI_OFFSET + GICR_CTLR) & GICR_CTLR_RWP)
			cpu_yield();
	} else {
		while (mmio_read32(page + GICD_CTLR) & GICD_CTLR_RWP)
			cpu_yield();
	}
}

bool gic_get_bit(unsigned int reg, uint32_t intid)
{
	return mmio_read32(gic_page(intid) + reg + (size_t)(intid / 32) * 4) & BIT(intid % 32);
}

void gic_put_bit(unsigned int reg, uint32_t intid)
{
	mmio_write32(gic_page(intid) + reg + (size_t)(intid / 32) * 4, (uint32_t)BIT(intid % 32));
}

void gic_disable(uint32_t intid)
{
	gic_put_bit(GICD_ICENABLER, intid);
	wait_for_writes(intid);
}

void gic_set_priority(uint32_t intid, uint8_t priority)
{
	mmio_write8(gic_page(intid) + GICD_IPRIORITYR + intid, priority);
}

uint8_t gic_get_priority(uint32_t intid)
{
	return mmio_read8(gic_page(intid) + GICD_IPRIORITYR + intid);
}

void gic_set_edge(uint32_t intid, bool edge)
{
	uint8_t *reg = gic_page(intid) + GICD_ICFGR + (size_t)(intid / 16) * 4;
	uint32_t bit = (uint32_t)BIT(2 * (intid % 16) + 1);
	uint32_t value = mmio_read32(reg);

	mmio_write32(reg, edge ? value | bit : value & ~bit);
}

void gic_route(uint32_t intid, unsigned int cpu)
{
	uint8_t *page = gic_distributor();

	if (is_v3())
		mmio_write64(page + GICD_IROUTER + (size_t)8 * intid,
			     machine.mpidr[cpu] & GICD_IROUTER_AFFINITY);
	else
		mmio_write8(page + GICD_ITARGETSR + intid, (uint8_t)BIT(cpu));
}

/* One write for each cluster: the target list is one of Aff0 (IHI 0069, 12.2.20). */
static void send_sgi_v3(uint32_t intid, unsigned int cpu_mask)
{
	while (cpu_mask != 0) {
		uint64_t cluster = machine.mpidr[__builtin_ctz(cpu_mask)] & ~UINT64_C(0xff);
		uint64_t list = 0;

		for (unsigned int i = 0; i < machine.nr_cpus; i++) {
			if ((cpu_mask & BIT(i)) &&
			    (machine.mpidr[i] & ~UINT64_C(0xff)) == cluster) {
				list |= BIT(machine.mpidr[i] & 0xf);
				cpu_mask &= ~(unsigned int)BIT(i);
			}
		}
		write_sysreg(ICC_SGI1R_EL1,
			     list | (cluster >> 8 & 0xff) << 16 | (uint64_t)intid << 24 |
				 (cluster >> 16 & 0xff) << 32 | (cluster >> 32 & 0xff) << 48);
	}
	isb();
}

void gic_send_sgi(uint32_t intid, unsigned int cpu_mask)
{
	/* What was written before is seen by who takes the interrupt. */
	dsb(ishst);
	if (is_v3())
		send_sgi_v3(intid, cpu_mask);
	else
		mmio_write32(gic_distributor() + GICD_SGIR,
			     (uint32_t)(FIELD_PREP(GICD_SGIR_TARGETS, cpu_mask) | intid));
}

void gic_send_sgi_others(uint32_t intid)
{
	dsb(ishst);
	if (is_v3()) {
		write_sysreg(ICC_SGI1R_EL1, BIT(40) | (uint64_t)intid << 24);
		isb();
	} else {
		mmio_write32(
		    gic_distributor() + GICD_SGIR,
		    (uint32_t)(FIELD_PREP(GICD_SGIR_FILTER, GICD_SGIR_FILTER_OTHERS) | intid));
	}
}

/* GICv2's SGIs are not taken back by ICPENDR. */
void gic_clear_pending_sgi(uint32_t intid)
{
	if (is_v3())
		gic_clear_pending(intid);
	else
		mmio_write8(gic_distributor() + GICD_CPENDSGIR + intid, UINT8_MAX);
}

uint32_t gic_acknowledge(void)
{
	uint32_t iar =
	    is_v3() ? (uint32_t)read_sysreg(ICC_IAR1_EL1) : mmio_read32(interface(GICC_IAR));

	/* The acknowledge comes before what the handler then does with the device. */
	dsb(sy);
	return iar;
}

void gic_eoi(uint32_t iar)
{
	dsb(sy);
	if (is_v3()) {
		write_sysreg(ICC_EOIR1_EL1, iar);
		isb();
	} else {
		mmio_write32(interface(GICC_EOIR), iar);
	}
}

void gic_deactivate(uint32_t iar)
{
	dsb(sy);
	if (is_v3()) {
		write_sysreg(ICC_DIR_EL1, iar);
		isb();
	} else {
		mmio_write32(interface(GICC_DIR), iar);
	}
}

uint32_t gic_highest_pending(void)
{
	return is_v3() ? (uint32_t)read_sysreg(ICC_HPPIR1_EL1) : mmio_read32(interface(GICC_HPPIR));
}

uint8_t gic_running_priority(void)
{
	return (uint8_t)(is_v3() ? read_sysreg(ICC_RPR_EL1) : mmio_read32(interface(GICC_RPR)));
}

void gic_set_mask(uint8_t priority)
{
	if (is_v3()) {
		write_sysreg(ICC_PMR_EL1, priority);
		isb();
	} else {
		mmio_write32(interface(GICC_PMR), priority);
	}
	dsb(sy);
}

uint8_t gic_get_mask(void)
{
	return (uint8_t)(is_v3() ? read_sysreg(ICC_PMR_EL1) : mmio_read32(interface(GICC_PMR)));
}

void gic_set_binary_point(unsigned int n)
{
	if (is_v3()) {
		write_sysreg(ICC_BPR1_EL1, n);
		isb();
	} else {
		mmio_write32(interface(GICC_BPR), n);
	}
}

void gic_set_eoimode(bool two_steps)
{
	if (is_v3()) {
		write_sysreg(ICC_CTLR_EL1, two_steps ? CTLR_EOIMODE_V3 : 0);
		isb();
	} else {
		mmio_write32(interface(GICC_CTLR),
			     (uint32_t)(GICC_CTLR_ENABLE | (two_steps ? GICC_CTLR_EOIMODE : 0)));
	}
}

void gic_enable_interface(bool on)
{
	if (is_v3()) {
		write_sysreg(ICC_IGRPEN1_EL1, on);
		isb();
	} else {
		mmio_write32(interface(GICC_CTLR), on);
	}
}

/* Interrupts [first, first + 32): off, nothing pending or active, group, priority. */
static void reset_block(uint32_t first)
{
	uint8_t *page = gic_page(first);
	size_t offset = (size_t)(first / 32) * 4;

	mmio_write32(page + GICD_ICENABLER + offset, UINT32_MAX);
	wait_for_writes(first);
	mmio_write32(page + GICD_ICPENDR + offset, UINT32_MAX);
	mmio_write32(page + GICD_ICACTIVER + offset, UINT32_MAX);
	if (is_v3())
		mmio_write32(page + GICD_IGROUPR + offset, UINT32_MAX);
	for (uint32_t i = 0; first == 0 && i < 16; i++)
		gic_clear_pending_sgi(i);
	for (uint32_t i = first; i < first + 32; i += 4)
		mmio_write32(page + GICD_IPRIORITYR + i, 0xa0a0a0a0);
}

void gic_init(void)
{
	uint8_t *page = gic_distributor();
	unsigned int nr_irqs = gic_nr_irqs();

	mmio_write32(page + GICD_CTLR, 0);
	wait_for_writes(GIC_FIRST_SPI);
	/* Before the rest: it decides what IGROUPR and IROUTER are. */
	if (is_v3())
		mmio_write32(page + GICD_CTLR, (uint32_t)GICD_CTLR_ARE_NS);
	for (uint32_t first = GIC_FIRST_SPI; first < nr_irqs; first += 32)
		reset_block(first);
	for (uint32_t i = GIC_FIRST_SPI; i < MIN(nr_irqs, 1020u); i++) {
		gic_set_edge(i, true);
		gic_route(i, 0);
	}
	mmio_write32(page + GICD_CTLR,
		     is_v3()
			 ? (uint32_t)(GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G1A | GICD_CTLR_ENABLE_G1)
			 : (uint32_t)GICD_CTLR_ENABLE_G0);
	wait_for_writes(GIC_FIRST_SPI);
	gic_init_cpu();
}

static void wake_redistributor(void)
{
	uint8_t *waker = gic_redistributor(cpu_index()) + GICR_WAKER;

	mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)GICR_WAKER_PROCESSOR_SLEEP);
	while (mmio_read32(waker) & GICR_WAKER_CHILDREN_ASLEEP)
		cpu_yield();
}

void gic_init_cpu(void)
{
	if (is_v3()) {
		wake_redistributor();
		write_sysreg(ICC_SRE_EL1, 7);
		isb();
	}
	reset_block(0);
	gic_set_mask(0xff);
	gic_set_binary_point(0);
	gic_set_eoimode(false);
	gic_enable_interface(true);
}
