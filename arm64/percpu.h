/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU that runs this, as every folder may know it. TPIDR_EL2 points to the
 * CPU's data, which is core/cpu.h's: what is read here is at an offset that is
 * proved there.
 */
#pragma once

#include "arm64/sysreg.h"
#include "lib/types.h"

struct lock_order;

#define PERCPU_ID 8
#define PERCPU_LOCKS 16

/* The CPU's data; NULL on the boot CPU before they are made. */
static inline void *percpu_data(void)
{
	return (void *)(uintptr_t)read_sysreg(tpidr_el2);
}

/* The CPU's index. Not before there are data. */
static inline unsigned int percpu_id(void)
{
	return *(const unsigned int *)((const char *)percpu_data() + PERCPU_ID);
}

/* What arm64/lock_order.c knows of the locks that the CPU holds. Not before there are data. */
static inline struct lock_order **percpu_locks(void)
{
	return (struct lock_order **)((char *)percpu_data() + PERCPU_LOCKS);
}
