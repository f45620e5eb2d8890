/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What connects devices, real and emulated, to the rest: the functions that
 * they are given to call.
 */
#pragma once

#include "console/console.h"
#include "core/timer.h"
#include "vdev/pl031.h"
#include "vdev/vgic.h"
#include "vdev/vpl011.h"

/* What the vGIC of every VM calls. */
extern const struct vgic_host_ops wiring_vgic_host;

/* vpl011_init(): the UART's interrupt line is the vGIC's. */
void wiring_uart_irq(struct vpl011 *uart, bool level);

/*
 * A VM's clock. Its alarm goes by the timer of the vCPU that has set it, for a timer is its CPU's.
 */
struct vm_alarm {
	struct timer timer;
	struct vm_rtc *rtc;
};

struct vm_rtc {
	struct pl031 pl031;
	struct vm *vm;
	struct vm_alarm *alarms; /* one for each vCPU */
};

/* pl031_init(): its interrupt line is the vGIC's, its counter that of EL2's timers. */
extern const struct pl031_ops wiring_rtc_ops;

/* For timer_init() of an alarm. */
void wiring_rtc_alarm(struct timer *timer);

/* console_start(): polling by timer, and powering off. */
extern const struct console_hooks wiring_console_hooks;

/* Prepares the console's timer. Boot CPU, before console_start(). */
void wiring_init(void);
