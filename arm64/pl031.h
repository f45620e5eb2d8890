/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PrimeCell real-time clock PL031 (DDI 0224): register offsets, for whoever reads
 * the real one and for the emulated one. Constants only.
 */
#pragma once

#define PL031_DR 0x000	 /* RO  seconds */
#define PL031_MR 0x004	 /* RW  match: the alarm is when DR gets to this */
#define PL031_LR 0x008	 /* RW  load: sets DR */
#define PL031_CR 0x00c	 /* RW  control: bit 0, on */
#define PL031_IMSC 0x010 /* RW  interrupt mask; 1: enabled */
#define PL031_RIS 0x014	 /* RO  raw interrupt status */
#define PL031_MIS 0x018	 /* RO  masked interrupt status */
#define PL031_ICR 0x01c	 /* WO  interrupt clear */
#define PL031_ID 0xfe0	 /* RO  PeriphID0-3, PCellID0-3, a byte each */
