// SPDX-License-Identifier: BSD-2-Clause
/*
 * vdev/vgic_dist.c, vgic_sgi.c, vgic_v2.c and vgic_v3.c: what a guest reads from and
 * writes to its distributor, its redistributors and ICC_SGI1R_EL1. What comes
 * of it in list registers is vgic_test.c's.
 */
#include <stdlib.h>

#include "tests/unit/vgic_fixture.h"

#define SPI 40u
#define LAST (MODEL_NR_IRQS - 1)

static uint64_t get(unsigned int c, uint32_t offset, unsigned int size)
{
	return model_access(c, offset, size, false, 0);
}

static void set(unsigned int c, uint32_t offset, unsigned int size, uint64_t value)
{
	model_access(c, offset, size, true, value);
}

static uint32_t redist(unsigned int c, uint32_t offset)
{
	return MODEL_REDIST + c * 2 * GICR_FRAME_SIZE + offset;
}

ATF_TC_WITHOUT_HEAD(v2_identity);
ATF_TC_BODY(v2_identity, tc)
{
	for (unsigned int n = 1; n <= MODEL_MAX_CPUS; n++) {
		model_start(2, n, 4);
		ATF_CHECK_EQ(get(0, GICD_TYPER, 4), (n - 1) << 5 | 3);
		set(0, GICD_TYPER, 4, UINT32_MAX);
		ATF_CHECK_EQ(get(0, GICD_TYPER, 4), (n - 1) << 5 | 3);
		ATF_CHECK_EQ(get(0, GICD_IIDR, 4), 0x42b);
		ATF_CHECK_EQ(get(0, GICD_V2_PIDR2, 4), 0x20);
		ATF_CHECK_EQ(get(0, GICD_TYPER, 8), 0);
		ATF_CHECK_EQ(get(0, GICD_TYPER2, 4), 0);
		ATF_CHECK_EQ(get(0, GICD_IGRPMODR, 4), 0);
		for (uint32_t enables = 0; enables < 4; enables++) {
			set(0, GICD_CTLR, 4, 0xfffffff0 | enables);
			ATF_CHECK_EQ(get(0, GICD_CTLR, 4), enables);
		}
	}
}

ATF_TC_WITHOUT_HEAD(v3_identity);
ATF_TC_BODY(v3_identity, tc)
{
	model_start(3, 3, 4);
	ATF_CHECK_EQ(get(0, GICD_TYPER, 4), BIT(25) | BIT(24) | 15 << 19 | 3);
	ATF_CHECK_EQ(get(0, GICD_IIDR, 4), 0x42b);
	ATF_CHECK_EQ(get(0, GICD_V3_PIDR2, 4), 0x30);
	ATF_CHECK_EQ(get(0, GICD_V2_PIDR2, 4), 0);
	for (uint32_t enables = 0; enables < 4; enables++) {
		set(0, GICD_CTLR, 4, (0xffffffff & ~3u) | enables);
		ATF_CHECK_EQ(get(0, GICD_CTLR, 4), GICD_CTLR_DS | GICD_CTLR_ARE_NS | enables);
	}
	for (unsigned int c = 0; c < 3; c++) {
		uint64_t typer = (uint64_t)c << 32 | c << 8 | (c == 2 ? GICR_TYPER_LAST : 0);

		set(0, redist(c, GICR_TYPER), 8, UINT64_MAX);
		ATF_CHECK_EQ(get(0, redist(c, GICR_TYPER), 8), typer);
		ATF_CHECK_EQ(get(0, redist(c, GICR_TYPER), 4), typer & UINT32_MAX);
		ATF_CHECK_EQ(get(0, redist(c, GICR_TYPER + 4), 4), typer >> 32);
		ATF_CHECK_EQ(get(0, redist(c, GICR_IIDR), 4), 0x42b);
		ATF_CHECK_EQ(get(0, redist(c, GICR_PIDR2), 4), 0x30);
		set(0, redist(c, GICR_CTLR), 4, UINT32_MAX);
		ATF_CHECK_EQ(get(0, redist(c, GICR_CTLR), 4), 0);
		set(0, redist(c, GICR_WAKER), 4, UINT32_MAX);
		ATF_CHECK_EQ(get(0, redist(c, GICR_WAKER), 4), 0);
	}
	/* affinities above 0: as guest_mpidr() makes them */
	cpus[2].vgic.mpidr = UINT64_C(0x0100030201);
	ATF_CHECK_EQ(get(0, redist(2, GICR_TYPER), 8) >> 32, 0x01030201);
}

