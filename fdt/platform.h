/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that a guest sees: QEMU's `virt` layout, so that whatever was
 * built for that machine runs unmodified (hw/arm/virt.c documents it in its
 * memory map; facts only).
 */
#pragma once

/* Two banks of flash: firmware is at the start of the first, its variables of the second. */
#define PLATFORM_FLASH_BASE 0x00000000u
#define PLATFORM_FLASH_BANK 0x04000000u
#define PLATFORM_FLASH_SIZE (2 * PLATFORM_FLASH_BANK)
#define PLATFORM_FLASH_VARS (PLATFORM_FLASH_BASE + PLATFORM_FLASH_BANK)
#define PLATFORM_FLASH_VARS_SIZE 0x00100000u /* what there is of the second */
#define PLATFORM_GICD_BASE 0x08000000u
#define PLATFORM_GICD_SIZE 0x00010000u
#define PLATFORM_GICC_BASE 0x08010000u /* GICv2 CPU interface */
#define PLATFORM_GICC_SIZE 0x00002000u
#define PLATFORM_GICR_BASE 0x080a0000u /* GICv3: 128 KiB for each vCPU */
#define PLATFORM_GICR_STRIDE 0x00020000u
#define PLATFORM_GICR_MAX 0x00f60000u /* up to the PL011 */
#define PLATFORM_UART_BASE 0x09000000u
#define PLATFORM_UART_SIZE 0x00001000u
/* UART and clock move up to here if a device is in their place. */
#define PLATFORM_UART_LAST 0x09fff000u
#define PLATFORM_UART_SPI 1u /* INTID 33, level */
#define PLATFORM_UART_CLOCK 24000000u
#define PLATFORM_RTC_BASE 0x09010000u
#define PLATFORM_RTC_SIZE 0x00001000u
#define PLATFORM_RTC_SPI 2u /* INTID 34, level */
/* Slots for virtio devices: slot n is at BASE + n * STRIDE, and has SPI + n */
#define PLATFORM_VIRTIO_BASE 0x0a000000u
#define PLATFORM_VIRTIO_STRIDE 0x00000200u
#define PLATFORM_VIRTIO_SLOTS 32u
#define PLATFORM_VIRTIO_PAGES 4u
#define PLATFORM_VIRTIO_SPI 16u

/* Private interrupts, INTIDs (DEN0094, BSA: the same numbers everywhere) */
#define PLATFORM_PPI_SEC_PTIMER 29u
#define PLATFORM_PPI_PTIMER 30u
#define PLATFORM_PPI_VTIMER 27u
#define PLATFORM_PPI_HPTIMER 26u
