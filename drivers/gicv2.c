// SPDX-License-Identifier: BSD-2-Clause
/*
 * The physical GICv2 (IHI 0048). See gic.h for what EL2 does with it. The
 * distributor's banked registers (private interrupts) are each CPU's own; the
 * rest is written at boot by the boot CPU.
 */
#include "arm64/barrier.h"
#include "arm64/gic.h"
#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "drivers/gic.h"
#include "drivers/gic_dist.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mm/el2_map.h"

#define V2_MAX_CPUS 8

/* The GIC of Cortex-A15, which QEMU says it has, and no 64-bit machine has (QEMU 7.2). */
#define IIDR_QEMU 0x0000043bu

static uint8_t *dist;
static uint8_t *cpuif;
static unsigned int nr_irqs;

/* CPU interface numbers by CPU index: what GICD_ITARGETSR0 reads as (IHI 0048, 4.3.12). */
static uint8_t interface_mask[V2_MAX_CPUS];

static void v2_enable(uint32_t intid)
{
	gic_write_bit(dist, GICD_ISENABLER, intid);
}

static void v2_disable(uint32_t intid)
{
	gic_write_bit(dist, GICD_ICENABLER, intid);
}

static void v2_set_active(uint32_t intid, bool active)
{
	gic_write_bit(dist, active ? GICD_ISACTIVER : GICD_ICACTIVER, intid);
}

static bool v2_line_level(uint32_t intid)
{
	return gic_read_line(dist, intid);
}

static void v2_configure(uint32_t intid, bool edge)
{
	gic_write_trigger(dist, intid, edge);
}

static void v2_route(uint32_t intid, unsigned int cpu, uint64_t mpidr)
{
	(void)mpidr;
	mmio_write8(dist + GICD_ITARGETSR + intid, interface_mask[cpu]);
}

static uint32_t v2_acknowledge(void)
{
	return mmio_read32(cpuif + GICC_IAR);
}

static void v2_drop(uint32_t acknowledged)
{
	mmio_write32(cpuif + GICC_EOIR, acknowledged);
}

static void v2_deactivate(uint32_t acknowledged)
{
	mmio_write32(cpuif + GICC_DIR, acknowledged);
}

static void v2_send_sgi(unsigned int sgi, unsigned int cpu, uint64_t mpidr)
{
	(void)mpidr;
	/* Stores that the receiver is to see are complete before the SGI leaves. */
	dsb(ishst);
	mmio_write32(dist + GICD_SGIR, FIELD_PREP(GICD_SGIR_TARGETS, interface_mask[cpu]) | sgi);
}

static void v2_send_sgi_others(unsigned int sgi)
{
	dsb(ishst);
	mmio_write32(dist + GICD_SGIR, FIELD_PREP(GICD_SGIR_FILTER, GICD_SGIR_FILTER_OTHERS) | sgi);
}

/* Private interrupts have one bit set in their targets: the reader's own. Some read as 0 at 0. */
static uint8_t own_interface(void)
{
	for (unsigned int i = 0; i < 32; i += 4) {
		uint32_t targets = mmio_read32(dist + GICD_ITARGETSR + i);

		targets |= targets >> 16;
		targets |= targets >> 8;
		if (targets & 0xff)
			return (uint8_t)targets;
	}
	return 1; /* one CPU: RAZ */
}

static int v2_init_cpu(unsigned int cpu, uint64_t mpidr)
{
	(void)mpidr;
	if (cpu >= V2_MAX_CPUS) {
		log_error("gic: a GICv2 has 8 CPUs at most");
		return -ENODEV;
	}
	interface_mask[cpu] = own_interface();

	mmio_write32(dist + GICD_ICENABLER, UINT32_MAX);
	mmio_write32(dist + GICD_ICPENDR, UINT32_MAX);
	mmio_write32(dist + GICD_ICACTIVER, UINT32_MAX);
	for (unsigned int i = 0; i < 32; i += 4)
		mmio_write32(dist + GICD_IPRIORITYR + i, GIC_PRIORITY_ALL);

	mmio_write32(cpuif + GICC_PMR, 0xff);
	mmio_write32(cpuif + GICC_BPR, 0);
	mmio_write32(cpuif + GICC_CTLR, GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE);
	return 0;
}

static void init_dist(void)
{
	mmio_write32(dist + GICD_CTLR, 0);
	for (unsigned int i = 32; i < nr_irqs; i += 32) {
		mmio_write32(dist + GICD_ICENABLER + i / 8, UINT32_MAX);
		mmio_write32(dist + GICD_ICPENDR + i / 8, UINT32_MAX);
		mmio_write32(dist + GICD_ICACTIVER + i / 8, UINT32_MAX);
	}
	for (unsigned int i = 32; i < nr_irqs; i += 4)
		mmio_write32(dist + GICD_IPRIORITYR + i, GIC_PRIORITY_ALL);
	/* EnableGrp0 of a GIC without security, EnableGrp1 as the non-secure side sees it: bit 0 */
	mmio_write32(dist + GICD_CTLR, GICD_CTLR_ENABLE_G0);
}

int gicv2_init(const struct host *host, struct gic *ops)
{
	uint8_t *hyp;

	dist = el2_map_device(pa(host->gic.dist.base), host->gic.dist.size);
	cpuif = el2_map_device(pa(host->gic.cpuif.base), host->gic.cpuif.size);
	hyp = el2_map_device(pa(host->gic.hyp.base), host->gic.hyp.size);
	if (!dist || !cpuif || !hyp)
		return -ENOMEM;
	nr_irqs = gic_count_irqs(dist);
	init_dist();

	*ops = (struct gic){
	    .version = 2,
	    .nr_irqs = nr_irqs,
	    .nr_lrs = (unsigned int)FIELD_GET(GICH_VTR_LISTREGS, mmio_read32(hyp + GICH_VTR)) + 1,
	    .hyp = hyp,
	    .forgets_lines = mmio_read32(dist + GICD_IIDR) == IIDR_QEMU,
	    .init_cpu = v2_init_cpu,
	    .acknowledge = v2_acknowledge,
	    .drop = v2_drop,
	    .deactivate = v2_deactivate,
	    .enable = v2_enable,
	    .disable = v2_disable,
	    .set_active = v2_set_active,
	    .line_level = v2_line_level,
	    .configure = v2_configure,
	    .route = v2_route,
	    .send_sgi = v2_send_sgi,
	    .send_sgi_others = v2_send_sgi_others,
	};
	return 0;
}
