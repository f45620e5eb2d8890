/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64/mmio.h for the build machine: plain memory, so that a test gives a
 * driver a buffer as its device; or, where a register has side effects, the
 * test's own device model, installed with fake_mmio_set_device().
 */
#pragma once

#include <stdint.h>

/* A device model: sees every access, with its width in bytes. */
struct fake_mmio_device {
	uint64_t (*read)(uintptr_t addr, unsigned int width);
	void (*write)(uintptr_t addr, unsigned int width, uint64_t value);
};

/* All accesses go to `device` from now on; NULL: to memory. */
void fake_mmio_set_device(const struct fake_mmio_device *device);

uint64_t fake_mmio_read(const volatile void *addr, unsigned int width);
void fake_mmio_write(volatile void *addr, unsigned int width, uint64_t value);

#define MMIO_ACCESSORS(bits)                                                                       \
	static inline uint##bits##_t mmio_read##bits(const volatile void *addr)                    \
	{                                                                                          \
		return (uint##bits##_t)fake_mmio_read(addr, bits / 8);                             \
	}                                                                                          \
	static inline void mmio_write##bits(volatile void *addr, uint##bits##_t value)             \
	{                                                                                          \
		fake_mmio_write(addr, bits / 8, value);                                            \
	}

MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
