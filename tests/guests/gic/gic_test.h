/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the interrupt controller's test, and what they share. All of
 * it is about CPU 0's interface, which is polled, unless it says otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UART_IRQ 33u
#define FIRST_IRQ 34u /* from here on SPIs are free, and edge-triggered */

void check_reset_values(void);
void check_registers(void);
void check_redistributors(void);

void check_delivery(void);
void check_order(void);
void check_nesting(void);
void check_two_steps(void);
void check_level(void);
void check_handler(void);

void check_sgis(void);
void check_routing(void);
void check_remote_state(void);
void check_remote_deactivation(void);
void check_no_target(void);

/* Free SPIs, at most 64. */
unsigned int nr_free(void);

/* Acknowledges what is pending, which may take a moment to arrive; GIC_SPURIOUS if nothing does. */
uint32_t take(void);
/* The same, where nothing should be. */
bool takes_nothing(void);
/* Takes `intid` and ends it. */
bool takes_once(uint32_t intid);

/* The SPI, enabled, at a priority. */
void prepare(uint32_t intid, uint8_t priority);
/* All interrupts of the test: disabled, not pending, not active. */
void clean_up(void);
