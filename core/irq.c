// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical interrupts. See irq.h; the table is written at boot and read-only
 * afterwards, so there is no lock.
 */
#include "core/irq.h"

#include "arm64/gic.h"
#include "core/cpu.h"
#include "core/panic.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "lib/errno.h"

/* The most interrupts that are taken before the CPU goes on with its work */
#define IRQ_BURST 16

/* Index of EL2's physical timer among the timers' interrupts (devicetree: arm,armv8-timer) */
#define HYP_TIMER 3

struct action {
	void (*handler)(void *context);
	void *context;
	bool forwarded;
};

static struct action *actions; /* by INTID */
static unsigned int nr_intids;
static const struct cpu *boot_cpu;

static void take_timer(void *context)
{
	(void)context;
	timer_interrupt(this_cpu());
}

static void take_halt(void *context)
{
	(void)context;
	panic_halt();
}

int irq_init(const struct host *host, struct arena *arena)
{
	int err;

	nr_intids = MAX(gic->nr_irqs, GIC_NR_PRIVATE);
	actions = arena_alloc(arena, nr_intids, sizeof(*actions));
	if (!actions)
		return -ENOMEM;
	boot_cpu = this_cpu();
	err = irq_claim(GIC_SGI_HALT, 0, take_halt, NULL);
	if (!err)
		err = irq_claim(host->timer_irq[HYP_TIMER], 0, take_timer, NULL);
	return err;
}

int irq_claim(uint32_t intid, unsigned int flags, void (*handler)(void *context), void *context)
{
	if (intid >= nr_intids)
		return -EINVAL;
	if (actions[intid].handler)
		return -EBUSY;
	actions[intid] = (struct action){handler, context, flags & IRQ_FORWARDED};
	return 0;
}

int irq_claim_spi(uint32_t intid, bool edge, void (*handler)(void *context), void *context)
{
	int err = intid < GIC_NR_PRIVATE ? -EINVAL : irq_claim(intid, 0, handler, context);

	if (err)
		return err;
	gic->configure(intid, edge);
	gic->route(intid, boot_cpu->id, boot_cpu->mpidr);
	gic->enable(intid);
	return 0;
}

void irq_init_cpu(void)
{
	for (uint32_t intid = 0; intid < GIC_NR_PRIVATE; intid++)
		if (actions[intid].handler)
			gic->enable(intid);
}

void irq_handle_acknowledged(uint32_t acknowledged)
{
	static const struct action nobodys;

	for (unsigned int i = 0; i < IRQ_BURST; i++, acknowledged = gic->acknowledge()) {
		uint32_t intid = gic_intid(acknowledged);
		const struct action *action;

		if (intid >= GIC_SPURIOUS)
			return;
		gic->drop(acknowledged);
		action = intid < nr_intids ? &actions[intid] : &nobodys;
		/*
		 * The deactivation comes before the handler looks at the interrupt's cause. An SGI
		 * that is sent after that look finds this one inactive, and is taken. At worst an
		 * interrupt by level, whose line is high until the handler has seen to the device,
		 * is taken once more for nothing.
		 */
		if (!action->forwarded)
			gic->deactivate(acknowledged);
		if (action->handler)
			action->handler(action->context);
	}
}

void irq_handle(void)
{
	irq_handle_acknowledged(gic->acknowledge());
}

void irq_kick(const struct cpu *cpu)
{
	gic->send_sgi(GIC_SGI_KICK, cpu->id, cpu->mpidr);
}

void irq_halt_others(void)
{
	if (gic)
		gic->send_sgi_others(GIC_SGI_HALT);
}
