/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of the vGIC, over the model of the hardware in vgic_model.h:
 * a VM's set-up, its accesses to registers, world switches, and what must hold
 * at any time.
 */
#pragma once

#include "tests/unit/vgic_model.h"
#include "vdev/vgic_check.h"

/* ---- Registers ---- */

#define MODEL_REDIST 0x1000000u /* offsets from here on are of the redistributors */

/* An access by vCPU c, tried once. */
static inline enum mmio_result model_try(unsigned int c, struct mmio_access *access)
{
	here = &cpus[c];
	if (access->offset >= MODEL_REDIST) {
		access->offset -= MODEL_REDIST;
		return vgic_v3_redist_access(model_vcpu(c), &vgic, access);
	}
	if (vgic.version == 3)
		return vgic_v3_dist_access(model_vcpu(c), &vgic, access);
	return vgic_v2_dist_access(model_vcpu(c), &vgic, access);
}

static inline uint64_t model_access(unsigned int c, uint32_t offset, unsigned int size, bool write,
				    uint64_t value)
{
	struct mmio_access access;
	enum mmio_result result;

	for (unsigned int tries = 0; tries < 3; tries++) {
		access = (struct mmio_access){offset, value, (uint8_t)size, write};
		result = model_try(c, &access);
		model_exit(c);
		if (result == MMIO_OK)
			return access.value;
		/* Another vCPU is asked, and answers. */
		ATF_REQUIRE_EQ(result, MMIO_AGAIN);
		for (unsigned int i = 0; i < model_nr_cpus; i++)
			model_exit(i);
		here = &cpus[c];
	}
	atf_tc_fail("no answer from another vCPU");
}

/* Where the registers of an interrupt are: v3's private ones are in c's redistributor. */
static inline uint32_t model_reg(unsigned int c, uint32_t intid, uint32_t reg)
{
	if (vgic.version == 3 && intid < VGIC_NR_PRIVATE)
		return MODEL_REDIST + c * 2 * GICR_FRAME_SIZE + GICR_SGI_OFFSET + reg;
	return reg;
}

/* Writes an interrupt's bit of a register with one bit for each; `by` does it, of c's interrupt */
static inline void model_set_bit(unsigned int by, unsigned int c, uint32_t reg, uint32_t intid)
{
	model_access(by, model_reg(c, intid, reg) + intid / 32 * 4, 4, true, 1u << intid % 32);
}

static inline bool model_bit(unsigned int by, unsigned int c, uint32_t reg, uint32_t intid)
{
	return model_access(by, model_reg(c, intid, reg) + intid / 32 * 4, 4, false, 0) >>
		   intid % 32 &
	       1;
}

static inline void model_set_priority(unsigned int c, uint32_t intid, uint8_t priority)
{
	model_access(c, model_reg(c, intid, GICD_IPRIORITYR) + intid, 1, true, priority);
}

static inline void model_set_edge(unsigned int c, uint32_t intid, bool edge)
{
	uint32_t reg = GICD_ICFGR + intid / 16 * 4;
	uint64_t value = model_access(c, reg, 4, false, 0);

	value &= ~(UINT64_C(2) << intid % 16 * 2);
	model_access(c, reg, 4, true, value | (edge ? UINT64_C(2) : 0) << intid % 16 * 2);
}

#define MODEL_NOBODY 0xffu /* no vCPU */

static inline void model_set_target(unsigned int by, uint32_t intid, unsigned int target)
{
	bool nobody = target == MODEL_NOBODY;

	if (vgic.version == 3)
		model_access(by, GICD_IROUTER + 8 * intid, 8, true,
			     nobody ? 0x10203 : cpus[target].vgic.mpidr);
	else
		model_access(by, GICD_ITARGETSR + intid, 1, true, nobody ? 0 : 1u << target);
}

static inline void model_send_sgi(unsigned int from, unsigned int to, unsigned int sgi)
{
	here = &cpus[from];
	if (vgic.version == 3)
		vgic_v3_write_sgi1r(&cpus[from].vgic, (uint64_t)sgi << 24 | 1u << to);
	else
		model_access(from, GICD_SGIR, 4, true, 1u << (16 + to) | sgi);
	model_exit(from);
}

/* ---- World switches, set-up ---- */

static inline void model_save(unsigned int c)
{
	here = &cpus[c];
	vgic_save(&cpus[c].vgic);
	/* as vcpu_timers_save() */
	cpus[c].timer.active = false;
	cpus[c].timer_loaded = false;
}

static inline void model_load(unsigned int c)
{
	here = &cpus[c];
	cpus[c].timer.active = vgic_hw_private_active(&cpus[c].vgic, MODEL_TIMER_PPI);
	cpus[c].timer_loaded = true;
	vgic_load(&cpus[c].vgic);
	model_exit(c);
}