/* ---- The arrays, against a plain table ---- */

enum { GROUP, ENABLED, PENDING, ACTIVE, PRIORITY, EDGE, NR_FIELDS };

static uint8_t table[MODEL_MAX_CPUS][MODEL_NR_IRQS][NR_FIELDS]; /* SPIs in the first CPU's */

/* clang-format off */
static const struct array {
	uint32_t reg;
	unsigned int bits;
	unsigned int field;
	int set; /* 1: ones set, -1: ones clear, 0: as written */
} arrays[] = {
	{GICD_IGROUPR,    1, GROUP,    0},
	{GICD_ISENABLER,  1, ENABLED,  1},
	{GICD_ICENABLER,  1, ENABLED,  -1},
	{GICD_ISPENDR,    1, PENDING,  1},
	{GICD_ICPENDR,    1, PENDING,  -1},
	{GICD_ISACTIVER,  1, ACTIVE,   1},
	{GICD_ICACTIVER,  1, ACTIVE,   -1},
	{GICD_IPRIORITYR, 8, PRIORITY, 0},
	{GICD_ICFGR,      2, EDGE,     0},
};
/* clang-format on */

static uint8_t *entry(unsigned int c, uint32_t intid, unsigned int field)
{
	return &table[intid < VGIC_NR_PRIVATE ? c : 0][intid][field];
}

static void table_write(unsigned int c, const struct array *a, uint32_t intid, uint8_t value)
{
	uint8_t *e = entry(c, intid, a->field);
	bool v2_sgi = vgic.version == 2 && intid < VGIC_NR_SGIS;

	if (a->field == PRIORITY)
		*e = value & 0xf8;
	else if (a->field == EDGE)
		*e = intid < VGIC_NR_PRIVATE ? *e : value & 2;
	else if (v2_sgi && (a->field == ENABLED || a->field == PENDING))
		return;
	else if (a->set == 0)
		*e = value;
	else if (value)
		*e = a->set > 0;
}

/* One access of vCPU c to the array, at a byte, in the frame of vCPU `of`. */
static void array_access(const struct array *a, unsigned int c, unsigned int of, bool in_redist,
			 unsigned int byte, unsigned int size, bool write)
{
	unsigned int per_byte = 8 / a->bits, first = byte * per_byte;
	uint32_t offset = in_redist ? redist(of, GICR_SGI_OFFSET + a->reg + byte) : a->reg + byte;
	uint64_t value = write ? (uint64_t)random() & (uint64_t)random() : 0, expected = 0;
	unsigned int begin = vgic.version == 3 && !in_redist ? VGIC_NR_PRIVATE : 0;
	unsigned int end = in_redist ? VGIC_NR_PRIVATE : MODEL_NR_IRQS;

	if (size < 8)
		value &= (UINT64_C(1) << size * 8) - 1;
	value = model_access(c, offset, size, write, value);
	/* Not in this frame, or not all of it, or not of this size: RAZ/WI */
	if (first < begin || size == 8 || (in_redist && first + size * per_byte > end))
		end = 0;
	for (unsigned int i = 0; i < size * per_byte && first + i < end; i++) {
		unsigned int shift = i * a->bits;
		uint64_t mask = (1u << a->bits) - 1;

		if (write)
			table_write(of, a, first + i, (uint8_t)(value >> shift & mask));
		else
			expected |= (uint64_t)*entry(of, first + i, a->field) << shift;
	}
	if (!write)
		ATF_REQUIRE_MSG(value == expected,
				"GICv%u: %#x, %u bytes at %#x: %#lx instead of %#lx", vgic.version,
				a->reg, size, byte, value, expected);
}

