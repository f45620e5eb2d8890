/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts: who takes which. EL2 takes every interrupt, drops its
 * priority and calls the handler that has claimed its INTID at boot.
 */
#pragma once

#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"

struct cpu;

/* Makes room for the handlers, and claims what core itself takes. Boot. 0, -ENOMEM or -EBUSY. */
int irq_init(const struct host *host, struct arena *arena);

/* The handler sees to the deactivation; otherwise that is done before the handler is called. */
#define IRQ_FORWARDED 1u

/*
 * From now on handler(context) is called on the CPU that takes the interrupt, with interrupts
 * masked. A private INTID is claimed for all CPUs, and before irq_init_cpu(). `flags`: IRQ_*.
 * Boot. Returns 0, -EINVAL if there is no such interrupt, or -EBUSY if it has a handler.
 */
int irq_claim(uint32_t intid, unsigned int flags, void (*handler)(void *context), void *context);

/* The same of an SPI that is EL2's: configured, routed to the boot CPU, enabled. Boot. */
int irq_claim_spi(uint32_t intid, bool edge, void (*handler)(void *context), void *context);

/* Enables the private interrupts that were claimed, on the calling CPU. */
void irq_init_cpu(void);

/*
 * Takes every interrupt that is pending on this CPU, a bounded number of them.
 * EL2, interrupts masked.
 */
void irq_handle(void);

/* The same; gic->acknowledge() has returned the first of them already. */
void irq_handle_acknowledged(uint32_t acknowledged);

/* Has the handler of GIC_SGI_KICK called on another CPU, which sees all that was stored before. */
void irq_kick(const struct cpu *cpu);

/* Stops all other CPUs, for a panic; returns at once. Harmless before the GIC is up. */
void irq_halt_others(void);
