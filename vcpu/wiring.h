/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions that the vGIC and the console, which are in lower folders, are
 * given to call.
 */
#pragma once

#include "console/console.h"
#include "vdev/vgic.h"

/* For the vGIC of every VM. */
extern const struct vgic_host_ops wiring_vgic_host;

/* console_start(): polling by timer, and powering off. */
extern const struct console_hooks wiring_console_hooks;

/* Prepares the console's timer. Boot CPU, before console_start(). */
void wiring_init(void);