static void all_arrays(unsigned int version)
{
	unsigned int n = 2;

	model_start(version, n, 4);
	memset(table, 0, sizeof(table));
	for (unsigned int c = 0; c < n; c++) {
		for (uint32_t i = 0; i < VGIC_NR_SGIS; i++) {
			table[c][i][EDGE] = 2;
			table[c][i][ENABLED] = version == 2;
		}
	}
	srandom(version);
	for (unsigned int step = 0; step < 60000; step++) {
		const struct array *a = &arrays[(size_t)random() % ARRAY_SIZE(arrays)];
		unsigned int c = (unsigned int)random() % n;
		bool in_redist = version == 3 && random() % 2;
		unsigned int limit = in_redist && random() % 4 ? 32 : MODEL_NR_IRQS + 32;
		unsigned int byte = (unsigned int)random() % (limit * a->bits / 8);
		unsigned int size = 1u << random() % 4;

		/* any alignment: memory that the guest maps as Normal allows it */
		if (random() % 4)
			byte &= ~(size - 1);
		array_access(a, c, in_redist ? (unsigned int)random() % n : c, in_redist, byte,
			     size, random() % 2);
		if (step % 64 == 0) {
			model_settle();
			model_check();
		}
	}
}

ATF_TC_WITHOUT_HEAD(v2_arrays);
ATF_TC_BODY(v2_arrays, tc)
{
	all_arrays(2);
}

ATF_TC_WITHOUT_HEAD(v3_arrays);
ATF_TC_BODY(v3_arrays, tc)
{
	all_arrays(3);
}

ATF_TC_WITHOUT_HEAD(last_intid);
ATF_TC_BODY(last_intid, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 1, 4);
		set(0, GICD_IPRIORITYR + LAST, 1, 0x55);
		ATF_CHECK_EQ(get(0, GICD_IPRIORITYR + LAST, 1), 0x50);
		ATF_CHECK_EQ(get(0, GICD_IPRIORITYR + LAST, 4), 0x50);
		set(0, GICD_IPRIORITYR + LAST + 1, 1, 0x55);
		ATF_CHECK_EQ(get(0, GICD_IPRIORITYR + LAST + 1, 1), 0);
		set(0, GICD_ISPENDR + LAST / 8, 1, 0x80);
		ATF_CHECK_EQ(get(0, GICD_ISPENDR + LAST / 8, 1), 0x80);
		take(0, LAST);
		set(0, GICD_ISPENDR + LAST / 8 + 1, 4, UINT32_MAX);
		nothing(0);
		vgic_set_line(&vgic, 0, LAST + 1, true);
		nothing(0);
	}
}

/* ---- GICv2 ---- */

/* A line of an emulated timer that is due, and has not been raised yet, is high for who looks. */
ATF_TC_WITHOUT_HEAD(late_line);
ATF_TC_BODY(late_line, tc)
{
	FOR_BOTH(version)
	{
		model_start_enabled(version, 2, 2);
		cpus[1].late_line = 30;
		ATF_CHECK(model_bit(1, 1, GICD_ISPENDR, 30));
		ATF_CHECK_EQ(model_ack(1), 30);
		vgic_set_line(&vgic, 1, 30, false);
		model_eoi(1, 30);
		model_set_bit(1, 1, GICD_ICENABLER, 30);
		cpus[1].late_line = 30;
		ATF_CHECK(model_bit(1, 1, GICD_ICPENDR, 30));
		vgic_set_line(&vgic, 1, 30, false);
		/* ICPENDR does nothing about a line, late or not */
		cpus[1].late_line = 30;
		model_set_bit(1, 1, GICD_ICPENDR, 30);
		ATF_CHECK(model_bit(1, 1, GICD_ISPENDR, 30));
	}
}

