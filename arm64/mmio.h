/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device register access. Single loads and stores with base-register
 * addressing, so that they can also be emulated by a hypervisor below us
 * (the syndrome is valid only for those).
 */
#pragma once

#include <stdint.h>

#define MMIO_ACCESSORS(bits, reg, suffix)                                                          \
	static inline uint##bits##_t mmio_read##bits(const volatile void *addr)                    \
	{                                                                                          \
		uint##bits##_t value_;                                                             \
		__asm__ volatile("ldr" suffix " %" reg "0, [%1]"                                   \
				 : "=r"(value_)                                                    \
				 : "r"(addr)                                                       \
				 : "memory");                                                      \
		return value_;                                                                     \
	}                                                                                          \
	static inline void mmio_write##bits(volatile void *addr, uint##bits##_t value)             \
	{                                                                                          \
		__asm__ volatile("str" suffix " %" reg "0, [%1]" ::"rZ"(value), "r"(addr)          \
				 : "memory");                                                      \
	}

MMIO_ACCESSORS(8, "w", "b")
MMIO_ACCESSORS(16, "w", "h")
MMIO_ACCESSORS(32, "w", "")
MMIO_ACCESSORS(64, "x", "")
