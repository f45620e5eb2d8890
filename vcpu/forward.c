// SPDX-License-Identifier: BSD-2-Clause
/*
 * See forward.h. The tables are written at boot and read-only afterwards: no
 * lock.
 */
#include "vcpu/forward.h"

#include "core/irq.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "lib/errno.h"
#include "vcpu/pcpu.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* Index of the virtual timer among the timers' interrupts (devicetree: arm,armv8-timer) */
#define VIRTUAL_TIMER 2

/* An SPI's owner, and the SPI's number for it; vm is NULL if no guest has the SPI. */
struct forward {
	struct vm *vm;
	uint32_t vintid;
};

static uint32_t vtimer_intid;
static struct forward *forwards; /* by INTID, from the first SPI on */
static unsigned int nr_spis;

static void take_spi(void *context)
{
	const struct forward *forward = context;

	vgic_inject_hw(&forward->vm->vgic, 0, forward->vintid);
}

/*
 * The timer is the loaded vCPU's, which has to hear of its interrupt: it may be
 * waiting. If no vCPU is loaded the timer is off, and this interrupt is late.
 */
static void take_vtimer(void *context)
{
	struct vcpu *loaded = this_pcpu()->current;

	(void)context;
	if (loaded)
		vgic_inject_hw(&loaded->vm->vgic, loaded->id, PLATFORM_PPI_VTIMER);
	else
		gic->deactivate(vtimer_intid);
}

static void take_maintenance(void *context)
{
	struct vcpu *loaded = this_pcpu()->current;

	(void)context;
	if (loaded)
		vgic_maintenance(&loaded->vgic);
}

int forward_init(const struct host *host, struct arena *arena)
{
	int err;

	nr_spis = gic->nr_irqs > VGIC_NR_PRIVATE ? gic->nr_irqs - VGIC_NR_PRIVATE : 0;
	forwards = arena_alloc(arena, nr_spis, sizeof(*forwards));
	if (!forwards && nr_spis != 0)
		return -ENOMEM;
	vtimer_intid = host->timer_irq[VIRTUAL_TIMER];
	err = irq_claim(vtimer_intid, IRQ_FORWARDED, take_vtimer, NULL);
	if (!err)
		err = irq_claim(host->gic.maintenance, 0, take_maintenance, NULL);
	return err;
}

/* How the vGIC deals with a physical interrupt: VGIC_HW_*. */
static unsigned int hw_flags(bool edge)
{
	if (edge)
		return 0;
	return VGIC_HW_SAMPLED | (gic->forgets_lines ? VGIC_HW_BY_EL2 : 0);
}

void forward_assign_vtimer(struct vm *vm)
{
	vgic_map_hw(&vm->vgic, PLATFORM_PPI_VTIMER, vtimer_intid, hw_flags(false));
}

int forward_assign(uint32_t intid, bool edge, struct vm *vm, uint32_t vintid)
{
	const struct pcpu *home = vm->vcpus[0].home;
	struct forward *forward;
	int err;

	if (intid - VGIC_NR_PRIVATE >= nr_spis)
		return -EINVAL;
	forward = &forwards[intid - VGIC_NR_PRIVATE];
	/* Two devices of a VM may share an interrupt. */
	if (forward->vm == vm && forward->vintid == vintid)
		return 0;
	err = irq_claim(intid, IRQ_FORWARDED, take_spi, forward);
	if (err)
		return err;
	*forward = (struct forward){vm, vintid};
	vgic_map_hw(&vm->vgic, vintid, intid, hw_flags(edge));
	gic->configure(intid, edge);
	gic->route(intid, home->base.id, home->base.mpidr);
	gic->enable(intid);
	return 0;
}

/* Keeps nothing of its caller's: this_pcpu() is as near as the stack. */
void forward_guest_exit(void)
{
	uint32_t acknowledged = gic->acknowledge();

	if (acknowledged == vtimer_intid) {
		gic->drop(acknowledged);
		vgic_inject_hw_private(&this_pcpu()->current->vgic, PLATFORM_PPI_VTIMER);
		return;
	}
	if (acknowledged - VGIC_NR_PRIVATE < nr_spis) {
		const struct forward *forward = &forwards[acknowledged - VGIC_NR_PRIVATE];
		struct vcpu *loaded = this_pcpu()->current;

		if (forward->vm == loaded->vm) {
			gic->drop(acknowledged);
			vgic_inject_hw_spi(&loaded->vgic, forward->vintid);
			return;
		}
	}
	irq_handle_acknowledged(acknowledged);
}

uint32_t forward_vtimer(void)
{
	return vtimer_intid;
}