ATF_TC_WITHOUT_HEAD(v2_targets);
ATF_TC_BODY(v2_targets, tc)
{
	model_start_enabled(2, 1, 4);
	set(0, GICD_ITARGETSR + SPI, 1, 1);
	ATF_CHECK_EQ(get(0, GICD_ITARGETSR, 4), 0);
	ATF_CHECK_EQ(get(0, GICD_ITARGETSR + SPI, 1), 0);

	model_start_enabled(2, 3, 4);
	for (unsigned int c = 0; c < 3; c++) {
		set(c, GICD_ITARGETSR, 4, UINT32_MAX);
		ATF_CHECK_EQ(get(c, GICD_ITARGETSR, 4), 0x01010101u << c);
		ATF_CHECK_EQ(get(c, GICD_ITARGETSR + 31, 1), 1u << c);
	}
	set(0, GICD_ITARGETSR + SPI, 4, 0x00ff0402);
	ATF_CHECK_EQ(get(1, GICD_ITARGETSR + SPI, 4), 0x00070402);
	ATF_CHECK_EQ(get(1, GICD_ITARGETSR + SPI + 2, 2), 0x0007);
	for (uint32_t i = 0; i < 3; i++)
		pend(SPI + i);
	take(1, SPI);
	take(2, SPI + 1);
	take(0, SPI + 2);
	ATF_CHECK_EQ(get(0, GICD_ITARGETSR + MODEL_NR_IRQS, 4), 0);
	set(0, GICD_ITARGETSR + MODEL_NR_IRQS, 4, UINT32_MAX);
}

/* Routed to nobody before it comes, in a list register, active: it waits for a target. */
ATF_TC_WITHOUT_HEAD(no_target);
ATF_TC_BODY(no_target, tc)
{
	FOR_BOTH(version)
	for (unsigned int back = 0; back < 2; back++) {
		model_start_enabled(version, 2, 2);
		model_set_edge(0, SPI, true);
		model_set_target(0, SPI, MODEL_NOBODY);
		pend(SPI);
		nothing(0);
		nothing(1);
		model_set_target(0, SPI, back);
		model_settle();
		take(back, SPI);
		pend(SPI);
		model_settle();
		model_set_target(0, SPI, MODEL_NOBODY);
		nothing(0);
		nothing(1);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		model_set_target(0, SPI, 1);
		model_settle();
		ATF_CHECK_EQ(model_ack(1), SPI);
		model_set_target(0, SPI, MODEL_NOBODY);
		pend(SPI);
		model_eoi(1, SPI);
		nothing(1);
		ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
		model_set_target(0, SPI, back);
		model_settle();
		take(back, SPI);
		nothing(1 - back);
	}
}

