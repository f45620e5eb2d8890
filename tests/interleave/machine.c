// SPDX-License-Identifier: BSD-2-Clause
/*
 * The hardware: system registers, time, private interrupts, the physical GIC and
 * list registers. See machine.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arm64/barrier.h"
#include "arm64/el2.h"
#include "arm64/sysreg.h"
#include "fdt/platform.h"
#include "tests/interleave/machine_state.h"
#include "vdev/vgic_state.h"

#define NR_IRQS 64u
#define MAX_SYSREGS 128

const struct machine *machine EXPLORE_KEEP;
struct machine_cpu machine_cpus[MACHINE_MAX_CPUS];
struct machine_guest machine_guests[MACHINE_MAX_VMS];
uint64_t machine_time;

/* ---- System registers ---- */

static const char *sysreg_names[MAX_SYSREGS] EXPLORE_KEEP;
static int nr_sysregs EXPLORE_KEEP;
static uint64_t sysregs[MACHINE_MAX_CPUS][MAX_SYSREGS];

/* From 1: 0 is an index that is not known yet. */
static int find_sysreg(const char *name)
{
	for (int i = 1; i <= nr_sysregs; i++)
		if (strcasecmp(sysreg_names[i], name) == 0)
			return i;
	if (++nr_sysregs == MAX_SYSREGS)
		abort();
	sysreg_names[nr_sysregs] = name;
	return nr_sysregs;
}

uint64_t *machine_sysreg(unsigned int cpu, const char *name, int *index)
{
	if (*index == 0)
		*index = find_sysreg(name);
	return &sysregs[cpu][*index];
}

/* CNTV_CTL_EL0.ISTATUS of a CPU */
static bool vtimer_is_due(unsigned int cpu)
{
	return (SYSREG(cpu, cntv_ctl_el0) & CNT_CTL_ENABLE) &&
	       machine_time - SYSREG(cpu, cntvoff_el2) >= SYSREG(cpu, cntv_cval_el0);
}

uint64_t machine_read_sysreg(const char *name, int *index)
{
	unsigned int self = explore_self();
	const uint64_t *reg = machine_sysreg(self, name, index);

	if (reg == &SYSREG(self, cntpct_el0))
		return ++machine_time;
	if (reg == &SYSREG(self, cntv_ctl_el0) && vtimer_is_due(self))
		return *reg | CNT_CTL_ISTATUS;
	return *reg;
}

void machine_write_sysreg(const char *name, int *index, uint64_t value)
{
	*machine_sysreg(explore_self(), name, index) = value;
}

/* ---- Private interrupts, and who waits for them ---- */

static uint32_t lines(unsigned int cpu)
{
	uint32_t lines = machine_cpus[cpu].sgis;

	if (vtimer_is_due(cpu) && !(SYSREG(cpu, cntv_ctl_el0) & CNT_CTL_IMASK))
		lines |= 1u << MACHINE_VTIMER;
	if ((SYSREG(cpu, cnthp_ctl_el2) & CNT_CTL_ENABLE) &&
	    SYSREG(cpu, cnthp_cval_el2) <= machine_time)
		lines |= 1u << MACHINE_HYP_TIMER;
	for (unsigned int n = 0; n < MACHINE_NR_LRS; n++)
		if (machine_cpus[cpu].lr[n].state == VGIC_LR_INVALID && machine_cpus[cpu].lr[n].eoi)
			lines |= 1u << MACHINE_MAINTENANCE;
	return lines;
}

bool machine_has_interrupt(const void *arg)
{
	unsigned int cpu = (unsigned int)((const struct machine_cpu *)arg - machine_cpus);

	return lines(cpu) & ~machine_cpus[cpu].active;
}

static bool has_event(const void *arg)
{
	return ((const struct machine_cpu *)arg)->event;
}

bool machine_has_started(const void *arg)
{
	return ((const struct machine_cpu *)arg)->started;
}

