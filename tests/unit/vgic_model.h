/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of the vGIC: a machine around it. Behind struct vgic_lr_ops
 * is a model of the virtual CPU interface of each CPU (IHI 0048, chapter 5;
 * IHI 0069, chapter 6), with what the guest does there; behind struct
 * vgic_host_ops are physical interrupts and a record of kicks. vCPU n runs on
 * CPU n, or not at all. Every write of a list register is checked against the
 * manuals' rules. One preemption level for each of the 32 priorities.
 */
#pragma once

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "arm64/gic.h"
#include "lib/arena.h"
#include "vdev/vgic_sgi.h"
#include "vdev/vgic_state.h"
#include "vdev/vgic_v2.h"
#include "vdev/vgic_v3.h"

#define MODEL_MAX_CPUS 8u
#define MODEL_NR_IRQS 128u
#define MODEL_SPURIOUS 1023u
#define MODEL_IDLE 0xf8u /* running priority with nothing active */

/* A physical interrupt: a device's line, and the physical GIC's state */
struct model_phys {
	bool line;
	bool edge;
	bool latch;
	bool active;
	uint32_t intid; /* the virtual one; 0: not in use */
	unsigned int fired;
	unsigned int seen_high; /* so often when its line was looked at */
};

/* The virtual CPU interface of one CPU */
struct model_hw {
	struct vgic_lr lr[VGIC_MAX_LRS];
	uint32_t vmcr; /* ICH_VMCR_EL2's layout, for both versions */
	uint32_t apr;
	uint32_t reasons;
	unsigned int eoi_count;
};

struct model_cpu {
	struct vgic_cpu vgic; /* first: a struct vcpu is a pointer to it */
	struct model_hw hw;
	struct vgic_lr written[VGIC_MAX_LRS]; /* last, to each list register */
	bool repeated[MODEL_NR_IRQS];	      /* became pending without a flush, or were so */
	bool kicked;
	struct model_phys timer; /* the vCPU's own PPI, sampled */
	bool timer_loaded;	 /* it is in the hardware */
	uint32_t late_line;	 /* this line is high, and nobody has said so; or 0 */
	unsigned int maintenances;
	unsigned int flushes;
};

static struct vgic vgic;
static struct model_cpu cpus[MODEL_MAX_CPUS];
static struct model_phys phys[MODEL_NR_IRQS];
static struct model_cpu *here; /* the CPU that executes */
static unsigned int model_nr_cpus;
static struct vgic_cpu *model_routed[MODEL_NR_IRQS];
static unsigned int model_deactivations, model_samples;

#define MODEL_TIMER_PPI 27u
#define MODEL_TIMER_PINTID 26u

static struct vgic_cpu *model_cpu_of(struct vcpu *vcpu)
{
	return (struct vgic_cpu *)(void *)vcpu;
}

static inline struct vcpu *model_vcpu(unsigned int c)
{
	return (struct vcpu *)(void *)&cpus[c];
}

/* ---- Physical interrupts ---- */

static inline struct model_phys *model_phys_of(uint32_t pintid)
{
	if (pintid == MODEL_TIMER_PINTID)
		return &here->timer;
	ATF_REQUIRE(pintid >= VGIC_NR_PRIVATE && pintid < MODEL_NR_IRQS && phys[pintid].intid);
	return &phys[pintid];
}

static inline void model_deactivate(uint32_t pintid)
{
	struct model_phys *p = model_phys_of(pintid);

	model_deactivations++;
	p->active = false;
}

static inline void model_kick(struct vgic_cpu *cpu)
{
	ATF_REQUIRE(lock_is_held(&cpu->lock));
	cpus[cpu->id].kicked = true;
}

static inline void model_route(struct vgic_cpu *cpu, uint32_t pintid)
{
	ATF_REQUIRE(pintid < MODEL_NR_IRQS && phys[pintid].intid);
	model_routed[pintid] = cpu;
}