ATF_TC_WITHOUT_HEAD(v2_sgir);
ATF_TC_BODY(v2_sgir, tc)
{
	static const struct {
		uint32_t value;
		uint32_t seen; /* by vCPUs 0 to 2 */
	} cases[] = {
	    {0x00000003, 0}, {0x00ff0003, 7}, {0x00f80003, 0}, {0x00050003, 5},
	    {0x01000003, 5}, {0x01ff0003, 5}, {0x02000003, 2}, {0x02ff0003, 2},
	    {0x03ff0003, 0}, {0x02008003, 2}, {0x00040fb3, 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		model_start_enabled(2, 3, 4);
		set(1, GICD_SGIR, 4, cases[i].value);
		ATF_CHECK_EQ(get(1, GICD_SGIR, 4), 0);
		model_settle();
		for (unsigned int c = 0; c < 3; c++) {
			if (cases[i].seen >> c & 1)
				take(c, 1 << 10 | 3);
			nothing(c);
		}
	}
}

ATF_TC_WITHOUT_HEAD(v2_sgi_pending);
ATF_TC_BODY(v2_sgi_pending, tc)
{
	model_start(2, 3, 4);
	set(1, GICD_SPENDSGIR + 4, 4, 0xff020001);
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 4, 4), 0x07020001);
	ATF_CHECK_EQ(get(1, GICD_CPENDSGIR + 6, 2), 0x0702);
	ATF_CHECK_EQ(get(0, GICD_SPENDSGIR + 4, 4), 0);
	ATF_CHECK_EQ(get(1, GICD_ISPENDR, 4), 0xd0);
	set(1, GICD_CPENDSGIR + 7, 1, 5);
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 4, 4), 0x02020001);
	/* the last bytes, and beyond */
	set(1, GICD_SPENDSGIR + 14, 4, UINT32_MAX);
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 14, 4), 0x0707);
	set(1, GICD_CPENDSGIR + 12, 4, 0xffff0000);
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 12, 4), 0);
	/* in list registers */
	set(0, GICD_CTLR, 4, 1);
	model_enable(1, false);
	model_settle();
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 4, 4), 0x02020001);
	set(1, GICD_CPENDSGIR + 4, 1, 1);
	set(1, GICD_CPENDSGIR + 6, 1, 2);
	set(1, GICD_SPENDSGIR + 6, 1, 2);
	set(1, GICD_CPENDSGIR + 7, 1, 1); /* from another one */
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 4, 4), 0x02020000);
	take(1, 1 << 10 | 6);
	ATF_CHECK_EQ(get(1, GICD_SPENDSGIR + 4, 4), 0x02000000);
	take(1, 1 << 10 | 7);
	nothing(1);
	/* the common registers do not touch them */
	set(1, GICD_SPENDSGIR, 4, 1);
	set(1, GICD_ICPENDR, 4, 1);
	set(1, GICD_ICENABLER, 4, 1);
	take(1, 0);
}

/* ---- GICv3 ---- */

ATF_TC_WITHOUT_HEAD(v3_router);
ATF_TC_BODY(v3_router, tc)
{
	const uint32_t reg = GICD_IROUTER + 8 * SPI;

	model_start_enabled(3, 3, 4);
	ATF_CHECK_EQ(get(0, reg, 8), 0);
	set(0, reg, 8, 2);
	pend(SPI);
	take(2, SPI);
	/* Of a CPU that is not there: kept as written. IRM is not. */
	set(0, reg, 8, UINT64_MAX);
	ATF_CHECK_EQ(get(0, reg, 8), 0xff00ffffff);
	ATF_CHECK_EQ(get(0, reg, 4), 0xffffff);
	ATF_CHECK_EQ(get(0, reg + 4, 4), 0xff);
	set(0, reg + 4, 4, 0xffffff12);
	ATF_CHECK_EQ(get(0, reg, 8), 0x1200ffffff);
	set(0, reg, 4, 1);
	ATF_CHECK_EQ(get(0, reg, 8), 0x1200000001);
	pend(SPI);
	for (unsigned int c = 0; c < 3; c++)
		nothing(c);
	ATF_CHECK(model_bit(0, 0, GICD_ISPENDR, SPI));
	model_set_bit(0, 0, GICD_ICPENDR, SPI);
	set(0, reg + 4, 4, 0);
	pend(SPI);
	take(1, SPI);
	/* bytes and halfwords: RAZ/WI */
	set(0, reg, 1, 2);
	set(0, reg, 2, 2);
	ATF_CHECK_EQ(get(0, reg, 1), 0);
	ATF_CHECK_EQ(get(0, reg, 2), 0);
	ATF_CHECK_EQ(get(0, reg, 8), 1);
	/* of private ones, and beyond the last one */
	set(0, GICD_IROUTER, 8, 1);
	set(0, GICD_IROUTER + 8 * 31, 8, 1);
	set(0, GICD_IROUTER + 8 * MODEL_NR_IRQS, 8, 1);
	ATF_CHECK_EQ(get(0, GICD_IROUTER, 8), 0);
	ATF_CHECK_EQ(get(0, GICD_IROUTER + 8 * 31, 8), 0);
	ATF_CHECK_EQ(get(0, GICD_IROUTER + 8 * MODEL_NR_IRQS, 8), 0);
	set(0, GICD_IROUTER + 8 * LAST, 8, 1);
	ATF_CHECK_EQ(get(0, GICD_IROUTER + 8 * LAST, 8), 1);
}

