// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registers of the distributor and the redistributors: what they are after
 * reset, what they keep, and what they ignore. Nothing is delivered meanwhile.
 */
#include "tests/guests/gic/gic_test.h"
#include "tests/guests/lib/guest.h"

#define PIDR2_ARCH(version) ((version) << 4)

static uint32_t read_word(unsigned int offset)
{
	return mmio_read32(gic_distributor() + offset);
}

static void write_word(unsigned int offset, uint32_t value)
{
	mmio_write32(gic_distributor() + offset, value);
}

static bool is_v3(void)
{
	return machine.gic_version == 3;
}

void check_reset_values(void)
{
	uint32_t typer = read_word(GICD_TYPER), others = 0;

	check_equal(read_word(is_v3() ? GICD_V3_PIDR2 : GICD_V2_PIDR2) & 0xf0,
		    PIDR2_ARCH(machine.gic_version), "PIDR2 has the architecture's version");
	check(gic_nr_irqs() >= 64 && gic_nr_irqs() <= 1024, "there are SPIs: %u INTIDs",
	      gic_nr_irqs());
	if (is_v3())
		check(FIELD_GET(GICD_TYPER_IDBITS, typer) >= 9, "INTIDs have 10 bits at least");
	else
		check_equal(FIELD_GET(GICD_TYPER_CPUS, typer), machine.nr_cpus - 1,
			    "GICD_TYPER has the number of CPUs");
	check_equal(read_word(GICD_CTLR) & 3, 0, "the distributor is off");
	for (unsigned int i = GIC_FIRST_SPI; i < gic_nr_irqs(); i += 32) {
		unsigned int n = i / 8;

		others |= read_word(GICD_ISENABLER + n) | read_word(GICD_ISACTIVER + n);
		if (!machine.native)
			others |= read_word(GICD_ISPENDR + n);
	}
	check_equal(others, 0, "no SPI is enabled, pending or active");
	if (!is_v3())
		check_equal(gic_get_mask(), 0, "GICC_PMR masks everything");
	check_equal(mmio_read32(gic_page(0) + GICD_ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa,
		    "SGIs are edge-triggered");
}

/* A register for setting and one for clearing bits of the same state, of a word of SPIs. */
static bool check_bits(unsigned int set, unsigned int clear)
{
	unsigned int n = 4 * (FIRST_IRQ / 32 + (gic_nr_irqs() > 64 ? 1 : 0));
	uint32_t bits = n == 4 ? 0xfffffff0 : 0xffffffff; /* not the UART's */

	write_word(set + n, 0x5a5a5a50 & bits);
	if ((read_word(set + n) & bits) != 0x5a5a5a50 ||
	    (read_word(clear + n) & bits) != 0x5a5a5a50)
		return false;
	write_word(set + n, 0);
	write_word(clear + n, 0);
	if ((read_word(set + n) & bits) != 0x5a5a5a50)
		return false;
	write_word(clear + n, 0x50505050);
	if ((read_word(set + n) & bits) != 0x0a0a0a00)
		return false;
	write_word(set + n, bits);
	if ((read_word(clear + n) & bits) != bits)
		return false;
	write_word(clear + n, bits);
	return (read_word(set + n) & bits) == 0 && (read_word(clear + n) & bits) == 0;
}

static void check_priorities(void)
{
	unsigned int reg = GICD_IPRIORITYR + FIRST_IRQ + 2; /* of a word */
	uint8_t *p = gic_distributor() + reg;
	struct fault fault;

	mmio_write32(p, 0x08f880a0);
	check_equal(mmio_read32(p) & 0xf8f8f8f8, 0x08f880a0, "priorities: a word");
	mmio_write8(p + 1, 0x40);
	check_equal(mmio_read32(p) & 0xf8f8f8f8, 0x08f840a0, "priorities: a byte of it");
	check_equal(mmio_read8(p + 2) & 0xf8, 0xf8, "priorities: a byte is read");
	CATCH(fault, mmio_write16(p, 0x2020); (void)mmio_read16(p));
	check(fault.count == 0 || fault.count == 2, "priorities: a halfword does no harm");
	mmio_write32(p, 0xffffffff);
	check_equal(mmio_read32(p) & 0xf8f8f8f8, 0xf8f8f8f8,
		    "priorities: five bits at least are there");
	mmio_write32(p, 0xa0a0a0a0);
}

static void check_config(void)
{
	unsigned int reg = GICD_ICFGR + 4 * (FIRST_IRQ / 16 + 1);

	write_word(reg, 0);
	check_equal(read_word(reg), 0, "SPIs can be level-sensitive");
	write_word(reg, 0xffffffff);
	check_equal(read_word(reg) & 0xaaaaaaaa, 0xaaaaaaaa, "SPIs can be edge-triggered");
	mmio_write32(gic_page(0) + GICD_ICFGR, 0);
	check_equal(mmio_read32(gic_page(0) + GICD_ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa,
		    "SGIs are what they are");
}

static void check_targets(void)
{
	uint32_t all = (uint32_t)(BIT(machine.nr_cpus) - 1);
	unsigned int reg = GICD_ITARGETSR + FIRST_IRQ + 2;
	uint8_t *p = gic_distributor() + reg;

	if (machine.nr_cpus == 1) {
		mmio_write32(p, 0xffffffff);
		check_equal(mmio_read32(p), 0, "one CPU: ITARGETSR is RAZ/WI");
		return;
	}
	/* QEMU keeps bits of CPUs that are not there. */
	mmio_write32(p, machine.native ? all * 0x01010101 : 0xffffffff);
	check_equal(mmio_read32(p), all * 0x01010101, "ITARGETSR has the CPUs that there are");
	mmio_write8(p + 1, 2);
	check_equal(mmio_read8(p + 1), 2, "ITARGETSR: a byte");
	check_equal(mmio_read32(p), (all * 0x01010101 & 0xffff00ff) | 0x200,
		    "ITARGETSR: only that one");
	mmio_write32(p, 0x01010101);
	check_equal(read_word(GICD_ITARGETSR), 0x01010101, "ITARGETSR0 is this CPU");
	write_word(GICD_ITARGETSR, 0x02020202);
	check_equal(read_word(GICD_ITARGETSR), 0x01010101, "and read-only");
}

static void check_routers(void)
{
	unsigned int last = machine.nr_cpus - 1;
	uint64_t affinity = machine.mpidr[last] & GICD_IROUTER_AFFINITY;
	uint8_t *p = gic_distributor() + GICD_IROUTER + (size_t)8 * FIRST_IRQ;

	mmio_write64(p, affinity);
	check_equal(mmio_read64(p), affinity, "IROUTER: 64 bits");
	check_equal(mmio_read32(p), affinity & 0xffffffff, "IROUTER: its lower half");
	check_equal(mmio_read32(p + 4), affinity >> 32, "IROUTER: its upper half");
	/* QEMU keeps them. */
	mmio_write64(p, (machine.native ? 0 : 0x8000000000000000) |
			    (machine.mpidr[0] & GICD_IROUTER_AFFINITY));
	check_equal(mmio_read64(p) & ~GICD_IROUTER_IRM, machine.mpidr[0] & GICD_IROUTER_AFFINITY,
		    "IROUTER: reserved bits are zero");
	gic_route(FIRST_IRQ, 0);
}

/* With affinity routing the distributor has no private interrupts, and no targets. */
static void check_legacy(void)
{
	write_word(GICD_ISENABLER, 0xffffffff);
	write_word(GICD_ISPENDR, 0xffffffff);
	write_word(GICD_IPRIORITYR, 0x10101010);
	write_word(GICD_ITARGETSR + FIRST_IRQ + 2, 0xffffffff);
	check_equal(read_word(GICD_ISENABLER) | read_word(GICD_ISPENDR) |
			read_word(GICD_IPRIORITYR) | read_word(GICD_ITARGETSR + FIRST_IRQ + 2),
		    0, "the registers for private interrupts and targets are RAZ/WI");
}

static void check_reserved(void)
{
	static const uint16_t reserved[] = {0x060, 0x064, 0x06c};
	unsigned int n = gic_nr_irqs() / 32 * 4;
	struct fault fault;
	uint32_t value = 0;

	CATCH(
	    fault, for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++) {
		    write_word(reserved[i], 0xffffffff);
		    value |= read_word(reserved[i]);
	    });
	check(fault.count == 0 && value == 0, "reserved registers are RAZ/WI");
	/* QEMU 7.2 has 32 SPIs more than its GICD_TYPER says. */
	if (n == 0x80 || machine.native)
		return;
	write_word(GICD_ISENABLER + n, 0xffffffff);
	check_equal(read_word(GICD_ISENABLER + n), 0, "SPIs that are not there: RAZ/WI");
	write_word(GICD_IPRIORITYR + 8 * n, 0xffffffff);
	check_equal(read_word(GICD_IPRIORITYR + 8 * n), 0, "nor do they have a priority");
}

/* The read-only registers stay what they are. */
static void check_read_only(void)
{
	uint32_t typer = read_word(GICD_TYPER), iidr = read_word(GICD_IIDR);

	write_word(GICD_TYPER, ~typer);
	write_word(GICD_IIDR, ~iidr);
	check(read_word(GICD_TYPER) == typer && read_word(GICD_IIDR) == iidr,
	      "TYPER and IIDR are read-only");
}

void check_registers(void)
{
	uint32_t ctlr = read_word(GICD_CTLR);

	write_word(GICD_CTLR, is_v3() ? (uint32_t)GICD_CTLR_ARE_NS : 0);
	check(check_bits(GICD_ISENABLER, GICD_ICENABLER), "ISENABLER and ICENABLER");
	check(check_bits(GICD_ISPENDR, GICD_ICPENDR), "ISPENDR and ICPENDR");
	check(check_bits(GICD_ISACTIVER, GICD_ICACTIVER), "ISACTIVER and ICACTIVER");
	check_priorities();
	check_config();
	check_reserved();
	check_read_only();
	if (is_v3()) {
		check_routers();
		check_legacy();
	} else {
		check_targets();
	}
	write_word(GICD_CTLR, ctlr);
	check_equal(read_word(GICD_CTLR) & 3, ctlr & 3, "GICD_CTLR keeps its enables");
}

/* ---- GICv3's redistributors ---- */

static void check_frame(unsigned int cpu)
{
	uint8_t *frame = gic_redistributor(cpu);
	uint64_t typer = mmio_read64(frame + GICR_TYPER);
	uint8_t *sgi = frame + GICR_SGI_OFFSET;

	check_equal((typer & GICR_TYPER_LAST) != 0, cpu == machine.nr_cpus - 1,
		    "CPU %u: GICR_TYPER.Last", cpu);
	check_equal(FIELD_GET(GICR_TYPER_PROCESSOR, typer), cpu,
		    "CPU %u: GICR_TYPER.Processor_Number", cpu);
	check(mmio_read32(frame + GICR_TYPER) == (uint32_t)typer &&
		  mmio_read32(frame + GICR_TYPER + 4) == typer >> 32,
	      "CPU %u: GICR_TYPER in halves", cpu);
	check_equal(mmio_read32(frame + GICR_PIDR2) & 0xf0, PIDR2_ARCH(3), "CPU %u: GICR_PIDR2",
		    cpu);

	/* Another CPU's private interrupts can be set up from here. */
	mmio_write32(sgi + GICD_ICENABLER, 0xffffffff);
	mmio_write32(sgi + GICD_ISENABLER, 0x08000002);
	mmio_write8(sgi + GICD_IPRIORITYR + 27, 0x48);
	check(mmio_read32(sgi + GICD_ICENABLER) == 0x08000002 &&
		  mmio_read8(sgi + GICD_IPRIORITYR + 27) == 0x48,
	      "CPU %u: its private interrupts", cpu);
	mmio_write32(sgi + GICD_ISPENDR, 2);
	check_equal(mmio_read32(sgi + GICD_ISPENDR) & 0xffff, 2, "CPU %u: an SGI is set pending",
		    cpu);
	mmio_write32(sgi + GICD_ICPENDR, 2);
	check_equal(mmio_read32(sgi + GICD_ISPENDR) & 0xffff, 0, "CPU %u: and not", cpu);
	mmio_write32(sgi + GICD_ICENABLER, 0xffffffff);
	mmio_write8(sgi + GICD_IPRIORITYR + 27, 0xa0);
	check_equal(mmio_read32(sgi + GICD_ISENABLER), 0, "CPU %u: all disabled", cpu);
}

void check_redistributors(void)
{
	uint8_t *frame = gic_redistributor(0);

	gic_enable_interface(false);
	for (unsigned int cpu = 0; cpu < machine.nr_cpus; cpu++)
		check_frame(cpu);
	gic_enable_interface(true);
	check_equal(mmio_read32(frame + GICR_WAKER) & 6, 0, "GICR_WAKER: awake");
	check_equal(mmio_read32(frame + GICR_CTLR) & GICR_CTLR_RWP, 0, "GICR_CTLR.RWP is clear");
}
