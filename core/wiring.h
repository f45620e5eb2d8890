/*
 * What connects devices, real and emulated, to the rest: the functions that
 * they are given to call.
 */
#pragma once

#include "core/console.h"
#include "vdev/vgic.h"
#include "vdev/vpl011.h"

/* What the vGIC of every VM calls. */
extern const struct vgic_host_ops wiring_vgic_host;

/* vpl011_init(): the UART's interrupt line is the vGIC's. */
void wiring_uart_irq(struct vpl011 *uart, bool level);

/* console_start(): polling by timer, and powering off. */
extern const struct console_hooks wiring_console_hooks;

/* Prepares the console's timer. Boot CPU, before console_start(). */
void wiring_init(void);