static inline bool model_sample(struct vgic_cpu *cpu, uint32_t intid, uint32_t pintid)
{
	struct model_phys *p = model_phys_of(pintid);

	ATF_REQUIRE(lock_is_held(&cpu->lock) && p->intid == intid && !p->edge);
	ATF_REQUIRE(intid >= VGIC_NR_PRIVATE || (&here->vgic == cpu && here->timer_loaded));
	model_samples++;
	p->seen_high += p->line;
	return p->line;
}

static inline void model_refresh(struct vgic_cpu *cpu)
{
	ATF_REQUIRE(&here->vgic == cpu && cpu->loaded && !lock_is_held(&cpu->lock));
	if (here->late_line == 0)
		return;
	vgic_set_line(&vgic, cpu->id, here->late_line, true);
	here->late_line = 0;
}

static const struct vgic_host_ops model_host = {
    .cpu_of = model_cpu_of,
    .kick = model_kick,
    .deactivate = model_deactivate,
    .route = model_route,
    .sample = model_sample,
    .refresh = model_refresh,
};

/* vCPU c's timer, taken on its CPU */
static inline void model_fire_private(unsigned int c)
{
	struct model_cpu *was = here;

	here = &cpus[c];
	vgic_inject_hw_private(&cpus[c].vgic, MODEL_TIMER_PPI);
	here = was;
}

/* An SPI, taken on the CPU of the vCPU that owns it, if that is loaded, else anywhere */
static inline void model_fire_spi(uint32_t intid)
{
	struct vgic_cpu *owner = vgic_owner(&vgic, vgic_get_spi(&vgic, intid));
	struct model_cpu *was = here;

	if (owner->loaded) {
		here = &cpus[owner->id];
		vgic_inject_hw_spi(owner, intid);
		here = was;
	} else {
		vgic_inject_hw(&vgic, 0, intid);
	}
}

/* What may fire is acknowledged by EL2, and given to the vGIC. Returns true if there was any. */
static inline bool model_fire(void)
{
	bool any = false;

	for (unsigned int c = 0; c < model_nr_cpus; c++) {
		struct model_phys *p = &cpus[c].timer;

		/* While its vCPU is not loaded, EL2 keeps the time, and one expiry is enough */
		if (!p->line || p->active || !vgic.cpus[c]->hw_private ||
		    (!cpus[c].vgic.loaded && vgic_hw_private_active(&cpus[c].vgic, p->intid)))
			continue;
		p->active = cpus[c].vgic.loaded;
		p->fired++;
		any = true;
		if (cpus[c].vgic.loaded)
			model_fire_private(c);
		else
			vgic_inject_hw(&vgic, c, MODEL_TIMER_PPI);
	}
	for (uint32_t i = VGIC_NR_PRIVATE; i < MODEL_NR_IRQS; i++) {
		struct model_phys *p = &phys[i];

		if (!p->intid || p->active || !(p->edge ? p->latch : p->line))
			continue;
		p->latch = false;
		p->active = true;
		p->fired++;
		any = true;
		model_fire_spi(p->intid);
	}
	return any;
}

/* ---- struct vgic_lr_ops ---- */

static inline void model_lr_read(unsigned int n, struct vgic_lr *lr)
{
	ATF_REQUIRE(here && n < vgic.nr_lrs);
	*lr = here->hw.lr[n];
}

