// SPDX-License-Identifier: BSD-2-Clause
/*
 * The physical GICv3 (IHI 0069), and GICv4 used as such. See gic.h for what
 * EL2 does with it; affinity routing for SPIs, system registers for the CPU
 * interface. The distributor's registers are written at boot by the boot CPU;
 * a redistributor's by its CPU.
 */
#include "arm64/barrier.h"
#include "arm64/gic.h"
#include "arm64/mmio.h"
#include "arm64/percpu.h"
#include "arm64/sysreg.h"
#include "drivers/gic.h"
#include "drivers/gic_dist.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"
#include "mm/pages.h"

/* A write to GICD_CTLR or GICR_CTLR takes effect in so many polls, or the hardware is broken. */
#define RWP_POLLS 1000000

static uint8_t *dist;
static unsigned int nr_irqs;
static uint8_t **redists; /* by CPU index: RD_base of each; the SGI frame follows */
static const struct host_gic *host_gic;
static uint8_t **regions; /* where the redistributor regions are mapped */

static uint8_t *sgi_base(void)
{
	return redists[percpu_id()] + GICR_SGI_OFFSET;
}

static void wait_for_rwp(const uint8_t *ctlr, uint32_t bit)
{
	for (unsigned int i = 0; i < RWP_POLLS && mmio_read32(ctlr) & bit; i++)
		cpu_yield();
}

/* The frame with the bit-per-interrupt registers for intid, private or not. */
static uint8_t *frame_of(uint32_t intid)
{
	return intid < 32 ? sgi_base() : dist;
}

static void write_bit(unsigned int reg, uint32_t intid)
{
	gic_write_bit(frame_of(intid), reg, intid);
}

static void v3_enable(uint32_t intid)
{
	write_bit(GICD_ISENABLER, intid);
}

static void v3_disable(uint32_t intid)
{
	write_bit(GICD_ICENABLER, intid);
	if (intid < 32)
		wait_for_rwp(redists[percpu_id()] + GICR_CTLR, GICR_CTLR_RWP);
	else
		wait_for_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
}

static void v3_set_active(uint32_t intid, bool active)
{
	write_bit(active ? GICD_ISACTIVER : GICD_ICACTIVER, intid);
}

static bool v3_line_level(uint32_t intid)
{
	return gic_read_line(dist, intid);
}

static void v3_configure(uint32_t intid, bool edge)
{
	gic_write_trigger(dist, intid, edge);
}

static void v3_route(uint32_t intid, unsigned int cpu, uint64_t mpidr)
{
	(void)cpu;
	mmio_write64(dist + GICD_IROUTER + (uint64_t)intid * 8, mpidr);
}

static uint32_t v3_acknowledge(void)
{
	uint32_t intid = (uint32_t)read_sysreg(ICC_IAR1_EL1);

	/* The acknowledgement is done before what the interrupt is about is looked at. */
	dsb(sy);
	return intid;
}

static void v3_drop(uint32_t acknowledged)
{
	write_sysreg(ICC_EOIR1_EL1, acknowledged);
	isb();
}

static void v3_deactivate(uint32_t intid)
{
	write_sysreg(ICC_DIR_EL1, intid);
	isb();
}

static void v3_send_sgi(unsigned int sgi, unsigned int cpu, uint64_t mpidr)
{
	uint64_t aff0 = mpidr & 0xff;

	(void)cpu;
	/* Stores that the receiver is to see are complete before the SGI leaves. */
	dsb(ishst);
	write_sysreg(ICC_SGI1R_EL1, FIELD_PREP(ICC_SGI1R_INTID, sgi) |
					FIELD_PREP(ICC_SGI1R_AFF3, mpidr >> 32 & 0xff) |
					FIELD_PREP(ICC_SGI1R_AFF2, mpidr >> 16 & 0xff) |
					FIELD_PREP(ICC_SGI1R_AFF1, mpidr >> 8 & 0xff) |
					FIELD_PREP(ICC_SGI1R_RS, aff0 >> 4) | BIT(aff0 & 15));
	isb();
}

static void v3_send_sgi_others(unsigned int sgi)
{
	dsb(ishst);
	write_sysreg(ICC_SGI1R_EL1, FIELD_PREP(ICC_SGI1R_INTID, sgi) | ICC_SGI1R_IRM);
	isb();
}