static inline void model_map_hw(uint32_t intid, bool edge, unsigned int flags)
{
	uint32_t pintid = intid + 1;

	phys[pintid] = (struct model_phys){.intid = intid, .edge = edge};
	vgic_map_hw(&vgic, intid, pintid, flags);
}

static inline void model_start(unsigned int version, unsigned int nr_cpus, unsigned int nr_lrs)
{
	static uint8_t memory[128 * 1024] __attribute__((aligned(16)));
	struct arena arena;

	memset(memory, 0, sizeof(memory));
	memset(cpus, 0, sizeof(cpus));
	memset(phys, 0, sizeof(phys));
	memset(model_routed, 0, sizeof(model_routed));
	arena_init(&arena, memory, sizeof(memory));
	model_nr_cpus = nr_cpus;
	ATF_REQUIRE_EQ(vgic_init(&vgic, version, nr_cpus, MODEL_NR_IRQS, nr_lrs, &model_lr,
				 &model_host, &arena),
		       0);
	for (unsigned int c = 0; c < nr_cpus; c++) {
		cpus[c].timer.intid = MODEL_TIMER_PPI;
		ATF_REQUIRE_EQ(vgic_cpu_init(&vgic, &cpus[c].vgic, c, &arena), 0);
	}
	for (unsigned int c = 0; c < nr_cpus; c++)
		model_load(c);
	here = &cpus[0];
}

/* Both groups are on, all interrupts are enabled and in group 0. */
static inline void model_start_enabled(unsigned int version, unsigned int nr_cpus,
				       unsigned int nr_lrs)
{
	model_start(version, nr_cpus, nr_lrs);
	model_access(0, GICD_CTLR, 4, true, 3);
	for (unsigned int c = 0; c < nr_cpus; c++) {
		model_enable(c, false);
		model_access(c, model_reg(c, 0, GICD_ISENABLER), 4, true, UINT32_MAX);
	}
	for (uint32_t i = VGIC_NR_PRIVATE; i < MODEL_NR_IRQS; i += 32)
		model_access(0, GICD_ISENABLER + i / 8, 4, true, UINT32_MAX);
	here = &cpus[0];
}

static inline void model_line(unsigned int c, uint32_t intid, bool high)
{
	vgic_set_line(&vgic, c, intid, high);
	model_settle();
}

/* ---- What must hold at any time ---- */

static inline void model_check(void)
{
	struct vgic_fault fault;

	for (unsigned int c = 0; c < model_nr_cpus; c++)
		ATF_REQUIRE(!lock_is_held(&cpus[c].vgic.lock));
	if (!vgic_check(&vgic, &fault))
		atf_tc_fail("vCPU %u, interrupt %u: %s", fault.cpu, fault.intid,
			    vgic_rule_text(fault.rule));
}

/* ---- What the tests do and say ---- */

/* Both versions, where they do not differ */
#define FOR_BOTH(version) for (unsigned int version = 2; version <= 3; version++)

/* Acknowledges, expects this one, and completes it. */
static inline void take(unsigned int c, uint32_t intid)
{
	uint32_t iar = model_ack(c);

	/* by its number, or with an SGI's sender */
	ATF_REQUIRE_EQ(intid > MODEL_SPURIOUS ? iar : iar & 0x3ff, intid);
	model_eoi(c, iar);
	model_settle();
	model_check();
}

static inline void nothing(unsigned int c)
{
	model_settle();
	ATF_REQUIRE_EQ(model_ack(c), MODEL_SPURIOUS);
	model_check();
}

static inline void pend(uint32_t intid)
{
	model_set_bit(0, 0, GICD_ISPENDR, intid);
	model_settle();
}

/* Forwarded interrupts: by level, by edges, by level without the HW bit; and the timer */
#define HW 50u
#define HW_EDGE 52u
#define HW_EL2 54u

static inline void set_up_hw(unsigned int version, unsigned int nr_cpus, unsigned int nr_lrs)
{
	model_start_enabled(version, nr_cpus, nr_lrs);
	model_map_hw(HW, false, VGIC_HW_SAMPLED);
	model_map_hw(HW_EDGE, true, 0);
	model_map_hw(HW_EL2, false, VGIC_HW_SAMPLED | VGIC_HW_BY_EL2);
	model_set_edge(0, HW_EDGE, true);
	vgic_map_hw(&vgic, MODEL_TIMER_PPI, MODEL_TIMER_PINTID, VGIC_HW_SAMPLED);
	model_settle();
}

static inline struct model_phys *phys_of(uint32_t intid)
{
	return &phys[intid + 1];
}

static inline void line(uint32_t intid, bool high)
{
	phys_of(intid)->line = high;
	if (high)
		phys_of(intid)->latch = phys_of(intid)->edge;
	model_settle();
}