ATF_TC_WITHOUT_HEAD(v3_sgi1r);
ATF_TC_BODY(v3_sgi1r, tc)
{
	static const struct {
		uint64_t value;
		uint32_t seen;
	} cases[] = {
	    {0x9000000, 0},
	    {0x9000007, 7},
	    {0x900fff8, 0},
	    {0x9000002, 2},
	    {BIT(40) | 0x9000000, 5},		/* IRM: all but the sender */
	    {BIT(40) | 0x900ffff, 5},		/* the rest does not matter then */
	    {UINT64_C(1) << 44 | 0x9000007, 0}, /* RS: targets from 16 on */
	    {0x9010007, 0},			/* Aff1 */
	    {UINT64_C(1) << 32 | 0x9000007, 0}, /* Aff2 */
	    {UINT64_C(1) << 48 | 0x9000007, 0}, /* Aff3 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		model_start_enabled(3, 3, 4);
		here = &cpus[1];
		vgic_v3_write_sgi1r(&cpus[1].vgic, cases[i].value);
		model_settle();
		for (unsigned int c = 0; c < 3; c++) {
			if (cases[i].seen >> c & 1)
				take(c, 9);
			nothing(c);
		}
	}
}

/* ---- Both ---- */

/* What another vCPU's list registers hold is asked for, once, and waited for. */
ATF_TC_WITHOUT_HEAD(again);
ATF_TC_BODY(again, tc)
{
	FOR_BOTH(version)
	{
		const uint32_t reg = GICD_ISACTIVER + SPI / 32 * 4;
		struct mmio_access access;

		model_start_enabled(version, 2, 4);
		model_set_target(0, SPI, 1);
		pend(SPI);
		ATF_CHECK_EQ(model_ack(1), SPI);
		for (int tries = 0; tries < 3; tries++) {
			access = (struct mmio_access){.offset = reg, .size = 4};
			ATF_CHECK_EQ(model_try(0, &access), MMIO_AGAIN);
			ATF_CHECK_EQ(cpus[1].kicked, tries == 0 || cpus[1].kicked);
			ATF_CHECK(vgic_needs_flush(&cpus[1].vgic));
		}
		/* the guest over there goes on meanwhile */
		model_eoi(1, SPI);
		model_exit(1);
		access = (struct mmio_access){.offset = reg, .size = 4};
		ATF_CHECK_EQ(model_try(0, &access), MMIO_OK);
		ATF_CHECK_EQ(access.value, 0);

		/* answered by its leaving the CPU */
		pend(SPI);
		access = (struct mmio_access){.offset = GICD_ISPENDR + SPI / 32 * 4, .size = 4};
		ATF_CHECK_EQ(model_try(0, &access), MMIO_AGAIN);
		ATF_CHECK_EQ(model_ack(1), SPI);
		model_save(1);
		access = (struct mmio_access){.offset = GICD_ISPENDR + SPI / 32 * 4, .size = 4};
		ATF_CHECK_EQ(model_try(0, &access), MMIO_OK);
		ATF_CHECK_EQ(access.value, 0);
		access = (struct mmio_access){.offset = reg, .size = 4};
		ATF_CHECK_EQ(model_try(0, &access), MMIO_OK);
		ATF_CHECK_EQ(access.value, 1u << SPI % 32);
		/* writes, and what is in nobody's list register, need no answer */
		model_load(1);
		access.write = true;
		ATF_CHECK_EQ(model_try(0, &access), MMIO_OK);
		access = (struct mmio_access){.offset = GICD_ISACTIVER + 8, .size = 4};
		ATF_CHECK_EQ(model_try(0, &access), MMIO_OK);
	}
}

/* Every offset, every size: nothing but what a guest may do to itself. */
ATF_TC_WITHOUT_HEAD(all_offsets);
ATF_TC_BODY(all_offsets, tc)
{
	FOR_BOTH(version)
	{
		uint32_t end = version == 3 ? MODEL_REDIST + 2 * 2 * GICR_FRAME_SIZE : 0x1000;

		model_start_enabled(version, 2, 2);
		for (uint32_t offset = 0; offset < end; offset += offset < 0x1100 ? 1 : 4) {
			if (offset == GICR_FRAME_SIZE)
				offset = MODEL_REDIST;
			for (unsigned int size = 1; size <= 8; size *= 2) {
				uint64_t value = get(0, offset, size);

				ATF_REQUIRE(size == 8 || value >> 8 * size == 0);
				set(0, offset, size, UINT64_MAX >> (64 - 8 * size));
				set(0, offset, size, value);
				set(0, offset, size, 0);
			}
			if (offset % 64 == 0) {
				model_settle();
				model_check();
			}
		}
		model_settle();
		model_check();
	}
}

ATF_TC_WITHOUT_HEAD(v2_dir);
ATF_TC_BODY(v2_dir, tc)
{
	struct mmio_access access = {.offset = 0, .size = 4, .write = true};

	model_start_enabled(2, 1, 4);
	model_enable(0, true);
	pend(SPI);
	ATF_CHECK_EQ(model_ack(0), SPI);
	model_eoi(0, SPI);
	/* not this register; none of these interrupts */
	access.offset = 4;
	access.value = SPI;
	ATF_CHECK_EQ(vgic_v2_dir_access(model_vcpu(0), &vgic, &access), MMIO_OK);
	access.offset = 0;
	for (access.value = MODEL_NR_IRQS; access.value < 1024; access.value++)
		ATF_CHECK_EQ(vgic_v2_dir_access(model_vcpu(0), &vgic, &access), MMIO_OK);
	ATF_CHECK(model_bit(0, 0, GICD_ISACTIVER, SPI));
	access = (struct mmio_access){.value = 1, .size = 4};
	ATF_CHECK_EQ(vgic_v2_dir_access(model_vcpu(0), &vgic, &access), MMIO_OK);
	ATF_CHECK_EQ(access.value, 0);
	model_dir(0, SPI);
	ATF_CHECK(!model_bit(0, 0, GICD_ISACTIVER, SPI));
	nothing(0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, v2_identity);
	ATF_TP_ADD_TC(tp, v3_identity);
	ATF_TP_ADD_TC(tp, v2_arrays);
	ATF_TP_ADD_TC(tp, v3_arrays);
	ATF_TP_ADD_TC(tp, last_intid);
	ATF_TP_ADD_TC(tp, late_line);
	ATF_TP_ADD_TC(tp, v2_targets);
	ATF_TP_ADD_TC(tp, no_target);
	ATF_TP_ADD_TC(tp, v2_sgir);
	ATF_TP_ADD_TC(tp, v2_sgi_pending);
	ATF_TP_ADD_TC(tp, v3_router);
	ATF_TP_ADD_TC(tp, v3_sgi1r);
	ATF_TP_ADD_TC(tp, again);
	ATF_TP_ADD_TC(tp, all_offsets);
	ATF_TP_ADD_TC(tp, v2_dir);
	return atf_no_error();
}