static inline void model_lr_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	ATF_REQUIRE(here && n < vgic.nr_lrs && &here->vgic == cpu);
	here->written[n] = *lr;
	here->hw.lr[n] = (struct vgic_lr){0};
	if (lr->state == VGIC_LR_INVALID)
		return;
	for (unsigned int i = 0; i < vgic.nr_lrs; i++) {
		const struct vgic_lr *other = &here->hw.lr[i];

		if (other->state == VGIC_LR_INVALID)
			continue;
		ATF_REQUIRE_MSG(other->intid != lr->intid, "%u is in two list registers",
				lr->intid);
		ATF_REQUIRE(!other->hw || !lr->hw || other->pintid != lr->pintid);
	}
	ATF_REQUIRE(lr->state <= VGIC_LR_PENDING_ACTIVE && lr->intid < vgic.nr_irqs);
	ATF_REQUIRE((lr->priority & 7) == 0);
	ATF_REQUIRE(!lr->hw || (!lr->eoi && lr->state != VGIC_LR_PENDING_ACTIVE));
	ATF_REQUIRE(!lr->hw || model_phys_of(lr->pintid)->intid == lr->intid);
	ATF_REQUIRE(lr->source == 0 || (vgic.version == 2 && lr->intid < VGIC_NR_SGIS));
	here->hw.lr[n] = *lr;
	if (!lr->hw)
		here->hw.lr[n].pintid = 0;
}

static inline void model_again(const struct vgic_cpu *cpu, unsigned int n)
{
	const struct vgic_lr lr = here->written[n];

	ATF_REQUIRE(cpu->loaded && here->hw.lr[n].state == VGIC_LR_INVALID);
	ATF_REQUIRE(lr.state == VGIC_LR_PENDING);
	here->repeated[lr.intid] = true;
	model_lr_write(&here->vgic, n, &lr);
}

static inline bool model_again_unless_active(const struct vgic_cpu *cpu, unsigned int n)
{
	ATF_REQUIRE(here && n < vgic.nr_lrs);
	if (here->hw.lr[n].state == VGIC_LR_INVALID)
		model_again(cpu, n);
	else if (here->hw.lr[n].state == VGIC_LR_PENDING)
		here->repeated[here->hw.lr[n].intid] = true;
	return !(here->hw.lr[n].state & VGIC_LR_ACTIVE);
}

static inline uint64_t model_empty(void)
{
	uint64_t empty = 0;

	for (unsigned int n = 0; n < vgic.nr_lrs; n++)
		if (here->hw.lr[n].state == VGIC_LR_INVALID)
			empty |= UINT64_C(1) << n;
	return empty;
}

static inline void model_set_maintenance(uint32_t reasons)
{
	here->hw.reasons = reasons;
	here->hw.eoi_count = 0;
}

static inline unsigned int model_eoi_count(void)
{
	return here->hw.eoi_count;
}

static inline uint32_t model_active_priorities(const struct vgic_cpu *cpu)
{
	ATF_REQUIRE(!cpu->loaded || &here->vgic == cpu);
	return cpu->loaded ? here->hw.apr : cpu->apr[0];
}

static inline bool model_two_steps(void)
{
	return here->hw.vmcr & ICH_VMCR_EOIM;
}

static inline void model_hw_save(struct vgic_cpu *cpu)
{
	cpu->vmcr = here->hw.vmcr;
	cpu->apr[0] = here->hw.apr;
	/* Whoever is loaded next must not find what is left of this one. */
	ATF_REQUIRE_EQ(__builtin_popcountll(model_empty()), (int)vgic.nr_lrs);
	memset(&here->hw, 0, sizeof(here->hw));
}

static inline void model_hw_load(struct vgic_cpu *cpu)
{
	memset(&here->hw, 0, sizeof(here->hw));
	here->hw.vmcr = cpu->vmcr;
	here->hw.apr = cpu->apr[0];
}

static inline void model_hw_reset(struct vgic_cpu *cpu)
{
	ATF_REQUIRE(!cpu->loaded);
	cpu->vmcr = 0;
	cpu->apr[0] = 0;
}

static const struct vgic_lr_ops model_lr = {
    .read = model_lr_read,
    .write = model_lr_write,
    .again = model_again,
    .again_unless_active = model_again_unless_active,
    .empty = model_empty,
    .set_maintenance = model_set_maintenance,
    .eoi_count = model_eoi_count,
    .active_priorities = model_active_priorities,
    .two_steps = model_two_steps,
    .save = model_hw_save,
    .load = model_hw_load,
    .reset = model_hw_reset,
};