/* With nothing to do for anybody time goes on to what comes first. */
bool machine_idle(void)
{
	uint64_t first = UINT64_MAX;

	for (unsigned int c = 0; c < machine->nr_cpus; c++) {
		uint64_t cntv = SYSREG(c, cntv_cval_el0) + SYSREG(c, cntvoff_el2);

		if ((SYSREG(c, cnthp_ctl_el2) & CNT_CTL_ENABLE) &&
		    !(machine_cpus[c].active >> MACHINE_HYP_TIMER & 1))
			first = MIN(first, SYSREG(c, cnthp_cval_el2));
		if ((SYSREG(c, cntv_ctl_el0) & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) ==
			CNT_CTL_ENABLE &&
		    !(machine_cpus[c].active >> MACHINE_VTIMER & 1))
			first = MIN(first, cntv);
	}
	/* what is due already has woken nobody */
	if (first == UINT64_MAX || first <= machine_time)
		return false;
	machine_time = first;
	return true;
}

void machine_wfe(void)
{
	struct machine_cpu *self = machine_self();

	explore_wait(has_event, self, "for an event");
	self->event = false;
}

void machine_sev(void)
{
	for (unsigned int c = 0; c < machine->nr_cpus; c++)
		machine_cpus[c].event = true;
}

void machine_wfi(void)
{
	machine_check_loaded();
	explore_wait(machine_has_interrupt, machine_self(), "for an interrupt");
}

/* ---- The physical GIC ---- */

static int gic_init_this_cpu(unsigned int cpu, uint64_t mpidr)
{
	(void)cpu;
	(void)mpidr;
	return 0;
}

static uint32_t gic_acknowledge(void)
{
	unsigned int self = explore_self();
	uint32_t pending = lines(self) & ~machine_cpus[self].active;
	uint32_t intid;

	if (!pending)
		return GIC_SPURIOUS;
	intid = (uint32_t)__builtin_ctz(pending);
	machine_cpus[self].active |= 1u << intid;
	machine_cpus[self].sgis &= ~(1u << intid);
	explore_note("takes interrupt %u", intid);
	return intid;
}

static void gic_drop(uint32_t acknowledged)
{
	(void)acknowledged;
}

static void gic_deactivate_this(uint32_t intid)
{
	machine_self()->active &= ~(1u << intid);
}

static void gic_nothing(uint32_t intid)
{
	(void)intid;
}

static void gic_no_route(uint32_t intid, unsigned int cpu, uint64_t mpidr)
{
	(void)intid;
	(void)cpu;
	(void)mpidr;
}

static void gic_set_active_this(uint32_t intid, bool active)
{
	uint32_t *bits = &machine_self()->active;

	*bits = active ? *bits | 1u << intid : *bits & ~(1u << intid);
}

/* A vCPU that runs is interrupted for what another VM's does. */
static bool disturbs(const struct vcpu *vcpu, const struct vcpu *other)
{
	return vcpu && !vcpu->blocked && other && other->vm != vcpu->vm;
}

static void gic_send(unsigned int sgi, unsigned int cpu, uint64_t mpidr)
{
	(void)mpidr;
	explore_point("sends a kick to CPU", cpu);
	machine_cpus[cpu].flying |= 1u << sgi;
	machine_cpus[cpu].kicks += disturbs(pcpus[cpu].current, this_pcpu()->current);
}

static bool has_flying(const void *arg)
{
	(void)arg;
	for (unsigned int c = 0; c < machine->nr_cpus; c++)
		if (machine_cpus[c].flying)
			return true;
	return false;
}

/* SGIs arrive sometime. */
void machine_gic_thread(void)
{
	for (;;) {
		explore_wait(has_flying, NULL, "for an SGI");
		for (unsigned int c = 0; c < machine->nr_cpus; c++) {
			if (!machine_cpus[c].flying)
				continue;
			explore_point("delivers SGIs to CPU", c);
			machine_cpus[c].sgis |= machine_cpus[c].flying;
			machine_cpus[c].flying = 0;
		}
	}
}

static void gic_send_others(unsigned int sgi)
{
	explore_fail("EL2 halts the others by SGI %u", sgi);
}

