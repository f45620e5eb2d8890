/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PrimeCell UART PL011 (DDI 0183): register offsets and bits, for the driver
 * of the real one and for the emulated one. Constants only.
 */
#pragma once

#include "lib/bits.h"

#define PL011_DR 0x000	  /* RW  data; reading takes from the receive FIFO */
#define PL011_RSR 0x004	  /* RW  receive status; writing clears errors (ECR) */
#define PL011_FR 0x018	  /* RO  flags */
#define PL011_ILPR 0x020  /* RW  IrDA low-power counter */
#define PL011_IBRD 0x024  /* RW  baud rate divisor, integer part */
#define PL011_FBRD 0x028  /* RW  baud rate divisor, fraction */
#define PL011_LCR_H 0x02c /* RW  line control */
#define PL011_CR 0x030	  /* RW  control */
#define PL011_IFLS 0x034  /* RW  FIFO levels for interrupts */
#define PL011_IMSC 0x038  /* RW  interrupt mask; 1: enabled */
#define PL011_RIS 0x03c	  /* RO  raw interrupt status */
#define PL011_MIS 0x040	  /* RO  masked interrupt status */
#define PL011_ICR 0x044	  /* WO  interrupt clear */
#define PL011_DMACR 0x048 /* RW  DMA control */
#define PL011_ID 0xfe0	  /* RO  PeriphID0 to 3, PCellID0 to 3 */

#define PL011_DR_DATA GENMASK(7, 0)
#define PL011_DR_FE BIT(8)  /* framing error */
#define PL011_DR_PE BIT(9)  /* parity error */
#define PL011_DR_BE BIT(10) /* break */
#define PL011_DR_OE BIT(11) /* overrun */

#define PL011_FR_CTS BIT(0)
#define PL011_FR_DSR BIT(1)
#define PL011_FR_DCD BIT(2)
#define PL011_FR_BUSY BIT(3)
#define PL011_FR_RXFE BIT(4) /* receive FIFO empty */
#define PL011_FR_TXFF BIT(5) /* transmit FIFO full */
#define PL011_FR_RXFF BIT(6) /* receive FIFO full */
#define PL011_FR_TXFE BIT(7) /* transmit FIFO empty */
#define PL011_FR_RI BIT(8)

#define PL011_LCR_H_FEN BIT(4) /* FIFOs enabled */

#define PL011_CR_UARTEN BIT(0)
#define PL011_CR_LBE BIT(7) /* loopback */
#define PL011_CR_TXE BIT(8)
#define PL011_CR_RXE BIT(9)
#define PL011_CR_DTR BIT(10)
#define PL011_CR_RTS BIT(11)
#define PL011_CR_OUT1 BIT(12)
#define PL011_CR_OUT2 BIT(13)

#define PL011_IFLS_RX GENMASK(5, 3)
#define PL011_IFLS_TX GENMASK(2, 0)

/* IMSC, RIS, MIS, ICR */
#define PL011_INT_RX BIT(4)
#define PL011_INT_TX BIT(5)
#define PL011_INT_RT BIT(6) /* receive timeout */
#define PL011_INT_ALL GENMASK(10, 0)