/* ---- Maintenance interrupts ---- */

static inline bool model_wants_maintenance(const struct model_hw *hw)
{
	unsigned int valid = 0, pending = 0;

	for (unsigned int n = 0; n < vgic.nr_lrs; n++) {
		const struct vgic_lr *lr = &hw->lr[n];

		valid += lr->state != VGIC_LR_INVALID;
		pending += lr->state == VGIC_LR_PENDING;
		if (lr->state == VGIC_LR_INVALID && lr->eoi && !lr->hw)
			return true;
	}
	return (hw->reasons & VGIC_MAINT_UNDERFLOW && valid <= 1) ||
	       (hw->reasons & VGIC_MAINT_NO_PENDING && pending == 0) ||
	       (hw->reasons & VGIC_MAINT_LRENP && hw->eoi_count != 0);
}

static inline void model_maintain(unsigned int c)
{
	struct model_cpu *cpu = &cpus[c];

	if (!cpu->vgic.loaded || !model_wants_maintenance(&cpu->hw))
		return;
	here = cpu;
	cpu->maintenances++;
	cpu->flushes++;
	vgic_maintenance(&cpu->vgic);
	/* It would be taken again and again, and the guest would not move. */
	ATF_REQUIRE_MSG(!model_wants_maintenance(&cpu->hw), "maintenance interrupt stays");
}

/* vCPU c leaves the guest and enters it again. */
static inline void model_exit(unsigned int c)
{
	struct model_cpu *cpu = &cpus[c];

	here = cpu;
	cpu->kicked = false;
	if (!cpu->vgic.loaded)
		return;
	if (vgic_needs_flush(&cpu->vgic)) {
		vgic_flush(&cpu->vgic);
		cpu->flushes++;
		ATF_REQUIRE(!vgic_needs_flush(&cpu->vgic));
		ATF_REQUIRE_MSG(!model_wants_maintenance(&cpu->hw), "maintenance interrupt stays");
	}
	model_maintain(c);
}

/* All kicks arrive, all physical interrupts that can fire have fired. */
static inline void model_settle(void)
{
	struct model_cpu *was = here;
	bool again = true;

	for (unsigned int i = 0; again; i++) {
		ATF_REQUIRE_MSG(i < 100, "interrupts for ever");
		again = model_fire();
		for (unsigned int c = 0; c < model_nr_cpus; c++) {
			/* Nothing that needs a flush may have gone without a kick. */
			ATF_REQUIRE(!cpus[c].vgic.loaded || cpus[c].kicked || here == &cpus[c] ||
				    !vgic_needs_flush(&cpus[c].vgic));
		}
		for (unsigned int c = 0; c < model_nr_cpus; c++) {
			again |= cpus[c].kicked;
			model_exit(c);
		}
	}
	here = was;
}

/* ---- What the guest does at its CPU interface ---- */

static inline unsigned int model_running(const struct model_hw *hw)
{
	return hw->apr ? (unsigned int)__builtin_ctz(hw->apr) << 3 : MODEL_IDLE;
}

/* The list register that an acknowledgement would take, or -1. */
static inline int model_best(const struct model_hw *hw)
{
	unsigned int limit = (unsigned int)FIELD_GET(ICH_VMCR_PMR, hw->vmcr) & 0xf8;
	int best = -1;

	if (limit > model_running(hw))
		limit = model_running(hw);
	for (unsigned int n = 0; n < vgic.nr_lrs; n++) {
		const struct vgic_lr *lr = &hw->lr[n];
		uint32_t group = lr->group1 ? ICH_VMCR_GRP1EN : ICH_VMCR_GRP0EN;

		if (lr->state == VGIC_LR_PENDING && hw->vmcr & group && lr->priority < limit) {
			limit = lr->priority;
			best = (int)n;
		}
	}
	return best;
}