/* A GICv2 or v3: program.c says which. */
struct gic machine_gic = {
    .nr_irqs = NR_IRQS,
    .nr_lrs = MACHINE_NR_LRS,
    .init_cpu = gic_init_this_cpu,
    .acknowledge = gic_acknowledge,
    .drop = gic_drop,
    .deactivate = gic_deactivate_this,
    .enable = gic_nothing,
    .set_active = gic_set_active_this,
    .route = gic_no_route,
    .send_sgi = gic_send,
    .send_sgi_others = gic_send_others,
};
const struct gic *gic = &machine_gic;

/* ---- List registers ---- */

static void lr_read(unsigned int n, struct vgic_lr *lr)
{
	*lr = machine_self()->lr[n];
}

static void lr_write(struct vgic_cpu *cpu, unsigned int n, const struct vgic_lr *lr)
{
	(void)cpu;
	machine_self()->lr[n] = machine_self()->written[n] = *lr;
}

static void lr_again(const struct vgic_cpu *cpu, unsigned int n)
{
	(void)cpu;
	machine_self()->lr[n] = machine_self()->written[n];
}

static bool lr_again_unless_active(const struct vgic_cpu *cpu, unsigned int n)
{
	if (machine_self()->lr[n].state == VGIC_LR_INVALID)
		lr_again(cpu, n);
	return !(machine_self()->lr[n].state & VGIC_LR_ACTIVE);
}

static uint64_t lr_empty(void)
{
	uint64_t empty = 0;

	for (unsigned int n = 0; n < MACHINE_NR_LRS; n++)
		empty |= (uint64_t)(machine_self()->lr[n].state == VGIC_LR_INVALID) << n;
	return empty;
}

static void lr_set_maintenance(uint32_t reasons)
{
	if (reasons & ~VGIC_MAINT_TRAP_DIR)
		explore_fail("more interrupts than list registers");
}

static unsigned int lr_eoi_count(void)
{
	return 0;
}

/* No guest asks for anything that this is looked at for. */
static uint32_t lr_active_priorities(const struct vgic_cpu *cpu)
{
	(void)cpu;
	return 0;
}

static bool lr_two_steps(void)
{
	return false;
}

static void lr_save(struct vgic_cpu *cpu)
{
	(void)cpu;
	if (lr_empty() != (1u << MACHINE_NR_LRS) - 1)
		explore_fail("CPU %u: a list register is left in the hardware", explore_self());
}

static void lr_load(struct vgic_cpu *cpu)
{
	(void)cpu;
	memset(machine_self()->lr, 0, sizeof(machine_cpus[0].lr));
}

/* Of a VM's whole vGIC, or of a vCPU that starts: neither is in the hardware. */
static void lr_reset(struct vgic_cpu *vgic)
{
	const struct vcpu *vcpu = container_of(vgic, struct vcpu, vgic);

	if (vgic->loaded || (vcpu->home && vcpu->home->current == vcpu))
		explore_fail("the vGIC of %s is reset while vCPU %u is loaded",
			     vcpu->vm->config->name, vcpu->id);
}

const struct vgic_lr_ops machine_lr_ops = {
    .read = lr_read,
    .write = lr_write,
    .again = lr_again,
    .again_unless_active = lr_again_unless_active,
    .empty = lr_empty,
    .set_maintenance = lr_set_maintenance,
    .eoi_count = lr_eoi_count,
    .active_priorities = lr_active_priorities,
    .two_steps = lr_two_steps,
    .save = lr_save,
    .load = lr_load,
    .reset = lr_reset,
};

void machine_check_loaded(void)
{
	unsigned int self = explore_self();
	const struct vcpu *vcpu = pcpus[self].current;
	bool active = machine_cpus[self].active >> MACHINE_VTIMER & 1;
	bool owned = vcpu && vgic_get_private(&vcpu->vgic, PLATFORM_PPI_VTIMER)->hw_active;

	if (active && !owned)
		explore_fail("CPU %u: the timer's interrupt is left active", self);
}

unsigned int machine_kicks(unsigned int cpu)
{
	return machine_cpus[cpu].kicks;
}
