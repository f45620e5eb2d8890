/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASSERT() states what the hypervisor's own code guarantees. It is never used
 * on a value that a guest or a configuration controls: those are checked and
 * answered with an error. A failed assertion is a bug in Bulkhead and panics.
 */
#pragma once

#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(__FILE__, __LINE__, #cond))

/* Reports the failed assertion and halts all CPUs (host builds: aborts). */
_Noreturn void assert_failed(const char *file, int line, const char *condition);
