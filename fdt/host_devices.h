/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller, the timer and the clock that the hypervisor itself uses, as the
 * host's tree describes them. For host.c.
 */
#pragma once

#include "fdt/host.h"

/* The root interrupt controller. Returns 0, even after errors to diag, or -ENOMEM. */
int host_parse_gic(struct host *host, const void *dtb, struct arena *arena, struct diag *diag);

/* A clock that tells the time, if there is one. */
void host_parse_rtc(struct host *host, const void *dtb);

/* The generic timer's interrupts. */
void host_parse_timer(struct host *host, const void *dtb, struct diag *diag);

/* Reports two of the interrupts that EL2 takes from the GIC and the timers that are the same. */
void host_check_private(const struct host *host, struct diag *diag);
