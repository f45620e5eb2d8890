/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the machine's work, wanted or not.
 */
#pragma once

/* Shows what there is to show, and powers off; where that cannot be, says so, and halts. */
_Noreturn void power_off(void);

/* The same without powering off: a debugger finds what was said in memory (log_ring). */
_Noreturn void power_halt(const char *why);
