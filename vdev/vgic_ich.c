// SPDX-License-Identifier: BSD-2-Clause
/*
 * The GICv3 back end of the vGIC. See vgic_ich.h.
 */
#include "vdev/vgic_ich.h"

#include "arm64/barrier.h"
#include "arm64/gic.h"
#include "arm64/sysreg.h"
#include "vdev/vgic_state.h"

#define FOR_EACH_HIGH_LR(X) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

static uint64_t read_high(unsigned int n)
{
	switch (n) {
#define CASE(n)                                                                                    \
	case n:                                                                                    \
		return read_sysreg(ICH_LR##n##_EL2);
		FOR_EACH_HIGH_LR(CASE)
#undef CASE
	default:
		return 0;
	}
}

static void write_high(unsigned int n, uint64_t value)
{
	switch (n) {
#define CASE(n)                                                                                    \
	case n:                                                                                    \
		write_sysreg(ICH_LR##n##_EL2, value);                                              \
		break;
		FOR_EACH_HIGH_LR(CASE)
#undef CASE
	default:
		break;
	}
}

/*
 * The register's number is part of the instruction, so that it takes branches to get there. Most
 * CPUs have four list registers, or use no more: these are reached by two branches.
 */
static inline uint64_t read_raw(unsigned int n)
{
	if (n > 3)
		return read_high(n);
	if (n & 2)
		return n & 1 ? read_sysreg(ICH_LR3_EL2) : read_sysreg(ICH_LR2_EL2);
	return n & 1 ? read_sysreg(ICH_LR1_EL2) : read_sysreg(ICH_LR0_EL2);
}

static inline void write_raw(unsigned int n, uint64_t value)
{
	if (n > 3)
		write_high(n, value);
	else if (n == 3)
		write_sysreg(ICH_LR3_EL2, value);
	else if (n == 2)
		write_sysreg(ICH_LR2_EL2, value);
	else if (n == 1)
		write_sysreg(ICH_LR1_EL2, value);
	else
		write_sysreg(ICH_LR0_EL2, value);
}

static void ich_read(unsigned int n, struct vgic_lr *lr)
{
	uint64_t raw = read_raw(n);

	*lr = (struct vgic_lr){
	    .intid = (uint32_t)FIELD_GET(ICH_LR_VINTID, raw),
	    .state = (uint8_t)FIELD_GET(ICH_LR_STATE, raw),
	    .priority = (uint8_t)FIELD_GET(ICH_LR_PRIORITY, raw),
	    .hw = raw & ICH_LR_HW,
	    .group1 = raw & ICH_LR_GROUP1,
	};
	if (lr->hw)
		lr->pintid = (uint32_t)FIELD_GET(ICH_LR_PINTID, raw);
	else
		lr->eoi = raw & ICH_LR_EOI;
}

static void ich_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	uint64_t raw = 0;

	if (lr->state != VGIC_LR_INVALID) {
		raw = FIELD_PREP(ICH_LR_VINTID, lr->intid) | FIELD_PREP(ICH_LR_STATE, lr->state) |
		      FIELD_PREP(ICH_LR_PRIORITY, lr->priority) | (lr->group1 ? ICH_LR_GROUP1 : 0);
		if (lr->hw)
			raw |= ICH_LR_HW | FIELD_PREP(ICH_LR_PINTID, lr->pintid);
		else if (lr->eoi)
			raw |= ICH_LR_EOI;
	}
	cpu->lr_raw[n] = raw;
	write_raw(n, raw);
}

static void ich_again(const struct vgic_cpu *cpu, unsigned int n)
{
	write_raw(n, cpu->lr_raw[n]);
}

static bool ich_again_unless_active(const struct vgic_cpu *cpu, unsigned int n)
{
	uint64_t state = read_raw(n) & ICH_LR_STATE;

	if (state == 0)
		write_raw(n, cpu->lr_raw[n]);
	return state <= FIELD_PREP(ICH_LR_STATE, VGIC_LR_PENDING);
}

static uint64_t ich_empty(void)
{
	return read_sysreg(ICH_ELRSR_EL2);
}

static void ich_set_maintenance(uint32_t reasons)
{
	uint64_t hcr = vgic_hcr(reasons);

	if (reasons & VGIC_MAINT_TRAP_DIR) {
		/*
		 * With ICH_VTR_EL2.TDS there is a trap for DIR alone; else for all common
		 * registers.
		 */
		if (read_sysreg(ICH_VTR_EL2) & ICH_VTR_TDS)
			hcr |= ICH_HCR_TDIR;
		else
			hcr |= ICH_HCR_TC;
	}
	write_sysreg(ICH_HCR_EL2, hcr);
}

static bool ich_two_steps(void)
{
	return read_sysreg(ICH_VMCR_EL2) & ICH_VMCR_EOIM;
}

static unsigned int ich_eoi_count(void)
{
	return (unsigned int)FIELD_GET(ICH_HCR_EOICOUNT, read_sysreg(ICH_HCR_EL2));
}

/* How many registers of active priorities there are: 5, 6 or 7 bits of preemption. */
static unsigned int nr_aprs(void)
{
	return 1u << (FIELD_GET(ICH_VTR_PREBITS, read_sysreg(ICH_VTR_EL2)) - 4);
}

/* Register n of the active group priorities, both groups': bit m of it is priority 32 * n + m. */
static uint32_t active_priorities(unsigned int n)
{
	switch (n) {
	case 0:
		return (uint32_t)(read_sysreg(ICH_AP0R0_EL2) | read_sysreg(ICH_AP1R0_EL2));
	case 1:
		return (uint32_t)(read_sysreg(ICH_AP0R1_EL2) | read_sysreg(ICH_AP1R1_EL2));
	case 2:
		return (uint32_t)(read_sysreg(ICH_AP0R2_EL2) | read_sysreg(ICH_AP1R2_EL2));
	default:
		return (uint32_t)(read_sysreg(ICH_AP0R3_EL2) | read_sysreg(ICH_AP1R3_EL2));
	}
}

static uint32_t ich_active_priorities(const struct vgic_cpu *cpu)
{
	unsigned int n = nr_aprs();
	uint32_t aprs[4] = {0}, levels = 0;

	for (unsigned int i = 0; i < n; i++)
		aprs[i] = cpu->loaded ? active_priorities(i) : cpu->apr[i] | cpu->apr[4 + i];
	if (n == 1)
		return aprs[0];
	/*
	 * There are more bits of preemption than the five of a guest's priorities, which can set
	 * only some.
	 */
	for (unsigned int level = 0; level < VGIC_LEVELS; level++)
		if (aprs[level * n / 32] >> level * n % 32 & 1)
			levels |= 1u << level;
	return levels;
}

static void ich_save(struct vgic_cpu *cpu)
{
	unsigned int n = nr_aprs();

	cpu->vmcr = (uint32_t)read_sysreg(ICH_VMCR_EL2);
	cpu->apr[0] = (uint32_t)read_sysreg(ICH_AP0R0_EL2);
	cpu->apr[4] = (uint32_t)read_sysreg(ICH_AP1R0_EL2);
	if (n > 1) {
		cpu->apr[1] = (uint32_t)read_sysreg(ICH_AP0R1_EL2);
		cpu->apr[5] = (uint32_t)read_sysreg(ICH_AP1R1_EL2);
	}
	if (n > 2) {
		cpu->apr[2] = (uint32_t)read_sysreg(ICH_AP0R2_EL2);
		cpu->apr[3] = (uint32_t)read_sysreg(ICH_AP0R3_EL2);
		cpu->apr[6] = (uint32_t)read_sysreg(ICH_AP1R2_EL2);
		cpu->apr[7] = (uint32_t)read_sysreg(ICH_AP1R3_EL2);
	}
	write_sysreg(ICH_HCR_EL2, 0);
}

static void ich_load(struct vgic_cpu *cpu)
{
	unsigned int n = nr_aprs();

	write_sysreg(ICH_VMCR_EL2, cpu->vmcr);
	write_sysreg(ICH_AP0R0_EL2, cpu->apr[0]);
	write_sysreg(ICH_AP1R0_EL2, cpu->apr[4]);
	if (n > 1) {
		write_sysreg(ICH_AP0R1_EL2, cpu->apr[1]);
		write_sysreg(ICH_AP1R1_EL2, cpu->apr[5]);
	}
	if (n > 2) {
		write_sysreg(ICH_AP0R2_EL2, cpu->apr[2]);
		write_sysreg(ICH_AP0R3_EL2, cpu->apr[3]);
		write_sysreg(ICH_AP1R2_EL2, cpu->apr[6]);
		write_sysreg(ICH_AP1R3_EL2, cpu->apr[7]);
	}
	/* Also list registers that the next vCPU does not use are to be empty. */
	for (unsigned int i = 0; i < cpu->vgic->nr_lrs; i++)
		write_raw(i, 0);
}

static void ich_reset(struct vgic_cpu *cpu)
{
	cpu->vmcr = 0;
	for (unsigned int i = 0; i < 8; i++)
		cpu->apr[i] = 0;
}

/*
 * ICV_PMR_EL1, ICV_CTLR_EL1, ICV_RPR_EL1 (IHI 0069, 12.3): the virtual interface's state is in
 * ICH_VMCR_EL2 and ICH_AP[01]R<n>_EL2, its properties in ICH_VTR_EL2.
 */
static void change_vmcr(uint64_t mask, uint64_t value)
{
	write_sysreg(ICH_VMCR_EL2, (read_sysreg(ICH_VMCR_EL2) & ~mask) | value);
	isb(); /* in force for the guest's next instruction */
}

uint64_t ich_read_pmr(void)
{
	return FIELD_GET(ICH_VMCR_PMR, read_sysreg(ICH_VMCR_EL2));
}

void ich_write_pmr(uint64_t value)
{
	change_vmcr(ICH_VMCR_PMR, FIELD_PREP(ICH_VMCR_PMR, value & 0xff));
}

uint64_t ich_read_ctlr(void)
{
	uint64_t vmcr = read_sysreg(ICH_VMCR_EL2), vtr = read_sysreg(ICH_VTR_EL2);

	return (vmcr & ICH_VMCR_CBPR ? ICC_CTLR_CBPR : 0) |
	       (vmcr & ICH_VMCR_EOIM ? ICC_CTLR_EOIMODE : 0) |
	       FIELD_PREP(ICC_CTLR_PRIBITS, FIELD_GET(ICH_VTR_PRIBITS, vtr)) |
	       FIELD_PREP(ICC_CTLR_IDBITS, FIELD_GET(ICH_VTR_IDBITS, vtr)) |
	       (vtr & ICH_VTR_SEIS ? ICC_CTLR_SEIS : 0) | (vtr & ICH_VTR_A3V ? ICC_CTLR_A3V : 0);
}

void ich_write_ctlr(uint64_t value)
{
	change_vmcr(ICH_VMCR_CBPR | ICH_VMCR_EOIM,
		    (value & ICC_CTLR_CBPR ? ICH_VMCR_CBPR : 0) |
			(value & ICC_CTLR_EOIMODE ? ICH_VMCR_EOIM : 0));
}

uint64_t ich_read_rpr(void)
{
	unsigned int unused =
	    7 - (unsigned int)FIELD_GET(ICH_VTR_PREBITS, read_sysreg(ICH_VTR_EL2));

	for (unsigned int n = 0; n < nr_aprs(); n++) {
		uint32_t active = active_priorities(n);

		if (active)
			return (uint64_t)(n * 32 + (unsigned int)__builtin_ctz(active)) << unused;
	}
	return 0xff; /* idle */
}

const struct vgic_lr_ops ich_lr_ops = {
    .read = ich_read,
    .write = ich_write,
    .again = ich_again,
    .again_unless_active = ich_again_unless_active,
    .empty = ich_empty,
    .set_maintenance = ich_set_maintenance,
    .eoi_count = ich_eoi_count,
    .active_priorities = ich_active_priorities,
    .two_steps = ich_two_steps,
    .save = ich_save,
    .load = ich_load,
    .reset = ich_reset,
};
