/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/barrier.h for the build machine, where tests run on one thread:
 * barriers only hold the compiler, hints do nothing.
 */
#pragma once

/* FEAT_RAS: a pending SError, ISR_EL1.A, becomes DISR_EL1.A. */
#define esb() fake_esb()
void fake_esb(void);

#define isb() __asm__ volatile("" ::: "memory")
#define dsb(scope) __asm__ volatile("" ::: "memory")
#define dmb(scope) __asm__ volatile("" ::: "memory")

#define cpu_yield() __asm__ volatile("" ::: "memory")
#define wfi() __asm__ volatile("" ::: "memory")
#define wfe() __asm__ volatile("" ::: "memory")
#define sev() __asm__ volatile("" ::: "memory")