/* Reads IAR: INTID, and the sender of a GICv2's SGI from bit 10 on. Nothing else happens. */
static inline uint32_t model_ack_only(unsigned int c)
{
	struct model_hw *hw = &cpus[c].hw;
	int n = model_best(hw);

	ATF_REQUIRE(cpus[c].vgic.loaded);
	if (n < 0)
		return MODEL_SPURIOUS;
	hw->lr[n].state = VGIC_LR_ACTIVE;
	hw->apr |= 1u << (hw->lr[n].priority >> 3);
	return hw->lr[n].intid | (uint32_t)hw->lr[n].source << 10;
}

static inline uint32_t model_ack(unsigned int c)
{
	uint32_t iar = model_ack_only(c);

	model_maintain(c);
	return iar;
}

/* The list register in which the interrupt is active, or NULL. */
static inline struct vgic_lr *model_hw_find(struct model_hw *hw, uint32_t iar)
{
	for (unsigned int n = 0; n < vgic.nr_lrs; n++) {
		struct vgic_lr *lr = &hw->lr[n];

		if (lr->state & VGIC_LR_ACTIVE && lr->intid == (iar & 0x3ff) &&
		    (lr->intid >= VGIC_NR_SGIS || lr->source == iar >> 10))
			return lr;
	}
	return NULL;
}

/* The hardware looks for a list register to deactivate. */
static inline void model_hw_deactivate(unsigned int c, uint32_t iar)
{
	struct model_hw *hw = &cpus[c].hw;
	struct vgic_lr *lr = model_hw_find(hw, iar);

	here = &cpus[c];
	if (!lr) {
		hw->eoi_count++;
		return;
	}
	lr->state &= (uint8_t)~VGIC_LR_ACTIVE;
	if (lr->hw)
		model_phys_of(lr->pintid)->active = false;
}

/* Writes EOIR with what IAR said. Nothing else happens. */
static inline void model_eoi_only(unsigned int c, uint32_t iar)
{
	struct model_hw *hw = &cpus[c].hw;

	ATF_REQUIRE(cpus[c].vgic.loaded);
	hw->apr &= hw->apr - 1;
	if (!(hw->vmcr & ICH_VMCR_EOIM))
		model_hw_deactivate(c, iar);
	else if (!model_hw_find(hw, iar))
		hw->eoi_count++; /* as QEMU 7.2 does */
}

static inline void model_eoi(unsigned int c, uint32_t iar)
{
	model_eoi_only(c, iar);
	model_maintain(c);
}

/* Writes DIR; in EOImode 1. */
static inline void model_dir(unsigned int c, uint32_t iar)
{
	ATF_REQUIRE(cpus[c].vgic.loaded && cpus[c].hw.vmcr & ICH_VMCR_EOIM);
	here = &cpus[c];
	if (vgic.version == 2) {
		struct mmio_access access = {.value = iar, .size = 4, .write = true};

		ATF_REQUIRE_EQ(vgic_v2_dir_access(model_vcpu(c), &vgic, &access), MMIO_OK);
		model_exit(c);
	} else if (cpus[c].hw.reasons & VGIC_MAINT_TRAP_DIR) {
		vgic_v3_write_dir(&cpus[c].vgic, iar);
		model_exit(c);
	} else {
		model_hw_deactivate(c, iar);
		model_maintain(c);
	}
}

/* Both groups, all priorities. */
static inline void model_enable(unsigned int c, bool eoimode1)
{
	uint32_t vmcr = (uint32_t)(ICH_VMCR_GRP0EN | ICH_VMCR_GRP1EN |
				   FIELD_PREP(ICH_VMCR_PMR, 0xff) | (eoimode1 ? ICH_VMCR_EOIM : 0));

	if (cpus[c].vgic.loaded)
		cpus[c].hw.vmcr = vmcr;
	else
		cpus[c].vgic.vmcr = vmcr;
}
