// SPDX-License-Identifier: BSD-2-Clause
/*
 * See wiring.h. These functions are called at run time: they are not in .init, as
 * boot's code that hands them out is.
 */
#include "vcpu/wiring.h"

#include "core/power.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "lib/log.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

static struct vgic_cpu *cpu_of(struct vcpu *vcpu)
{
	return &vcpu->vgic;
}

static void deactivate(uint32_t pintid)
{
	gic->deactivate(pintid);
}

static void route(struct vgic_cpu *cpu, uint32_t pintid)
{
	const struct pcpu *home = container_of(cpu, struct vcpu, vgic)->home;

	gic->route(pintid, home->base.id, home->base.mpidr);
}

static bool sample(struct vgic_cpu *cpu, uint32_t intid, uint32_t pintid)
{
	(void)cpu;
	return intid < VGIC_NR_PRIVATE ? vcpu_timers_sample(intid) : gic->line_level(pintid);
}

static void refresh(struct vgic_cpu *cpu)
{
	vcpu_timers_refresh(container_of(cpu, struct vcpu, vgic));
}

const struct vgic_host_ops wiring_vgic_host = {
    .cpu_of = cpu_of,
    .kick = vcpu_kick,
    .deactivate = deactivate,
    .route = route,
    .sample = sample,
    .refresh = refresh,
};

static struct timer poll_timer;

static void poll_fired(struct timer *timer)
{
	(void)timer;
	console_poll();
}

static void arm_poll(unsigned int ms)
{
	timer_start(&poll_timer, timer_now() + timer_ticks((uint64_t)ms * 1000));
}

static void power_off_asked(void)
{
	log_info("powering off, as asked on the console");
	power_off();
}

const struct console_hooks wiring_console_hooks = {
    .arm_poll = arm_poll,
    .power_off = power_off_asked,
};

void wiring_init(void)
{
	timer_init(&poll_timer, poll_fired);
}
