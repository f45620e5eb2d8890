// SPDX-License-Identifier: BSD-2-Clause
/*
 * See wiring.h. Called at run time, so not part of .init like the code that
 * hands these functions out.
 */
#include "vcpu/wiring.h"

#include "core/power.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
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

static void set_active(uint32_t pintid, bool active)
{
	gic->set_active(pintid, active);
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
    .set_active = set_active,
    .route = route,
    .sample = sample,
    .refresh = refresh,
};

void wiring_uart_irq(struct vpl011 *uart, bool level)
{
	struct vm *vm = container_of(uart, struct vm, uart);

	vgic_set_line(&vm->vgic, 0, VGIC_NR_PRIVATE + vm->config->uart_spi, level);
}

static void rtc_irq(struct pl031 *pl031, bool level)
{
	struct vm *vm = container_of(pl031, struct vm_rtc, pl031)->vm;

	vgic_set_line(&vm->vgic, 0, VGIC_NR_PRIVATE + vm->config->rtc_spi, level);
}

static void rtc_arm(struct pl031 *pl031, struct vcpu *vcpu, uint64_t deadline)
{
	struct vm_rtc *rtc = container_of(pl031, struct vm_rtc, pl031);

	timer_start(&rtc->alarms[vcpu->id].timer, deadline);
}

const struct pl031_ops wiring_rtc_ops = {
    .now = timer_now,
    .set_irq = rtc_irq,
    .arm = rtc_arm,
};

void wiring_rtc_alarm(struct timer *timer)
{
	pl031_tick(&container_of(timer, struct vm_alarm, timer)->rtc->pl031);
}

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
