/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Barriers and hints (DDI 0487, B2.3.12 and D8.x for their uses with
 * translation tables). Each use says which two accesses it orders.
 */
#pragma once

/* Defers SErrors that are pending, though masked, to DISR_EL1 (FEAT_RAS; else a NOP). */
#define esb() __asm__ volatile("hint #16" ::: "memory")

#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(scope) __asm__ volatile("dsb " #scope ::: "memory")
#define dmb(scope) __asm__ volatile("dmb " #scope ::: "memory")

/* Ask the core (and an emulator that runs CPUs in turn) to let others run. */
#define cpu_yield() __asm__ volatile("yield" ::: "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")
#define wfe() __asm__ volatile("wfe" ::: "memory")
#define sev() __asm__ volatile("sev" ::: "memory")
