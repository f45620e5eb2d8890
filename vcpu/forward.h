/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts that are forwarded to guests: SPIs of their devices, and
 * their virtual timer's. Such an interrupt stays active until the guest
 * deactivates it, through the HW bit of a list register (vdev/vgic_forward.c).
 */
#pragma once

#include "fdt/host.h"
#include "lib/arena.h"
#include "lib/types.h"

struct vm;

/*
 * Learns the private interrupts' numbers and claims them; makes room for the SPIs' owners. Boot,
 * after irq_init(). Returns 0, -ENOMEM, or irq_claim()'s error.
 */
int forward_init(const struct host *host, struct arena *arena);

/*
 * SPI intid is the VM's, which sees it as vintid. Boot. Returns 0, -EINVAL if the machine has no
 * such SPI, or -EBUSY if the SPI is another VM's.
 */
int forward_assign(uint32_t intid, bool edge, struct vm *vm, uint32_t vintid);

/* The virtual timer's interrupt is forwarded to all of the VM's vCPUs. Boot, after vgic_cpu_init().
 */
void forward_assign_vtimer(struct vm *vm);

/*
 * Deals with the interrupt for which the loaded vCPU was left. If the interrupt is that vCPU's own,
 * no other is looked for: the CPU would take it before the guest's next instruction.
 */
void forward_guest_exit(void);

/* The INTID of the virtual timer's physical interrupt. */
uint32_t forward_vtimer(void);