/* Finds the redistributor of a CPU: its GICR_TYPER has the affinity (IHI 0069, 12.11.34). */
static uint8_t *find_redist(uint64_t mpidr)
{
	uint32_t affinity = (uint32_t)((mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24);

	for (unsigned int i = 0; i < host_gic->nr_redists; i++) {
		uint64_t offset = 0;

		while (offset + 2 * GICR_FRAME_SIZE <= host_gic->redists[i].size) {
			uint8_t *rd = regions[i] + offset;
			uint64_t typer = mmio_read64(rd + GICR_TYPER);
			uint64_t stride = host_gic->redist_stride;

			if (FIELD_GET(GICR_TYPER_AFFINITY, typer) == affinity)
				return rd;
			if (typer & GICR_TYPER_LAST)
				break;
			if (!stride) /* GICv4 has two more frames */
				stride = GICR_FRAME_SIZE * ((typer & GICR_TYPER_VLPIS) ? 4 : 2);
			offset += stride;
		}
	}
	return NULL;
}

static int init_redist(unsigned int cpu, uint64_t mpidr)
{
	uint8_t *rd = find_redist(mpidr);
	uint8_t *sgi;

	if (!rd) {
		log_error("gic: CPU %u (MPIDR 0x%llx) has no redistributor", cpu,
			  (unsigned long long)mpidr);
		return -ENODEV;
	}
	redists[cpu] = rd;
	sgi = rd + GICR_SGI_OFFSET;

	mmio_write32(rd + GICR_WAKER,
		     mmio_read32(rd + GICR_WAKER) & (uint32_t)~GICR_WAKER_PROCESSOR_SLEEP);
	for (unsigned int i = 0; i < RWP_POLLS; i++) {
		if (!(mmio_read32(rd + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP))
			break;
		cpu_yield();
	}

	mmio_write32(sgi + GICD_ICENABLER, UINT32_MAX);
	wait_for_rwp(rd + GICR_CTLR, GICR_CTLR_RWP);
	mmio_write32(sgi + GICD_IGROUPR, UINT32_MAX);
	mmio_write32(sgi + GICD_ICPENDR, UINT32_MAX);
	mmio_write32(sgi + GICD_ICACTIVER, UINT32_MAX);
	for (unsigned int i = 0; i < 32; i += 4)
		mmio_write32(sgi + GICD_IPRIORITYR + i, GIC_PRIORITY_ALL);
	return 0;
}

/*
 * The calling CPU's interface is one of system registers. Without ICC_SRE_EL2.Enable EL1's accesses
 * of ICC_SRE_EL1 trap (IHI 0069, 12.2.23): where its SRE bit can be cleared, a guest that does so
 * would take the registers away from whoever is on this CPU next.
 */
static void use_system_registers(void)
{
	write_sysreg(ICC_SRE_EL2, ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB);
	isb(); /* the other registers exist from here on */
}

static int v3_init_cpu(unsigned int cpu, uint64_t mpidr)
{
	int err;

	use_system_registers();
	if (!(read_sysreg(ICC_SRE_EL2) & ICC_SRE_SRE)) {
		log_error("gic: CPU %u has no system register interface", cpu);
		return -ENODEV;
	}
	err = init_redist(cpu, mpidr);
	if (err)
		return err;

	/* EL1's SRE is the guests': system registers, as there is no other interface for them. */
	write_sysreg(ICC_SRE_EL1, ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB);
	write_sysreg(ICC_PMR_EL1, 0xff);
	write_sysreg(ICC_BPR1_EL1, 0);
	write_sysreg(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	write_sysreg(ICC_IGRPEN1_EL1, 1);
	isb();
	return 0;
}

static void init_dist(void)
{
	mmio_write32(dist + GICD_CTLR, 0);
	wait_for_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned int i = 32; i < nr_irqs; i += 32) {
		mmio_write32(dist + GICD_ICENABLER + i / 8, UINT32_MAX);
		mmio_write32(dist + GICD_IGROUPR + i / 8, UINT32_MAX);
	}
	wait_for_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned int i = 32; i < nr_irqs; i += 32) {
		mmio_write32(dist + GICD_ICPENDR + i / 8, UINT32_MAX);
		mmio_write32(dist + GICD_ICACTIVER + i / 8, UINT32_MAX);
	}
	for (unsigned int i = 32; i < nr_irqs; i += 4)
		mmio_write32(dist + GICD_IPRIORITYR + i, GIC_PRIORITY_ALL);
	/* In a GIC with one security state bit 4 is ARE, bit 1 EnableGrp1; else _NS and _1A. */
	mmio_write32(dist + GICD_CTLR, GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G1A);
	wait_for_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
	mmio_write32(dist + GICD_CTLR,
		     GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G1A | GICD_CTLR_ENABLE_G1);
	wait_for_rwp(dist + GICD_CTLR, GICD_CTLR_RWP);
}

static int map_registers(const struct host *host)
{
	unsigned int n = host->gic.nr_redists;
	/* One page serves both arrays up to some hundred CPUs. */
	size_t bytes = (n + host->nr_cpus) * sizeof(uint8_t *);

	dist = el2_map_device(pa(host->gic.dist.base), host->gic.dist.size);
	regions = page_alloc((bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	if (!dist || !regions)
		return -ENOMEM;
	redists = regions + n;
	for (unsigned int i = 0; i < n; i++) {
		regions[i] =
		    el2_map_device(pa(host->gic.redists[i].base), host->gic.redists[i].size);
		if (!regions[i])
			return -ENOMEM;
	}
	return 0;
}

int gicv3_init(const struct host *host, struct gic *ops)
{
	int err;

	host_gic = &host->gic;
	err = map_registers(host);
	if (err)
		return err;
	nr_irqs = gic_count_irqs(dist);
	init_dist();

	use_system_registers();
	*ops = (struct gic){
	    .version = 3,
	    .nr_irqs = nr_irqs,
	    .nr_lrs = (unsigned int)FIELD_GET(ICH_VTR_LISTREGS, read_sysreg(ICH_VTR_EL2)) + 1,
	    .init_cpu = v3_init_cpu,
	    .acknowledge = v3_acknowledge,
	    .drop = v3_drop,
	    .deactivate = v3_deactivate,
	    .enable = v3_enable,
	    .disable = v3_disable,
	    .set_active = v3_set_active,
	    .line_level = v3_line_level,
	    .configure = v3_configure,
	    .route = v3_route,
	    .send_sgi = v3_send_sgi,
	    .send_sgi_others = v3_send_sgi_others,
	};
	return 0;
}
