/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What connects the vGIC and the console to the rest: the functions that they
 * are given to call.
 */
#pragma once

#include "console/console.h"
#include "vdev/vgic.h"

/* What the vGIC of every VM calls. */
extern const struct vgic_host_ops wiring_vgic_host;

/* console_start(): polling by timer, and powering off. */
extern const struct console_hooks wiring_console_hooks;

/* Prepares the console's timer. Boot CPU, before console_start(). */
void wiring_init(void);
