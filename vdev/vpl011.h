/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated PL011 UART (DDI 0183, revision r1p5: 32-deep FIFOs), a guest's serial port on the
 * shared console.
 *
 * The line behind it is infinitely fast as long as the console has room: transmitting is done as
 * soon as DR is written, a receive timeout passes at once. When the ring to the console is full,
 * TXFF and BUSY say so. UARTEN, TXE and RXE need not be set: the earliest code of guests, before
 * their drivers, does not set them.
 */
#pragma once

#include "arm64/lock.h"
#include "arm64/pl011.h"
#include "console/console_port.h"
#include "lib/types.h"
#include "vdev/mmio.h"
#include "vdev/vdev.h"

#define VPL011_FIFO_SIZE 32u
#define VPL011_NR_REGS (PL011_DMACR / 4 + 1)

struct vpl011 {
	struct vdev vdev;
	struct console_port port;

	/* Guards everything below, and the writer's side of the port's ring. */
	struct lock lock;
	uint16_t regs[VPL011_NR_REGS]; /* by offset / 4: registers that just keep their values */
	uint8_t rx[VPL011_FIFO_SIZE];
	uint8_t rx_head; /* the oldest character */
	uint8_t rx_count;
	bool rx_refused; /* the console has a character for which there was no room */
	bool tx_irq;	 /* raw transmit interrupt */
	bool irq_level;	 /* of the interrupt line */
	uint32_t flags;	 /* FR without the transmitter's bits; read without the lock */
};

/*
 * Makes a UART in its reset state. The port must be given to console_add_vm()
 * before a guest uses it. Boot only.
 */
void vpl011_init(struct vpl011 *uart);

/* The guest's accesses; `dev` is the struct vpl011. See mmio_handler. */
enum mmio_result vpl011_access(struct vcpu *vcpu, void *dev, struct mmio_access *access);
