/*
 * Physical interrupts: whose they are, and what is done with them. Private
 * interrupts are known by their role (timers, maintenance, SGIs); each SPI
 * belongs to the hypervisor or to one VM, decided at boot.
 */
#pragma once

#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"

struct cpu;
struct vcpu;
struct vm;

/* Learns the private interrupts' numbers; makes room for the SPIs' owners. Boot. 0 or -ENOMEM. */
int irq_init(const struct host *host, struct arena *arena);

/* Enables the private interrupts that EL2 uses on the calling CPU. */
void irq_init_cpu(void);

/* SPI intid is the hypervisor's: handler() is called on the boot CPU, where it is routed to. Boot.
 */
void irq_set_handler(uint32_t intid, bool edge, void (*handler)(void));

/* SPI intid is the VM's, which sees it as vintid: forwarded with LR.HW. Boot. 0 or -EBUSY. */
int irq_assign(uint32_t intid, bool edge, struct vm *vm, uint32_t vintid);

/*
 * Takes every interrupt that is pending on this CPU, a bounded number of them,
 * and deals with it. `loaded` is cpu->current. EL2, interrupts masked.
 */
void irq_handle(struct cpu *cpu, struct vcpu *loaded);

/*
 * The same for the interrupt that the loaded vCPU was left for. Keeps nothing of its
 * caller's: this_cpu() is as near as the stack.
 */
void irq_handle_guest(void);

/* Makes a CPU look at its mailbox. */
void irq_kick(const struct cpu *cpu);

/* Stops all other CPUs, for a panic; returns at once. Harmless before the GIC is up. */
void irq_halt_others(void);

/* The INTID of the virtual timer's physical interrupt. */
uint32_t irq_vtimer(void);
