/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the machine's work, wanted or not.
 */
#pragma once

/*
 * Waits until all output has been sent, and powers the machine off. Without firmware that can, says
 * so, and halts.
 */
_Noreturn void power_off(void);

/* The same without powering off. A debugger finds all output in memory (log_ring). */
_Noreturn void power_halt(const char *why);
