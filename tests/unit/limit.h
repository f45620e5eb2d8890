/* SPDX-License-Identifier: BSD-2-Clause */
/* How much CPU time a test program may use. */
#pragma once

/*
 * The process ends with SIGABRT, and a line on standard error that says why,
 * when it has used so many seconds of CPU time since its start.
 */
void limit_cpu_time(unsigned int seconds);
