/*
 * Physical interrupts. See irq.h; the tables here are written at boot and
 * read-only afterwards, so there is no lock.
 */
#include "core/irq.h"

#include "arm64/barrier.h"
#include "arm64/lock.h"
#include "core/cpu.h"
#include "core/panic.h"
#include "core/timer.h"
#include "drivers/gic.h"
#include "fdt/platform.h"
#include "lib/errno.h"
#include "vcpu/vcpu.h"
#include "vcpu/vm.h"

/* So many interrupts are taken before the CPU goes back to what it did. */
#define IRQ_BURST 16

struct spi {
	void (*handler)(void); /* the hypervisor's */
	struct vm *vm;	       /* or a VM's */
	uint32_t vintid;
};

static uint32_t vtimer_intid;
static uint32_t hyp_timer_intid;
static uint32_t maintenance_intid;
static struct spi *spis;
static unsigned int nr_spis;
static const struct cpu *boot_cpu;

int irq_init(const struct host *host, struct arena *arena)
{
	vtimer_intid = host->timer_irq[2];
	hyp_timer_intid = host->timer_irq[3];
	maintenance_intid = host->gic.maintenance;
	nr_spis = gic->nr_irqs > VGIC_NR_PRIVATE ? gic->nr_irqs - VGIC_NR_PRIVATE : 0;
	spis = arena_alloc(arena, nr_spis, sizeof(*spis));
	boot_cpu = this_cpu();
	return spis || nr_spis == 0 ? 0 : -ENOMEM;
}

void irq_init_cpu(void)
{
	gic->enable(GIC_SGI_KICK);
	gic->enable(GIC_SGI_HALT);
	gic->enable(maintenance_intid);
	gic->enable(hyp_timer_intid);
	gic->enable(vtimer_intid);
}

static struct spi *spi_of(uint32_t intid)
{
	if (intid < VGIC_NR_PRIVATE || intid - VGIC_NR_PRIVATE >= nr_spis)
		return NULL;
	return &spis[intid - VGIC_NR_PRIVATE];
}

void irq_set_handler(uint32_t intid, bool edge, void (*handler)(void))
{
	struct spi *spi = spi_of(intid);

	if (!spi)
		return;
	spi->handler = handler;
	gic->configure(intid, edge);
	gic->route(intid, boot_cpu->id, boot_cpu->mpidr);
	gic->enable(intid);
}

int irq_assign(uint32_t intid, bool edge, struct vm *vm, uint32_t vintid)
{
	struct spi *spi = spi_of(intid);
	const struct cpu *home = vm->vcpus[0].home;
	unsigned int flags = 0;

	/* Two devices of a VM may share an interrupt. */
	if (spi && spi->vm == vm && spi->vintid == vintid)
		return 0;
	if (!spi || spi->handler || spi->vm)
		return -EBUSY;
	spi->vm = vm;
	spi->vintid = vintid;
	if (!edge)
		flags = VGIC_HW_SAMPLED | (gic->forgets_lines ? VGIC_HW_BY_EL2 : 0);
	vgic_map_hw(&vm->vgic, vintid, intid, flags);
	gic->configure(intid, edge);
	gic->route(intid, home->id, home->mpidr);
	gic->enable(intid);
	return 0;
}

static void handle_spi(uint32_t intid)
{
	struct spi *spi = spi_of(intid);

	if (spi && spi->vm) {
		/* stays active until the guest deactivates it */
		vgic_inject_hw(&spi->vm->vgic, 0, spi->vintid);
		return;
	}
	if (spi && spi->handler)
		spi->handler();
	gic->deactivate(intid);
}

/*
 * The virtual timer of the loaded vCPU, which may be waiting: it has to hear of it. Without
 * one, the timer is off: a late echo.
 */
static void handle_vtimer(struct vcpu *loaded)
{
	if (loaded)
		vgic_inject_hw(&loaded->vm->vgic, loaded->id, PLATFORM_PPI_VTIMER);
	else
		gic->deactivate(vtimer_intid);
}

static __attribute__((noinline)) void handle(struct cpu *cpu, struct vcpu *loaded,
					     uint32_t acknowledged)
{
	for (unsigned int i = 0; i < IRQ_BURST; i++, acknowledged = gic->acknowledge()) {
		uint32_t intid = gic_intid(acknowledged);

		if (intid >= GIC_SPURIOUS)
			return;
		gic->drop(acknowledged);

		if (intid == vtimer_intid) {
			handle_vtimer(loaded);
			continue;
		}
		if (intid >= VGIC_NR_PRIVATE) {
			handle_spi(intid);
			continue;
		}

		/*
		 * Deactivated before it is looked at: whoever sends the next
		 * kick after we read the mailbox must find the SGI inactive,
		 * so that it is taken again.
		 */
		gic->deactivate(acknowledged);
		if (intid == GIC_SGI_KICK) {
			/* The mailbox is not read before the SGI was: pairs with send_sgi()'s. */
			dmb(ld);
			cpu->resched |= cpu_read_mailbox(cpu);
		} else if (intid == hyp_timer_intid) {
			timer_interrupt(cpu);
		} else if (intid == maintenance_intid && loaded) {
			vgic_maintenance(&loaded->vgic);
		} else if (intid == GIC_SGI_HALT) {
			panic_halt();
		}
	}
}

void irq_handle(struct cpu *cpu, struct vcpu *loaded)
{
	handle(cpu, loaded, gic->acknowledge());
}

void irq_handle_guest(void)
{
	uint32_t acknowledged = gic->acknowledge();

	/* Nothing else is looked for: it would be taken before the guest's next instruction. */
	if (acknowledged == vtimer_intid) {
		gic->drop(acknowledged);
		vgic_inject_hw_private(&this_cpu()->current->vgic, PLATFORM_PPI_VTIMER);
		return;
	}
	/* An SPI of the guest that runs: as directly */
	if (acknowledged - VGIC_NR_PRIVATE < nr_spis) {
		const struct spi *spi = &spis[acknowledged - VGIC_NR_PRIVATE];
		struct vcpu *loaded = this_cpu()->current;

		if (spi->vm == loaded->vm) {
			gic->drop(acknowledged);
			vgic_inject_hw_spi(&loaded->vgic, spi->vintid);
			return;
		}
	}
	handle(this_cpu(), this_cpu()->current, acknowledged);
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

uint32_t irq_vtimer(void)
{
	return vtimer_intid;
}
